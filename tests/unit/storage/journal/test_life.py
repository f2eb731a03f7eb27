"""When a device's feed goes on, and when a new one begins (rules 51-53): no work is lost, no number used twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from storage import RecordIds, Store
from storage.changes.absorb import Position
from storage.mark import Mark, commits_noted, mark_beside, replacing
from tests.support import lives
from tests.support.founders import founder
from tests.support.lives import changes, copied, exchange, feeds, feeds_in, opened, texts, wrote


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with two changes."""
    path = tmp_path / "store.db"
    wrote(path, "one", "two")
    return path


class _TakenBackError(Exception):
    pass


@contextmanager
def taken_back(store: Store) -> Iterator[None]:
    """A transaction, or part of one, of which nothing stays."""
    with suppress(_TakenBackError), store.transaction():
        yield
        raise _TakenBackError


# -- where it goes on ------------------------------------------------------------------------------------------------


def test_a_feed_goes_on_from_one_run_to_the_next(path: Path) -> None:
    for text in ("three", "four"):
        wrote(path, text)

    assert feeds_in(path) == [4]


def test_it_goes_on_where_the_home_was_moved_or_renamed(path: Path) -> None:
    moved = path.parent / "elsewhere"
    moved.mkdir()
    for file in (path, mark_beside(path)):
        file.rename(moved / file.name)
    wrote(moved / path.name, "three")

    assert feeds_in(moved / path.name) == [3]


def test_it_goes_on_where_only_reading_or_notes_came_between(path: Path) -> None:
    with opened(path, read_only=True) as store:
        assert texts(store) == ["one", "two"]
    with opened(path) as store:
        store.info["colour"] = "green"
    with Store(path, read_only=True):  # by somebody who cannot write changes
        pass
    wrote(path, "three")

    assert feeds_in(path) == [3]


def test_it_goes_on_where_the_mark_lags(path: Path) -> None:
    before = mark_beside(path).read_bytes()
    wrote(path, "three", "four")
    mark_beside(path).write_bytes(before)  # as after a power cut
    wrote(path, "five")

    assert feeds_in(path) == [5]
    with opened(path) as store:
        assert store.losses == ()


def test_it_goes_on_where_the_program_replaced_the_file_itself(path: Path) -> None:
    new = copied(path, "new")
    with replacing(path):
        new.replace(path)
    wrote(path, "three")

    assert feeds_in(path) == [3]


def test_it_goes_on_in_memory() -> None:
    with Store(ids=RecordIds(lambda: 1e9), identity=founder()) as store:
        for text in ("one", "two"):
            store.insert({"text": text})
        assert list(feeds(store).values()) == [2]


def test_two_open_stores_of_one_file_write_to_one_feed(path: Path) -> None:
    with opened(path) as one, opened(path) as other:
        for store in (one, other, other, one):
            store.insert({"text": "more"})
        other.look()
        assert feeds(one) == feeds(other)
    wrote(path, "last")

    assert feeds_in(path) == [7]


def test_two_that_open_a_copy_at_the_same_time_begin_one_feed(path: Path) -> None:
    copy = copied(path, "copy")
    with opened(copy) as one, opened(copy) as other:
        for store in (one, other, one):
            store.insert({"text": "more"})
    wrote(copy, "last")

    assert feeds_in(copy) == [2, 4]


def test_a_new_life_that_another_process_began_is_followed(path: Path) -> None:
    with opened(path) as one, opened(path) as other:
        one.insert({"text": "three"})
        other.journal.distrust_feed("a peer said so")
        other.insert({"text": "four"})
        one.info["colour"] = "green"
        one.insert({"text": "five"})
    wrote(path, "six")

    assert feeds_in(path) == [3, 3]


# -- where a new one begins ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [True, False], ids=["with its mark", "without"])
def test_a_copy_writes_to_a_feed_of_its_own_and_all_of_it_comes_together(
    path: Path, *, mark: bool
) -> None:
    copy = copied(path, "copy", mark=mark)
    for text in "abc":
        wrote(path, f"here {text}")
        wrote(copy, f"there {text}")

    with opened(path) as one, opened(copy) as other:
        assert sorted(feeds(one).values()) == [5]
        assert sorted(feeds(other).values()) == [2, 3]
        exchange(one, other)
        assert texts(one) == texts(other)
        assert len(texts(one)) == 8
        assert feeds(one) == feeds(other)
        assert one.journal.digest == other.journal.digest
        one.insert({"text": "after"})
    assert feeds_in(path) == [3, 6]


def test_copies_that_share_a_mark_do_not_disturb_each_other(tmp_path: Path) -> None:
    path, mark = tmp_path / "store.db", tmp_path / "state"
    wrote(path, "one", mark=mark)
    copy = copied(path, "copy")
    for text in "abc":
        wrote(copy, text, mark=mark)
        wrote(path, text, mark=mark)

    assert feeds_in(path) == [4]
    assert feeds_in(copy) == [1, 3]
    for each in (path, copy):
        with opened(each, mark=mark) as store:
            assert store.losses == ()


