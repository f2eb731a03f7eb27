"""A snapshot shows a newcomer what a workspace holds, and is believed only once the changes have said the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from storage import Store
from storage.crdt import meta
from storage.crdt.state import RecordState
from storage.journal.life import Life
from storage.snapshot import Filling, Proof, UnfitSnapshotError, manifest
from storage.snapshot import rows as snapshot_rows
from tests.support.founders import founder, onlooker
from tests.support.stores import TEST_KEY
from tests.unit.storage.test_verify_changes import bodies, families, take
from tests.unit.storage.test_verify_changes import fill as live_in

ME = founder(families)


class Taken:
    """A snapshot in memory."""

    def __init__(self, store: Store) -> None:
        self.chunks: list[bytes] = []
        self.asked: list[int] = []
        self.raw = store.take_snapshot(self._put)

    def _put(self, i: int, sealed: bytes) -> None:
        assert i == len(self.chunks)
        self.chunks.append(sealed)

    def get(self, i: int) -> bytes:
        self.asked.append(i)
        return self.chunks[i]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with a bit of everything in it, of which a snapshot has several chunks."""
    monkeypatch.setattr("storage.snapshot.taking.ROWS", 15)
    with Store(tmp_path / "store.db", key=TEST_KEY, identity=ME) as opened:
        live_in(opened)
        opened.table("gone").insert({"n": 1})
        opened.drop_table("gone")
        yield opened


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Store]:
    """An empty store for a snapshot to be shown in."""
    with Store(tmp_path / "shown.db", key=TEST_KEY) as opened:
        yield opened


def contents(store: Store) -> dict[str, Any]:
    """All that people see: records with their times, and the trash."""
    found: dict[str, Any] = {}
    for name in sorted(store.tables()):
        table = store.table(name)
        stamps = table.stamps([one.doc_id for one in table])
        found[name] = {one.doc_id: (dict(one), stamps[one.doc_id]) for one in table}
        trashed = table.trashed(limit=1000)
        found[f"trash of {name}"] = {one.doc_id: (dict(one), one.trashed_ms) for one in trashed}
    return found


def test_what_a_store_holds_is_shown_and_found(store: Store, shown: Store) -> None:
    taken = Taken(store)
    assert len(taken.chunks) > 3

    state = shown.show_snapshot(taken.raw, taken.get, ME)

    assert state.complete
    assert not state.proved
    assert contents(shown) == contents(store)
    assert [hit.doc_id for hit in shown.find_text("bolt").hits] == [
        hit.doc_id for hit in store.find_text("bolt").hits
    ]
    assert shown.verify().problems == ()
    assert state.digest == store.journal.digest.to_bytes(32)


def test_it_is_proved_by_the_changes_and_by_them_only(store: Store, shown: Store) -> None:
    taken = Taken(store)
    state = shown.show_snapshot(taken.raw, taken.get, ME)
    changes = bodies(store)
    with Store(identity=onlooker(families)) as other:
        assert other.prove_snapshot(shown, taken.raw) is Proof.WAITING
        take(other, changes[:3])
        assert other.prove_snapshot(shown, taken.raw) is Proof.WAITING
        take(other, changes[3:])
        assert shown.shown_snapshot == state

        assert other.prove_snapshot(shown, taken.raw) is Proof.EQUAL

        assert shown.shown_snapshot == state._replace(proved=True)
        store.table("parts").insert({"n": 1})
        take(other, bodies(store))
        assert other.prove_snapshot(shown, taken.raw) is Proof.BEYOND


def test_a_lie_that_fits_in_itself_is_found_when_the_changes_have_come(
    store: Store, shown: Store
) -> None:
    """A member of the team may sign anything, a digest too."""
    execute = store._engine.db.writer.execute
    execute("UPDATE r_1 SET doc = replace(doc, 'bolt 30', 'bolt 31') WHERE id = 31")
    row = store._engine.db.writer.execute("SELECT doc, meta FROM r_1 WHERE id = 31").fetchone()
    lie = meta.decode(row[1], json.loads(row[0]), "parts", 31)
    digester = store.journal.states._digester
    truth = store.journal.digest
    told = digester.moved(truth, _true_state(store), lie)
    execute("UPDATE engine SET v = ? WHERE k = 'digest'", (told.to_bytes(32),))
    taken = Taken(store)

    assert shown.show_snapshot(taken.raw, taken.get, ME).complete

    with Store(identity=onlooker(families)) as other:
        take(other, bodies(store))
        assert other.prove_snapshot(shown, taken.raw) is Proof.DIFFERENT
    assert shown.shown_snapshot is not None
    assert not shown.shown_snapshot.proved


def _true_state(store: Store) -> RecordState:
    """What the changes say of record 31."""
    with Store(identity=onlooker(families)) as other:
        take(other, bodies(store))
        row = other._engine.db.writer.execute("SELECT doc, meta FROM r_1 WHERE id = 31").fetchone()
        lanes = {lane.feed: lane.lane for lane in store.journal.log.lanes()}
        assert {lane.feed: lane.lane for lane in other.journal.log.lanes()} == lanes
        return meta.decode(row[1], json.loads(row[0]), "parts", 31)


