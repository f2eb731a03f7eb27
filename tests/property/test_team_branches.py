"""Attackers and second records: whom they move, and when all who heard the same follow the same (rules 35, 36)."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sync import membership
from sync.membership import Record, Rotate, State, TeamLog
from sync.team import wire
from sync.team.choice import better, leaves_for
from sync.team.proof import CLAIM
from sync.team.wire import Takeover
from tests.support.histories import NUMBERS, STEPS, History, Step, histories
from tests.support.teams import (
    SHEET,
    Chance,
    Machine,
    World,
    body_of,
    keys_of,
    refusal_of,
    signed,
    take_over,
    twisted,
)

DICE = st.randoms(use_true_random=False)
TAKEOVERS = ("sheet", "vote", "vote")
CHANGES_OF_RIGHT = ("person", "remove", "role", "recovery")


def forks(*what: str) -> st.SearchStrategy[list[tuple[int, Step]]]:
    """Records for places that are anywhere in what is known so far."""
    step = st.builds(Step, st.sampled_from(("rotate", *what)), NUMBERS, NUMBERS)
    return st.lists(st.tuples(st.integers(0, 40), step), min_size=2, max_size=9)


def tree_of(
    plan: Sequence[tuple[int, Step]], *, from_tip: bool = False
) -> tuple[History, list[bytes]]:
    """A history, and the records that make it a tree; each comes after the one that it continues.

    With `from_tip` all branches hold the whole founding team.
    """
    history = History()
    raws = list(history.log.records)
    heads = [Record.parse(raw).hash for raw in raws[-1 if from_tip else 0 :]]
    for i, (at, step) in enumerate(plan):
        state = history.log.state_at(heads[-1 - at % len(heads)])
        raw = history.make(state, step, Chance(i))
        if raw is not None and Record.parse(raw).hash not in history.log:
            history.log.receive(raw)
            heads.append(Record.parse(raw).hash)
            raws.append(raw)
    return history, raws


def hear(raws: Sequence[bytes]) -> TeamLog:
    """A log that heard these in this order; a switch only ever goes to a branch that is ordered before."""
    log = TeamLog(raws[0])
    for raw in raws[1:]:
        before = log.state
        if log.receive(raw).switched:
            assert better(log.state, before)
            assert not better(before, log.state)
    return log


def shuffled(raws: Sequence[bytes], dice: random.Random, first: int = 1) -> list[bytes]:
    """The genesis, or so many, first, the others in any order."""
    rest = list(raws[first:])
    dice.shuffle(rest)
    return [*raws[:first], *rest]


# -- attackers without the keeper's key ----------------------------------------------------------


def attacks(history: History, dice: random.Random) -> list[bytes]:
    """What outsiders, former and ordinary members can make of what they heard."""
    eve = Machine.of("Eve", "desk")
    records = history.log.records
    states = [history.log.state_at(Record.parse(raw).hash) for raw in records]
    made: list[bytes] = []
    for raw in records[1:]:
        others = [one for one in history.machines.values() if one.device != body_of(raw).author]
        machine, state = dice.choice([eve, *others]), dice.choice(states)
        made += [
            twisted(machine, raw),
            twisted(machine, raw, author=machine.device),
            twisted(machine, raw, author=machine.device, act=wire.encode(Rotate()), proposal=None),
            twisted(machine, raw, place=state.place + 1, previous=state.head),
            raw[: dice.randrange(len(raw))],
            swapped(raw, dice.choice(records)),
            forged_takeover(machine, state, with_votes=dice.random() < 0.5),
        ]
    other = World("another workspace")
    other.do(Rotate())
    return [raw for raw in (*made, *other.log.records) if raw not in records]


def swapped(one: bytes, other: bytes) -> bytes:
    """The body of one under the signature of the other."""
    bodies, signatures = (wire.decode(wire.Envelope, raw, "record") for raw in (one, other))
    return wire.encode(wire.Envelope(bodies.body, signatures.signature))


def forged_takeover(machine: Machine, state: State, *, with_votes: bool) -> bytes:
    """A takeover under a guessed sheet, or with votes that the taker signed for all other owners."""
    claim = membership.claim_of(state, machine.device)
    others = [
        device
        for device, one in sorted(state.devices.items())
        if state.role_of(device) == "owner" and one.card.sign != machine.keys.public.sign
    ]
    signature = machine.keys.sign(CLAIM + claim)
    act = (
        Takeover(claim, None, tuple(membership.Vote(one, signature) for one in others))
        if with_votes and others
        else Takeover(claim, keys_of("guess").sign(CLAIM + claim), ())
    )
    body = wire.Body(
        *(1, state.workspace, state.place + 1, state.head, state.term + 1, machine.device),
        *(wire.encode(act), None, (), (), None, None),
    )
    return signed(machine, body)


@given(histories(), DICE)
def test_attackers_change_nothing_whenever_they_come(history, dice):
    honest, bad = history.log.records, attacks(history, dice)
    log = TeamLog(honest[0])
    for raw in (*shuffled([honest[0], *honest[1:], *bad, *bad], dice)[1:], *honest):
        words = refusal_of(log, raw)
        assert not words or words.endswith(".")
    assert log.records == honest
    assert log.state == history.state
    assert log.evidence == ()


# -- second records by who may sign them ---------------------------------------------------------


@given(forks())
def test_without_takeovers_the_first_record_seen_for_each_place_is_followed(plan):
    _, raws = tree_of(plan)
    log = hear(raws)
    head = Record.parse(raws[0]).hash
    for record in map(Record.parse, raws[1:]):
        if record.body.previous == head:
            head = record.hash
    assert log.state.head == head


@given(forks(*TAKEOVERS, *CHANGES_OF_RIGHT), DICE)
def test_every_second_record_is_kept_and_shown_by_all(plan, dice):
    _, raws = tree_of(plan)
    log = hear(shuffled(raws, dice))
    places: dict[bytes, set[bytes]] = {}
    for record in map(Record.parse, raws[1:]):
        places.setdefault(record.body.previous, set()).add(record.hash)
    shown = log.evidence
    assert len(shown) == sum(len(some) - 1 for some in places.values())
    for one in shown:
        record = Record.parse(one.raw)
        assert {one.first, one.other} <= places[record.body.previous]
        assert (one.author, one.place) == (record.author, record.body.place)
    assert set(log.records) == set(raws)


@given(forks(*TAKEOVERS, *CHANGES_OF_RIGHT), DICE)
def test_nobody_stays_on_a_branch_that_is_to_be_left(plan, dice):
    history, raws = tree_of(plan)
    log = hear(shuffled(raws, dice))
    for raw in raws:
        assert not leaves_for(log.state, history.log.state_at(Record.parse(raw).hash))


@given(forks(*TAKEOVERS, *CHANGES_OF_RIGHT), DICE)
def test_a_log_that_is_rebuilt_follows_what_it_followed(plan, dice):
    _, raws = tree_of(plan)
    log = hear(shuffled(raws, dice))
    again = hear(log.records)
    assert again.state == log.state
    assert again.records == log.records


@given(forks(*TAKEOVERS, *CHANGES_OF_RIGHT), DICE)
def test_a_log_that_hears_again_what_was_added_follows_the_same(plan, dice):
    _, raws = tree_of(plan)
    genesis, *rest = shuffled(raws, dice)
    log, kept = TeamLog(genesis), [genesis]
    for raw in rest:
        kept += log.receive(raw).added
    again = hear(kept)
    assert again.state == log.state
    assert again.evidence == log.evidence


@given(forks(*TAKEOVERS, "sheet"), DICE)
def test_all_follow_the_same_takeovers_while_owners_and_recovery_key_stay(plan, dice):
    _, raws = tree_of(plan, from_tip=True)
    one, other = hear(raws), hear(shuffled(raws, dice, first=len(History().log.records)))
    assert one.state.takeovers == other.state.takeovers


@given(forks(*TAKEOVERS, "person", "remove", "role"), DICE, st.integers(0, 40))
def test_with_the_recovery_key_all_come_together_whatever_they_followed(plan, dice, at):
    history, raws = tree_of(plan)
    logs = [hear(raws), hear(shuffled(raws, dice)), hear(shuffled(raws, dice))]
    heads = [Record.parse(raw).hash for raw in raws]
    state = history.log.state_at(heads[at % len(heads)])
    most = max(by_sheet(history.log.state_at(head)) for head in heads)
    owner = next(one for one in sorted(state.devices) if state.role_of(one) == "owner")
    while by_sheet(state) <= most:
        raw = take_over(state, history.machines[owner], Chance("last"), sheet=SHEET)
        for log in (history.log, *logs):
            log.receive(raw)
        state = history.log.state_at(Record.parse(raw).hash)
    assert [log.state for log in logs] == [state] * 3


def by_sheet(state: State) -> int:
    return sum(1 for one in state.takeovers if one.recovery is not None)


@given(STEPS, forks(*TAKEOVERS, *CHANGES_OF_RIGHT), DICE)
def test_a_thief_of_an_old_sheet_moves_nobody_who_knows_the_new_one(steps, plan, dice):
    """Forks from before the recovery key was replaced, with the old sheet and without any owner's help."""
    history = History()
    start = history.state
    history.take(
        history.keeper.append(
            membership.ReplaceRecovery(membership.recovery_of(keys_of("new sheet")))
        )
    )
    history.sheets[keys_of("new sheet").public.sign] = keys_of("new sheet")
    followed = history.state
    thief = history.machines[
        next(one for one in sorted(start.devices) if start.role_of(one) == "owner")
    ]
    stolen = take_over(start, thief, Chance("stolen"), sheet=SHEET)
    log = hear(history.log.records)
    log.receive(stolen)
    state = log.state_at(Record.parse(stolen).hash)
    for i, step in enumerate(steps):
        raw = history.make(state, step, Chance(i))
        if raw is not None:
            log.receive(raw)
            state = log.state_at(Record.parse(raw).hash)
    assert log.state == followed
