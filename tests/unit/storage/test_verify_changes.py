"""`verify` of a store that makes changes: each kind of damage to changes, states and books is named by its own kind."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tinydb.operations import increment
from tinydb.table import Document

from storage import Family, Store
from storage.blobs.errors import BlobError
from storage.changes import envelope
from storage.changes.envelope import Envelope
from storage.verify.kinds import MEANINGS
from tests.support.founders import founder
from tests.support.stores import TEST_KEY

LARGE = "z" * 150_000


def families(collection: str) -> Mapping[str, Family]:
    return {"notes": "text", "tags": "set"} if collection == "parts" else {}


def bodies(store: Store) -> list[bytes]:
    rows = store._engine.db.writer.execute("SELECT body FROM change ORDER BY seq")
    return [row[0] for row in rows.fetchall()]


def take(store: Store, changes: list[bytes]) -> None:
    with store.transaction():
        store.journal.receive(changes)


def fill(store: Store) -> None:
    """A bit of everything: families, large values, trash, ids that several would like, a second feed, conflicts."""
    parts = store.table("parts")
    parts.insert_multiple(
        {"n": n, "name": f"bolt {n}", "notes": f"note {n}", "tags": ["steel", str(n % 3)]}
        for n in range(40)
    )
    parts.update({"name": "screw", "notes": "another note"}, doc_ids=[3, 4])
    parts.update(increment("n"), doc_ids=[5])
    parts.update({"tags": ["brass"]}, doc_ids=[6])
    parts.trash([8, 9, 10])
    parts.restore([9])
    parts.remove(doc_ids=[11])
    parts.insert(Document({"n": 1}, 11))
    parts.insert({"large": LARGE})
    with Store(identity=founder(families)) as other:
        take(other, bodies(store))
        other.table("parts").update({"name": "other bolt"}, doc_ids=[20, 21])
        other.table("parts").insert(Document({"n": 7}, 900))
        other.table("parts").insert({"n": 8})
        parts.update({"name": "own bolt"}, doc_ids=[20])
        parts.insert(Document({"n": 9}, 900))
        take(store, bodies(other))
        # One that waits for what has not come.
        for n in range(3):
            other.table("parts").insert({"n": 100 + n})
        take(store, bodies(other)[-1:])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store.db", key=TEST_KEY, identity=founder(families)) as opened:
        fill(opened)
        yield opened


def test_a_sound_store_is_proved_from_its_changes(store: Store) -> None:
    report = store.verify()

    assert report.problems == ()
    assert report.digest == store.journal.digest.to_bytes(32).hex()
    assert report.checked["changes"] == len(bodies(store))
    assert report.checked["states"] == report.checked["records"] + report.checked["trashed"]
    assert report.checked["chain_records"] == 1
    assert report.checked["held_changes"] == 1
    execute = store._engine.db.writer.execute
    for table in ("claimant", "disputed", "advance", "held_change", "lane"):
        (count,) = execute(f"SELECT count(*) FROM {table}").fetchone()
        assert count, f"nothing in {table}: the damages below would be done to nothing"


# ------------------------------------------------------------------------------------------ damages

Damage = Callable[[Any], None]


def sql(statement: str, *values: Any) -> Damage:
    """One statement that must change something."""

    def done(execute: Any) -> None:
        assert execute(statement, values).rowcount > 0

    return done


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]


def bent(table: str, column: str, at: int, where: str = "1") -> Damage:
    """One bit of a value."""

    def done(execute: Any) -> None:
        key = "hash" if table == "held_change" else "seq"
        select = f"SELECT {key}, {column} FROM {table} WHERE {where}"
        update = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"
        key, value = execute(select).fetchone()
        as_bytes = value.encode() if isinstance(value, str) else value
        changed = flipped(as_bytes, at)
        execute(update, (changed.decode() if isinstance(value, str) else changed, key))

    return done


def rebuilt(seq: int, make: Callable[[Envelope], bytes], *, hashed: bool = True) -> Damage:
    """Another body for a change, with the hash that it has then."""

    def done(execute: Any) -> None:
        (body,) = execute("SELECT body FROM change WHERE seq = ?", (seq,)).fetchone()
        made = make(envelope.decode(body))
        execute("UPDATE change SET body = ? WHERE seq = ?", (made, seq))
        if hashed:
            new = envelope.decode(made).hash
            execute("UPDATE change SET hash = ? WHERE seq = ?", (new, seq))

    return done


def resigned(change: Envelope) -> bytes:
    signature = flipped(change.signature, 9)
    return envelope.assemble(change.clear, change.signed, signature, change.parts).raw


def of_another_feed(change: Envelope) -> bytes:
    clear = msgspec.structs.replace(change.clear, feed=b"x" * 16)
    signed = envelope.encode_clear(clear)
    return envelope.assemble(clear, signed, change.signature, change.parts).raw


def resealed(change: Envelope) -> bytes:
    """A part that no key opens, with a hash that the clear part agrees to."""
    parts = list(change.parts)
    parts[1] = flipped(parts[1] or b"", 5)
    hashes = tuple(envelope.part_hash(part or b"") for part in parts)
    clear = msgspec.structs.replace(change.clear, part_hashes=hashes)
    signed = envelope.encode_clear(clear)
    return envelope.assemble(clear, signed, change.signature, parts).raw


def without_a_part(change: Envelope) -> bytes:
    return envelope.without_parts(change, frozenset({1}))


def swapped(execute: Any) -> None:
    """Two changes of one feed in each other's place."""
    rows = execute("SELECT seq, body, hash FROM change WHERE lane = 1 AND number IN (3, 4)")
    (one, *first), (two, *second) = rows.fetchall()
    for seq, (body, hash_) in ((one, second), (two, first)):
        execute("UPDATE change SET body = ?, hash = ? WHERE seq = ?", (body, hash_, seq))


