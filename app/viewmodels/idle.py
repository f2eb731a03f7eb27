"""The lock that nobody presses: after minutes without a touch or a key, and around the computer's sleep.

Some systems tell before they sleep (`asleep`); on all of them a sleep is noticed afterwards, by a clock that jumped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from app.viewmodels.work import Work

LOOK_S = 10.0
SLEPT_S = 30.0  # more than a busy computer holds up a look, less than a sleep that matters


class Wishes(NamedTuple):
    """When to lock: after so many minutes (0: never), at sleep; `busy`: work is under way that a lock would stop."""

    after_minutes: int
    on_suspend: bool
    busy: bool = False


class IdleLock:
    """Calls `lock` once while it watches, by the wishes as they are then; `clock` counts seconds, also asleep."""

    def __init__(
        self,
        work: Work,
        clock: Callable[[], float],
        wishes: Callable[[], Wishes],
        lock: Callable[[], None],
    ) -> None:
        self._work = work
        self._clock = clock
        self._wishes = wishes
        self._lock = lock
        self._touched = self._looked = clock()
        self._stop: Callable[[], None] | None = None

    def watch(self) -> None:
        """Begin: something is open that can be locked."""
        self.stop()
        self._touched = self._looked = self._clock()
        self._stop = self._work.after(LOOK_S, self._look)

    def stop(self) -> None:
        """Watch no longer."""
        if self._stop is not None:
            self._stop()
            self._stop = None

    def active(self) -> None:
        """Somebody is there."""
        self._touched = self._clock()

    def asleep(self) -> None:
        """The system says that it goes to sleep."""
        if self._stop is not None and self._wishes().on_suspend:
            self._now()

    def _look(self) -> None:
        now, wishes = self._clock(), self._wishes()
        if wishes.busy:
            self._touched = now
        slept = now - self._looked > LOOK_S + SLEPT_S
        self._looked = now
        minutes = wishes.after_minutes
        idle = minutes and now - self._touched >= minutes * 60
        if idle or (slept and wishes.on_suspend):
            self._now()
        else:
            self._stop = self._work.after(LOOK_S, self._look)

    def _now(self) -> None:
        self.stop()
        self._lock()
