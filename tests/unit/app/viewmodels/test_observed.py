"""Observers hear of each new state, once, and never of an older one after a newer one."""

from __future__ import annotations

from dataclasses import dataclass

from app.viewmodels.observed import Observed


@dataclass(frozen=True)
class Number:
    value: int = 0


class Counter(Observed[Number]):
    def set(self, value: int) -> None:
        self._show(value=value)


def test_a_change_that_changes_nothing_is_not_told() -> None:
    counter, heard = Counter(Number()), list[int]()
    counter.observe(lambda state: heard.append(state.value))
    for value in (1, 1, 2):
        counter.set(value)
    assert heard == [0, 1, 2]


def test_a_change_made_by_an_observer_is_the_last_thing_all_others_hear() -> None:
    counter, heard = Counter(Number()), list[int]()
    counter.observe(lambda state: counter.set(10) if state.value == 1 else None)
    counter.observe(lambda state: heard.append(state.value))
    counter.set(1)
    assert heard == [0, 10]


def test_who_stopped_hears_nothing_more() -> None:
    counter, heard = Counter(Number()), list[int]()
    stop = counter.observe(lambda state: heard.append(state.value))
    stop()
    counter.set(5)
    assert heard == [0]
