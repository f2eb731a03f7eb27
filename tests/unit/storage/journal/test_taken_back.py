"""What is taken back inside a transaction, or with it, leaves nothing behind in what the journal remembers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from storage import MixedTransactionError, Store
from storage.changes import spelling
from storage.changes.errors import MalformedChangeError
from storage.changes.parts import decode
from storage.crdt.dots import Dot
from tests.support.changes import Chain
from tests.support.founders import founder

LARGE = "x" * 70_000  # more than one change holds


@pytest.fixture
def store():
    with Store(identity=founder()) as made:
        yield made


@contextmanager
def taken_back(store: Store) -> Iterator[None]:
    """A transaction that fails at its end."""
    with suppress(RuntimeError), store.transaction():
        yield
        raise RuntimeError


def fail_inside(store: Store) -> None:
    """A write inside a transaction that fills several changes, and is taken back."""
    with taken_back(store):
        store.table("t").insert({"large": LARGE})
        store.table("t").insert({"large": LARGE})


def test_undo_takes_back_its_own_action_after_a_write_inside_it_was_taken_back(store):
    journal = store.journal
    mine = journal.new_action()
    with journal.acting(mine), store.transaction():
        store.table("t").insert({"n": 1})
        fail_inside(store)
    with journal.acting(mine):
        store.table("t").insert({"n": 2})
    store.table("t").insert({"later": 3})
    taken = store.past.undo(mine.id)
    assert taken is not None
    assert taken.records == 2
    assert store.table("t").all() == [{"later": 3}]


def test_an_action_of_several_commits_is_undone_whole_after_another_transaction_failed(store):
    journal = store.journal
    mine = journal.new_action()
    with journal.acting(mine):
        store.table("t").insert({"n": 1})
    with taken_back(store):
        store.table("t").insert({"n": 0})
    with journal.acting(mine):
        store.table("t").insert({"n": 2})
    taken = store.past.undo(mine.id)
    assert taken is not None
    assert taken.records == 2
    assert store.table("t").all() == []


def test_an_action_that_came_back_from_others_is_undone_whole(tmp_path):
    path, identity = tmp_path / "s.db", founder()
    key = os.urandom(32)
    with Store(path, key=key, identity=identity) as first:
        first.table("t").insert_multiple({"n": n, "filler": "y" * 100} for n in range(2000))
        log = first.journal.log
        with first.journal.reading():
            (row,) = log.lanes()
            changes = [log.raw(row.lane, n) for n in range(1, row.linked + 1)]
    with Store(identity=identity) as second:
        with second.transaction():
            second.journal.receive(changes)
        taken = second.past.undo()
        assert taken is not None
        assert taken.records == 2000
        assert second.past.can()[0] is False


def test_a_first_write_that_was_taken_back_leaves_the_commit_and_the_feed_whole(store):
    with store.transaction():
        store.info["note"] = "so that there is something to commit"
        fail_inside(store)
    store.table("t").insert({"n": 1})
    assert len(store.journal.own_lanes()) == 1
    assert store.verify().ok


def test_what_was_heard_of_the_team_in_a_failed_transaction_was_not_heard(store):
    journal = store.journal
    before = journal.team
    with taken_back(store):
        journal.extend([], before)
        journal.absorber.settling.team = Chain.of("ann")  # as a longer chain would be
    assert journal.team is before
    store.table("t").insert({"n": 1})


def test_others_changes_do_not_come_in_between_writes(store):
    def mix():
        with store.transaction():
            store.table("t").insert({"n": 1})
            store.journal.receive([])

    with pytest.raises(MixedTransactionError):
        mix()
    assert store.table("t").all() == []


def test_a_collection_named_by_half_a_character_is_no_part():
    plain = spelling.encode(("\ud800", None, [(1, 5)]))
    with pytest.raises(MalformedChangeError):
        decode(plain, lambda dot: Dot(*dot))
