"""Alive and dead (rules 12, 13)."""

from fractions import Fraction

import pytest

from storage.crdt import show
from storage.crdt.operations import (
    Add,
    Alive,
    Create,
    Dead,
    Include,
    ItemMove,
    ItemNew,
    Operation,
    Set,
    Unset,
)
from storage.crdt.rules import Rules
from tests.support.causal import RECORD, Replica, replay


def pair() -> tuple[Replica, Replica]:
    one, other = Replica(0), Replica(1)
    other.apply(one.write(Create(7), Set({"title": "first"}), ItemNew("steps", b"\x10", {})))
    return one, other


def test_a_new_record_is_alive_even_with_nothing_in_it() -> None:
    device = Replica(0)
    device.write(Create(7))
    assert show.alive(device.state)
    assert [claim.dot for claim in device.state.life] == [RECORD]
    assert device.state.id == 7


@pytest.mark.parametrize("purge", [False, True])
@pytest.mark.parametrize(
    "edit", [Set({"a": 1}), Unset(("title",)), Add("n", Fraction(1)), Include("t", (1,))]
)
def test_a_delete_never_beats_an_edit_it_had_not_seen(edit: Operation, purge: bool) -> None:
    one, other = pair()
    gone, edited = one.write(Dead(purge)), other.write(edit)
    assert not show.alive(one.state)
    one.apply(edited)
    other.apply(gone)
    assert one.state == other.state
    assert show.alive(one.state)
    assert show.brought_back(one.state)
    assert not show.purged(one.state)


def test_a_delete_beats_what_it_saw() -> None:
    one, other = pair()
    one.apply(other.write(Set({"title": "second"})))
    one.write(Dead())
    assert not show.alive(one.state)
    assert not show.brought_back(one.state)
    assert show.document(one.state) == {"title": "second", "steps": [{}]}  # nothing of it is gone


def test_positions_bring_nothing_back() -> None:
    one, other = pair()
    gone = one.write(Dead())
    moved = other.write(ItemMove("steps", other.items("steps")[0].dot, b"\x20"))
    one.apply(moved)
    other.apply(gone)
    assert not show.alive(one.state)
    assert not show.alive(other.state)


def test_what_was_deleted_for_good_can_be_restored() -> None:
    one, _ = pair()
    one.write(Dead(purge=True))
    assert show.purged(one.state)
    one.write(Alive())
    assert show.alive(one.state)
    assert not show.brought_back(one.state)


def test_the_next_edit_ends_the_notice_of_a_record_brought_back() -> None:
    one, other = pair()
    one.write(Dead())
    one.apply(other.write(Set({"title": "B"})))
    one.write(Set({"title": "C"}))
    assert not show.brought_back(one.state)


def test_in_one_change_the_last_word_counts() -> None:
    one, _ = pair()
    one.write(Set({"title": "B"}), Dead())
    assert not show.alive(one.state)
    one.write(Dead(), Set({"title": "C"}))
    assert show.alive(one.state)


def test_a_change_of_many_edits_makes_one_claim() -> None:
    one, _ = pair()
    change = one.write(Set({"a": 1}), Set({"b": 1}), Set({"c": 1}))
    assert [claim.dot for claim in one.state.life] == [change.dot(0)]


def test_with_the_rule_off_a_delete_takes_everything() -> None:
    one, other = pair()
    start = next(iter(one.log.changes.values()))
    gone, edited = one.write(Dead()), other.write(Set({"title": "B"}))
    off = Rules(dead_spares_unseen=False)
    assert not show.alive(replay([start, edited, gone], off).state)
    assert show.alive(replay([start, gone, edited], off).state)
