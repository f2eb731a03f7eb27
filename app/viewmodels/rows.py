"""The grid's rows: an array of ids in view order, and the few records that are in sight.

1. Memory grows by 8 bytes a record; of the records themselves at most `KEPT` are held.
2. Nothing here walks all rows on the window's thread: orders are read by a worker and swapped in.
3. One job at a time: what arrives later was read later, so an older row never replaces a newer one.
4. Only the newest `WAITING` pages asked for are read; pages flown over are not.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.viewmodels.work import Work
from storage import Document, Order, Table

PAGE = 128
KEPT = 64 * PAGE
WAITING = 4
FEW = 512  # ids a commit may touch and still be merged one by one

Cells = tuple[Any, ...]
Condition = Any  # a tinydb query; tinydb types it no closer


class Rows:
    """Row source over one query: `row(i)` answers at once, with None while its page is on the way."""

    def __init__(
        self,
        work: Work,
        table: Table,
        columns: Sequence[str],
        *,
        order: Sequence[Order] = (),
        condition: Condition = None,
    ) -> None:
        self.columns = tuple(columns)
        self.count = 0
        self.ready = False
        self.on_rows: Callable[[int, int], None] = _ignore_rows
        self.on_reset: Callable[[], None] = _ignore
        self.on_count: Callable[[], None] = _ignore
        self.on_error: Callable[[Exception], None] = _raise
        self._work = work
        self._table = table
        self._order = tuple(order)
        self._condition = condition
        self._plain = not self._order and condition is None
        self._ids: array[int] = array("q")
        self._whole = False
        self._kept: OrderedDict[int, Cells] = OrderedDict()
        self._stale: set[int] = set()
        self._typed: dict[int, dict[str, Any]] = {}
        self._wanted: list[int] = []
        self._touched: set[int] = set()
        self._reorder = False
        self._busy = False
        self._held = False
        self._closed = False

    # -- what the grid asks ------------------------------------------------------------------------
    def row(self, index: int) -> Cells | None:
        """The cells of a row in the order of `columns`, or None until they are read."""
        if not 0 <= index < len(self._ids):
            return None
        doc_id = self._ids[index]
        cells = self._kept.get(doc_id)
        if cells is None or doc_id in self._stale:
            self._want(index // PAGE)
        else:
            self._kept.move_to_end(doc_id)
        return cells

    def id_at(self, index: int) -> int | None:
        """The record in a row, or None when the row is not known yet."""
        return self._ids[index] if 0 <= index < len(self._ids) else None

    def ids_in(self, rows: range) -> list[int]:
        """The records in a stretch of rows, as far as there are any."""
        return list(self._ids[max(0, rows.start) : max(0, rows.stop)])

    def index_of(self, doc_id: int) -> int | None:
        """The row of a record in a view in id order; None when it is elsewhere or the order is another."""
        if not self._plain:
            return None
        at = bisect_left(self._ids, doc_id)
        return at if at < len(self._ids) and self._ids[at] == doc_id else None

    def locate(self, doc_id: int, found: Callable[[int | None], None]) -> None:
        """Find a record's row in any order, on a worker."""
        if self._plain:
            found(self.index_of(doc_id))
            return
        ids = self._ids
        self._work.read(
            lambda: _position(ids, doc_id), lambda at: found(at if ids is self._ids else None)
        )

    def loaded(self, first: int, last: int) -> bool:
        """Whether rows `first` to `last` (inclusive, cut to what exists) are all here."""
        last = min(last, self.count - 1)
        return last < len(self._ids) and all(
            self._ids[i] in self._kept for i in range(max(first, 0), last + 1)
        )

    def collect(self, first: int, count: int, done: Callable[[Sequence[Cells]], None]) -> None:
        """Read a stretch of rows on a worker, whatever is in sight (copying a large selection)."""
        ids = self._ids[first : first + count]

        def job() -> list[Cells]:
            return [
                self._cells(document) for document in self._table.fetch(ids) if document is not None
            ]

        self._work.read(job, done, self.on_error)

    def hold(self, on: bool) -> None:  # noqa: FBT001 -- a switch is a bool
        """Keep every row where it is while one is being edited; what moved meanwhile moves when let go."""
        self._held = on
        if not on:
            self._next()

    # -- what the view-model tells -----------------------------------------------------------------
    def start(self) -> None:
        """Read the first page at once, then the whole order."""
        self._run(self._read_first, self._first_arrived)

    def close(self) -> None:
        """Answer nothing that arrives from now on."""
        self._closed = True

    def put(self, doc_id: int, values: Mapping[str, Any]) -> None:
        """Show an edit at once; it stands until the record is read again."""
        self._typed.setdefault(doc_id, {}).update(values)
        cells = self._kept.get(doc_id)
        if cells is not None:
            self._kept[doc_id] = self._overlaid(doc_id, cells)
            self._tell_rows([doc_id])

    def take_back(self, doc_id: int) -> None:
        """The edit was refused: read the record as it is stored."""
        self._typed.pop(doc_id, None)
        self.touched(frozenset((doc_id,)))

    def touched(self, ids: frozenset[int] | None) -> None:
        """Records changed, came or went; None: anything may differ."""
        if ids is None:
            self._stale.update(self._kept)
            self._reorder = True
        elif not self._plain or len(ids) > FEW:
            self._touched.update(ids & self._kept.keys())
            self._reorder = True
        else:
            self._touched.update(ids)
        self._next()

    # -- the lane: one job at a time ---------------------------------------------------------------
    def _want(self, page: int) -> None:
        if page in self._wanted:
            self._wanted.remove(page)
        self._wanted.append(page)
        del self._wanted[:-WAITING]
        self._next()

    def _next(self) -> None:
        if self._busy or self._closed or not self.ready:
            return
        if (self._reorder and not self._held) or not self._whole:
            self._reorder = False
            touched, self._touched = self._touched, set()
            self._run(lambda: self._read_order(touched), self._order_arrived)
        elif self._touched and (self._plain or not self._reorder or self._held):
            touched, self._touched = self._touched, set()
            self._run(lambda: self._read_records(sorted(touched)), self._merged)
        elif self._wanted:
            page = self._wanted.pop()
            ids = self._ids[page * PAGE : (page + 1) * PAGE]
            self._run(lambda: self._read_records(ids), self._page_arrived)

    def _run(self, job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._busy = True

        def over(result: Any) -> None:
            self._busy = False
            if not self._closed:
                done(result)
                self._next()

        def failed(error: Exception) -> None:
            self._busy = False
            if not self._closed:
                self.on_error(error)

        self._work.read(job, over, failed)

    # -- on a worker -------------------------------------------------------------------------------
    def _read_first(self) -> tuple[list[Document], int]:
        documents = self._table.page(self._condition, self._order, limit=PAGE)
        return documents, self._table.tally(self._condition)

    def _read_order(
        self, touched: set[int]
    ) -> tuple[array[int], list[tuple[int, Document | None]]]:
        ids = self._table.ids(self._condition, self._order)
        return ids, self._read_records(sorted(touched))

    def _read_records(self, ids: Sequence[int]) -> list[tuple[int, Document | None]]:
        return list(zip(ids, self._table.fetch(ids), strict=True))

    # -- back on the window's thread ---------------------------------------------------------------
    def _first_arrived(self, result: tuple[list[Document], int]) -> None:
        documents, self.count = result
        self._ids = array("q", (document.doc_id for document in documents))
        self._whole = self.count == len(documents)
        self.ready = True
        for document in documents:
            self._keep(document.doc_id, document)
        self._tell_all()

    def _order_arrived(self, result: tuple[array[int], list[tuple[int, Document | None]]]) -> None:
        self._ids, records = result
        self._whole = True
        self.count = len(self._ids)
        for doc_id, document in records:
            self._typed.pop(doc_id, None)
            self._keep(doc_id, document)
        self._tell_all()

    def _page_arrived(self, records: list[tuple[int, Document | None]]) -> None:
        for doc_id, document in records:
            self._keep(doc_id, document)
        self._tell_rows([doc_id for doc_id, _ in records])

    def _merged(self, records: list[tuple[int, Document | None]]) -> None:
        moved = False
        for doc_id, document in records:
            self._typed.pop(doc_id, None)
            at = bisect_left(self._ids, doc_id)
            here = at < len(self._ids) and self._ids[at] == doc_id
            if self._plain and here != (document is not None):
                moved = True
                if not self._held:
                    self._place(at, doc_id, here=here)
            if document is not None or not self._held:
                self._keep(doc_id, document)
        if not moved:
            self._tell_rows([doc_id for doc_id, _ in records])
        elif self._held:
            self._reorder = True
        else:
            self.count = len(self._ids)
            self._tell_all()

    def _place(self, at: int, doc_id: int, *, here: bool) -> None:
        """Take an id out of the order or put it in: one move of memory, whatever the count."""
        if here:
            del self._ids[at]
        else:
            self._ids.insert(at, doc_id)

    def _keep(self, doc_id: int, document: Document | None) -> None:
        self._stale.discard(doc_id)
        if document is None:
            self._kept.pop(doc_id, None)
            return
        self._kept[doc_id] = self._overlaid(doc_id, self._cells(document))
        self._kept.move_to_end(doc_id)
        while len(self._kept) > KEPT:
            gone, _ = self._kept.popitem(last=False)
            self._stale.discard(gone)

    def _cells(self, document: Mapping[str, Any]) -> Cells:
        return tuple(document.get(column) for column in self.columns)

    def _overlaid(self, doc_id: int, cells: Cells) -> Cells:
        typed = self._typed.get(doc_id)
        if not typed:
            return cells
        return tuple(
            typed.get(column, cell) for column, cell in zip(self.columns, cells, strict=True)
        )

    def _tell_all(self) -> None:
        self.on_count()
        self.on_reset()

    def _tell_rows(self, ids: Sequence[int]) -> None:
        """Tell which rows to paint again; a view in another order than by id is told of all of them."""
        places = [self.index_of(doc_id) for doc_id in ids] if self._plain else [None]
        known = [place for place in places if place is not None]
        if known and len(known) == len(places):
            self.on_rows(min(known), max(known) + 1)
        else:
            self.on_rows(0, self.count)


def _position(ids: array[int], doc_id: int) -> int | None:
    try:
        return ids.index(doc_id)
    except ValueError:
        return None


def _ignore() -> None:
    """Nobody looks yet."""


def _ignore_rows(_first: int, _last: int) -> None:
    """Nobody looks yet."""


def _raise(error: Exception) -> None:
    raise error
