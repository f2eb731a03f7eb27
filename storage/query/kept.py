"""Kept columns: one field of every record in memory, for tests that only Python can do.

Reading records to run a Python test costs nine times what TinyDB in memory needs; running it over kept values costs a
fifth. A column is kept from the second such query on, within a budget of bytes, follows the commits of this process
and is dropped when another one commits.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from storage import codec

BUDGET_BYTES: Final = 32 << 20
_MISSING: Final = object()
Key = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class Column:
    """Values by id; records without the path are left out."""

    values: dict[int, Any] = field(default_factory=dict)
    size: int = 0
    sorted: bool = True


@dataclass(frozen=True, slots=True)
class Packed:
    """A list or object as JSON text: nobody who holds the original, or a test, can change it."""

    text: str


def pack(value: Any) -> Any:
    """A value as a column keeps it."""
    return Packed(codec.encode(value)) if type(value) in {list, dict} else value


def unpack(value: Any) -> Any:
    """The value that was packed."""
    return codec.decode(value.text) if type(value) is Packed else value


def rough_size(value: Any) -> int:
    """Bytes that a kept value takes, near enough."""
    text = value.text if type(value) is Packed else value
    if type(text) is str:
        return 150 + len(text) * (1 if text.isascii() else 2)
    return 110


def value_at(document: dict[str, Any], path: tuple[str, ...]) -> Any:
    """The value at a path as TinyDB resolves it, or the mark for "nothing there" (see `is_missing`)."""
    value: Any = document
    for part in path:
        if type(value) is not dict or part not in value:
            return _MISSING
        value = value[part]
    return value


def is_missing(value: Any) -> bool:
    """Whether `value_at` found nothing."""
    return value is _MISSING


class KeptColumns:
    """The kept columns of a store, least recently used go first. Safe from several threads."""

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self.budget = budget
        self._columns: OrderedDict[Key, Column] = OrderedDict()
        self._asked: dict[Key, int] = {}
        self._lock = threading.Lock()
        self.version = 0  # moves with every change, so that a column read meanwhile is not kept

    def get(self, table: str, path: tuple[str, ...]) -> Column | None:
        """The column if it is kept."""
        with self._lock:
            column = self._columns.get((table, path))
            if column is not None:
                self._columns.move_to_end((table, path))
            return column

    def items(self, column: Column) -> list[tuple[int, Any]]:
        """Ids and values in table order, as they are now."""
        with self._lock:
            if not column.sorted:
                column.values, column.sorted = dict(sorted(column.values.items())), True
            return list(column.values.items())

    def wants(self, table: str, path: tuple[str, ...]) -> bool:
        """Count one use; true from the second on: then it is worth keeping."""
        with self._lock:
            uses = self._asked[table, path] = self._asked.get((table, path), 0) + 1
            return uses > 1

    def keep(self, table: str, path: tuple[str, ...], column: Column, version: int) -> None:
        """Keep a column that was read while `version` stood, if it fits."""
        with self._lock:
            if version != self.version or column.size > self.budget:
                return
            self._columns[table, path] = column
            while sum(kept.size for kept in self._columns.values()) > self.budget:
                self._columns.popitem(last=False)

    def follow(self, table: str, written: Iterable[tuple[int, str | None]]) -> None:
        """Take in the texts of committed documents; None is a removal."""
        with self._lock:
            self.version += 1
            mine = [(key, column) for key, column in self._columns.items() if key[0] == table]
            if not mine:
                return
            for doc_id, text in written:
                document = None if text is None else codec.decode(text)
                for (_, path), column in mine:
                    value = _MISSING if document is None else value_at(document, path)
                    self._set(column, doc_id, value)

    @staticmethod
    def _set(column: Column, doc_id: int, value: Any) -> None:
        old = column.values.get(doc_id, _MISSING)
        if old is not _MISSING:
            column.size -= rough_size(old)
        if value is _MISSING:
            column.values.pop(doc_id, None)
        else:
            if old is _MISSING:
                column.sorted = False
            value = pack(value)
            column.values[doc_id] = value
            column.size += rough_size(value)

    def drop(self, table: str) -> None:
        """Forget a table's columns."""
        with self._lock:
            self.version += 1
            for key in [key for key in self._columns if key[0] == table]:
                del self._columns[key]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self.version += 1
            self._columns.clear()


class Written:
    """What a transaction wrote, for the kept columns to follow once it is committed; a large one drops them instead."""

    limit: Final = 1000

    def __init__(self) -> None:
        self._texts: dict[str, dict[int, str | None] | None] = {}

    def add(self, table: str, doc_id: int, text: str | None) -> None:
        """The text of one record as it is now (whoever wrote it may change the document); None when it is gone."""
        mine = self._texts.setdefault(table, {})
        if mine is not None:
            mine[doc_id] = text
            if len(mine) > self.limit:
                self._texts[table] = None

    def whole(self, table: str) -> None:
        """Too much changed to follow."""
        self._texts[table] = None

    def apply(self, kept: KeptColumns) -> None:
        """Hand over and start anew."""
        for table, written in self._texts.items():
            if written is None:
                kept.drop(table)
            else:
                kept.follow(table, written.items())
        self._texts.clear()

    def spoil(self) -> None:
        """Part of what was noted was taken back: trust none of it."""
        self._texts = dict.fromkeys(self._texts)

    def clear(self) -> None:
        """After a rollback there is nothing to follow."""
        self._texts.clear()
