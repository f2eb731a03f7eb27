"""TinyDB's `Table`, to the letter, over rows; and what a window needs beyond it: pages, ids, counts, trash."""

from __future__ import annotations

import sys
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import tinydb.table
from tinydb.table import Document

from storage import codec
from storage.errors import RefusedValueError, TransactionLostError
from storage.indexed import AMOUNT, SORT, VALUE
from storage.indexes import make_index
from storage.operations import Additions, Fields
from storage.order import Order
from storage.pages import Pages
from storage.query.recover import same_question
from storage.records import CHUNK, Records
from storage.row import Stamp
from storage.schema import is_encodable
from storage.views import Row, fits

if TYPE_CHECKING:
    from tinydb.queries import QueryLike

    from storage.rowstorage import RowStorage

MAX_CACHED_HITS: Final = 1_000
MAX_ID_SIGNS: Final = 20  # of a number of 64 bits


class TrashedDocument(Document):
    """A document in the trash: when it was put there (ms since 1970 UTC), and its stamp as it was.

    `place`: rises with each document that is put into the trash of a store.
    """

    def __init__(
        self, value: Mapping[str, Any], doc_id: int, trashed_ms: int, stamp: Stamp, place: int
    ) -> None:
        super().__init__(value, doc_id)
        self.trashed_ms = trashed_ms
        self.stamp = stamp
        self.place = place


@dataclass(frozen=True, slots=True)
class _Cached:
    """A cached result as texts, so that nobody can change it, and the question it answers."""

    cond: Any
    rows: list[Row]


