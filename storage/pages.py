"""A collection in view order: ids for virtual grids, and pages by keyset.

A page costs the page, wherever it lies; a list of ids costs 8 bytes a record and belongs on a worker thread.
"""

from __future__ import annotations

import operator
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final

from storage import codec
from storage.indexes import AMOUNT, SORT, WORTH_ROWS
from storage.kinds import ODD
from storage.query.compile import ALL, Part
from storage.query.kept import is_missing, value_at
from storage.reads import Reads
from storage.schema import json_path, sort_sql
from storage.search.words import amount_key, sort_key
from storage.views import Query, Row, View, always, windows

GATHERED: Final = 8_192


@dataclass(frozen=True, slots=True)
class Order:
    """A view's order by one path: numbers before text, text without case and accents, missing and null last.

    `amounts`: texts that are decimal numbers (exact money) stand with the numbers.
    """

    path: tuple[str, ...]
    descending: bool = False
    amounts: bool = False

    @property
    def purpose(self) -> str:
        """The index that serves it."""
        return AMOUNT if self.amounts else SORT


class Pages(Reads):
    """Reads in view order; any thread."""

    def ids(self, cond: Query | None, order: Sequence[Order]) -> array[int]:
        """Ids of the matching records in view order: 8 bytes a record."""
        with self.view(long=True) as view:
            if view is None:
                return array("q")
            part = ALL if cond is None else self.plan(view, cond)
            if len(order) <= 1 and self._sorts_in_sql(view, order):
                return self._ids_by_sql(view, cond, part, order)
            rows = [
                (doc_id, codec.decode(text)) for doc_id, text in self._matching(view, cond, part)
            ]
        for one in reversed(order):
            rows.sort(key=partial(_rank_of, one), reverse=one.descending)
            rows.sort(key=partial(_is_blank_at, one.path))
        return gathered((doc_id for doc_id, _ in rows), len(rows))

    def _matching(self, view: View, cond: Query | None, part: Part) -> Iterator[Row]:
        return self._candidates(view, cond or always, part, None)

    @staticmethod
    def _sorts_in_sql(view: View, order: Sequence[Order]) -> bool:
        return all(
            json_path(one.path) is not None
            and not any(view.kinds.bits(one.path[:i]) & ODD for i in range(1, len(one.path) + 1))
            for one in order
        )

    def _ids_by_sql(
        self, view: View, cond: Query | None, part: Part, order: Sequence[Order]
    ) -> array[int]:
        if not order and not part.narrows and part.exact:
            return self._all_ids(view)
        check = None if part.exact else cond or always
        columns = "id" if check is None else "id, doc"

        def matching() -> Iterator[int]:
            for where, parameters, terms in self._stretches(view, order, None):
                sql = f"SELECT {columns} FROM {view.rows} WHERE {where} AND {part.sql} ORDER BY {terms}"
                for row in windows(view.connection.execute(sql, (*parameters, *part.parameters))):
                    if check is None or check(codec.decode(row[1])):
                        yield row[0]

        return gathered(matching(), view.count)

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

    def _wish_sort(self, view: View, order: Order) -> None:
        if view.count >= WORTH_ROWS and (order.path, order.purpose) not in view.indexes:
            self.wishes.note(self.name, order.path, order.purpose)

    # -- pages ---------------------------------------------------------------------------------------------------
    def page(
        self,
        cond: Query | None,
        order: Sequence[Order],
        limit: int,
        after: tuple[int, dict[str, Any]] | None,
    ) -> list[Row]:
        """The next `limit` matching rows in view order, after a given one. Cost: the page, not what lies before."""
        if limit < 1:
            return []
        with self.view() as view:
            if view is None:
                return []
            quick = self._pages_quickly(view, cond, order)
            if quick and self._sorts_in_sql(view, order):
                return self._page(view, cond, order, after, limit)
        with self.view(long=True) as view:
            if view is not None and len(order) <= 1 and self._sorts_in_sql(view, order):
                return self._page(view, cond, order, after, limit)
        ids = self.ids(cond, order)
        start = ids.index(after[0]) + 1 if after else 0
        wanted = ids[start : start + limit]
        found = self.fetch(wanted)
        return [(doc_id, found[doc_id]) for doc_id in wanted if doc_id in found]

    @staticmethod
    def _pages_quickly(view: View, cond: Query | None, order: Sequence[Order]) -> bool:
        """Whether a page may be read on the connection that also writes."""
        if view.count < WORTH_ROWS:
            return len(order) <= 1
        return cond is None and (
            not order or (len(order) == 1 and (order[0].path, order[0].purpose) in view.indexes)
        )

    def _page(
        self,
        view: View,
        cond: Query | None,
        order: Sequence[Order],
        after: tuple[int, dict[str, Any]] | None,
        limit: int,
    ) -> list[Row]:
        part = ALL if cond is None else self.plan(view, cond)
        check = None if part.exact else cond
        rows: list[Row] = []
        for where, parameters, terms in self._stretches(view, order, after):
            if len(rows) == limit:
                break
            sql = f"SELECT id, doc FROM {view.rows} WHERE {where} AND {part.sql} ORDER BY {terms}"
            cursor = view.connection.execute(sql, (*parameters, *part.parameters))
            found = (row for row in windows(cursor) if check is None or check(codec.decode(row[1])))
            rows += islice(found, limit - len(rows))
        return rows

    def _stretches(
        self, view: View, order: Sequence[Order], after: tuple[int, dict[str, Any]] | None
    ) -> Iterator[tuple[str, tuple[Any, ...], str]]:
        """(condition, parameters, order) of the stretches that make up a view: values first, then the blank ones."""
        column = view.order
        place = self._place(view, after)
        if not order:
            yield ("1", (), column) if place is None else (f"{column} > ?", (place,), column)
            return
        one = order[0]
        self._wish_sort(view, one)
        key = sort_sql(json_path(one.path) or "", amounts=one.amounts)
        turn, beyond = (" DESC", "<") if one.descending else ("", ">")
        value = None if after is None else self._key(view, key, after, one)
        terms = f"{key}{turn}, {column}{turn}"
        if after is None:
            yield f"{key} IS NOT NULL", (), terms
        elif value is not None:
            # One seek on the first comparison; row values would not use an index on an expression.
            yield (
                f"{key} {beyond}= ? AND ({key} {beyond} ? OR {column} {beyond} ?)",
                (value, value, place),
                terms,
            )
        blank = f"{key} IS NULL"
        if after is not None and value is None:
            yield f"{blank} AND {column} {beyond} ?", (place,), f"{column}{turn}"
        else:
            yield blank, (), f"{column}{turn}"

    @staticmethod
    def _key(view: View, sql: str, after: tuple[int, dict[str, Any]], order: Order) -> Any:
        """The sort key of the record that a page follows.

        That of a list or object is its text as the row has it, and only the row knows how it is spelled.
        """
        if isinstance(value_at(after[1], order.path), list | dict):
            query = f"SELECT {sql} FROM {view.rows} WHERE id = ?"
            row = view.connection.execute(query, (after[0],)).fetchone()
            if row is not None and row[0] is not None:
                return row[0]
        return _key_at(after[1], order)

    @staticmethod
    def _place(view: View, after: tuple[int, dict[str, Any]] | None) -> int | None:
        if after is None or view.by_id:
            return after[0] if after else None
        row = view.connection.execute(
            f"SELECT pos FROM {view.rows} WHERE id = ?", (after[0],)
        ).fetchone()
        return row[0] if row else 0


def _key_at(document: dict[str, Any], order: Order) -> Any:
    """The sort key of a document as SQL computes it."""
    value = value_at(document, order.path)
    return None if _is_blank(value) else _key_of(value, order)


def _key_of(value: Any, order: Order) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | dict):
        return sort_key(codec.encode(value))
    return amount_key(value) if order.amounts else sort_key(value)


def _rank_of(order: Order, row: tuple[int, dict[str, Any]]) -> tuple[int, Any]:
    """Python's twin of SQL's order over sort keys."""
    value = value_at(row[1], order.path)
    if _is_blank(value):
        return (0, 0)
    key = _key_of(value, order)
    return (2, key.encode("utf-8", "surrogatepass")) if isinstance(key, str) else (1, key)


def _is_blank_at(path: tuple[str, ...], row: tuple[int, dict[str, Any]]) -> bool:
    return _is_blank(value_at(row[1], path))


def _is_blank(value: Any) -> bool:
    return is_missing(value) or value is None


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
