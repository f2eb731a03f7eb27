"""One value of a field: writes, concurrent ones, undo of them (rules 5, 6)."""

from typing import Any

import pytest

from storage.crdt import show
from storage.crdt.dots import Dot
from storage.crdt.operations import Create, Restore, Set, Unset
from storage.crdt.values import ABSENT
from tests.support.causal import RECORD, Change, Replica


@pytest.fixture
def pair() -> tuple[Replica, Replica]:
    """Two devices that know a record with a title."""
    one, other = Replica(0), Replica(1)
    other.apply(one.write(Create(7), Set({"title": "first"})))
    return one, other


def met(one: Replica, other: Replica, *changes: Change) -> dict[str, Any]:
    """What both show once each heard of the other's changes."""
    for device in (one, other):
        device.apply(*changes)
    assert one.state == other.state
    assert show.document(one.state) == show.document(other.state)
    return show.document(one.state)


def test_a_write_covers_what_its_author_saw(pair: tuple[Replica, Replica]) -> None:
    one, other = pair
    later = other.write(
        Set({"title": "second"}), stamp=-5
    )  # a clock that is behind decides nothing
    assert met(one, other, later) == {"title": "second"}
    assert not show.conflicts(one.state)


def test_of_concurrent_writes_the_latest_is_shown_and_the_other_waits(
    pair: tuple[Replica, Replica],
) -> None:
    one, other = pair
    early = one.write(Set({"title": "A"}), stamp=10)
    late = other.write(Set({"title": "B"}), stamp=11)
    assert met(one, other, early, late) == {"title": "B"}
    (conflict,) = show.conflicts(one.state)
    assert [entry.value for entry in conflict.siblings] == ["B", "A"]


def test_with_equal_stamps_the_larger_hash_is_shown(pair: tuple[Replica, Replica]) -> None:
    one, other = pair
    a, b = one.write(Set({"title": "A"}), stamp=10), other.write(Set({"title": "B"}), stamp=10)
    wanted = "A" if a.cause.hash > b.cause.hash else "B"
    one.apply(b)
    other.apply(a)
    assert show.document(one.state) == show.document(other.state) == {"title": wanted}


def test_in_one_change_the_last_write_counts(pair: tuple[Replica, Replica]) -> None:
    one, _ = pair
    one.write(Set({"title": "A"}), Set({"title": "B"}))
    assert show.document(one.state) == {"title": "B"}
    assert one.state.mark_of("title").dot.at == RECORD.at + 1


def test_equal_values_written_apart_are_no_conflict(pair: tuple[Replica, Replica]) -> None:
    one, other = pair
    one.write(Set({"title": "same"}))
    one.apply(other.write(Set({"title": "same"})))
    assert len(one.state.scalar_of("title").entries) == 2
    assert not show.conflicts(one.state)


def test_a_choice_settles_a_conflict_and_the_field_is_plain_again(
    pair: tuple[Replica, Replica],
) -> None:
    one, other = pair
    one.write(Set({"title": "A"}))
    one.apply(other.write(Set({"title": "B"})))
    assert "title" in one.state.fields
    one.write(Set({"title": "C"}))
    assert not one.state.fields
    assert show.document(one.state) == {"title": "C"}


def test_a_removed_field_is_gone_and_conflicts_with_a_concurrent_write(
    pair: tuple[Replica, Replica],
) -> None:
    one, other = pair
    gone = one.write(Unset(("title",)), stamp=20)
    assert show.document(one.state) == {}
    kept = other.write(Set({"title": "B"}), stamp=10)
    one.apply(kept)
    other.apply(gone)
    assert show.document(one.state) == show.document(other.state) == {}
    (conflict,) = show.conflicts(other.state)
    assert [entry.value for entry in conflict.siblings] == [ABSENT, "B"]


def test_undo_of_a_write_falls_back_behind_who_knew_what_was_before(
    pair: tuple[Replica, Replica],
) -> None:
    """A writes over "first", B too without knowing; A's undo leaves B's alone: B saw "first" and chose another."""
    one, other = pair
    mine = one.write(Set({"title": "A"}), stamp=50)
    theirs = other.write(Set({"title": "B"}), stamp=10)
    back = one.undo(mine, stamp=60)
    assert back is not None
    one.apply(theirs)
    other.apply(mine, back)
    assert show.document(one.state) == show.document(other.state) == {"title": "B"}
    assert not show.conflicts(one.state)


def test_undo_of_a_write_stands_beside_who_did_not_know_what_was_before(
    pair: tuple[Replica, Replica],
) -> None:
    one, other = pair
    second = one.write(Set({"title": "second"}), stamp=10)
    theirs = other.write(Set({"title": "B"}), stamp=11)
    mine = one.write(Set({"title": "A"}), stamp=12)
    back = one.undo(mine, stamp=13)
    assert back is not None
    one.apply(theirs)
    other.apply(second, mine, back)
    assert one.state == other.state
    (conflict,) = show.conflicts(one.state)
    assert [entry.value for entry in conflict.siblings] == ["second", "B"]


def test_undo_alone_shows_what_was_before(pair: tuple[Replica, Replica]) -> None:
    one, _ = pair
    one.undo(one.write(Set({"title": "A", "year": 1999})))
    assert show.document(one.state) == {"title": "first"}


def test_a_restore_covers_no_dot_that_its_author_had_not_seen(
    pair: tuple[Replica, Replica],
) -> None:
    one, other = pair
    theirs = other.write(Set({"title": "B"}), stamp=99)
    one.write(Restore("title", "forged", None, (theirs.dot(), Dot(-1, 1, 0)), ordinary=True))
    one.apply(theirs)
    assert show.document(one.state) == {"title": "B"}
    assert [entry.value for entry in one.state.scalar_of("title").entries] == ["B", "forged"]


def test_a_redo_is_ordinary_again(pair: tuple[Replica, Replica]) -> None:
    one, other = pair
    mine = one.write(Set({"title": "A"}), stamp=50)
    back = one.undo(mine, stamp=60)
    assert back is not None
    one.undo(back, stamp=70, redo=True)
    one.apply(other.write(Set({"title": "B"}), stamp=10))
    assert show.document(one.state) == {"title": "A"}
    assert len(show.conflicts(one.state)) == 1
