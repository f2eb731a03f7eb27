"""What undo writes and what it leaves, by example; its laws are in tests/property/test_merge_undo.py."""

from fractions import Fraction

from storage.crdt import show
from storage.crdt.operations import (
    Add,
    Alive,
    Create,
    Dead,
    Exclude,
    Include,
    ItemDead,
    ItemMove,
    ItemNew,
    ItemSet,
    Restore,
    Set,
    TextEdit,
    Unset,
)
from storage.crdt.text import Text
from storage.crdt.undo import Because, Left, undo
from storage.crdt.values import ABSENT
from tests.support.causal import RECORD, Replica


def pair() -> tuple[Replica, Replica]:
    one, other = Replica(0), Replica(1)
    items = [
        ItemNew("steps", key, {"what": what}) for key, what in ((b"\x10", "a"), (b"\x20", "b"))
    ]
    other.apply(
        one.write(
            Create(7), Set({"title": "first", "count": 10}), Include("tags", ("red",)), *items
        )
    )
    return one, other


def test_a_write_comes_back_as_what_was_before() -> None:
    one, _ = pair()
    change = one.write(Set({"title": "A", "year": 1999}))
    found = one.reversal(change)
    before = one.log.changes[RECORD[:2]].dot(1)  # type: ignore[index]
    assert found.left == ()
    assert found.operations == (
        Restore("title", "first", before, (change.dot(),)),
        Restore("year", ABSENT, None, (change.dot(),)),
    )


def test_a_field_written_over_since_is_left_and_the_others_are_not() -> None:
    one, other = pair()
    change = one.write(Set({"title": "A", "count": 11}))
    other.apply(change)
    one.apply(other.write(Set({"title": "B"})))
    found = one.reversal(change)
    assert found.left == (Left("title", Because.CHANGED_SINCE),)
    assert [
        operation.field for operation in found.operations if isinstance(operation, Restore)
    ] == ["count"]


def test_a_removal_is_undone() -> None:
    one, _ = pair()
    one.undo(one.write(Unset(("title",))))
    assert show.document(one.state)["title"] == "first"


def test_a_typing_session_is_undone_as_one() -> None:
    one, _ = pair()
    changes = [one.write(Set({"title": word})) for word in ("A", "Ab", "Abc")]
    applied = [each for change in changes for each in change.applied()]
    found = undo(applied, one.state, one.log.all(), one.log, one.is_mine)
    one.write(*found.operations)
    assert show.document(one.state)["title"] == "first"


def test_an_addition_that_a_later_count_knew_is_left() -> None:
    one, other = pair()
    added = one.write(Add("count", Fraction(5)))
    other.apply(added)
    one.apply(other.write(Set({"count": 15})))
    assert one.reversal(added) == ((), (Left("count", Because.COUNTED_SINCE),))


def test_an_addition_under_a_count_that_was_undone_can_be_undone() -> None:
    one, _ = pair()
    added = one.write(Add("count", Fraction(5)))
    counted = one.write(Set({"count": 100}))
    one.undo(counted)
    assert show.document(one.state)["count"] == 15
    one.undo(added)
    assert show.document(one.state)["count"] == 10


def test_a_count_and_an_addition_of_one_action_are_undone_together() -> None:
    one, other = pair()
    change = one.write(Set({"count": 100}), Add("count", Fraction(5)))
    theirs = other.write(Set({"count": 50}))
    one.apply(theirs)
    one.undo(change)
    assert {entry.shown for entry in one.state.scalar_of("count").entries} == {10, 50}


def test_a_value_put_into_a_set_is_taken_out_by_its_own_dot() -> None:
    one, other = pair()
    mine = one.write(Include("tags", ("blue", "red")))
    one.apply(other.write(Include("tags", ("blue",))))
    found = one.reversal(mine)
    assert found.operations == (Exclude("tags", (("blue", (mine.dot(),)), ("red", (mine.dot(),)))),)
    one.undo(mine)
    assert sorted(show.document(one.state)["tags"]) == ["blue", "red"]  # others put them in too


