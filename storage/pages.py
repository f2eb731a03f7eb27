"""A collection in view order: ids for virtual grids, and pages by keyset.

A page costs the page where an index gives the order; else the keys of all records are looked at, and no document is
held. A list of ids costs 8 bytes a record and belongs on a worker thread.
"""

from __future__ import annotations

import operator
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from storage import codec
from storage.indexes import WORTH_ROWS
from storage.order import Order, Place, Ranks, is_streamed, ranks, sort, sorts_in_sql, stretches
from storage.query.compile import ALL, Part
from storage.reads import Reads
from storage.views import WINDOW, Query, Row, View, always, windows

GATHERED: Final = 8_192


class Pages(Reads):
    """Reads in view order; any thread."""

    def ids(self, cond: Query | None, order: Sequence[Order]) -> array[int]:
        """Ids of the matching records in view order: 8 bytes a record."""
        with self.view(long=True) as view:
            if view is None:
                return array("q")
            part = ALL if cond is None else self.plan(view, cond)
            if not order and not part.narrows and part.exact:
                return self._all_ids(view)
            if sorts_in_sql(view, order):
                rows = self._in_order(view, cond, part, order, None, None)
                return gathered((row[0] for row in rows), view.count)
            ranked = self._ranked(view, cond, part, order)
        sort(ranked, order)
        return gathered((doc_id for doc_id, _ in ranked), len(ranked))

    def matching(self, cond: Query) -> list[int]:
        """Ids of the matching records in table order; texts are read only where SQL is not exact."""
        with self.view(long=True) as view:
            if view is None:
                return []
            part = self.plan(view, cond)
            return [row[0] for row in self._in_order(view, cond, part, (), None, None)]

    def _ranked(
        self, view: View, cond: Query | None, part: Part, order: Sequence[Order]
    ) -> list[tuple[int, Ranks]]:
        """Matching ids with what they are sorted by, in table order: for values that SQL compares otherwise."""
        matching = self._candidates(view, cond or always, part, None)
        return [(doc_id, ranks(codec.decode(text), order)) for doc_id, text in matching]

    def _in_order(
        self,
        view: View,
        cond: Query | None,
        part: Part,
        order: Sequence[Order],
        after: Place | None,
        limit: int | None,
    ) -> Iterator[tuple[Any, ...]]:
        """Matching rows in view order, behind a given one: ids with texts if there is a `limit`, else ids.

        What SQL has to sort are keys and ids alone; texts are read a window at a time.
        """
        self._wish_sort(view, order)
        check = None if part.exact else cond or always
        texts = check is not None or limit is not None
        streamed = is_streamed(view, order)
        columns = "id, doc" if texts and streamed else "id"
        ending = f" LIMIT {limit}" if limit is not None and check is None else ""
        # Without the plus SQLite may walk all records in some order to spare itself a sort: in that of ids although an
        # index has the few that match, or in that of the first index although they lie here and there in the file.
        few = not order and part.exact and self._is_selective(view, part)
        plus = "+" if few or (limit is None and len(order) > 1) else ""
        for where, parameters, terms in stretches(view, order, after):
            rest = f"WHERE {where} AND {part.sql} ORDER BY {plus}{terms}{ending}"
            sql = f"SELECT {columns} FROM {view.source(columns + rest)} {rest}"
            rows = windows(view.connection.execute(sql, (*parameters, *part.parameters)))
            if texts and not streamed:
                rows = self._with_texts(view, rows)
            for row in rows:
                if check is None or check(codec.decode(row[1])):
                    yield row

    @staticmethod
    def _with_texts(view: View, ids: Iterator[tuple[int]]) -> Iterator[Row]:
        """The rows with these ids, in the order given."""
        while window := [row[0] for row in islice(ids, WINDOW)]:
            marks = ",".join("?" * len(window))
            sql = f"SELECT id, doc FROM {view.rows} WHERE id IN ({marks})"
            found = dict(view.connection.execute(sql, window).fetchall())
            for doc_id in window:
                yield doc_id, found[doc_id]

    @staticmethod
    def _all_ids(view: View) -> array[int]:
        """All ids from the narrow index, so that no record is read; put in order where the clock once went back."""
        if view.by_id:
            sql = f"SELECT id FROM {view.rows} INDEXED BY m_{view.cid} ORDER BY made, id"
        else:
            sql = f"SELECT id FROM {view.rows} ORDER BY pos"
        rows = windows(view.connection.execute(sql))
        ids = gathered((row[0] for row in rows), view.count)
        if view.by_id and any(map(operator.gt, ids, islice(ids, 1, None))):
            ids = array("q", sorted(ids))
        return ids

    def _wish_sort(self, view: View, order: Sequence[Order]) -> None:
        """Note that an index would serve the first order; the others only sort what is equal by it."""
        if order and view.count >= WORTH_ROWS:
            one = order[0]
            if (one.path, one.purpose) not in view.indexes:
                self.wishes.note(self.name, one.path, one.purpose)

    # -- pages ---------------------------------------------------------------------------------------------------
    def page(
        self, cond: Query | None, order: Sequence[Order], limit: int, after: Place | None
    ) -> list[Row]:
        """The next `limit` matching rows in view order, after a given one, whether or not that is still there."""
        if limit < 1:
            return []
        limit = min(limit, sys.maxsize)
        with self.view() as view:
            if view is None:
                return []
            if self._pages_quickly(view, cond, order) and sorts_in_sql(view, order):
                return self._page(view, cond, order, after, limit)
        with self.view(long=True) as view:
            if view is None:
                return []
            if sorts_in_sql(view, order):
                return self._page(view, cond, order, after, limit)
            part = ALL if cond is None else self.plan(view, cond)
            ranked = self._ranked(view, cond, part, order)
            if after is not None and all(doc_id != after[0] for doc_id, _ in ranked):
                ranked.append((after[0], ranks(after[1], order)))  # where it stood, were it there
                if view.by_id:
                    ranked.sort(key=operator.itemgetter(0))
            sort(ranked, order)
            ids = [doc_id for doc_id, _ in ranked]
            start = ids.index(after[0]) + 1 if after is not None else 0
            wanted = iter([(doc_id,) for doc_id in ids[start : start + limit]])
            return list(self._with_texts(view, wanted))

    @staticmethod
    def _pages_quickly(view: View, cond: Query | None, order: Sequence[Order]) -> bool:
        """Whether a page may be read on the connection that also writes."""
        return view.count < WORTH_ROWS or (cond is None and is_streamed(view, order))

    def _page(
        self,
        view: View,
        cond: Query | None,
        order: Sequence[Order],
        after: Place | None,
        limit: int,
    ) -> list[Row]:
        part = ALL if cond is None else self.plan(view, cond)
        rows: Iterator[Any] = self._in_order(view, cond, part, order, after, limit)
        return list(islice(rows, limit))


def gathered(ids: Iterable[int], most: int) -> array[int]:
    """Ids, `most` or fewer, as one array that is made in its full size: one that grows leaves holes in memory."""
    each = iter(ids)
    whole = array("q", (0,)) * most
    end = 0
    while part := array("q", islice(each, GATHERED)):
        whole[end : end + len(part)] = part
        end += len(part)
    del whole[end:]
    return whole