def swapped_feeds(execute: Any) -> None:
    (one,), (two,) = execute("SELECT feed FROM lane WHERE lane IN (1, 2) ORDER BY lane").fetchall()
    for lane, feed in ((1, two), (2, one)):
        execute("UPDATE lane SET feed = ? WHERE lane = ?", (feed, lane))


def revived(execute: Any) -> None:
    """A row for a record that is dead."""
    row = execute("SELECT doc, meta, last FROM trash WHERE id = 8").fetchone()
    execute("INSERT INTO r_1(id, doc, made, changed, meta, last) VALUES (8, ?, 1, 1, ?, ?)", row)
    execute("DELETE FROM trash WHERE id = 8")


def doubled(execute: Any) -> None:
    row = execute("SELECT doc, meta, last FROM r_1 WHERE id = 30").fetchone()
    execute("INSERT INTO r_1(id, doc, made, changed, meta, last) VALUES (777, ?, 1, 1, ?, ?)", row)


def older_state(execute: Any) -> None:
    """The state of another record's, so that it can be read."""
    (meta,) = execute("SELECT meta FROM r_1 WHERE id = 5").fetchone()
    assert execute("UPDATE r_1 SET meta = ? WHERE id = 31", (meta,)).rowcount


def wrong_stamp(execute: Any) -> None:
    packed = list(
        msgspec.msgpack.decode(execute("SELECT meta FROM r_1 WHERE id = 31").fetchone()[0])
    )
    packed[3] += 1
    execute("UPDATE r_1 SET meta = ? WHERE id = 31", (msgspec.msgpack.encode(packed),))


def moved_change(execute: Any) -> None:
    """The last change of the second feed as the last one of the first."""
    (last,) = execute("SELECT max(number) FROM change WHERE lane = 1").fetchone()
    (seq,) = execute("SELECT max(seq) FROM change WHERE lane = 2").fetchone()
    execute("UPDATE change SET lane = 1, number = ? WHERE seq = ?", (last + 1, seq))


SEEN = msgspec.msgpack.encode({1: 2})
LAST = "(SELECT last FROM r_1 WHERE id = 6)"

