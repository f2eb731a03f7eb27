"""What callers do with the records of one collection: ids, values and the trash, over `rows`.

In a store that makes changes, each write is told to the journal first, which says what state stands beside the row;
there nothing is ever gone: what is removed lies in the trash, out of sight.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from storage import codec
from storage.engine import Engine
from storage.errors import RefusedValueError
from storage.held import Held
from storage.ids import MAX_ID, IdSource
from storage.row import Row
from storage.rows import Chunk, Rows, differing

CHUNK: Final = 100  # rows an executemany: longer ones keep other threads waiting


_NONE: Final[Mapping[str, Fraction]] = {}


class Records:
    """Writes to the collection called `name`. Each method runs inside `engine.writing()`."""

    def __init__(self, engine: Engine, name: str, ids: IdSource, *, global_ids: bool) -> None:
        self.engine, self.name, self.ids, self.global_ids = engine, name, ids, global_ids
        self._rows = Rows(engine, name)

    # -- new ones ------------------------------------------------------------------------------------------------
    def insert(
        self,
        documents: Iterable[tuple[int | None, Mapping[Any, Any]]],
        each: Callable[[int], None] | None = None,
    ) -> Iterator[int]:
        """Insert documents as they come and yield their ids; an id of None gets the next one.

        `each(n)` is called after every chunk with the number written so far. Raises ValueError for an id in use.
        """
        rows = self._rows
        held = rows.held()
        chunk, done = Chunk(held.indexed), 0
        try:
            for wanted, document in documents:
                doc_id = self._place(held, wanted, chunk.rows)
                self._take(chunk, doc_id, codec.plain(document), chosen=wanted is not None)
                if len(chunk.rows) == CHUNK:
                    full, chunk = chunk, Chunk(held.indexed)
                    done += rows.put(full)
                    if each is not None:
                        each(done)
                yield doc_id
        except Exception:
            # They are in a change already, and nothing may take that back; unless all of it was, as on a full disk.
            if chunk.states and self.engine.alive:
                rows.put(chunk)
            raise
        if chunk.rows:
            done += rows.put(chunk)
            if each is not None:
                each(done)

    def _take(self, chunk: Chunk, doc_id: int, plain: dict[str, Any], *, chosen: bool) -> None:
        """Note all there is to write of a new document; `chosen`: its id is one of the caller's."""
        journal = self.engine.journal
        if journal is None:
            self._rows.take(chunk, doc_id, plain)
            return
        plain = dict(plain)
        anew = (chosen or not self.global_ids) and self._rows.lies_in_trash(doc_id)
        state = journal.created(self.name, doc_id, plain, anew=anew)
        self._rows.take(chunk, doc_id, plain, state)

    def next_id(self) -> int:
        """Issue the next id."""
        held = self._rows.held()
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
            while self.global_ids and doc_id <= held.last and self._rows.exists(doc_id):
                doc_id = self.next_id()
            held.last = max(held.last, doc_id)
            return doc_id
        if type(wanted) is not int or not -MAX_ID - 1 <= wanted <= MAX_ID:
            raise RefusedValueError("record", f"an id has 64 bits, {wanted!r} has not")
        if wanted in taken or self._rows.exists(wanted):
            raise ValueError(f"Document with ID {wanted} already exists")
        if not self.global_ids and held.by_id and wanted < held.last:
            self._rows.keep_positions()
        held.last = max(held.last, wanted)
        held.dirty = True
        return wanted

    # -- existing ones -------------------------------------------------------------------------------------------
    def text(self, doc_id: int) -> str | None:
        """One document's text as this transaction sees it."""
        row = self._rows.get(doc_id)
        return None if row is None else row.text

    def read(self, doc_id: int) -> dict[str, Any] | None:
        """One document as this transaction sees it."""
        text = self.text(doc_id)
        return None if text is None else codec.decode(text)

    def rewrite(
        self, doc_id: int, document: Mapping[Any, Any], added: Mapping[str, Fraction] = _NONE
    ) -> None:
        """Put a document in the place of an existing one; `added` says what was added to which of its numbers.

        What did not change is not written.
        """
        old = self._rows.get(doc_id)
        if old is None:
            raise KeyError(doc_id)
        plain = codec.plain(document)
        self._write(doc_id, old, codec.decode(old.text), plain, plain, added)

    def set_fields(self, doc_id: int, fields: dict[Any, Any]) -> bool:
        """Set fields of an existing document: only they are looked at. False if it is not there."""
        old = self._rows.get(doc_id)
        if old is None:
            return False
        before = codec.decode(old.text)
        if all(type(key) is str for key in fields):
            fields = codec.plain(fields)
            self._write(doc_id, old, before, before | fields, fields)
        else:
            plain = codec.plain(before | fields)
            self._write(doc_id, old, before, plain, plain)
        return True

    def _write(
        self,
        doc_id: int,
        old: Row,
        before: dict[str, Any],
        document: dict[str, Any],
        news: dict[str, Any],
        added: Mapping[str, Fraction] = _NONE,
    ) -> None:
        journal = self.engine.journal
        if journal is None:
            self._rows.put_again(doc_id, old, before, document, news)
            return
        document = dict(document)
        state = journal.written(self.name, doc_id, old, before, document, added)
        if state is not None:
            news = differing(before, document)
            self._rows.put_again(doc_id, old, before, document, news, state)

    def remove(self, doc_id: int) -> bool:
        """Take a record away. False if it is not there."""
        return _remove(self._rows, doc_id)

    def truncate(self) -> None:
        """Take all records away; counting starts anew where ids count 1, 2, 3."""
        _empty(self._rows)

    # -- trash ---------------------------------------------------------------------------------------------------
    def trash(self, doc_id: int) -> bool:
        """Move a record to the trash. False if it is not there."""
        row = self._rows.get(doc_id)
        if row is None:
            return False
        journal = self.engine.journal
        state = None if journal is None else journal.died(self.name, doc_id, row, purge=False)
        self._rows.bury(doc_id, row, _now(self.engine), state)
        return True

    def restore(self, doc_id: int) -> bool:
        """Bring a record back from the trash. False if it is not in it. Raises ValueError if its id is taken."""
        lying = self._rows.in_trash(doc_id)
        if not lying:
            return False
        if self._rows.exists(doc_id):
            raise ValueError(f"Document with ID {doc_id} already exists")
        place, row = lying[0]
        journal = self.engine.journal
        state = None if journal is None else journal.revived(self.name, doc_id, row)
        self._rows.come_back(doc_id, row, codec.decode(row.text), state)
        self._rows.leave_trash(place)
        return True


