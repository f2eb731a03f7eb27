"""Running the window by hand, for tests, measurements and `commonhold demo`: pump frames, wait, take pictures."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kivy.base import EventLoop
from kivy.core.window import Window

OPENED = tuple(Window.size)
PATIENCE_S = 20.0


def pump(frames: int = 1) -> None:
    """Run whole frames: clock, input, layout, draw."""
    for _ in range(frames):
        EventLoop.idle()


def wait_for(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Pump until the condition holds; TimeoutError when it does not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"still not true after {seconds} s: {condition}")
        pump()


def put(root: Any) -> None:
    """Make `root` the only thing in the window and let it lay itself out."""
    clear()
    Window.add_widget(root)
    if EventLoop.status != "started":
        EventLoop.start()
    pump(3)


def clear() -> None:
    """Take everything out of the window."""
    for child in list(Window.children):
        Window.remove_widget(child)


def resize(width: int, height: int) -> None:
    """Give the window another size, in pixels, and let everything follow.

    Offscreen the surface keeps the size it was opened with (`boot.prepare`): ValueError when it would have to grow.
    """
    if os.environ.get("SDL_VIDEODRIVER") == "offscreen" and (
        width > OPENED[0] or height > OPENED[1]
    ):
        raise ValueError(
            f"{width} x {height} is more than the {OPENED[0]} x {OPENED[1]} the window was opened with"
        )
    if tuple(Window.size) != (width, height):
        Window.size = (width, height)
        wait_for(lambda: tuple(Window.size) == (width, height))
    pump(3)


def _all_is_painted() -> bool:
    return not any(
        getattr(widget, "unpainted", 0)
        for child in Window.children
        for widget in child.walk(restrict=True)
    )


def shot(path: Path) -> Path:
    """Save what the window shows as a PNG, once all of it is painted: a busy machine puts rows off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pump(4)
    wait_for(_all_is_painted, PATIENCE_S)
    pump()
    made = Window.screenshot(name=str(path))  # Kivy puts a number into the name
    Path(made).replace(path)
    return path
