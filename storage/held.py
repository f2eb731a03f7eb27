"""What is kept in memory of each collection between transactions, for the thread that writes.

It is at most as new as the transaction that reads it; whoever rolls one back, or hears of another's commit, clears it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from storage.books import Books
from storage.database import Connection
from storage.indexed import IndexedFields, Indexes
from storage.kinds import PathKinds
from storage.schema import collection_tables, drop_collection

Counters = tuple[int, int, bool, int, bool, bool]


@dataclass(slots=True)
class Held:
    """One collection: its counters, the kinds of its fields, its indexes.

    `dropped`: it is out of sight until something is written to it, since records of it lie in the trash for good.
    """

    cid: int
    name: str
    count: int
    last: int
    by_id: bool
    position: int
    kinds: PathKinds
    indexed: IndexedFields
    dirty: bool = False
    dropped: bool = False

    def counters(self) -> Counters:
        """What a failed inner write must put back."""
        return self.count, self.last, self.by_id, self.position, self.dirty, self.dropped

    def recall(self, counters: Counters) -> None:
        """Put it back."""
        self.count, self.last, self.by_id, self.position, self.dirty, self.dropped = counters


def read_indexes(connection: Connection, cid: int) -> Indexes:
    """(path, purpose) → number of a collection's field indexes."""
    rows = connection.execute("SELECT path, purpose, number FROM field_index WHERE cid = ?", (cid,))
    return {(tuple(json.loads(path)), purpose): number for path, purpose, number in rows}


def read_kinds(connection: Connection, cid: int) -> PathKinds:
    """The kinds of a collection's fields."""
    return PathKinds(connection.execute("SELECT path, kinds FROM path WHERE cid = ?", (cid,)))


class Collections:
    """The collections that this connection has met, by name."""

    def __init__(self, writer: Connection, books: Books) -> None:
        self._writer, self._books = writer, books
        self._held: dict[str, Held] = {}

    def get(self, name: str, *, make: bool = False) -> Held | None:
        """A collection; None where there is none and `make` is false. What was dropped is there again with `make`."""
        held = self._held.get(name)
        if held is None:
            held = self._read(name, make=make)
        if held is not None and held.dropped and make:
            self._writer.execute("UPDATE collection SET dropped = 0 WHERE cid = ?", (held.cid,))
            held.dropped = False
        return held

    def _read(self, name: str, *, make: bool) -> Held | None:
        execute = self._writer.execute
        row = execute(
            "SELECT cid, n, last, by_id, position, dropped FROM collection WHERE name = ?", (name,)
        ).fetchone()
        if row is None:
            if not make:
                return None
            execute("INSERT INTO collection(name) VALUES (?)", (name,))
            row = (execute("SELECT last_insert_rowid()").fetchone()[0], 0, 0, 1, 0, 0)
            for statement in collection_tables(row[0]):
                execute(statement)
            self._books.bump_kinds()
        cid, count, last, by_id, position, dropped = row
        kinds, indexes = read_kinds(self._writer, cid), read_indexes(self._writer, cid)
        indexed = IndexedFields(cid, indexes)
        held = Held(cid, name, count, last, bool(by_id), position, kinds, indexed)
        held.dropped = bool(dropped)
        self._held[name] = held
        return held

    def drop(self, name: str) -> bool:
        """Take a collection away with all that belongs to it. False if there is none."""
        held = self.get(name)
        if held is None:
            return False
        execute = self._writer.execute
        for statement in drop_collection(held.cid):
            execute(statement)
        for table in ("collection", "path", "field_index", "trash"):
            execute(f"DELETE FROM {table} WHERE cid = ?", (held.cid,))
        del self._held[name]
        self._books.bump_kinds()
        return True

    def hide(self, held: Held) -> None:
        """Put an emptied collection out of sight: it stays for the records that lie in its trash for good."""
        execute = self._writer.execute
        execute(f"DROP TABLE IF EXISTS {held.indexed.table}")
        for table in ("path", "field_index"):
            execute(f"DELETE FROM {table} WHERE cid = ?", (held.cid,))
        execute(
            "UPDATE collection SET n = 0, last = 0, by_id = 1, position = 0, dropped = 1 WHERE cid = ?",
            (held.cid,),
        )
        del self._held[held.name]
        self._books.bump_kinds()

    def have_changed(self) -> bool:
        """Whether there is a counter that is not in the file yet."""
        return any(held.dirty for held in self._held.values())

    def write(self) -> None:
        """Write the counters that have changed."""
        for held in self._held.values():
            if held.dirty:
                self._writer.execute(
                    "UPDATE collection SET n = ?, last = ?, by_id = ?, position = ? WHERE cid = ?",
                    (held.count, held.last, held.by_id, held.position, held.cid),
                )
                held.dirty = False

    def counters(self) -> list[tuple[Held, Counters]]:
        """What `recall` needs to take an inner write back."""
        return [(held, held.counters()) for held in self._held.values()]

    def recall(self, before: list[tuple[Held, Counters]]) -> None:
        """An inner write was taken back: counters as they were, kinds and indexes read again."""
        self._held = {held.name: held for held, _ in before}
        for held, counters in before:
            held.recall(counters)
            held.kinds = read_kinds(self._writer, held.cid)
            held.indexed = IndexedFields(held.cid, read_indexes(self._writer, held.cid))

    def clear(self) -> None:
        """Forget all; they are read again when they are needed."""
        self._held.clear()