def test_an_older_copy_put_back_begins_a_feed_and_its_loss_is_named(path: Path) -> None:
    older = copied(path, "older")
    wrote(path, "three", "four")
    newer = copied(path, "newer")
    lives.put_back(older, path)

    with opened(path) as store:
        (loss,) = store.losses
        assert loss.startswith("2 saved changes are missing")
        store.insert({"text": "other three"})
    wrote(path, "other four")
    assert feeds_in(path) == [2, 2]

    with opened(path) as store, opened(newer) as backup:
        exchange(store, backup)
        assert texts(store) == ["four", "one", "other four", "other three", "three", "two"]
        assert store.journal.digest == backup.journal.digest


def test_an_older_copy_moved_into_its_place_begins_one_too(path: Path) -> None:
    older = copied(path, "older")
    wrote(path, "three")
    older.replace(path)
    with opened(path) as store:
        assert len(store.losses) == 1
    wrote(path, "other three", "other four")

    assert feeds_in(path) == [2, 2]


@pytest.mark.parametrize("damage", ["deleted", "emptied", "turned", "of another store"])
def test_without_a_mark_that_can_be_trusted_one_feed_begins(
    damage: str, path: Path, tmp_path: Path
) -> None:
    mark = mark_beside(path)
    if damage == "deleted":
        mark.unlink()
    elif damage == "emptied":
        mark.write_bytes(b"")
    elif damage == "turned":
        data = bytearray(mark.read_bytes())
        data[60] ^= 1
        mark.write_bytes(data)
    else:
        wrote(tmp_path / "other.db", "one", "two", "three")
        shutil.copy(mark_beside(tmp_path / "other.db"), mark)
    for text in ("three", "four"):
        wrote(path, text)

    assert feeds_in(path) == [2, 2]
    with opened(path) as store:
        assert texts(store) == ["four", "one", "three", "two"]
        assert store.losses == ()


def test_a_mark_that_is_deleted_while_the_store_is_open_costs_nothing(path: Path) -> None:
    with opened(path) as store:
        store.insert({"text": "three"})
        mark_beside(path).unlink()
        store.insert({"text": "four"})
    wrote(path, "five")
    assert feeds_in(path) == [5]


def test_opening_alone_does_not_end_the_doubt(path: Path) -> None:
    mark_beside(path).unlink()
    for _ in range(3):
        with opened(path) as store:
            store.info["colour"] = "green"
    wrote(path, "three")

    assert feeds_in(path) == [1, 2]


def test_a_store_that_was_put_back_on_purpose_begins_one(path: Path) -> None:
    with opened(path) as store:
        store.journal.distrust_feed("restored")
    assert feeds_in(path) == [2]
    for text in ("three", "four"):
        wrote(path, text)

    assert feeds_in(path) == [2, 2]


def test_distrust_inside_a_transaction_counts_from_the_next_write_that_can_follow_it(
    path: Path,
) -> None:
    with opened(path) as store:
        with store.transaction():
            store.insert({"text": "three"})
            store.journal.distrust_feed("a peer said so")
            store.insert({"text": "four"})
        with store.transaction():
            store.journal.distrust_feed("once more")
            store.insert({"text": "five"})
        store.insert({"text": "six"})
        assert texts(store) == sorted(["one", "two", "three", "four", "five", "six"])
        old, new = feeds(store).values()

    assert (old > 2, new) == (True, 2)


def test_distrust_that_is_rolled_back_is_none(path: Path) -> None:
    with opened(path) as store:
        store.insert({"text": "three"})
        with taken_back(store):
            store.journal.distrust_feed("a peer said so")
        store.insert({"text": "four"})

    assert feeds_in(path) == [4]


def test_a_first_write_that_is_rolled_back_leaves_no_feed(path: Path) -> None:
    copy = copied(path, "copy")
    with opened(copy) as store:
        with taken_back(store):
            store.insert({"text": "no"})
        assert sorted(feeds(store).values()) == [2]
        store.insert({"text": "three"})
    wrote(copy, "four")

    assert feeds_in(copy) == [2, 2]


def test_a_first_write_of_many_changes_whose_inner_part_fails_goes_on(path: Path) -> None:
    copy = copied(path, "copy")
    with opened(copy) as store:
        with store.transaction():
            store.insert({"text": "three"})
            with taken_back(store):
                store.insert_multiple({"text": f"{n}" * 400} for n in range(1000))
            store.insert({"text": "four"})
        assert texts(store) == ["four", "one", "three", "two"]
        assert store.verify().problems == ()
    wrote(copy, "five")

    assert feeds_in(copy) == [2, 2]


# -- a peer's word ---------------------------------------------------------------------------------------------------


