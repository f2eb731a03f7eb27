"""The first thing before Kivy: environment and Config. Nothing here imports Kivy at module level.

1. `prepare` runs before any import of Kivy: Kivy reads its environment while it is imported.
2. Without a display the window is drawn offscreen by SDL and EGL: true pixels, no X server.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

ENVIRONMENT = {
    "KIVY_NO_ARGS": "1",  # the command line is ours
    "KIVY_NO_CONFIG": "1",  # and so is the Config: it is whole without a file, and a file left by an older Kivy is not
    "KIVY_NO_FILELOG": "1",
    "KIVY_LOG_MODE": "PYTHON",  # otherwise Kivy replaces sys.stderr and tracebacks vanish
}


def display_available() -> bool:
    """Whether a window can be put on a screen here."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def prepare(
    kivy_home: Path,
    *,
    size: tuple[int, int] = (1280, 800),
    max_fps: int = 60,
    offscreen: bool | None = None,
) -> None:
    """Set Kivy up for this process.

    `kivy_home` is a folder for Kivy's own files, made if missing. `max_fps` 0 means no pacing (tests).
    `offscreen` None means: only where there is no display. RuntimeError when Kivy is already imported.
    """
    if "kivy" in sys.modules:
        raise RuntimeError("prepare() must run before the first import of Kivy")
    kivy_home.mkdir(parents=True, exist_ok=True)
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    os.environ["KIVY_HOME"] = str(kivy_home)
    if offscreen or (offscreen is None and not display_available()):
        os.environ["SDL_VIDEODRIVER"] = "offscreen"
    logging.getLogger("kivy").addFilter(_is_news)
    _configure(size, max_fps)


def _is_news(record: logging.LogRecord) -> bool:
    """Kivy tells with a traceback that a touch library is missing which we do not use: SDL delivers touches."""
    return "MTDev is not supported" not in record.getMessage()


def _configure(size: tuple[int, int], max_fps: int) -> None:
    from kivy.config import Config

    for section, name, value in (
        ("graphics", "width", size[0]),
        ("graphics", "height", size[1]),
        ("graphics", "minimum_width", 360),
        ("graphics", "minimum_height", 480),
        ("graphics", "multisamples", 0),  # the atlas is smooth by itself
        ("graphics", "maxfps", max_fps),
        ("graphics", "vsync", 0),
        ("kivy", "exit_on_escape", 0),
        ("input", "mouse", "mouse,disable_multitouch"),  # else a right click paints red dots
    ):
        Config.set(section, name, str(value))
    for name in (
        "mtdev_%(name)s",
        "hid_%(name)s",
    ):  # SDL delivers touches; these want a missing library
        if Config.has_option("input", name):
            Config.remove_option("input", name)
