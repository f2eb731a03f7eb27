"""The order of a view: how records compare, in SQL and in Python alike, and where a page goes on.

Numbers before text, text without case and accents, missing and null last. Records that are equal by every order stand
in the table's own order; by a single descending one in its reverse, so that an index serves it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from storage.indexed import AMOUNT, SORT, column, indexed_value
from storage.kinds import ODD
from storage.query.kept import value_at
from storage.schema import json_path, sort_sql
from storage.views import View

Place = tuple[int, dict[str, Any]]  # the record that a page follows, as it was
Ranks = tuple[tuple[int, Any], ...]


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

    @property
    def turn(self) -> str:
        """Its direction in SQL."""
        return " DESC" if self.descending else ""

    @property
    def beyond(self) -> str:
        """What a value that comes later is to one that comes before."""
        return "<" if self.descending else ">"


# -- in SQL ------------------------------------------------------------------------------------------------------
def sorts_in_sql(view: View, order: Sequence[Order]) -> bool:
    """Whether SQL can compare the values of every path as they must be."""
    return all(
        json_path(one.path) is not None
        and not any(view.kinds.bits(one.path[:i]) & ODD for i in range(1, len(one.path) + 1))
        for one in order
    )


def key_sql(view: View, order: Order) -> str:
    """The sort key of an order in SQL: a column where it is indexed."""
    number = view.indexes.get((order.path, order.purpose))
    if number is not None:
        return column(number)
    return sort_sql(json_path(order.path) or "", amounts=order.amounts)


def is_streamed(view: View, order: Sequence[Order]) -> bool:
    """Whether SQL walks the records in this order as it reads them, and need not sort them first."""
    return not order or (len(order) == 1 and (order[0].path, order[0].purpose) in view.indexes)


def stretches(
    view: View, order: Sequence[Order], after: Place | None
) -> Iterator[tuple[str, tuple[Any, ...], str]]:
    """(condition, parameters, order) of the stretches that make up a view: values first, then the blank ones."""
    place = _place(view, after)
    if not order:
        yield ("1", (), view.order) if place is None else (
            f"{view.order} > ?", (place,), view.order
        )  # fmt: skip
        return
    one, *rest = order
    key = key_sql(view, one)
    later = [(key_sql(view, each), each.turn) for each in rest]
    terms = ", ".join([*(f"{own} IS NULL, {own}{turn}" for own, turn in later), _tie(view, order)])
    value = None if after is None else _key(view, one, after)
    if after is None:
        yield f"{key} IS NOT NULL", (), f"{key}{one.turn}, {terms}"
        yield f"{key} IS NULL", (), terms
        return
    behind, parameters = _behind(view, rest, after, f"{view.order} {_tie_beyond(order)} ?", place)
    if value is None:
        yield f"{key} IS NULL AND {behind}", parameters, terms
        return
    # One seek on the first comparison; a row value would not do for what is blank.
    yield (
        f"{key} {one.beyond}= ? AND ({key} {one.beyond} ? OR {behind})",
        (value, value, *parameters),
        f"{key}{one.turn}, {terms}",
    )
    yield f"{key} IS NULL", (), terms


def _tie(view: View, order: Sequence[Order]) -> str:
    return f"{view.order}{order[0].turn}" if len(order) == 1 else view.order


def _tie_beyond(order: Sequence[Order]) -> str:
    return order[0].beyond if len(order) == 1 else ">"


def _behind(
    view: View, order: Sequence[Order], after: Place, tie: str, place: int | None
) -> tuple[str, tuple[Any, ...]]:
    """The condition that a record stands behind a given one by these orders, and where they are equal by the tie."""
    if not order:
        return tie, (place,)
    one, *rest = order
    deeper, parameters = _behind(view, rest, after, tie, place)
    key, value = key_sql(view, one), _key(view, one, after)
    if value is None:
        return f"({key} IS NULL AND {deeper})", parameters
    return (
        f"({key} IS NULL OR {key} {one.beyond} ? OR ({key} = ? AND {deeper}))",
        (value, value, *parameters),
    )


def _key(view: View, order: Order, after: Place) -> Any:
    """The sort key of the record that a page follows.

    That of a list or object is its text as the row has it, and only the row knows how it is spelled.
    """
    doc_id, document = after
    if isinstance(value_at(document, order.path), list | dict):
        key = key_sql(view, order)
        query = f"SELECT {key} FROM {view.source(key)} WHERE id = ?"
        row = view.connection.execute(query, (doc_id,)).fetchone()
        if row is not None and row[0] is not None:
            return row[0]
    return _key_at(document, order)


def _place(view: View, after: Place | None) -> int | None:
    if after is None or view.by_id:
        return after[0] if after else None
    row = view.connection.execute(
        f"SELECT pos FROM {view.rows} WHERE id = ?", (after[0],)
    ).fetchone()
    return row[0] if row else 0


# -- in Python ---------------------------------------------------------------------------------------------------
def ranks(document: dict[str, Any], order: Sequence[Order]) -> Ranks:
    """What a document is sorted by: Python's twin of SQL's order over sort keys."""
    return tuple(_rank(_key_at(document, one)) for one in order)


def sort(rows: list[tuple[int, Ranks]], order: Sequence[Order]) -> None:
    """Put (id, ranks), given in table order, into view order."""
    for at in reversed(range(len(order))):
        rows.sort(key=lambda row: row[1][at], reverse=order[at].descending)
        rows.sort(key=lambda row: row[1][at] == _BLANK)


_BLANK = (0, 0)


def _rank(key: Any) -> tuple[int, Any]:
    if key is None:
        return _BLANK
    return (2, key.encode("utf-8", "surrogatepass")) if isinstance(key, str) else (1, key)


def _key_at(document: dict[str, Any], order: Order) -> Any:
    """The sort key of a document as SQL computes it."""
    return indexed_value(document, order.path, order.purpose)
