"""The indexed values of a collection's records, beside the rows in a narrow table of their own.

An index on an expression of the document would be written anew at each change of the document. So what indexes stand
on is kept in columns of `v_N`, one row a record, and a change touches it only where an indexed value changes. The
table is there as long as the collection has an index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from storage import codec
from storage.query.kept import is_missing, value_at
from storage.search.words import amount_key, sort_key

VALUE: Final = "value"
SORT: Final = "sort"
AMOUNT: Final = "amount"
Path = tuple[str, ...]
Indexes = dict[tuple[Path, str], int]  # (path, purpose) → number
COLUMN: Final = "ix_"
_OF_ROWS: Final = ("doc", "made", "changed", "pos")


def column(number: int) -> str:
    """The column of an index."""
    return f"{COLUMN}{number}"


def source(cid: int, indexes: Indexes, mentioned: str) -> str:
    """The tables that hold the columns which a piece of SQL mentions: rows, indexed values, or both.

    Both are joined from the values to the rows: an index then leads. A column that is only part of a text or a path
    makes the answer no other, only more tables than needed.
    """
    if not indexes or COLUMN not in mentioned:
        return f"r_{cid}"
    if any(name in mentioned for name in _OF_ROWS):
        return f"v_{cid} CROSS JOIN r_{cid} USING(id)"
    return f"v_{cid}"


def _as_it_is(value: Any) -> Any:
    return value


_KEYS: Final[Mapping[str, Callable[[Any], Any]]] = {
    VALUE: _as_it_is,
    SORT: sort_key,
    AMOUNT: amount_key,
}


def indexed_value(document: dict[str, Any], path: Path, purpose: str) -> Any:
    """What an index holds of a document: what SQL's `doc ->> path` gives, or its sort key; None for nothing or null.

    A list or object is its text as `codec` spells it.
    """
    value = value_at(document, path)
    kind = type(value)
    if value is None or is_missing(value):
        return None
    if kind is bool:
        return int(value)
    if kind is list or kind is dict:
        value = codec.encode(value)
    return _KEYS[purpose](value)


class IndexedFields:
    """The indexes of one collection, and how a document's values get into them. Never changed: others take its place.

    For documents whose indexed values SQL can hold (`storage.kinds.ODD` says which it cannot).
    """

    __slots__ = ("_fields", "_top", "columns", "delete_sql", "indexes", "insert_sql", "table")

    def __init__(self, cid: int, indexes: Indexes) -> None:
        self.indexes = indexes
        self.table = f"v_{cid}"
        self._fields = tuple((*key, column(number)) for key, number in indexes.items())
        self._top = tuple({path[0] for path, _, _ in self._fields})
        self.columns = tuple(name for _, _, name in self._fields)
        names, marks = ", ".join(("id", *self.columns)), ", ".join("?" * (1 + len(self.columns)))
        self.insert_sql = f"INSERT INTO {self.table}({names}) VALUES ({marks})"
        self.delete_sql = f"DELETE FROM {self.table} WHERE id = ?"

    def __bool__(self) -> bool:
        return bool(self._fields)

    def row(self, doc_id: int, document: dict[str, Any]) -> tuple[Any, ...]:
        """The parameters of `insert_sql`."""
        values = [indexed_value(document, path, purpose) for path, purpose, _ in self._fields]
        return (doc_id, *values)

    def change(
        self, doc_id: int, before: dict[str, Any], after: dict[str, Any], news: Mapping[str, Any]
    ) -> tuple[str, tuple[Any, ...]] | None:
        """The statement that a change asks for, with its parameters; None where no indexed value differs.

        Top-level fields of `after` that are not in `news` are as they were.
        """
        if all(name not in news and name in after for name in self._top):
            return None
        sets: list[str] = []
        values: list[Any] = []
        for path, purpose, name in self._fields:
            new = indexed_value(after, path, purpose)
            if new != indexed_value(before, path, purpose):
                sets.append(f"{name} = ?")
                values.append(new)
        if not sets:
            return None
        return f"UPDATE {self.table} SET {', '.join(sets)} WHERE id = ?", (*values, doc_id)
