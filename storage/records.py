"""The rows of one collection: writing them with all that depends on them, in the caller's transaction.

Whatever is written here goes to the row, the field kinds, the search index, the counters and the touched set together;
a document reaches the database only through `_take` with `_write_new`, and `_write_again`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Final

from storage import codec
from storage.engine import Engine
from storage.errors import NoMoreIdsError, RefusedValueError
from storage.held import Held
from storage.ids import MAX_ID, IdSource
from storage.indexed import IndexedFields
from storage.indexes import drop_odd_indexes
from storage.kinds import ODD, WILD, path_text
from storage.search.words import Searchable, searchable, words

CHUNK: Final = 100  # rows an executemany: longer ones keep other threads waiting


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a record was made and last changed, ms since 1970 UTC by this device's clock."""

    created_ms: int
    changed_ms: int


@dataclass(slots=True)
class _Chunk:
    """Documents on their way into the database: texts by id, what the search index takes, the terms in it.

    `values` are those of `fields`, the indexes that were there when the chunk was begun.
    """

    fields: IndexedFields
    values: list[tuple[Any, ...]] = field(default_factory=list)
    rows: dict[int, str] = field(default_factory=dict)
    indexed: list[tuple[int, str]] = field(default_factory=list)
    terms: set[str] = field(default_factory=set)


