"""Acceptance of changes along a chain that grows: a verdict only ever goes one way (rules 24, 25, 27)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from storage.changes.accept import Claim, Reach, Verdict, judge, judge_group
from storage.changes.team import Team
from sync.membership import Record, TeamLog
from tests.support.histories import FEEDS, STEPS, History
from tests.support.teams import hash_of, id_of

Standing = Literal["held", "accepted", "rejected"]
PICKS = st.tuples(*(st.integers(0, 63) for _ in range(5)))
GROUPS = st.lists(st.lists(PICKS, min_size=1, max_size=3), min_size=1, max_size=12)


def teams_of(history: History) -> list[Team]:
    """The team as it was after each record of the followed branch."""
    genesis, *rest = history.log.records
    log = TeamLog(genesis)
    teams: list[Team] = [log.team]
    for raw in rest:
        log.receive(raw)
        teams.append(log.team)
    return teams


def claim_of(history: History, heads: Sequence[bytes], pick: Sequence[int]) -> Claim:
    """What a change says: mostly of a real head and its epoch, sometimes not."""
    device, at, lie, epoch, number = pick
    head = heads[at % len(heads)]
    state = history.log.state_at(head)
    devices = sorted(history.machines)
    return Claim(
        devices[device % len(devices)],
        state.place + (lie == 1),
        head if lie != 2 else hash_of("nowhere"),
        state.epoch + (epoch == 1),
        1 + number % 12,
    )


def stands(team: Team, group: Sequence[Claim], feed: bytes) -> Standing:
    if any(team.place_of(claim.head) is None for claim in group):
        return "held"
    reaches = [Reach(fence.place, fence.number) for fence in team.fences(group[0].device, feed)]
    return "accepted" if judge_group(group, team, reaches).accepted else "rejected"


ALLOWED: Mapping[Standing, set[Standing]] = {
    "held": {"held", "accepted", "rejected"},
    "accepted": {"accepted", "rejected"},
    "rejected": {"rejected"},
}


@given(STEPS, GROUPS)
def test_rule_25_a_verdict_goes_from_held_to_accepted_to_rejected_and_never_back(steps, groups):
    history = History().grow(steps)
    heads = [Record.parse(raw).hash for raw in history.log.records]
    teams = teams_of(history)
    for picks in groups:
        group = [claim_of(history, heads, pick) for pick in picks]
        group = [claim._replace(device=group[0].device, end=group[-1].end) for claim in group]
        feed = id_of(FEEDS[picks[0][4] % len(FEEDS)])
        standings = [stands(team, group, feed) for team in teams]
        for before, after in pairwise(standings):
            assert after in ALLOWED[before]


@given(STEPS)
def test_rule_24_a_change_counts_iff_its_role_at_its_head_wrote_and_no_later_fence_ends_before_it(
    steps,
):
    history = History().grow(steps)
    records = [Record.parse(raw) for raw in history.log.records]
    team = history.log.team
    for record in records:
        state = history.log.state_at(record.hash)
        for device in history.machines:
            for feed in FEEDS:
                for number in (1, 5, 12):
                    claim = Claim(device, state.place, record.hash, state.epoch, number)
                    reaches = [
                        Reach(one.place, one.number) for one in team.fences(device, id_of(feed))
                    ]
                    expected = state.may_write(device) and all(
                        number <= listed(later, device, id_of(feed))
                        for later in records[state.place + 1 :]
                        if ends(history, later, device, id_of(feed))
                    )
                    assert judge(claim, team, reaches).accepted == expected


def ends(history: History, record: Record, device: bytes, feed: bytes) -> bool:
    """Whether a record fences a feed of a device: it took the write access, or names the feed."""
    before = history.log.state_at(record.body.previous)
    after = history.log.state_at(record.hash)
    lost = before.may_write(device) and not after.may_write(device)
    return lost or listed(record, device, feed) > 0


def listed(record: Record, device: bytes, feed: bytes) -> int:
    """The number that a record gives a feed as its last, by the words of the record alone."""
    from sync.team.wire import CloseFeeds

    all_ = (record.act.ends,) if isinstance(record.act, CloseFeeds) else record.body.fences
    for fences in all_:
        for one in fences.feeds:
            if (fences.device, one.feed) == (device, feed):
                return one.number
    return 0


@given(STEPS, st.integers(1, 12))
def test_rule_27_a_removed_author_cannot_back_date(steps, number):
    """Whatever old head a change names, beyond the fence it does not count once the fence is on the chain."""
    history = History().grow(steps)
    team = history.log.team
    states = [history.log.state_at(Record.parse(raw).hash) for raw in history.log.records]
    for before, after in pairwise(states):
        gone = [
            one for one in history.machines if before.may_write(one) and not after.may_write(one)
        ]
        for device in gone:
            for old in states[: after.place]:
                claim = Claim(device, old.place, old.head, old.epoch, number)
                reaches = [
                    Reach(one.place, one.number) for one in team.fences(device, id_of("new feed"))
                ]
                verdict = judge(claim, team, reaches)
                assert verdict in {Verdict.FENCED, Verdict.NO_ROLE}