DAMAGES: list[tuple[str, str, Damage]] = [
    # bit flips in a change
    ("a bit of a clear part", "damaged_change", bent("change", "body", 60, "seq = 3")),
    ("a bit of a sealed part", "damaged_part", bent("change", "body", -10, "seq = 3")),
    ("a bit of a signature", "wrong_signature", rebuilt(3, resigned)),
    ("a bit of the hash beside a change", "damaged_change", bent("change", "hash", 3, "seq = 3")),
    ("a part that does not open", "unreadable_change", rebuilt(3, resealed)),
    ("a part that is left out", "damaged_part", rebuilt(3, without_a_part)),
    # changes in their places
    ("a missing change", "missing_change", sql("DELETE FROM change WHERE lane = 1 AND number = 4")),
    ("a missing beginning", "missing_change", sql("DELETE FROM change WHERE lane = 2 AND number = 1")),
    ("two changes in each other's place", "misplaced_change", swapped),
    ("two feeds with each other's name", "misplaced_change", swapped_feeds),
    ("a change of another feed", "misplaced_change", rebuilt(3, of_another_feed)),
    ("a change that lies in another lane", "misplaced_change", moved_change),
    ("another beginning of a feed", "misplaced_change", sql("UPDATE lane SET first = ? WHERE lane = 1", bytes(32))),
    ("a link that is cut", "broken_link", rebuilt(3, resigned)),
    # what is noted of changes
    ("another stamp", "wrong_note", sql("UPDATE change SET stamp = stamp + 1 WHERE seq = 2")),
    ("another action", "wrong_note", sql("UPDATE change SET action = ? WHERE seq = 2", bytes(8))),
    ("the end of a transaction", "wrong_note", sql("UPDATE change SET group_end = 0 WHERE seq = 2")),
    ("what an author had seen", "wrong_advance", sql("DELETE FROM advance WHERE lane = 2")),
    ("other numbers seen", "wrong_advance", sql("UPDATE advance SET seen = ? WHERE lane = 2", SEEN)),
    ("a feed that counts no more", "wrong_acceptance", sql("UPDATE lane SET most = 5 WHERE lane = 1")),
    ("a feed that waits for nothing", "wrong_acceptance", sql("UPDATE lane SET applied = 1 WHERE lane = 2")),
    ("a feed of nobody", "wrong_acceptance", sql("UPDATE lane SET device = ? WHERE lane = 2", b"d" * 16)),
    # the team
    ("a bit of a chain record", "broken_chain", bent("chain", "record", 100)),
    ("a missing chain record", "broken_chain", sql("DELETE FROM chain")),
    # what waits
    ("a bit of a held change", "damaged_held_change", bent("held_change", "body", 60)),
    ("a change held for nothing", "damaged_held_change", sql("UPDATE held_change SET wants = ?", bytes(32))),
    # records
    ("a value", "wrong_document", sql("UPDATE r_1 SET doc = replace(doc, 'bolt 30', 'bolt 31') WHERE id = 31")),
    ("a value in the trash", "wrong_document", sql("UPDATE trash SET doc = replace(doc, 'bolt', 'nut') WHERE id = 8")),
    ("bytes of a state", "unreadable_state", sql("UPDATE r_1 SET meta = ? WHERE id = 31", b"\x91")),
    ("a state that is gone", "unreadable_state", sql("UPDATE r_1 SET meta = NULL WHERE id = 31")),
    ("a stamp in a state", "wrong_state", wrong_stamp),
    ("the state of another record", "broken_history", older_state),
    ("a pointer to nowhere", "broken_history", sql("UPDATE r_1 SET last = 1 << 40 WHERE id = 31")),
    ("a pointer to another record", "broken_history", sql(f"UPDATE r_1 SET last = {LAST} WHERE id = 31")),
    ("a pointer past the last edit", "broken_history", sql(f"UPDATE r_1 SET last = {LAST} - 1 WHERE id = 6")),
    ("the pointers of a change", "stray_record", sql("UPDATE change SET earlier = NULL WHERE earlier IS NOT NULL")),
    ("a missing row", "missing_record", sql("DELETE FROM r_1 WHERE id = 31")),
    ("a missing place in the trash", "missing_record", sql("DELETE FROM trash WHERE id = 10")),
    ("a row that is there twice", "stray_record", doubled),
    ("a row of a dead record", "misplaced_record", revived),
    ("a purged record that is shown", "misplaced_record", sql("UPDATE trash SET purged = 0 WHERE purged = 1")),
    ("a trashed record that is hidden", "misplaced_record", sql("UPDATE trash SET purged = 1 WHERE id = 8")),
    ("an id", "wrong_id", sql("UPDATE r_1 SET id = 555 WHERE id = 31")),
    ("a claim", "wrong_id", sql("DELETE FROM claimant WHERE id <> wish")),
    ("who has an id", "wrong_id", sql("UPDATE claimant SET id = id + 1 WHERE id <> wish")),
    ("a conflict that is not listed", "wrong_dispute", sql("DELETE FROM disputed")),
    ("a conflict that is none", "wrong_dispute", sql("INSERT INTO disputed VALUES (1, 31)")),
    # books
    ("the digest", "wrong_digest", sql("UPDATE engine SET v = ? WHERE k = 'digest'", bytes(32))),
    ("the feed", "wrong_feed", sql("UPDATE engine SET v = ? WHERE k = 'feed'", b"f" * 16)),
    ("that writes are changes", "damaged_structure", sql("DELETE FROM engine WHERE k = 'changes'")),
    ("what is known of a feed", "damaged_structure", sql("UPDATE lane SET cuts = ?", b"\xc1")),
    # and as in every store
    ("a counter", "wrong_count", sql("UPDATE collection SET n = n - 1 WHERE name = 'parts'")),
    ("the words of a record", "wrong_search_index", sql("DELETE FROM f_1 WHERE rowid = 31")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "damage"), [d[1:] for d in DAMAGES], ids=[d[0] for d in DAMAGES])
