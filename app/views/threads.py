"""The window's side of `Work`: its clock, the way back to its thread, and the worker threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from kivy.clock import Clock

from app.viewmodels.work import Work

READERS = 2


class ClockTimers:
    """Timers on Kivy's clock."""

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Call once after so many seconds; the returned function calls it off."""
        event = Clock.schedule_once(lambda _dt: call(), seconds)
        return event.cancel


def post(call: Callable[[], None]) -> None:
    """Call before the next frame is drawn, on the window's thread; may be used from any."""
    Clock.schedule_once(lambda _dt: call(), -1)


def window_work() -> Work:
    """Work for one window: two readers and one writer, named so that a stack dump can be read."""
    return Work(
        readers=ThreadPoolExecutor(READERS, thread_name_prefix="reader"),
        writer=ThreadPoolExecutor(1, thread_name_prefix="writer"),
        post=post,
        timers=ClockTimers(),
    )
