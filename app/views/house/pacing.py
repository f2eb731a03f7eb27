"""Idle costs nothing: after two quiet seconds Kivy's loop turns ten times a second instead of sixty, and draws nothing.

Kivy's loop spins at the frame rate even with nothing to draw: 1.7 % of a core at 60, 0.3 % at 10. Any input, any frame
drawn and `wake()` (for what comes from other threads) bring the full rate back at once.
"""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window

QUIET = 2.0  # seconds
SLOW = 10.0  # turns a second
LOOK = 0.5  # seconds between looks at whether it is quiet

EVENTS = (
    "on_draw", "on_touch_down", "on_touch_move", "on_touch_up", "on_key_down", "on_textinput", "mouse_pos", "focus",
    "on_cursor_enter", "on_resize", "on_show", "on_restore", "on_drop_begin", "on_drop_file",
)  # fmt: skip


class Pace:
    """Sets the clock's rate; the entry point makes one and keeps it. With `fps` 0 (tests) it leaves the clock alone."""

    def __init__(self, fps: float | None = None) -> None:
        self.fps = float(Clock._max_fps if fps is None else fps)  # noqa: SLF001 -- Kivy has no other way
        self._last = Clock.time()
        if self.fps:
            Window.bind(**dict.fromkeys(EVENTS, self.wake))
            Clock.schedule_interval(self._look, LOOK)

    @property
    def idle(self) -> bool:
        """Whether the loop turns slowly now."""
        return bool(self.fps) and Clock._max_fps == SLOW  # noqa: SLF001

    def wake(self, *_: Any) -> None:
        """Something happens: full rate."""
        self._last = Clock.time()
        if self.fps:
            Clock._max_fps = self.fps  # noqa: SLF001

    def _look(self, _dt: float) -> None:
        if Clock.time() - self._last > QUIET:
            Clock._max_fps = SLOW  # noqa: SLF001
