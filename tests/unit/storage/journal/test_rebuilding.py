"""A store is built anew from its changes: what they say comes back, whatever became of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage import DamagedTextError, NeedsIdentityError, StorageError, Store, codec
from storage.crdt import meta
from tests.support.founders import founder
from tests.support.stores import TEST_KEY
from tests.unit.storage.test_verify_changes import DAMAGES, Damage, families, fill

# What is made anew, by the kinds of damage that it mends. Changes, the team's log and whose feed it is are not.
MADE_ANEW = {
    *("wrong_advance", "wrong_acceptance", "wrong_document", "unreadable_state", "wrong_state"),
    *("broken_history", "stray_record", "missing_record", "misplaced_record", "wrong_id"),
    *("wrong_dispute", "wrong_digest", "wrong_count", "wrong_search_index"),
}
MENDED = [each for each in DAMAGES if each[1] in MADE_ANEW and each[0] != "a feed of nobody"]
FIRST = {kind: name for name, kind, _ in reversed(MENDED)}  # the others take their time
CASES = [
    pytest.param(damage, id=name, marks=[] if FIRST[kind] == name else pytest.mark.full)
    for name, kind, damage in MENDED
]
REFUSED = [
    (name, damage) for name, kind, damage in DAMAGES if kind in {"damaged_change", "damaged_part"}
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with a bit of everything in it."""
    with Store(tmp_path / "store.db", key=TEST_KEY, identity=founder(families)) as opened:
        fill(opened)
        opened.table("gone").insert({"n": 1})
        opened.drop_table("gone")
        yield opened


def contents(store: Store) -> dict[str, Any]:
    """Rows, trash, states and pointers, but for times that no change says."""
    execute = store._engine.db.writer.execute
    found: dict[str, Any] = {}
    trash = "SELECT id, doc, made, purged, meta, last FROM trash WHERE cid = ? ORDER BY id, last"
    for cid, name, *counters in execute("SELECT cid, name, n, last FROM collection").fetchall():
        rows = f"SELECT id, doc, made, 0, meta, last FROM r_{cid} WHERE ? ORDER BY id"
        found[name] = [counters, *(state(name, *row) for row in execute(rows, (1,)).fetchall())]
        found[f"trash of {name}"] = [state(name, *row) for row in execute(trash, (cid,)).fetchall()]
    for table in ("claimant", "disputed", "advance", "waived", "lane"):
        found[f"table {table}"] = sorted(execute(f"SELECT * FROM {table}").fetchall(), key=repr)
    notes = "SELECT seq, stamp, at, action, goes_on, earlier FROM change"
    found["table change"] = execute(notes).fetchall()
    return found


def state(
    name: str, doc_id: int, text: str, made: int, purged: int, state: bytes, last: int
) -> Any:
    """A row, with its state as what it means: one state may have several spellings."""
    document = codec.decode(text)
    told = meta.decode(state, codec.decode(text), name, doc_id)
    return doc_id, document, made, purged, told, last


def test_a_sound_store_is_the_same_afterwards(store: Store) -> None:
    before, digest, tables = contents(store), store.journal.digest, store.tables()
    found = [(hit.table, hit.doc_id) for hit in store.find_text("bolt").hits]

    store.rebuild()

    assert contents(store) == before
    assert store.journal.digest == digest
    assert store.tables() == tables == {"parts"}
    assert [(hit.table, hit.doc_id) for hit in store.find_text("bolt").hits] == found
    assert store.verify().problems == ()


@pytest.mark.parametrize("damage", CASES)
def test_what_the_changes_say_is_mended(store: Store, damage: Damage) -> None:
    before = contents(store)
    damage(store._engine.db.writer.execute)
    store._engine.forget()
    assert not store.verify().ok

    store.rebuild()

    assert store.verify().problems == ()
    assert contents(store) == before


@pytest.mark.parametrize("damage", [d[1] for d in REFUSED], ids=[d[0] for d in REFUSED])
def test_on_a_damaged_change_nothing_is_built(store: Store, damage: Damage) -> None:
    damage(store._engine.db.writer.execute)
    store._engine.forget()
    before = contents(store)

    with pytest.raises(DamagedTextError, match="the change at place 3"):
        store.rebuild()

    assert contents(store) == before


def test_history_undo_and_writing_go_on_after_it(store: Store) -> None:
    store.table("parts").update({"name": "last bolt"}, doc_ids=[1])
    versions = [each.what for each in store.past.history("parts", 1)]

    store.rebuild()

    assert [each.what for each in store.past.history("parts", 1)] == versions
    assert store.past.undo() is not None
    document = store.table("parts").get(doc_id=1)
    assert document is not None
    assert document["name"] == "bolt 0"
    assert store.table("parts").insert({"n": 1}) > 900
    assert store.verify().problems == ()


def test_watchers_hear_that_anything_may_have_changed(store: Store) -> None:
    heard = []
    stop = store.watch(heard.append)

    store.rebuild()

    stop()
    assert any(each.tables.get("parts", ()) is None for each in heard)


def test_a_plain_store_has_nothing_to_be_built_from() -> None:
    with Store() as store, pytest.raises(NeedsIdentityError):
        store.rebuild()


def test_a_failure_in_the_middle_leaves_everything(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(store)
    applied = store.journal.apply

    def fail(change: Any) -> None:
        if change.cause.number > 3:
            raise StorageError("the drive is gone")
        applied(change)

    monkeypatch.setattr(store.journal, "apply", fail)
    with pytest.raises(StorageError, match="the drive is gone"):
        store.rebuild()

    assert contents(store) == before
    assert store.verify().problems == ()