def test_a_peer_that_knows_as_much_or_less_changes_nothing(path: Path) -> None:
    with opened(path) as store:
        (feed,) = feeds(store)
        first = store.journal.log.entry(1, 1)
        assert first is not None
        known = store.journal.positions()
        for said in (known, {feed: Position(1, first.hash)}, {}, {b"?" * 16: known[feed]}):
            assert store.journal.compare_own(said)
        store.insert({"text": "three"})

    assert feeds_in(path) == [3]


@pytest.mark.parametrize(("number", "hash_of"), [(3, b"later"), (2, b"other"), (1, b"older")])
def test_a_peer_that_knows_more_or_another_course_ends_the_feed(
    number: int, hash_of: bytes, path: Path
) -> None:
    with opened(path) as store:
        (feed,) = feeds(store)
        assert not store.journal.compare_own({feed: Position(number, hash_of.ljust(32))})
    for text in ("three", "four"):
        wrote(path, text)

    assert feeds_in(path) == [2, 2]


def test_changes_of_ones_own_feed_that_come_from_elsewhere_end_it(path: Path) -> None:
    """The whole machine was put back, mark and all: only others know better."""
    before, mark = path.read_bytes(), mark_beside(path).read_bytes()
    with opened(path) as store:
        store.insert({"text": "three"})
        sent = changes(store)
    path.write_bytes(before)
    mark_beside(path).write_bytes(mark)

    with opened(path) as store:
        with store.transaction():
            store.journal.receive(sent)
        store.insert({"text": "four"})
        assert texts(store) == ["four", "one", "three", "two"]
    wrote(path, "five")
    assert feeds_in(path) == [2, 3]


def test_what_comes_back_that_is_here_already_ends_nothing(path: Path) -> None:
    with opened(path) as store:
        with store.transaction():
            store.journal.receive(changes(store))
        store.insert({"text": "three"})

    assert feeds_in(path) == [3]


# -- what the mark says ----------------------------------------------------------------------------------------------


def test_the_mark_knows_the_last_change_of_the_feed(path: Path) -> None:
    with opened(path) as store:
        for text in ("three", "four"):
            store.insert({"text": text})
            (marked,) = Mark(mark_beside(path)).read()
            (feed, position), *_ = store.journal.positions().items()
            assert marked.own[1:] == (feed, *position)


def test_a_mark_that_cannot_be_written_costs_feeds_and_no_work(path: Path) -> None:
    mark_beside(path).unlink()
    mark_beside(path).mkdir()
    for text in ("three", "four"):
        wrote(path, text)

    with opened(path) as store:
        assert texts(store) == ["four", "one", "three", "two"]
    assert feeds_in(path) == [1, 1, 2]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights are others there")
def test_reading_only_writes_no_mark(path: Path) -> None:
    before = mark_beside(path).read_bytes()
    with opened(copied(path, "copy", mark=False), read_only=True) as store:
        assert texts(store) == ["one", "two"]
    with opened(path, read_only=True):
        pass

    assert mark_beside(path).read_bytes() == before
    assert commits_noted(mark_beside(path.parent / "copy" / path.name)) == 0


# -- the clock -------------------------------------------------------------------------------------------------------


def test_a_clock_that_is_set_back_ten_years_gives_true_stamps_and_rising_ids(
    tmp_path: Path,
) -> None:
    now = [1_900_000_000.0]
    path, ids = tmp_path / "store.db", []
    for now[0] in (1_900_000_000.0, 1_600_000_000.0, 1_600_000_001.0):
        with opened(path, clock=lambda: now[0]) as store:
            ids.append(store.insert({"text": "first"}))
            store.update({"text": f"at {now[0]:.0f}"}, doc_ids=[ids[0]])
            assert store.get(doc_id=ids[0]) == {"text": f"at {now[0]:.0f}"}
            touch = next(store.journal.trail.of(last_of(store, ids[0])))
            assert touch.stamp == int(now[0] * 1000)

    assert ids == sorted(set(ids))
    assert feeds_in(path) == [6]


def test_stamps_of_others_do_not_drive_ones_own(tmp_path: Path) -> None:
    ahead, behind = tmp_path / "ahead.db", tmp_path / "behind.db"
    with (
        opened(ahead, clock=lambda: 1_900_000_000.0) as one,
        opened(behind, clock=lambda: 1_600_000_000.0) as other,
    ):
        record = one.insert({"text": "from the future"})
        exchange(one, other)
        other.update({"text": "seen and changed"}, doc_ids=[record])
        touch = next(other.journal.trail.of(last_of(other, record)))
        assert touch.stamp == 1_600_000_000_000
        exchange(one, other)
        assert texts(one) == texts(other) == ["seen and changed"]


def last_of(store: Store, doc_id: int) -> int:
    """The pointer at what touched a record last."""
    with store._engine.db.reading() as connection:
        (last,) = connection.execute("SELECT last FROM r_1 WHERE id = ?", (doc_id,)).fetchone()
        return int(last)