def test_a_value_taken_out_meanwhile_is_left() -> None:
    one, other = pair()
    mine = one.write(Include("tags", ("blue",)))
    other.apply(mine)
    one.apply(other.write(Exclude("tags", (("blue", (mine.dot(),)),))))
    assert one.reversal(mine) == ((), (Left("tags", Because.TAKEN_SINCE),))


def test_a_value_taken_out_is_put_in_again() -> None:
    one, _ = pair()
    dots = tuple(element.dot for element in one.state.fields["tags"].elements)
    change = one.write(Exclude("tags", (("red", dots),)))
    assert "tags" not in show.document(one.state)
    one.undo(change)
    assert show.document(one.state)["tags"] == ["red"]


def test_a_creation_goes_into_the_trash_unless_others_work_on_it() -> None:
    one, other = pair()
    created = next(iter(one.log.changes.values()))
    assert one.reversal(created).operations == (Dead(),)
    one.apply(other.write(Set({"title": "B"})))
    assert one.reversal(created) == ((), (Left(None, Because.OTHERS_TOO),))


def test_a_deletion_is_undone_unless_others_deleted_too() -> None:
    one, other = pair()
    mine, theirs = one.write(Dead()), other.write(Dead())
    assert one.reversal(mine).operations == (Alive(),)
    one.apply(theirs)
    assert one.reversal(mine) == ((), (Left(None, Because.OTHERS_TOO),))


def test_a_restored_record_goes_back_into_the_trash() -> None:
    one, _ = pair()
    one.write(Dead())
    change = one.write(Alive())
    one.undo(change)
    assert not show.alive(one.state)


def test_nothing_is_undone_inside_a_record_in_the_trash() -> None:
    one, other = pair()
    change = one.write(Set({"title": "A"}))
    other.apply(change)
    one.apply(other.write(Dead()))
    assert one.reversal(change) == ((), (Left(None, Because.IN_TRASH),))


def test_an_edit_that_brought_a_record_back_takes_it_along_again() -> None:
    one, _ = pair()
    one.write(Dead())
    change = one.write(Set({"title": "A"}))
    assert show.alive(one.state)
    one.undo(change)
    assert not show.alive(one.state)
    assert show.document(one.state)["title"] == "first"


def test_an_edit_and_a_deletion_of_one_action_come_back_together() -> None:
    one, _ = pair()
    change = one.write(Set({"title": "A"}), Dead())
    one.undo(change)
    assert show.alive(one.state)
    assert show.document(one.state)["title"] == "first"


def test_items_come_and_go_move_and_change_back() -> None:
    one, _ = pair()
    first, second = (item.dot for item in one.items("steps"))
    before = show.document(one.state)["steps"]
    for change in (
        one.write(ItemSet("steps", first, {"what": "A"})),
        one.write(ItemMove("steps", first, b"\x30")),
        one.write(ItemDead("steps", second)),
        one.write(ItemNew("steps", b"\x05", {"what": "new"})),
    ):
        one.undo(change)
    assert show.document(one.state)["steps"] == before


def test_an_item_that_others_took_away_is_left() -> None:
    one, other = pair()
    dot = one.items("steps")[0].dot
    change = one.write(ItemSet("steps", dot, {"what": "A"}))
    other.apply(change)
    one.apply(other.write(ItemDead("steps", dot)))
    assert one.reversal(change) == ((), (Left("steps", Because.IN_TRASH),))


def test_an_undone_move_leaves_the_move_of_somebody_else() -> None:
    one, other = pair()
    dot = one.items("steps")[0].dot
    mine = one.write(ItemMove("steps", dot, b"\x25"), stamp=99)
    one.apply(other.write(ItemMove("steps", dot, b"\x35"), stamp=1))
    one.undo(mine)
    assert one.items("steps")[-1].key == b"\x35"


def test_a_long_text_is_left_to_its_editor() -> None:
    one, _ = pair()
    text = one.log.texts.setdefault("body", Text())
    text.write_as(1)
    update = text.edit("one")
    assert update is not None
    change = one.write(TextEdit("body", update, ()))
    assert one.reversal(change) == ((), (Left("body", Because.TEXT),))