class Table(tinydb.table.Table):
    """A collection. Every method of `tinydb.table.Table` means what it means there.

    Raises RefusedValueError for a name that SQLite cannot hold.
    Writes touch the rows that change and are durable when the method returns (or when the transaction around them
    ends). Any thread.
    """

    def __init__(
        self,
        storage: RowStorage,
        name: str,
        cache_size: int = tinydb.table.Table.default_query_cache_capacity,
        persist_empty: bool = False,  # noqa: FBT001, FBT002  # TinyDB's signature
    ) -> None:
        if not is_encodable(name):
            raise RefusedValueError("table", "its name holds half of a sign (a lone surrogate)")
        self._engine = storage.engine
        self._records = Records(storage.engine, name, storage.ids, global_ids=storage.global_ids)
        self._reads = Pages(storage.engine, name, storage.wishes)
        self._cache_version = -1
        # TinyDB's cache is none for several threads: two in it at once end the whole program.
        self._cache_lock = threading.RLock()
        self._writes = 0
        super().__init__(storage, name, cache_size=cache_size)
        if persist_empty:
            with self._writing():  # TinyDB empties the table here; ours loses nothing
                self._engine.held(name, make=True)

    # -- TinyDB: reading -----------------------------------------------------------------------------------------
    def _document(self, row: Row) -> Document:
        return self.document_class(codec.decode(row[1]), self.document_id_class(row[0]))

    def search(self, cond: QueryLike) -> list[Document]:
        """All documents that match."""
        return [self._document(row) for row in self._rows(cond)]

    def _rows(self, cond: QueryLike) -> list[Row]:
        """What matches, as texts, remembered or read."""
        version = self._fresh_cache()
        writes = self._writes
        rows = self._remembered(cond) if version >= 0 else None
        if rows is None:
            rows = self._reads.rows(cond)
            cacheable: Callable[[], bool] = getattr(cond, "is_cacheable", lambda: True)
            if version >= 0 and len(rows) <= MAX_CACHED_HITS and cacheable():
                self._remember(cond, rows, version, writes)
        return rows

    def _remember(self, cond: QueryLike, rows: list[Row], version: int, writes: int) -> None:
        """Keep a result, unless somebody has written since, or another thread has noticed that somebody did."""
        with self._cache_lock:
            if version == self._cache_version and writes == self._writes:
                self._query_cache[cond] = _Cached(cond, rows)  # type: ignore[assignment]  # texts, not documents

    def _remembered(self, cond: QueryLike) -> list[Row] | None:
        with self._cache_lock:
            cached: Any = self._query_cache.get(cond)
        if cached is None or not same_question(cached.cond, cond):
            return None
        rows: list[Row] = cached.rows
        return rows

    def _fresh_cache(self) -> int:
        """Drop cached results that another process may have made old; -1 when that cannot be told now."""
        version = self._engine.current()
        with self._cache_lock:
            if version != self._cache_version:
                self._query_cache.clear()
                self._cache_version = version
        return version

    def get(
        self,
        cond: QueryLike | None = None,
        doc_id: Any = None,
        doc_ids: Iterable[int] | None = None,
    ) -> Any:
        """The document with an id, the first that matches, or a list of those with given ids; None if there is none."""
        if doc_id is not None:
            number = _number(doc_id)
            found = None if number is None else self._reads.by_id(number)
            return None if found is None else self.document_class(found, doc_id)
        if doc_ids is not None:
            numbers = [number for number in map(_number, doc_ids) if number is not None]
            return [self._document(row) for row in self._reads.in_order(numbers)]
        if cond is not None:
            rows = self._reads.rows(cond, 1)
            return self._document(rows[0]) if rows else None
        raise RuntimeError("You have to pass either cond or doc_id or doc_ids")

    def count(self, cond: QueryLike) -> int:
        """How many documents match."""
        return len(self._rows(cond))

    def __len__(self) -> int:
        return self.tally()

    def __iter__(self) -> Iterator[Document]:
        for row in self._reads.iterate():
            yield self._document(row)

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        """Everything, as TinyDB's own code would read it."""
        return {str(doc_id): codec.decode(text) for doc_id, text in self._reads.iterate()}

    # -- TinyDB: writing -----------------------------------------------------------------------------------------
    def _writing(self, *, one: bool = False) -> Any:
        self.clear_cache()
        return self._engine.writing(one=one)

    def clear_cache(self) -> None:
        """Forget cached results."""
        with self._cache_lock:
            self._writes += 1
            self._query_cache.clear()

    def _get_next_id(self) -> int:
        with self._engine.writing():
            return int(self.document_id_class(self._records.next_id()))

    def _as_new(self, document: Any) -> tuple[int | None, Mapping[Any, Any]]:
        """A document to insert with the id that it asks for, if it does."""
        if not isinstance(document, Mapping):
            raise ValueError("Document is not a Mapping")  # noqa: TRY004  # TinyDB's exception
        if isinstance(document, self.document_class):
            return document.doc_id, document
        if type(self)._get_next_id is not Table._get_next_id:  # a subclass gives out its own ids  # noqa: SLF001  # is it overridden?
            return int(self._get_next_id()), document
        return None, document

    def insert(self, document: Mapping[Any, Any]) -> int:
        """Insert a document; returns its id."""
        new = self._as_new(document)
        with self._writing(one=True):
            (doc_id,) = self._records.insert([new])
        return self.document_id_class(doc_id)

    def insert_multiple(self, documents: Iterable[Mapping[Any, Any]]) -> list[int]:
        """Insert documents as the iterable yields them, all or none; returns their ids."""
        with self._writing():
            return [
                self.document_id_class(i)
                for i in self._records.insert(map(self._as_new, documents))
            ]

    def insert_stream(
        self, documents: Iterable[Mapping[Any, Any]], each: Callable[[int], None] | None = None
    ) -> Iterator[int]:
        """As `insert_multiple`, but yields the ids as it goes, inside a transaction and part of it.

        Documents are written a hundred at a time, before their ids are given out; `each(n)` is told the number so far.
        Between them nothing is held: other writes of the transaction may come between, and where one of a hundred is
        refused, those before stay in it. TransactionLostError outside a transaction, and after its end.
        """
        if not self._engine.db.holds_transaction():
            raise TransactionLostError(_STREAM_OUTSIDE)
        serial, waiting, done = self._engine.serial, iter(documents), 0
        while some := list(islice(waiting, CHUNK)):
            if not self._engine.db.holds_transaction() or self._engine.serial != serial:
                raise TransactionLostError(_STREAM_LATE)
            with self._writing(one=True):
                new = [(i, codec.plain(document)) for i, document in map(self._as_new, some)]
                ids = list(self._records.insert(new))
            done += len(ids)
            if each is not None:
                each(done)
            yield from self._as_ids(ids)

    def update(
        self, fields: Fields, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None
    ) -> list[int]:
        """Set fields, or call a function on each document; returns the ids. An exception leaves nothing behind."""
        with self._writing():
            self._engine.held(self.name, make=True)
            if not callable(fields):
                fields = dict(fields)
            ids = [i for i in self._wanted(cond, doc_ids) if self._change(i, fields)]
        return self._as_ids(ids)

    def _change(self, doc_id: int, fields: Fields) -> bool:
        """Change one document inside a transaction; false if it is not there."""
        if isinstance(fields, dict):
            return self._records.set_fields(doc_id, fields)
        document = self._records.read(doc_id)
        if document is None:
            return False
        additions = Additions()
        additions.note(fields, document)
        _apply(fields, document)
        self._records.rewrite(doc_id, document, additions.added)
        return True

    def _as_ids(self, ids: Iterable[int]) -> list[int]:
        return [self.document_id_class(doc_id) for doc_id in ids]

    def _wanted(self, cond: QueryLike | None, doc_ids: Iterable[int] | None) -> list[int]:
        """Ids that a write is about, inside its transaction; those given by the caller may not be there."""
        if doc_ids is not None:
            return [doc_id for doc_id in doc_ids if type(_number(doc_id)) is int]
        if cond is not None:
            return self._reads.matching(cond)
        return list(self._reads.ids(None, ()))

    def update_multiple(self, updates: Iterable[tuple[Fields, QueryLike]]) -> list[int]:
        """Several updates in one go; a document sees them in their order."""
        steps = list(updates)
        updated: list[int] = []
        with self._writing():
            self._engine.held(self.name, make=True)
            places: dict[int, int] = {}
            for _, cond in steps:
                places.update(self._reads.may_match(cond))
            for doc_id in sorted(places, key=places.__getitem__):
                document = self._records.read(doc_id)
                if document is None:
                    continue
                additions = Additions()
                for fields, cond in steps:
                    if cond(document):
                        updated.append(doc_id)
                        additions.note(fields, document)
                        _apply(fields, document)
                self._records.rewrite(doc_id, document, additions.added)
        return self._as_ids(updated)

    def upsert(self, document: Mapping[Any, Any], cond: QueryLike | None = None) -> list[int]:
        """Update what matches, or insert; one transaction."""
        with self._writing():
            return super().upsert(document, cond)

    def remove(
        self, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None
    ) -> list[int]:
        """Remove what matches; returns the ids. Cannot be taken back: `trash` can."""
        if cond is None and doc_ids is None:
            raise RuntimeError("Use truncate() to remove all documents")
        with self._writing():
            self._engine.held(self.name, make=True)
            ids = [i for i in self._wanted(cond, doc_ids) if self._records.text(i) is not None]
            for doc_id in ids:
                if not self._records.remove(doc_id):
                    raise KeyError(doc_id)
        return self._as_ids(ids)

    def truncate(self) -> None:
        """Remove all documents."""
        with self._writing():
            self._records.truncate()

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        """TinyDB's own way to write, for code that calls it: reads everything, writes the difference."""
        with self._writing():
            before = {
                self.document_id_class(i): codec.decode(text) for i, text in self._reads.iterate()
            }
            table: dict[int, Mapping[str, Any]] = {
                i: dict(document) for i, document in before.items()
            }
            updater(table)
            for doc_id in before.keys() - table.keys():
                self._records.remove(doc_id)
            for doc_id, document in table.items():
                if doc_id not in before:
                    list(self._records.insert([(doc_id, document)]))
                elif document != before[doc_id]:
                    self._records.rewrite(doc_id, document)
            self._engine.held(self.name, make=True)

    # -- beyond TinyDB -------------------------------------------------------------------------------------------
    def page(
        self,
        cond: QueryLike | None = None,
        order: Sequence[Order] = (),
        limit: int = 50,
        after: Document | None = None,
    ) -> list[Document]:
        """The next `limit` documents of a view, after a given one. Costs the page, wherever it lies."""
        place = None if after is None else (after.doc_id, dict(after))
        return [self._document(row) for row in self._reads.page(cond, order, limit, place)]

    def ids(self, cond: QueryLike | None = None, order: Sequence[Order] = ()) -> array[int]:
        """Ids in view order, 8 bytes a record: what a virtual list scrolls over. For a worker thread."""
        return self._reads.ids(cond, order)

    def fetch(self, ids: Sequence[int]) -> list[Document | None]:
        """Documents by id, in the order asked, None where there is none."""
        found = self._reads.fetch(ids)
        return [
            self._document((doc_id, found[doc_id])) if doc_id in found else None for doc_id in ids
        ]

    def tally(self, cond: QueryLike | None = None) -> int:
        """How many documents match, from the counter or the index where that can tell."""
        if cond is not None:
            return self._reads.count(cond)
        with self._reads.view() as view:
            return 0 if view is None else view.count

    def stamps(self, ids: Sequence[int]) -> dict[int, Stamp]:
        """When documents were made and last changed."""
        return self._reads.stamps(ids)

    def index(self, *path: str, sort: bool = False, amounts: bool = False) -> bool:
        """Ask for an index on a field: for comparisons, for view order (`sort`), or for that of amounts.

        False if there is one, or none can be.
        """
        with self._engine.writing():
            return make_index(
                self._engine, self.name, path, AMOUNT if amounts else SORT if sort else VALUE
            )

    def indexes(self) -> tuple[tuple[str, ...], ...]:
        """Paths that have an index for comparisons."""
        with self._reads.view() as view:
            return (
                ()
                if view is None
                else tuple(sorted(p for p, purpose in view.indexes if purpose == VALUE))
            )

    def explain(self, cond: QueryLike) -> str:
        """How a query is answered: "index", "compiled", "narrowed", "kept" or "scan"."""
        return self._reads.explain(cond)

    def put(self, doc_id: int, document: Mapping[str, Any]) -> bool:
        """Put a document in the place of the one with this id; false if there is none."""
        with self._writing():
            if self._records.text(doc_id) is None:
                return False
            self._records.rewrite(doc_id, document)
        return True

    # -- trash ---------------------------------------------------------------------------------------------------
    def trash(self, ids: Iterable[int]) -> list[int]:
        """Move documents to the trash; returns the ids that were there to move."""
        with self._writing():
            return [doc_id for doc_id in list(ids) if fits(doc_id) and self._records.trash(doc_id)]

    def restore(self, ids: Iterable[int]) -> list[int]:
        """Bring documents back as they were; returns the ids. Raises ValueError if an id is in use again."""
        with self._writing():
            return [
                doc_id for doc_id in list(ids) if fits(doc_id) and self._records.restore(doc_id)
            ]

    def trashed(
        self, limit: int = 50, after: TrashedDocument | None = None
    ) -> list[TrashedDocument]:
        """What is in the trash, latest first, a page at a time."""
        with self._reads.view() as view:
            if view is None:
                return []
            where, parameters = "", [view.cid]
            if after is not None:
                where = "AND seq < ?"
                parameters.append(after.place)
            rows = view.connection.execute(
                f"SELECT {_TRASHED} FROM trash WHERE cid = ? AND NOT purged {where} ORDER BY seq DESC LIMIT ?",
                (*parameters, min(limit, sys.maxsize)),
            ).fetchall()
        return [_trashed(row) for row in rows]

    def tally_trash(self) -> int:
        """How many documents are in the trash."""
        with self._reads.view() as view:
            if view is None:
                return 0
            sql = "SELECT count(*) FROM trash WHERE cid = ? AND NOT purged"
            return int(view.connection.execute(sql, (view.cid,)).fetchone()[0])

    def in_trash(self, doc_id: int) -> TrashedDocument | None:
        """A document in the trash, by id."""
        with self._reads.view() as view:
            if view is None or not fits(doc_id):
                return None
            sql = f"SELECT {_TRASHED} FROM trash WHERE cid = ? AND id = ? AND NOT purged ORDER BY seq DESC"
            row = view.connection.execute(sql, (view.cid, doc_id)).fetchone()
        return None if row is None else _trashed(row)


_STREAM_OUTSIDE: Final = (
    "A stream of records needs a transaction around it. Nothing was saved; begin one before it."
)
_STREAM_LATE: Final = (
    "The transaction that a stream of records belongs to has ended. What was read from the stream before is part of "
    "it, and nothing since; add the rest anew."
)
_TRASHED: Final = "id, doc, trashed, made, changed, seq"


def _trashed(row: tuple[int, str, int, int, int, int]) -> TrashedDocument:
    doc_id, text, trashed, made, changed, seq = row
    return TrashedDocument(codec.decode(text), doc_id, trashed, Stamp(made, changed), seq)


def _apply(fields: Fields, document: MutableMapping[str, Any]) -> None:
    if callable(fields):
        fields(document)
    else:
        document.update(fields)


def _number(doc_id: Any) -> int | None:
    """An id as a number; None for what cannot be one (TinyDB looks ids up by their text)."""
    if type(doc_id) is int:
        return doc_id if fits(doc_id) else None
    text = str(doc_id)
    if len(text) > MAX_ID_SIGNS:
        return None
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdecimal() and str(int(text)) == text:
        return _number(int(text))
    return None
