"""Ordered items, as of a checklist (rules 9, 11)."""

from storage.crdt import show
from storage.crdt.dots import Dot, index_of
from storage.crdt.keys import between
from storage.crdt.operations import (
    Create,
    ItemAlive,
    ItemDead,
    ItemMove,
    ItemNew,
    ItemRestore,
    ItemSet,
    Set,
)
from tests.support.causal import Replica, name_of, replay


def pair() -> tuple[Replica, Replica]:
    one, other = Replica(0), Replica(1)
    new = [
        ItemNew("steps", key, {"what": what})
        for key, what in ((b"\x10", "a"), (b"\x20", "b"), (b"\x30", "c"))
    ]
    other.apply(one.write(Create(7), *new))
    return one, other


def whats(device: Replica) -> str:
    return "".join(item["what"] for item in show.document(device.state).get("steps", []))


def test_items_stand_in_the_order_of_their_keys() -> None:
    one, other = pair()
    assert whats(one) == "abc"
    last = one.items("steps")[2]
    other.apply(one.write(ItemMove("steps", last.dot, between(None, one.items("steps")[0].key))))
    assert whats(one) == whats(other) == "cab"


def test_an_item_moved_by_two_stands_in_one_place_and_asks_nobody() -> None:
    one, other = pair()
    dot = one.items("steps")[0].dot
    a = one.write(ItemMove("steps", dot, b"\x25"), stamp=1)
    b = other.write(ItemMove("steps", dot, b"\x35"), stamp=2)
    one.apply(b)
    other.apply(a)
    assert whats(one) == whats(other) == "bca"
    assert not show.conflicts(one.state)


def test_items_with_one_key_stand_in_one_order_everywhere() -> None:
    one, other = pair()
    a = one.write(ItemNew("steps", b"\x40", {"what": "x"}))
    b = other.write(ItemNew("steps", b"\x40", {"what": "y"}))
    one.apply(b)
    other.apply(a)
    assert whats(one) == whats(other) == ("abcxy" if name_of(0) < name_of(1) else "abcyx")


def test_an_item_taken_away_by_one_and_edited_by_the_other_stays() -> None:
    one, other = pair()
    dot = one.items("steps")[1].dot
    gone = one.write(ItemDead("steps", dot))
    edited = other.write(ItemSet("steps", dot, {"what": "B"}))
    assert whats(one) == "ac"
    one.apply(edited)
    other.apply(gone)
    assert whats(one) == whats(other) == "aBc"


def test_a_move_brings_no_item_back() -> None:
    one, other = pair()
    dot = one.items("steps")[1].dot
    gone = one.write(ItemDead("steps", dot))
    moved = other.write(ItemMove("steps", dot, b"\x40"))
    one.apply(moved)
    other.apply(gone)
    assert whats(one) == whats(other) == "ac"
    one.write(ItemAlive("steps", dot))
    assert whats(one) == "acb"


def test_values_of_an_item_conflict_as_fields_do() -> None:
    one, other = pair()
    dot = one.items("steps")[1].dot
    one.write(ItemSet("steps", dot, {"what": "X"}), stamp=1)
    one.apply(other.write(ItemSet("steps", dot, {"what": "Y"}), stamp=2))
    (conflict,) = show.conflicts(one.state)
    assert (conflict.field, conflict.item, conflict.name) == ("steps", dot, "what")
    assert [entry.value for entry in conflict.siblings] == ["Y", "X"]


def test_what_is_done_to_an_item_whose_creation_does_not_count_has_no_effect() -> None:
    """Not every replica holds a creation that was rejected, so it must not matter which of them do."""
    device = Replica(0)
    device.write(Create(7), Set({"steps": "none yet"}))
    nowhere = Dot(-1, 4, index_of(1, 0))
    before = replay(device.log.changes.values()).state
    device.write(
        ItemSet("steps", nowhere, {"what": "x"}),
        ItemMove("steps", nowhere, b"\x40"),
        ItemRestore("steps", nowhere, "what", "y", None, ()),
        ItemDead("steps", nowhere),
        ItemAlive("steps", nowhere),
    )
    assert device.items("steps") == []
    assert (device.state.values, device.state.fields) == (before.values, before.fields)


def test_no_items_are_nothing() -> None:
    one, _ = pair()
    one.write(*(ItemDead("steps", item.dot) for item in one.items("steps")))
    assert show.document(one.state) == {}