def drop(engine: Engine, name: str) -> None:
    """Take a collection away with all it holds, trash included. Inside `engine.writing()`."""
    journal = engine.journal
    if journal is None:
        engine.drop(name)
        return
    held = engine.held(name)
    if held is None or held.dropped:
        return
    rows = Rows(engine, name)
    _empty(rows)
    for place, doc_id, row in rows.all_in_trash():
        rows.hide_in_trash(place, journal.died(name, doc_id, row, purge=True))
    engine.hide(name)


def _empty(rows: Rows) -> None:
    """Take all records of a collection away, and begin counting anew."""
    held = rows.held()
    if rows.engine.journal is not None:
        execute = rows.engine.db.writer.execute
        for (doc_id,) in execute(f"SELECT id FROM r_{held.cid} ORDER BY id").fetchall():
            _remove(rows, doc_id)
    rows.clear()


def _remove(rows: Rows, doc_id: int) -> bool:
    journal = rows.engine.journal
    if journal is None:
        return rows.delete(doc_id)
    row = rows.get(doc_id)
    if row is None:
        return False
    state = journal.died(rows.name, doc_id, row, purge=True)
    rows.bury(doc_id, row, _now(rows.engine), state, purged=True)
    return True


def _now(engine: Engine) -> int:
    return int(engine.clock() * 1000)
