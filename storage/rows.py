"""The rows of one collection: writing them with all that depends on them, in the caller's transaction.

Whatever is written here goes to the row, the indexed values, the field kinds, the search index, the counters and the
touched set together; a document reaches the database only through `take` with `put`, and `put_again`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from storage import codec
from storage.engine import Engine
from storage.errors import NoMoreIdsError
from storage.held import Held
from storage.ids import MAX_ID
from storage.indexed import IndexedFields
from storage.indexes import drop_odd_indexes
from storage.kinds import ODD, WILD, path_text
from storage.row import Row, Stamp, State, row_of
from storage.schema import search_indexes
from storage.search.words import Searchable, indexed_numbers, searchable


@dataclass(slots=True)
class Chunk:
    """Documents on their way into the database: texts by id, what the search indexes take, the terms in it.

    `values` are those of `fields`, the indexes that were there when the chunk was begun.
    """

    fields: IndexedFields
    values: list[tuple[Any, ...]] = field(default_factory=list)
    rows: dict[int, str] = field(default_factory=dict)
    states: list[State] = field(default_factory=list)  # one a row, or none at all
    indexed: list[tuple[int, str]] = field(default_factory=list)
    numbers: list[tuple[int, str]] = field(default_factory=list)
    terms: set[str] = field(default_factory=set)


class Rows:
    """Writes to the rows of the collection called `name`. Each method runs inside `engine.writing()`."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine, self.name = engine, name

    def held(self) -> Held:
        """The collection, made if it is not there."""
        held = self.engine.held(self.name, make=True)
        assert held is not None  # noqa: S101  # make=True always gives one
        return held

    # -- reading -------------------------------------------------------------------------------------------------
    def exists(self, doc_id: int) -> bool:
        """Whether a row has this id."""
        held = self.engine.held(self.name)
        if held is None:
            return False
        sql = f"SELECT 1 FROM r_{held.cid} WHERE id = ?"
        return self.engine.db.writer.execute(sql, (doc_id,)).fetchone() is not None

    def get(self, doc_id: int) -> Row | None:
        """A row as this transaction sees it."""
        held = self.engine.held(self.name)
        if held is None:
            return None
        sql = f"SELECT doc, made, changed, pos, meta, last FROM r_{held.cid} WHERE id = ?"
        found = self.engine.db.writer.execute(sql, (doc_id,)).fetchone()
        return None if found is None else row_of(*found)

    # -- new rows ------------------------------------------------------------------------------------------------
    def take(
        self, chunk: Chunk, doc_id: int, document: dict[str, Any], state: State | None = None
    ) -> None:
        """Note all there is to write of a document. Afterwards it is the caller's again, who may fill it anew."""
        held = self.held()
        found = Searchable()
        text = self._encode(held, document, found=found)
        chunk.rows[doc_id] = text
        if state is not None:
            chunk.states.append(state)
        if chunk.fields and chunk.fields is held.indexed:
            chunk.values.append(chunk.fields.row(doc_id, document))
        indexed, terms = found.indexed()
        if terms:
            chunk.indexed.append((doc_id, indexed))
            chunk.terms.update(terms)
        if found.numbers:
            chunk.numbers.append((doc_id, " ".join(found.numbers)))
        self.engine.wrote(self.name, doc_id, text)

    def put(self, chunk: Chunk, stamp: Stamp | None = None, place: int | None = None) -> int:
        """Write new rows, and say how many; `stamp` and `place` are those of a record that comes back."""
        self.engine.must_be_alive()
        held = self.held()
        made, changed = stamp or self._now_twice(chunk)
        count = len(chunk.rows)
        places: Iterable[int | None] = repeat(place)
        if not held.by_id and place is None:
            if held.position > MAX_ID - count:
                raise NoMoreIdsError("their order of insertion is counted in 63 bits")
            places = range(held.position + 1, held.position + count + 1)
            held.position += count
        connection = self.engine.db.writer
        start = (chunk.rows, chunk.rows.values(), repeat(made), repeat(changed), places)
        if chunk.states:
            metas = [state.meta for state in chunk.states]
            lasts = [state.last for state in chunk.states]
            connection.executemany(
                f"INSERT INTO r_{held.cid} VALUES (?, ?, ?, ?, ?, ?, ?)",
                zip(*start, metas, lasts, strict=False),
            )
        else:
            connection.executemany(
                f"INSERT INTO r_{held.cid}(id, doc, made, changed, pos) VALUES (?, ?, ?, ?, ?)",
                zip(*start, strict=False),
            )
        if held.indexed:
            connection.executemany(held.indexed.insert_sql, _indexed_values(held, chunk))
        if chunk.indexed:
            connection.executemany(
                f"INSERT INTO f_{held.cid}(rowid, words) VALUES (?, ?)", chunk.indexed
            )
            self.engine.terms.add(connection, chunk.terms)
        if chunk.numbers:
            connection.executemany(
                f"INSERT INTO d_{held.cid}(rowid, numbers) VALUES (?, ?)", chunk.numbers
            )
        held.count += count
        held.dirty = True
        return count

    def _now_twice(self, chunk: Chunk) -> tuple[int, int]:
        now = chunk.states[0].stamp_ms if chunk.states else int(self.engine.clock() * 1000)
        return now, now

    def _encode(
        self,
        held: Held,
        document: dict[str, Any],
        news: dict[str, Any] | None = None,
        found: Searchable | None = None,
    ) -> str:
        """A document's text, its kinds noted.

        `news` is the part of it that may hold new kinds; `found` gets what a search finds in it.
        """
        text = codec.encode(document)
        # An escaped surrogate or zero sign, or text that only looks like one.
        odd = "\\ud" in text or "\\u0000" in text
        grown = held.kinds.learn(document if news is None else news, odd_text=odd, found=found)
        if grown:
            self.engine.db.writer.executemany(
                "INSERT OR REPLACE INTO path VALUES (?, ?, ?)",
                [(held.cid, path_text(p), bits) for p, bits in grown],
            )
            self.engine.books.bump_kinds()
            if any(bits & (ODD | WILD) for _, bits in grown):
                drop_odd_indexes(self.engine, held)
        return text

    # -- existing ones -------------------------------------------------------------------------------------------
    def put_again(
        self,
        doc_id: int,
        old: Row,
        before: dict[str, Any],
        document: dict[str, Any],
        news: dict[str, Any],
        state: State | None = None,
    ) -> None:
        """Write a document over `old`, which was `before`; fields that are not in `news` are as they were.

        What does not change is not written.
        """
        self.engine.must_be_alive()
        held = self.held()
        text = self._encode(held, document, news)
        if text == old.text and state is None:
            return
        connection = self.engine.db.writer
        if state is None:
            changed = int(self.engine.clock() * 1000)
            connection.execute(
                f"UPDATE r_{held.cid} SET doc = ?, changed = ? WHERE id = ?",
                (text, changed, doc_id),
            )
        else:
            connection.execute(
                f"UPDATE r_{held.cid} SET doc = ?, changed = ?, meta = ?, last = ? WHERE id = ?",
                (text, state.stamp_ms, state.meta, state.last, doc_id),
            )
        if held.indexed:
            change = held.indexed.change(doc_id, before, document, news)
            if change is not None:
                connection.execute(*change)
        words_differ, numbers_differ = _search_differs(before, document, news)
        if words_differ:
            self._words_again(held, doc_id, document)
        if numbers_differ:
            self._numbers_again(held, doc_id, document)
        self.engine.wrote(self.name, doc_id, text)

    def _words_again(self, held: Held, doc_id: int, document: dict[str, Any]) -> None:
        connection = self.engine.db.writer
        connection.execute(f"DELETE FROM f_{held.cid} WHERE rowid = ?", (doc_id,))
        indexed, terms = searchable(document).indexed()
        if terms:
            connection.execute(
                f"INSERT INTO f_{held.cid}(rowid, words) VALUES (?, ?)", (doc_id, indexed)
            )
            self.engine.terms.add(connection, terms)

    def _numbers_again(self, held: Held, doc_id: int, document: dict[str, Any]) -> None:
        connection = self.engine.db.writer
        connection.execute(f"DELETE FROM d_{held.cid} WHERE rowid = ?", (doc_id,))
        found = indexed_numbers(document)
        if found:
            connection.execute(
                f"INSERT INTO d_{held.cid}(rowid, numbers) VALUES (?, ?)", (doc_id, found)
            )

    def delete(self, doc_id: int) -> bool:
        """Take a row away. False if it is not there."""
        self.engine.must_be_alive()
        held = self.engine.held(self.name)
        if held is None:
            return False
        connection = self.engine.db.writer
        gone = connection.execute(f"DELETE FROM r_{held.cid} WHERE id = ?", (doc_id,)).rowcount
        if not gone:
            return False
        for index in search_indexes(held.cid):
            connection.execute(f"DELETE FROM {index} WHERE rowid = ?", (doc_id,))
        if held.indexed:
            connection.execute(held.indexed.delete_sql, (doc_id,))
        held.count -= 1
        held.dirty = True
        self.engine.wrote(self.name, doc_id, None)
        return True

    def clear(self) -> None:
        """Take all rows away; counting starts anew where ids count 1, 2, 3."""
        self.engine.must_be_alive()
        held = self.held()
        execute = self.engine.db.writer.execute
        execute(f"DELETE FROM r_{held.cid}")
        if held.indexed:
            execute(f"DELETE FROM {held.indexed.table}")
        for index in search_indexes(held.cid):
            execute(f"INSERT INTO {index}({index}) VALUES ('delete-all')")
        held.count = 0
        if not held.by_id:
            execute(f"DROP INDEX p_{held.cid}")
        held.last, held.by_id, held.position, held.dirty = 0, True, 0, True
        self.engine.wrote_anything(self.name)

    def keep_positions(self) -> None:
        """An explicit lower id: from now on the order of insertion is kept beside the id. Once a collection."""
        held = self.held()
        execute = self.engine.db.writer.execute
        execute(f"UPDATE r_{held.cid} SET pos = id")
        execute(f"CREATE INDEX p_{held.cid} ON r_{held.cid}(pos)")
        held.by_id, held.position = False, held.last
        held.dirty = True
        self.engine.kept.drop(self.name)
        self.engine.books.bump_kinds()

    # -- trash ---------------------------------------------------------------------------------------------------
    def bury(
        self, doc_id: int, row: Row, trashed_ms: int, state: State | None, *, purged: bool = False
    ) -> None:
        """Move a row to the trash; `purged`: out of sight there too."""
        self.lay_in_trash(doc_id, row, trashed_ms, state, purged=purged)
        self.delete(doc_id)

    def lay_in_trash(
        self, doc_id: int, row: Row, trashed_ms: int, state: State | None, *, purged: bool = False
    ) -> None:
        """A record that is in the trash, perhaps another than before."""
        self.engine.must_be_alive()
        self.engine.news.touched.add(self.name, doc_id)
        self.engine.db.writer.execute(
            "INSERT INTO trash(cid, id, doc, made, changed, pos, trashed, meta, last, purged)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(self.cid(), doc_id, row.text, *row.stamp, row.position, trashed_ms),
                *((None, None) if state is None else state[:2]),
                purged,
            ),
        )

    def cid(self) -> int:
        """The collection's number; one that was dropped stays out of sight."""
        held = self.engine.held(self.name)
        return (held or self.held()).cid

    def in_trash(self, doc_id: int, *, purged: bool = False) -> list[tuple[int, Row]]:
        """What lies in the trash under an id, the latest first, each with its place there."""
        held = self.engine.held(self.name)
        if held is None:
            return []
        hidden = "" if purged else " AND NOT purged"
        sql = (
            "SELECT seq, doc, made, changed, pos, meta, last FROM trash"
            f" WHERE cid = ? AND id = ?{hidden} ORDER BY seq DESC"
        )
        rows = self.engine.db.writer.execute(sql, (held.cid, doc_id)).fetchall()
        return [(seq, row_of(*rest)) for seq, *rest in rows]

    def lies_in_trash(self, doc_id: int) -> bool:
        """Whether something lies in the trash under an id, be it out of sight."""
        sql = "SELECT 1 FROM trash WHERE cid = ? AND id = ?"
        return self.engine.db.writer.execute(sql, (self.cid(), doc_id)).fetchone() is not None

    def all_in_trash(self) -> list[tuple[int, int, Row]]:
        """All that is in sight in the trash: place, id, row."""
        held = self.engine.held(self.name)
        sql = (
            "SELECT seq, id, doc, made, changed, pos, meta, last FROM trash"
            " WHERE cid = ? AND NOT purged ORDER BY seq"
        )
        rows = [] if held is None else self.engine.db.writer.execute(sql, (held.cid,)).fetchall()
        return [(place, doc_id, row_of(*rest)) for place, doc_id, *rest in rows]

    def hide_in_trash(self, place: int, state: State) -> None:
        """Put what lies at a place in the trash out of sight."""
        self.engine.db.writer.execute(
            "UPDATE trash SET purged = 1, meta = ?, last = ? WHERE seq = ?", (*state[:2], place)
        )

    def rename_in_trash(self, place: int, doc_id: int, meta: bytes) -> None:
        """Give what lies at a place in the trash another id."""
        self.engine.db.writer.execute(
            "UPDATE trash SET id = ?, meta = ? WHERE seq = ?", (doc_id, meta, place)
        )

    def leave_trash(self, place: int) -> None:
        """Forget what lies at a place in the trash."""
        self.engine.must_be_alive()
        self.engine.db.writer.execute("DELETE FROM trash WHERE seq = ?", (place,))

    def come_back(
        self, doc_id: int, row: Row, document: dict[str, Any], state: State | None
    ) -> None:
        """Write a row again that was in the trash."""
        held = self.held()
        place = None if held.by_id else doc_id if row.position is None else row.position
        held.last = max(held.last, doc_id)  # the table may have been truncated since
        chunk = Chunk(held.indexed)
        self.take(chunk, doc_id, document, state)
        self.put(chunk, row.stamp, place)


def _indexed_values(held: Held, chunk: Chunk) -> Iterable[tuple[Any, ...]]:
    """The indexed values of a chunk, taken anew where an index has come or gone since it was begun."""
    if chunk.fields is held.indexed:
        return chunk.values
    return [held.indexed.row(doc_id, codec.decode(text)) for doc_id, text in chunk.rows.items()]


def differing(before: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The fields of a document that may differ from those before; what is the same object does not."""
    return {
        name: value
        for name, value in document.items()
        if before.get(name) is not value or name not in before
    }


def _search_differs(
    before: dict[str, Any], document: dict[str, Any], news: dict[str, Any]
) -> tuple[bool, bool]:
    """Whether a search finds other words, and other numbers, in a document once `news` has replaced fields of it."""
    words = numbers = False
    for key in news if before.keys() <= document.keys() else before.keys() | document.keys():
        old, new = before.get(key), document.get(key)
        # Values of other kinds that are equal may be searched otherwise: 1, true.
        if old is not new and not (type(old) is str and old == new):
            was, now = searchable(old), searchable(new)
            words = words or was.texts != now.texts
            numbers = numbers or was.numbers != now.numbers
    return words, numbers
