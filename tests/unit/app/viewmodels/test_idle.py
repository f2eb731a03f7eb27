"""The lock that nobody presses: by minutes, by sleep, and not while work is under way."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from app.viewmodels.idle import IdleLock, Wishes
from tests.unit.app.viewmodels.conftest import Desktop

MINUTE = 60


@dataclass
class Watched:
    """A lock over a clock that tests move; `offset` is time that passes while the computer sleeps."""

    desktop: Desktop
    wishes: Wishes = field(default_factory=lambda: Wishes(5, on_suspend=True))
    calls: list[float] = field(default_factory=list)
    offset: float = 0.0
    idle: IdleLock = field(init=False)

    def __post_init__(self) -> None:
        clock = self.desktop.clock
        self.idle = IdleLock(
            self.desktop.work, lambda: clock.now + self.offset, lambda: self.wishes, self.lock
        )
        self.idle.watch()

    def lock(self) -> None:
        self.calls.append(self.desktop.clock.now)

    def locked(self) -> int:
        """How often it locked."""
        return len(self.calls)

    def wait(self, seconds: float) -> None:
        """Let time pass as a running computer has it: the looks come when they are due."""
        for _ in range(int(seconds)):
            self.desktop.clock.move(1)


@pytest.fixture
def watched(desktop: Desktop) -> Watched:
    return Watched(desktop)


def test_it_locks_once_nobody_was_there_for_so_many_minutes(watched: Watched) -> None:
    watched.wait(5 * MINUTE - 11)
    assert not watched.locked()
    watched.wait(12)
    assert watched.locked() == 1
    watched.wait(20 * MINUTE)
    assert watched.locked() == 1


def test_who_is_there_is_not_locked_out(watched: Watched) -> None:
    for _ in range(10):
        watched.wait(4 * MINUTE)
        watched.idle.active()
    assert not watched.locked()


def test_zero_minutes_is_never(watched: Watched) -> None:
    watched.wishes = Wishes(0, on_suspend=True)
    watched.wait(180 * MINUTE)
    assert not watched.locked()


def test_a_change_of_minutes_holds_at_once(watched: Watched) -> None:
    watched.wait(2 * MINUTE)
    watched.wishes = Wishes(1, on_suspend=True)
    watched.wait(11)
    assert watched.locked()


def test_work_under_way_is_not_cut_off(watched: Watched) -> None:
    watched.wishes = Wishes(5, on_suspend=True, busy=True)
    watched.wait(30 * MINUTE)
    assert not watched.locked()
    watched.wishes = Wishes(5, on_suspend=True)
    watched.wait(5 * MINUTE + 11)
    assert watched.locked()


@pytest.mark.parametrize("wanted", [True, False])
def test_a_sleep_is_noticed_after_it(watched: Watched, wanted: bool) -> None:
    watched.wishes = Wishes(0, on_suspend=wanted)
    watched.wait(15)
    watched.offset += 3600
    watched.wait(10)
    assert bool(watched.locked()) is wanted


@pytest.mark.parametrize("wanted", [True, False])
def test_a_system_that_tells_before_it_sleeps_is_heard(watched: Watched, wanted: bool) -> None:
    watched.wishes = Wishes(0, on_suspend=wanted)
    watched.idle.asleep()
    assert bool(watched.locked()) is wanted


def test_what_is_locked_already_is_left_alone(watched: Watched) -> None:
    watched.idle.stop()
    watched.idle.asleep()
    watched.wait(10 * MINUTE)
    assert not watched.locked()