class Records:
    """Writes to the collection called `name`. Each method runs inside `engine.writing()`."""

    def __init__(self, engine: Engine, name: str, ids: IdSource, *, global_ids: bool) -> None:
        self.engine, self.name, self.ids, self.global_ids = engine, name, ids, global_ids

    # -- new ones ------------------------------------------------------------------------------------------------
    def insert(
        self,
        documents: Iterable[tuple[int | None, Mapping[Any, Any]]],
        each: Callable[[int], None] | None = None,
    ) -> Iterator[int]:
        """Insert documents as they come and yield their ids; an id of None gets the next one.

        `each(n)` is called after every chunk with the number written so far. Raises ValueError for an id in use.
        """
        held = self._held()
        chunk, done = _Chunk(held.indexed), 0
        for wanted, document in documents:
            doc_id = self._place(held, wanted, chunk.rows)
            self._take(held, chunk, doc_id, codec.plain(document))
            if len(chunk.rows) == CHUNK:
                done += self._write_new(held, chunk)
                chunk = _Chunk(held.indexed)
                if each is not None:
                    each(done)
            yield doc_id
        if chunk.rows:
            done += self._write_new(held, chunk)
            if each is not None:
                each(done)

    def _held(self) -> Held:
        held = self.engine.held(self.name, make=True)
        assert held is not None  # noqa: S101  # make=True always gives one
        return held

    def next_id(self) -> int:
        """Issue the next id."""
        held = self._held()
        held.dirty = True
        if self.global_ids:
            books = self.engine.books
            books.last_id = self.ids.next(books.last_id)
            return books.last_id
        held.last = self.ids.next(held.last)
        return held.last

    def _place(self, held: Held, wanted: int | None, taken: Container[int]) -> int:
        """The id of a new document: the next one, or the one asked for if it is free."""
        if wanted is None:
            doc_id = self.next_id()
            while self.global_ids and doc_id <= held.last and self._exists(held, doc_id):
                doc_id = self.next_id()
            held.last = max(held.last, doc_id)
            return doc_id
        if type(wanted) is not int or not -MAX_ID - 1 <= wanted <= MAX_ID:
            raise RefusedValueError("record", f"an id has 64 bits, {wanted!r} has not")
        if wanted in taken or self._exists(held, wanted):
            raise ValueError(f"Document with ID {wanted} already exists")
        if not self.global_ids and held.by_id and wanted < held.last:
            self._keep_positions(held)
        held.last = max(held.last, wanted)
        held.dirty = True
        return wanted

    def _exists(self, held: Held, doc_id: int) -> bool:
        row = self.engine.db.writer.execute(
            f"SELECT 1 FROM r_{held.cid} WHERE id = ?", (doc_id,)
        ).fetchone()
        return row is not None

    def _keep_positions(self, held: Held) -> None:
        """An explicit lower id: from now on the order of insertion is kept beside the id. Once a collection."""
        execute = self.engine.db.writer.execute
        execute(f"UPDATE r_{held.cid} SET pos = id")
        execute(f"CREATE INDEX p_{held.cid} ON r_{held.cid}(pos)")
        held.by_id, held.position = False, held.last
        held.dirty = True
        self.engine.kept.drop(self.name)
        self.engine.books.bump_kinds()

    def _take(self, held: Held, chunk: _Chunk, doc_id: int, document: dict[str, Any]) -> None:
        """Note all there is to write of a document. Afterwards it is the caller's again, who may fill it anew."""
        found = Searchable()
        text = self._encode(held, document, found=found)
        chunk.rows[doc_id] = text
        if chunk.fields and chunk.fields is held.indexed:
            chunk.values.append(chunk.fields.row(doc_id, document))
        indexed, terms = found.indexed()
        if terms or found.numbers:
            chunk.indexed.append((doc_id, indexed))
            chunk.terms.update(terms)
        self.engine.wrote(self.name, doc_id, text)

    def _write_new(
        self, held: Held, chunk: _Chunk, stamp: Stamp | None = None, place: int | None = None
    ) -> int:
        """Write new rows, and say how many; `stamp` and `place` are those of a record that comes back."""
        now = int(self.engine.clock() * 1000)
        made, changed = (stamp.created_ms, stamp.changed_ms) if stamp else (now, now)
        count = len(chunk.rows)
        places: Iterable[int | None] = repeat(place)
        if not held.by_id and place is None:
            if held.position > MAX_ID - count:
                raise NoMoreIdsError("their order of insertion is counted in 63 bits")
            places = range(held.position + 1, held.position + count + 1)
            held.position += count
        rows = zip(
            chunk.rows, chunk.rows.values(), repeat(made), repeat(changed), places, strict=False
        )
        connection = self.engine.db.writer
        connection.executemany(f"INSERT INTO r_{held.cid} VALUES (?, ?, ?, ?, ?)", rows)
        if held.indexed:
            connection.executemany(held.indexed.insert_sql, _indexed_values(held, chunk))
        if chunk.indexed:
            connection.executemany(
                f"INSERT INTO f_{held.cid}(rowid, words) VALUES (?, ?)", chunk.indexed
            )
            self.engine.terms.add(connection, chunk.terms)
        held.count += count
        held.dirty = True
        return count

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
        odd = "\\ud" in text  # an escaped surrogate, or text that only looks like one
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
    def text(self, doc_id: int) -> str | None:
        """One document's text as this transaction sees it."""
        held = self.engine.held(self.name)
        if held is None:
            return None
        sql = f"SELECT doc FROM r_{held.cid} WHERE id = ?"
        row = self.engine.db.writer.execute(sql, (doc_id,)).fetchone()
        return None if row is None else row[0]

    def read(self, doc_id: int) -> dict[str, Any] | None:
        """One document as this transaction sees it."""
        text = self.text(doc_id)
        return None if text is None else codec.decode(text)

    def rewrite(self, doc_id: int, document: Mapping[Any, Any]) -> None:
        """Put a document in the place of an existing one. What did not change is not written."""
        old = self.text(doc_id)
        if old is None:
            raise KeyError(doc_id)
        plain = codec.plain(document)
        self._write_again(doc_id, old, codec.decode(old), plain, plain)

    def set_fields(self, doc_id: int, fields: dict[Any, Any]) -> bool:
        """Set fields of an existing document: only they are looked at. False if it is not there."""
        old = self.text(doc_id)
        if old is None:
            return False
        before = codec.decode(old)
        if all(type(key) is str for key in fields):
            fields = codec.plain(fields)
            self._write_again(doc_id, old, before, before | fields, fields)
        else:
            plain = codec.plain(before | fields)
            self._write_again(doc_id, old, before, plain, plain)
        return True

    def _write_again(
        self,
        doc_id: int,
        old: str,
        before: dict[str, Any],
        document: dict[str, Any],
        news: dict[str, Any],
    ) -> None:
        """Write a document over `before`, whose text was `old`; fields that are not in `news` are as they were."""
        held = self._held()
        text = self._encode(held, document, news)
        if text == old:
            return
        connection = self.engine.db.writer
        now = int(self.engine.clock() * 1000)
        connection.execute(
            f"UPDATE r_{held.cid} SET doc = ?, changed = ? WHERE id = ?", (text, now, doc_id)
        )
        if held.indexed:
            change = held.indexed.change(doc_id, before, document, news)
            if change is not None:
                connection.execute(*change)
        if not before.keys() <= document.keys() or _words_differ(before, news):
            self._index_again(held, doc_id, searchable(before), searchable(document))
        self.engine.wrote(self.name, doc_id, text)

    def _index_again(self, held: Held, doc_id: int, before: Searchable, after: Searchable) -> None:
        connection = self.engine.db.writer
        if before.numbers or any(words(text) for text in before.texts):
            connection.execute(f"DELETE FROM f_{held.cid} WHERE rowid = ?", (doc_id,))
        indexed, terms = after.indexed()
        if terms or after.numbers:
            connection.execute(
                f"INSERT INTO f_{held.cid}(rowid, words) VALUES (?, ?)", (doc_id, indexed)
            )
            self.engine.terms.add(connection, terms)

    def remove(self, doc_id: int) -> bool:
        """Take a record away. False if it is not there."""
        held = self.engine.held(self.name)
        if held is None:
            return False
        connection = self.engine.db.writer
        gone = connection.execute(f"DELETE FROM r_{held.cid} WHERE id = ?", (doc_id,)).rowcount
        if not gone:
            return False
        connection.execute(f"DELETE FROM f_{held.cid} WHERE rowid = ?", (doc_id,))
        if held.indexed:
            connection.execute(held.indexed.delete_sql, (doc_id,))
        held.count -= 1
        held.dirty = True
        self.engine.wrote(self.name, doc_id, None)
        return True

    def truncate(self) -> None:
        """Take all records away; counting starts anew where ids count 1, 2, 3."""
        held = self._held()
        execute = self.engine.db.writer.execute
        execute(f"DELETE FROM r_{held.cid}")
        if held.indexed:
            execute(f"DELETE FROM {held.indexed.table}")
        execute(f"INSERT INTO f_{held.cid}(f_{held.cid}) VALUES ('delete-all')")
        held.count = 0
        if not held.by_id:
            execute(f"DROP INDEX p_{held.cid}")
        held.last, held.by_id, held.position, held.dirty = 0, True, 0, True
        self.engine.wrote_anything(self.name)

    # -- trash ---------------------------------------------------------------------------------------------------
    def trash(self, doc_id: int) -> bool:
        """Move a record to the trash. False if it is not there."""
        held = self.engine.held(self.name)
        if held is None:
            return False
        execute = self.engine.db.writer.execute
        sql = f"SELECT doc, made, changed, pos FROM r_{held.cid} WHERE id = ?"
        row = execute(sql, (doc_id,)).fetchone()
        if row is None:
            return False
        now = int(self.engine.clock() * 1000)
        execute(
            "INSERT INTO trash(cid, id, doc, made, changed, pos, trashed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (held.cid, doc_id, *row, now),
        )
        return self.remove(doc_id)

    def restore(self, doc_id: int) -> bool:
        """Bring a record back from the trash. False if it is not in it. Raises ValueError if its id is taken."""
        held = self.engine.held(self.name)
        if held is None:
            return False
        execute = self.engine.db.writer.execute
        row = execute(
            "SELECT seq, doc, made, changed, pos FROM trash WHERE cid = ? AND id = ?"
            " ORDER BY seq DESC LIMIT 1",
            (held.cid, doc_id),
        ).fetchone()
        if row is None:
            return False
        if self._exists(held, doc_id):
            raise ValueError(f"Document with ID {doc_id} already exists")
        seq, text, made, changed, position = row
        place = None if held.by_id else doc_id if position is None else position
        held.last = max(held.last, doc_id)  # the table may have been truncated since
        chunk = _Chunk(held.indexed)
        self._take(held, chunk, doc_id, codec.decode(text))
        self._write_new(held, chunk, Stamp(made, changed), place)
        execute("DELETE FROM trash WHERE seq = ?", (seq,))
        return True


def _indexed_values(held: Held, chunk: _Chunk) -> Iterable[tuple[Any, ...]]:
    """The indexed values of a chunk, taken anew where an index has come or gone since it was begun."""
    if chunk.fields is held.indexed:
        return chunk.values
    return [held.indexed.row(doc_id, codec.decode(text)) for doc_id, text in chunk.rows.items()]


def _words_differ(before: dict[str, Any], news: dict[str, Any]) -> bool:
    """Whether a search may find other words in a document once `news` has replaced fields of it."""
    return any(
        before.get(key) != value and searchable(before.get(key)) != searchable(value)
        for key, value in news.items()
    )
