"""A record is a function of the set of its operations: however they arrive, whether one by one or all at once."""

import random
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.crdt import meta, show
from storage.crdt.digest import Digester
from storage.crdt.edits import MODULUS
from storage.crdt.operations import Add, Set
from storage.crdt.rules import Rules
from storage.crdt.scalar import Entry
from storage.crdt.state import RecordState
from storage.crdt.values import ABSENT, canonical
from tests.support import declared
from tests.support.causal import (
    COLLECTION,
    Change,
    Replica,
    evaluated,
    histories,
    name_of,
    played,
    reordered,
    replay,
)

chances = st.randoms(use_true_random=False)
DIGEST = Digester(bytes(range(32)), name_of)


@given(chances)
def test_every_delivery_order_gives_the_state_that_evaluation_gives(dice: random.Random) -> None:
    agree(histories(dice, steps=dice.choice((6, 14, 25))), dice)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_thousands_of_histories_converge(dice: random.Random) -> None:
    for _ in range(5000):
        agree(histories(dice, replicas=dice.choice((2, 3, 5)), steps=20), dice)


@given(chances)
@settings(max_examples=15)
def test_each_and_every_order_of_a_short_history_converges(dice: random.Random) -> None:
    changes = histories(dice, steps=5)
    wanted = evaluated(changes)
    for order in permutations(changes):
        if is_causal(order):
            assert replay(order).state == wanted


def agree(changes: list[Change], dice: random.Random) -> None:
    wanted = evaluated(changes)
    assert wanted is not None
    for order in (changes, reordered(changes, dice), reordered(changes, dice)):
        state = replay(order).state
        assert state == wanted
        assert DIGEST.of(state) == DIGEST.of(wanted)
        assert show.document(state) == show.document(wanted)
        assert show.conflicts(state) == show.conflicts(wanted)


def is_causal(order: tuple[Change, ...]) -> bool:
    reader = Replica(99)
    for change in order:
        if not reader.can_apply(change):
            return False
        reader.log.changes[change.name] = change
    return True


@given(chances)
def test_the_state_is_what_the_rules_declare(dice: random.Random) -> None:
    changes = histories(dice, steps=dice.choice((8, 16, 30)))
    replica = replay(changes)
    state, applied = replica.state, replica.log.all()
    assert live_writes(state) == declared_writes(applied)
    assert {
        name: {(one.dot, canonical(one.value)) for one in field.elements}
        for name, field in state.fields.items()
        if field.elements
    } == declared.elements(applied)
    assert {one.says.name.lower() for one in state.life} == declared.life(applied)
    assert {
        item.dot: {one.says.name.lower() for one in item.life} for item in replica.items("steps")
    } == declared.items(applied)


def live_writes(state: RecordState) -> dict[tuple[Any, ...], dict[Any, tuple[bool, Any]]]:
    found: dict[tuple[Any, ...], dict[Any, tuple[bool, Any]]] = {}
    for name in {*state.values, *state.fields}:
        found[(name,)] = seen_in(state.scalar_of(name).entries)
    for name, field in state.fields.items():
        for item in field.items:
            found[(name, item.dot, None)] = seen_in(item.position.entries)
            for inner, scalar in item.values.items():
                found[(name, item.dot, inner)] = seen_in(scalar.entries)
    return {place: writes for place, writes in found.items() if writes}


def seen_in(entries: list[Entry]) -> dict[Any, tuple[bool, Any]]:
    out = {}
    for entry in entries:
        value = entry.value
        countable = value is ABSENT or type(value) in {int, float}
        if entry.total is not None and countable:
            value = Fraction(0 if value is ABSENT else value) + entry.total
        out[entry.dot] = (entry.fallback, typed(value))
    return out


def declared_writes(applied: list[Any]) -> dict[tuple[Any, ...], dict[Any, tuple[bool, Any]]]:
    return {
        place: {dot: (fallback, typed(value)) for dot, (fallback, value) in writes.items()}
        for place, writes in declared.registers(applied).items()
    }