def test_the_branches_of_a_feed_that_forked_keep_their_names(
    tmp_path: Path, shown: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same device went on in two copies of its store, which a mark would have prevented."""
    monkeypatch.setattr(Life, "look", lambda _: None)
    path, copy = tmp_path / "store.db", tmp_path / "copy.db"
    with Store(path, key=TEST_KEY, identity=ME) as one:
        one.table("parts").insert_multiple({"n": n} for n in range(3))
        one.table("parts").update({"n": 7}, doc_ids=[1])
    shutil.copyfile(path, copy)
    with (
        Store(path, key=TEST_KEY, identity=ME) as one,
        Store(copy, key=TEST_KEY, identity=ME) as other,
    ):
        one.table("parts").update({"n": 8}, doc_ids=[2])
        other.table("parts").update({"n": 9}, doc_ids=[2])
        other.table("parts").insert({"n": 10})
        changes = bodies(other)
        take(one, changes)
        assert len(one.journal.log.family(next(iter(one.journal.log.lanes())).feed)) == 2
        taken = Taken(one)

        assert shown.show_snapshot(taken.raw, taken.get, ME).complete

        with Store(identity=onlooker(families)) as third:
            take(third, [*changes, *bodies(one)])
            assert third.prove_snapshot(shown, taken.raw) is Proof.EQUAL


def test_it_is_of_one_moment_while_others_write(store: Store, shown: Store) -> None:
    before = contents(store)
    chunks: list[bytes] = []

    def put(i: int, sealed: bytes) -> None:
        chunks.append(sealed)
        store.table("parts").insert({"late": i})

    raw = store.take_snapshot(put)
    shown.show_snapshot(raw, chunks.__getitem__, ME)

    assert contents(shown) == before


def test_it_goes_on_where_it_was_cut_off(store: Store, tmp_path: Path) -> None:
    taken = Taken(store)

    def cut(i: int) -> bytes:
        if i == 2:
            raise ConnectionError
        return taken.get(i)

    path = tmp_path / "shown.db"
    with Store(path, key=TEST_KEY) as shown, pytest.raises(ConnectionError):
        shown.show_snapshot(taken.raw, cut, ME)
    taken.asked.clear()
    with Store(path, key=TEST_KEY) as shown:
        state = shown.shown_snapshot
        assert state is not None
        assert (state.chunks, state.complete) == (2, False)
        assert shown.show_snapshot(taken.raw, taken.get, ME).complete
        assert 1 not in taken.asked
        assert contents(shown) == contents(store)


def test_nothing_of_it_can_be_read_without_the_key_of_its_epoch(store: Store) -> None:
    taken = Taken(store)

    every = b"".join((taken.raw, *taken.chunks))

    assert not any(word in every for word in (b"bolt", b"parts", b"steel", b"name"))


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_a_chunk_that_was_altered_is_refused(store: Store, shown: Store) -> None:
    taken = Taken(store)
    taken.chunks[2] = flipped(taken.chunks[2], 40)

    with pytest.raises(UnfitSnapshotError, match="piece 2 of it was altered on the way"):
        shown.show_snapshot(taken.raw, taken.get, ME)


@pytest.mark.parametrize("at", [1, 5, 60, 200, -1])
def test_a_head_that_was_altered_is_refused(store: Store, shown: Store, at: int) -> None:
    taken = Taken(store)

    with pytest.raises(
        UnfitSnapshotError, match=r"its head|another workspace|not signed|epoch|state of the team"
    ):
        shown.show_snapshot(flipped(taken.raw, at % len(taken.raw)), taken.get, ME)

    assert shown.shown_snapshot is None


def test_records_that_are_not_those_it_should_have_are_refused(store: Store, shown: Store) -> None:
    """As a liar of the team might make it: all hashes and signatures fit."""
    store._engine.db.writer.execute(
        "UPDATE r_1 SET doc = replace(doc, 'bolt 30', 'bolt 31') WHERE id = 31"
    )
    taken = Taken(store)

    with pytest.raises(UnfitSnapshotError, match="its records are not those that it should have"):
        shown.show_snapshot(taken.raw, taken.get, ME)

    state = shown.shown_snapshot
    assert state is not None
    assert not state.complete


def test_a_store_that_holds_something_is_not_filled(store: Store, shown: Store) -> None:
    taken = Taken(store)
    shown.table("mine").insert({"n": 1})

    with pytest.raises(UnfitSnapshotError, match="there are records already"):
        shown.show_snapshot(taken.raw, taken.get, ME)
    with pytest.raises(UnfitSnapshotError, match="there are records already"):
        store.show_snapshot(taken.raw, taken.get, ME)


def test_two_snapshots_do_not_mix(store: Store, shown: Store) -> None:
    first, second = Taken(store), Taken(store)
    shown.show_snapshot(first.raw, first.get, ME)

    with pytest.raises(UnfitSnapshotError, match="another one is being shown"):
        shown.show_snapshot(second.raw, second.get, ME)
    with pytest.raises(UnfitSnapshotError, match="another one is shown"):
        store.prove_snapshot(shown, second.raw)


def test_a_chunk_that_unpacks_to_more_than_any_has_is_refused(
    store: Store, shown: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Taken(store)
    monkeypatch.setattr(manifest, "MAX_CHUNK_BYTES", 100)

    with pytest.raises(UnfitSnapshotError, match="too large"):
        shown.show_snapshot(taken.raw, taken.get, ME)


def test_an_empty_workspace_has_a_snapshot_too(shown: Store) -> None:
    with Store(identity=ME) as empty:
        taken = Taken(empty)

        assert shown.show_snapshot(taken.raw, taken.get, ME) == Filling(
            manifest.read(taken.raw, ME).root, 1, 1, bytes(32)
        )


def test_a_large_record_has_a_chunk_that_is_no_larger_than_it_must_be(store: Store) -> None:
    taken = Taken(store)
    head = manifest.read(taken.raw, ME).manifest
    for i in range(1, len(taken.chunks)):
        rows = manifest.unseal(ME.sealer, head, i, taken.chunks[i], list[snapshot_rows.SnapshotRow])
        assert 0 < len(rows) <= 15
        assert len(msgspec.msgpack.encode(rows)) < snapshot_rows.CHUNK_BYTES
