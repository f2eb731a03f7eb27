"""A row's meta: small, exact, and strict about what it reads."""

import random
from fractions import Fraction

import msgspec
import pytest

from storage.crdt import meta, show
from storage.crdt.dots import Cause, Dot, index_of
from storage.crdt.operations import (
    Add,
    Create,
    Dead,
    Include,
    ItemNew,
    Operation,
    Restore,
    Set,
    Unset,
)
from storage.crdt.record import absorb
from storage.crdt.state import RecordState
from storage.errors import DamagedTextError
from tests.support.causal import COLLECTION, Log, Replica, histories, replay

NOW = 1_760_000_000_000
FIELDS = {f"field {i:02}": i for i in range(20)}


def fresh() -> tuple[RecordState, Cause]:
    """A record as a device makes it in its tenth thousand of changes."""
    dot = Dot(3, 12_345, index_of(1, 0))
    cause = Cause(3, 12_345, NOW, bytes(32), {})
    state = RecordState(COLLECTION, dot)
    absorb(state, Create(7), dot, cause, Log())
    absorb(state, Set(FIELDS), dot._replace(at=dot.at + 1), cause, Log())
    return state, cause


def packed(state: RecordState, record_id: int | None = 7) -> bytes:
    return meta.encode(state, show.document(state), record_id)


def unpacked(data: bytes, state: RecordState, record_id: int | None = 7) -> RecordState:
    return meta.decode(data, show.document(state), COLLECTION, record_id)


def test_a_fresh_record_needs_few_bytes() -> None:
    state, _ = fresh()
    assert len(packed(state)) <= 24


def test_three_later_fields_need_few_bytes() -> None:
    state, _ = fresh()
    for at in range(3):
        cause = Cause(2, 9_000 + at, NOW + 3_600_000 * at, bytes(32), {3: 12_345})
        absorb(
            state, Set({f"field {at:02}": "new"}), Dot(2, 9_000 + at, index_of(1, 0)), cause, Log()
        )
    assert len(packed(state)) <= 80
    assert unpacked(packed(state), state) == state


def test_a_record_written_anew_is_as_small_as_a_fresh_one() -> None:
    state, _ = fresh()
    cause = Cause(2, 9_000, NOW + 3_600_000, bytes(32), {3: 12_345})
    absorb(state, Set(dict.fromkeys(FIELDS, "new")), Dot(2, 9_000, index_of(1, 0)), cause, Log())
    assert len(packed(state)) <= 40
    assert unpacked(packed(state), state) == state


@pytest.mark.parametrize(
    "operation",
    [
        *(Set({"a": None, "b": 1 << 90, "c": "x\ud800"}), Set({"é\ud800": 1, "ü": 2})),
        *(
            Unset(("field 01",)),
            Add("field 01", Fraction(1, 10)),
            Add("new", Fraction(-7, 1 << 200)),
        ),
        *(
            Restore("field 01", "x", Dot(-1, 5, 5), ()),
            Include("tags", ("a", "b", ["c"], "a\ud800")),
        ),
        *(ItemNew("steps", b"\xff\x01", {"a": None, "\udfff": 1}), Dead(), Dead(purge=True)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_whatever_was_done_is_kept(operation: Operation) -> None:
    state, _ = fresh()
    cause = Cause(2, 1, NOW - 5, bytes(32), {})
    absorb(state, operation, Dot(2, 1, index_of(700, 3)), cause, Replica(2, log=Ties()).log)
    assert unpacked(packed(state), state) == state


class Ties(Log):
    """A past in which nobody saw anything."""

    def sees(self, later: Dot, earlier: Dot) -> bool:
        return False


def test_a_row_may_have_another_id_than_the_record_asked_for() -> None:
    state, _ = fresh()
    assert unpacked(packed(state, 8), state, 8).id == 7
    state.id = None
    assert unpacked(packed(state, 8), state, 8).id is None
    assert unpacked(packed(state), state).id is None


def test_values_that_the_document_shows_are_not_kept_twice() -> None:
    long = "a long value " * 20
    device = Replica(0)
    device.write(Create(7), Include("tags", (long,)))
    one, other = device, Replica(1)
    other.apply(*one.log.changes.values())
    one.write(Set({"title": long}))
    one.apply(other.write(Set({"title": "short"}), stamp=0))
    assert len(packed(one.state)) < len(long)
    assert unpacked(packed(one.state), one.state) == one.state


def test_a_document_that_lacks_what_the_meta_leaves_out_is_damage() -> None:
    state = replay(histories(random.Random(3), steps=25)).state
    state.marks.setdefault("title", state.base)
    state.values.setdefault("title", 1)
    data = packed(state)
    with pytest.raises(DamagedTextError):
        meta.decode(data, {}, COLLECTION, 7)


def test_damage_is_named_or_gives_a_state_that_can_be_used(dice: random.Random) -> None:
    refused = 0
    for _ in range(30):
        state = replay(histories(dice, steps=20)).state
        data = packed(state)
        for _ in range(50):
            damaged = bytearray(data)
            damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
            cut = bytes(damaged[: dice.choice((len(damaged), dice.randrange(len(damaged))))])
            try:
                found = unpacked(cut, state)
                show.document(found)
                show.conflicts(found)
            except DamagedTextError:
                refused += 1
    assert refused > 300


@pytest.mark.parametrize(
    "facts",
    [
        *(
            [],
            [1, 2],
            [1, 2, 3],
            [1, 2, 3, "x"],
            [-1, 2, 3, 4],
            [1, 2, 3, 4, [1]],
            [1, 2, 3, 4, [1, 2, 3, 9]],
        ),
        *([1, 2, 3, 4, None, [[1, 2, 3, 4, "none"]]], [1, 2, 3, 4, None, None, {"a": []}]),
        *(
            [1, 2, 3, 4, None, None, {1: [None, [], [], None]}],
            [1, 2, 3, 4, None, None, None, "id"],
        ),
        [1, 2, 3, 4, None, None, None, 5, 6],
        [1, 2, 3, 4, None, None, {"a": [[[[1, 2, 3, 4, 0]]], [], [], None]}],
        [1, 2, 3, 4, None, None, {"a": [[[], "1/0"], [], [], None]}],
        [1, 2, 3, 4, None, None, {"a": [None, [[1, 2, 3, 4, b"{"]], [], None]}],
    ],
    ids=repr,
)
def test_what_was_never_written_is_refused(facts: list[object]) -> None:
    with pytest.raises(DamagedTextError, match="state of a record"):
        meta.decode(msgspec.msgpack.encode(facts), {}, COLLECTION, 7)
