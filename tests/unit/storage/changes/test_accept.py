"""Acceptance as a table: what a change says of itself, what the chain says, and the verdict (rules 24, 25)."""

from __future__ import annotations

import itertools

import pytest

from storage.changes.accept import Claim, Reach, Verdict, judge, judge_group
from tests.support.changes import Chain, device_id, place_hash

# Place 0: ann and bob write. 1: bob may only read, a new epoch. 2: bob writes again. 3: nothing of this.
TEAM = Chain.of("ann", "bob").then(remove=["bob"]).then(add=["bob"]).then()


def claim(name: str = "bob", place: int = 0, epoch: int = 0, end: int = 5) -> Claim:
    return Claim(device_id(name), place, place_hash(place), epoch, end)


@pytest.mark.parametrize(
    ("said", "reaches", "verdict"),
    [
        (claim(), (), Verdict.ACCEPTED),
        (claim("ann", 3, 1), (), Verdict.ACCEPTED),
        (claim(place=1, epoch=1), (), Verdict.NO_ROLE),
        (claim("eve"), (), Verdict.NO_ROLE),
        (claim(place=2, epoch=1), (), Verdict.ACCEPTED),
        (claim(place=2, epoch=0), (), Verdict.OTHER_EPOCH),
        (claim(place=0, epoch=1), (), Verdict.OTHER_EPOCH),
        (claim()._replace(head=b"?" * 32), (), Verdict.OFF_CHAIN),
        (claim()._replace(head=place_hash(2)), (), Verdict.OFF_CHAIN),
        (claim(end=5), (Reach(1, 5),), Verdict.ACCEPTED),
        (claim(end=6), (Reach(1, 5),), Verdict.FENCED),
        (claim(end=1), (Reach(1, 0),), Verdict.FENCED),
        (claim(place=2, epoch=1, end=6), (Reach(1, 5),), Verdict.ACCEPTED),
        (claim(place=2, epoch=1, end=6), (Reach(2, 5),), Verdict.ACCEPTED),
        (claim(place=2, epoch=1, end=6), (Reach(1, 5), Reach(3, 5)), Verdict.FENCED),
        (claim(end=5), (Reach(1, 9), Reach(3, 4)), Verdict.FENCED),
    ],
)
def test_the_verdict_on_one_change(said, reaches, verdict):
    assert judge(said, TEAM, reaches) is verdict
    assert verdict.accepted == (verdict is Verdict.ACCEPTED)


def test_a_group_counts_only_if_each_of_its_changes_does():
    good, late = claim(end=7), claim(place=1, epoch=1, end=7)
    assert judge_group([good, good], TEAM, ()) is Verdict.ACCEPTED
    assert judge_group([good, late], TEAM, ()) is Verdict.NO_ROLE
    assert judge_group([good, good], TEAM, [Reach(1, 6)]) is Verdict.FENCED
    assert judge_group([good, good], TEAM, [Reach(1, 7)]) is Verdict.ACCEPTED


def test_a_longer_chain_never_makes_a_rejected_change_count():
    chains = [
        (Chain.of("ann", "bob"), ()),
        (Chain.of("ann", "bob").then(remove=["bob"]), (Reach(1, 3),)),
        (TEAM, (Reach(1, 3),)),
        (TEAM.then(remove=["bob"]), (Reach(1, 3), Reach(4, 8))),
    ]
    for name, place, epoch, end in itertools.product(("ann", "bob"), (0, 1), (0, 1), range(1, 10)):
        said = claim(name, place, epoch, end)
        verdicts = [
            judge(said, team, reaches)
            for team, reaches in chains
            if team.place_of(said.head) is not None
        ]
        once_rejected = list(itertools.dropwhile(lambda verdict: verdict.accepted, verdicts))
        assert not any(verdict.accepted for verdict in once_rejected)


def test_each_verdict_is_a_sentence_for_people():
    assert all(verdict.value.startswith("it") or " " in verdict.value for verdict in Verdict)
    assert len({verdict.value for verdict in Verdict}) == len(Verdict)
