"""2,000 bent records, proposals and cards: refused in words, never a crash, and nothing in the team moves."""

from __future__ import annotations

import random

import pytest

from sync.errors import TeamLogError
from sync.membership import Proposals, Record, Rotate, TeamLog
from sync.team import wire
from sync.team.proof import RECORD
from tests.support.histories import DOINGS, History, Step
from tests.support.teams import body_of, refusal_of

MUTATED = 2000


@pytest.fixture
def history(dice):
    """A team after at least one of everything."""
    steps = [
        Step(what, dice.randrange(12), dice.randrange(12)) for what in DOINGS for _ in range(3)
    ]
    return History().grow(steps)


def bent(raw: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """The bytes with something done to them that a bad line, a bad disk or a bad sender might do."""
    data = bytearray(raw)
    at, to = sorted(dice.randrange(len(data) + 1) for _ in range(2))
    match dice.randrange(8):
        case 0:
            data[at % len(data)] ^= 1 << dice.randrange(8)
        case 1:
            del data[at:]
        case 2:
            del data[at : min(to, at + 40)]
        case 3:
            data[at:at] = dice.randbytes(1 + dice.randrange(16))
        case 4:
            data[at:to] = bytes(to - at)
        case 5:
            other = dice.choice(others)
            data[at:] = other[at:]
        case 6:
            for _ in range(8):
                data[dice.randrange(len(data))] = dice.randrange(256)
        case _:
            data[at % len(data)] = dice.choice((0x00, 0x7F, 0xC0, 0xC1, 0xDC, 0xDD, 0xDF, 0xFF))
    return bytes(data)


def test_bent_records_are_refused_in_words(history, dice):
    records = list(history.log.records)
    log, state = history.log, history.state
    for _ in range(MUTATED):
        raw = bent(dice.choice(records), records, dice)
        if raw in records:
            continue
        words = refusal_of(log, raw)
        assert words.endswith(".") or log.waiting == 1  # for the record before it, which nobody has
        log.forget_waiting()
    assert log.state is state
    assert list(log.records) == records
    assert log.evidence == ()


def test_bent_genesis_records_found_nothing_else(history, dice):
    genesis = history.founded.raw
    for _ in range(MUTATED // 4):
        raw = bent(genesis, [genesis], dice)
        if raw != genesis:
            with pytest.raises(TeamLogError):
                TeamLog(raw, workspace=history.state.workspace)


def test_bent_bodies_under_good_signatures_are_refused_or_valid_and_nothing_else(history, dice):
    """A keeper that signs rubbish: each record is refused in words, or is a next record like any other."""
    state = history.state
    keeper = history.machines[state.keeper]
    kinds = [
        raw
        for what in DOINGS
        if (raw := history.make(state, Step(what, dice.randrange(12), dice.randrange(12))))
    ]
    refused, log = 0, history.log
    for _ in range(MUTATED // 2):
        data = wire.encode(body_of(dice.choice(kinds)))
        body = bent(data, [data], dice)
        raw = wire.encode(wire.Envelope(body, keeper.keys.sign(RECORD + body)))
        if words := refusal_of(log, raw):
            refused += 1
            assert words.endswith(".")
        log.forget_waiting()
        assert log.state.role_of(log.state.keeper) == "owner"
    assert refused > MUTATED // 4


def test_bent_proposals_are_refused_in_words(history, dice):
    state = history.state
    asked = history.keeper.propose(Rotate())
    listed = Proposals()
    listed.add(asked, state)
    for _ in range(MUTATED // 4):
        raw = bent(asked, [asked], dice)
        if raw != asked:
            with pytest.raises(TeamLogError, match=r"\.$"):
                listed.add(raw, state)
    assert len(listed.at(state)) == 1


def test_the_history_that_is_bent_holds_most_kinds_of_acts(history):
    acts = {type(Record.parse(raw).act).__name__ for raw in history.log.records}
    assert len(acts) >= 6, acts