def typed(value: Any) -> tuple[str, Any]:
    return (type(value).__name__, value)


@given(chances)
def test_numbers_add_up_exactly_whatever_the_order(dice: random.Random) -> None:
    changes = histories(dice, steps=20, only=("adds", "counts"))
    for order in (changes, reordered(changes, dice)):
        replica = replay(order)
        for field in ("count", "year"):
            assert replica.state.scalar_of(field).loose == declared.loose(replica.log.all(), field)


def test_a_tenth_added_by_many_at_once_is_a_tenth_each(dice: random.Random) -> None:
    devices = [Replica(lane) for lane in range(10)]
    start = devices[0].write(*histories(dice, steps=0)[0].operations, Set({"count": 0}))
    added = []
    for device in devices:
        device.apply(start)
        added += [device.write(Add("count", Fraction(1, 10))) for _ in range(10)]
    for order in (added, reordered([start, *added], dice)[1:]):
        assert show.document(replay([start, *order]).state)["count"] == 10


@given(chances)
def test_a_digest_tells_any_two_states_apart(dice: random.Random) -> None:
    changes = histories(dice, steps=16)
    replica, states = Replica(99), []
    for change in changes:
        replica.apply(change)
        states.append((copied(replica.state), DIGEST.of(replica.state)))
    for one, its in states:
        for other, others in states:
            assert (one == other) == (its == others)


def copied(state: RecordState) -> RecordState:
    document = show.document(state)
    packed = meta.encode(state, document, 7)
    return meta.decode(packed, dict(document), COLLECTION, 7)


@given(chances)
def test_the_meta_of_a_row_keeps_all_that_the_document_does_not_show(dice: random.Random) -> None:
    changes = histories(dice, steps=20)
    for order in (changes, reordered(changes, dice)):
        state = replay(order).state
        again = copied(state)
        assert again == state
        assert DIGEST.of(again) == DIGEST.of(state)
        assert copied(again) == state


@given(chances)
def test_absorbing_goes_on_from_a_row_as_from_memory(dice: random.Random) -> None:
    changes = histories(dice, steps=16)
    kept, stored = Replica(99), Replica(98)
    for change in changes:
        kept.apply(change)
        stored.apply(change)
        stored.state = copied(stored.state)
    assert stored.state == kept.state


@given(chances)
def test_nothing_written_is_gone_but_for_those_who_saw_it(dice: random.Random) -> None:
    """Each write is live, or somebody who saw it wrote over it or named it."""
    replica = replay(histories(dice, steps=20))
    applied = replica.log.all()
    live = live_writes(replica.state)
    for one in applied:
        for write in declared._writes(one):
            if write.dot not in live.get(write.place, {}):
                assert any(
                    declared._covers(other, write)
                    for later in applied
                    for other in declared._writes(later)
                    if other.place == write.place
                )


@given(chances)
def test_a_workspaces_digest_is_the_sum_of_its_records(dice: random.Random) -> None:
    changes = histories(dice, steps=10)
    replica = Replica(99)
    total, before = 0, None
    for change in changes:
        replica.apply(change)
        total = DIGEST.moved(total, before, replica.state)
        before = DIGEST.of(replica.state)
    assert total == DIGEST.of(replica.state)
    assert DIGEST.moved(total, replica.state, None) == 0
    assert DIGEST.moved(0, 1, None) == MODULUS - 1


@pytest.mark.parametrize(
    "rules",
    [
        Rules(seen_by_vector=False),
        Rules(counts_keep_unseen=False),
        Rules(dead_spares_unseen=False),
    ],
    ids=["4", "7", "12"],
)
def test_without_a_rule_replicas_drift_apart(rules: Rules, dice: random.Random) -> None:
    """A test of the tests: random histories notice when a rule is missing."""
    drifted = False
    for _ in range(150):
        changes, _devices = played(dice, steps=20)
        one = replay(changes, rules).state
        other = replay(reordered(changes, dice), rules).state
        drifted = drifted or one != other
    assert drifted
