"""The digest of a record (rule 15)."""

from fractions import Fraction

from storage.crdt.digest import Digester
from storage.crdt.dots import Dot
from storage.crdt.operations import Add, Create, Dead, Include, ItemNew, Operation, Set
from storage.crdt.state import Mark, RecordState
from tests.support.causal import COLLECTION, Replica, name_of

KEY = bytes(range(32))


def digest(state: RecordState, key: bytes = KEY) -> int:
    return Digester(key, name_of).of(state)


def record(*operations: Operation) -> RecordState:
    device = Replica(0)
    device.write(Create(7), Set({"title": "first"}))
    if operations:
        device.write(*operations)
    return device.state


def test_a_digest_is_pinned() -> None:
    """All replicas must agree for ever: who changes this, changes the format."""
    assert f"{digest(record()):064x}" == PINNED
    assert (
        f"{digest(record(Set({'n': 1.0}), Add('n', Fraction(1, 2)), Include('t', (1,)))):064x}"
        == PINNED_IN_FULL
    )


def test_another_workspaces_key_gives_another_digest() -> None:
    assert digest(record()) != digest(record(), bytes(32))


def test_each_fact_counts() -> None:
    some: list[tuple[Operation, ...]] = [
        *((), (Set({"title": "second"}),), (Set({"title": "first"}),), (Set({"a": 1}),)),
        *(
            (Set({"a": 1.0}),),
            (Set({"a": True}),),
            (Set({"a": "1"}),),
            (Dead(),),
            (Dead(purge=True),),
        ),
        *(
            (Add("a", Fraction(1)),),
            (Add("a", Fraction(2)),),
            (Include("a", (1,)),),
            (Include("a", (1.0,)),),
        ),
        *((ItemNew("a", b"\x01", {}),), (ItemNew("a", b"\x02", {}),), (Set({"a\ud800": 1}),)),
    ]
    assert len({digest(record(*operations)) for operations in some}) == len(some)


def test_lanes_do_not_enter_but_by_their_names() -> None:
    """Another store knows the same feeds under other lanes."""
    here, there = RecordState(COLLECTION, Dot(0, 1, 5), 7), RecordState(COLLECTION, Dot(3, 1, 5), 7)
    for state in (here, there):
        state.values["a"] = 1
        state.marks["a"] = Mark(state.dot, 9)
    of_there = Digester(KEY, lambda lane, number: name_of(lane - 3, number))
    assert digest(here) == of_there.of(there)


def test_the_base_of_a_state_does_not_enter() -> None:
    one, other = record(), record()
    other.base = other.marks.pop("title")
    assert one == other
    assert digest(one) == digest(other)


PINNED = "a860a7fc5494fca829591b72f5fdfc75f9342be0f6bc9651583c0a8012239f09"
PINNED_IN_FULL = "0b477dc6a7003f7374dc43032f2edd844e19c110fb1e4f53da9b9399d373cbb3"
