"""What changed: the one value that tells screens, caches and watchers of a commit, here or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Touched:
    """The records that one commit touched.

    `tables` maps a table's name to the ids touched in it, or to None when anything in it may differ. `elsewhere` is
    true when another process or connection committed.
    """

    tables: Mapping[str, frozenset[int] | None] = field(
        default_factory=lambda: MappingProxyType({})
    )
    elsewhere: bool = False

    def covers(self, table: str) -> bool:
        """Whether anything in this table may differ."""
        return table in self.tables

    def ids(self, table: str) -> frozenset[int] | None:
        """The ids touched in a table, empty if none, None if any may be."""
        return self.tables.get(table, frozenset())


class TouchLog:
    """Collects what a transaction touches; above `limit` ids of one table it says only that the table changed."""

    limit = 10_000

    def __init__(self) -> None:
        self._ids: dict[str, set[int] | None] = {}

    def add(self, table: str, doc_id: int) -> None:
        """One record changed."""
        ids = self._ids.setdefault(table, set())
        if ids is not None:
            ids.add(doc_id)
            if len(ids) > self.limit:
                self._ids[table] = None

    def whole(self, table: str) -> None:
        """Anything in the table may have changed."""
        self._ids[table] = None

    def __bool__(self) -> bool:
        return bool(self._ids)

    def seal(self) -> Touched:
        """The collected touches as an immutable value."""
        sealed = {name: None if ids is None else frozenset(ids) for name, ids in self._ids.items()}
        return Touched(MappingProxyType(sealed))
