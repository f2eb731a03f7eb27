"""How takeovers order branches: a strict order, so that nobody ever goes in circles (rule 35)."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from sync.team.choice import better, leaves_for
from sync.team.state import State, TakenOver
from tests.support.teams import World, hash_of

SHEET = hash_of("sheet")


def taken(name: str, *, sheet: bool) -> TakenOver:
    return TakenOver(hash_of(name), 1, SHEET if sheet else None, ())


def state_with(*takeovers: TakenOver) -> State:
    return replace(World().state, takeovers=takeovers, term=len(takeovers))


SMALL, LARGE = sorted(("a", "b"), key=hash_of)
ORDERED = [
    state_with(),
    state_with(taken(LARGE, sheet=False)),
    state_with(taken(SMALL, sheet=False)),
    state_with(taken(SMALL, sheet=False), taken(LARGE, sheet=False)),
    state_with(taken(LARGE, sheet=True)),
    state_with(taken(LARGE, sheet=True), taken("c", sheet=False)),
    state_with(taken(SMALL, sheet=True)),
    state_with(taken(LARGE, sheet=True), taken("d", sheet=True)),
]


@pytest.mark.parametrize(("worse", "finer"), [*itertools.combinations(range(len(ORDERED)), 2)])
def test_branches_are_strictly_ordered_by_their_takeovers(worse, finer):
    assert better(ORDERED[finer], ORDERED[worse])
    assert not better(ORDERED[worse], ORDERED[finer])


@pytest.mark.parametrize("one", range(len(ORDERED)))
def test_no_branch_is_better_than_itself_and_none_is_left_for_itself(one):
    assert not better(ORDERED[one], ORDERED[one])
    assert not leaves_for(ORDERED[one], ORDERED[one])


def test_a_branch_is_only_ever_left_for_a_better_one():
    for followed, other in itertools.product(ORDERED, repeat=2):
        if leaves_for(followed, other):
            assert better(other, followed)