def test_each_damage_is_named(store: Store, kind: str, damage: Damage) -> None:
    damage(store._engine.db.writer.execute)

    report = store.verify()

    assert not report.ok
    assert kind in {problem.kind for problem in report.problems}, report.problems
    for problem in report.problems:
        assert problem.detail
        assert problem.meaning.endswith(".")


def test_what_cannot_be_looked_at_does_not_hide_the_rest(store: Store) -> None:
    execute = store._engine.db.writer.execute
    execute("DROP TABLE claimant")
    execute("UPDATE change SET stamp = 1 WHERE seq = 2")
    execute("UPDATE held_change SET wants = x'00'")

    found = {(problem.kind, problem.where.partition("/")[0]) for problem in store.verify().problems}

    assert ("damaged_structure", "states") in found
    assert {"wrong_note", "damaged_held_change"} <= {kind for kind, _ in found}
    assert "missing_record" not in {kind for kind, _ in found}


def test_every_kind_of_problem_has_a_meaning_and_no_other() -> None:
    storage = Path(envelope.__file__).parents[1]
    verify = [each for each in (storage / "verify").glob("*.py") if each.name != "kinds.py"]
    sources = "".join(each.read_text("utf-8") for each in verify)
    kinds = set(re.findall(r'(?:\bbad\(|\(\()\s*"([a-z_]+)"', sources))
    blobs = {BlobError.kind, *(each.kind for each in _below(BlobError))}

    assert kinds | blobs == set(MEANINGS)


def _below(kind: type[BlobError]) -> Iterator[type[BlobError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def test_a_check_inside_a_transaction_is_refused(store: Store) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="inside a transaction"):
        store.verify()


def test_a_check_writes_nothing(store: Store) -> None:
    execute = store._engine.db.writer.execute
    before = execute("SELECT * FROM engine").fetchall()

    store.verify()

    assert execute("SELECT * FROM engine").fetchall() == before


def test_a_store_of_nothing_but_changes_of_others_is_proved_too() -> None:
    with Store(identity=founder(families)) as one, Store(identity=founder(families)) as other:
        fill(one)
        changes = bodies(one)
        take(other, changes[::-1])

        report = other.verify()

        assert report.problems == ()
        assert report.digest == one.verify().digest


def test_random_bytes_are_no_chain(store: Store) -> None:
    store._engine.db.writer.execute("UPDATE chain SET record = ?", (os.urandom(300),))

    assert "broken_chain" in {problem.kind for problem in store.verify().problems}


def test_a_check_beside_somebody_who_writes_finds_nothing(store: Store) -> None:
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            store.table("parts").insert({"n": n, "notes": f"note {n}", "tags": [str(n)]})
            store.table("parts").update({"notes": f"other {n}"}, doc_ids=[1 + n % 5])
            store.table("parts").trash([20 + n % 5])
            store.table("parts").restore([20 + n % 5])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        reports = [store.verify() for _ in range(5)]
    finally:
        stop.set()
        writer.join()

    assert [report.problems for report in reports] == [()] * 5
    assert reports[0].checked["changes"] < reports[-1].checked["changes"]


def test_a_check_can_be_stopped_while_it_looks_at_changes(store: Store) -> None:
    store.table("parts").insert_multiple({"n": n} for n in range(3000))
    seen: set[str] = set()

    whole = store.verify(progress=lambda what, _: seen.add(what))
    cut = store.verify(
        progress=lambda what, _: seen.discard(what), cancel=lambda: "states" not in seen
    )

    assert whole.ok
    assert cut.cancelled
    assert not cut.ok
