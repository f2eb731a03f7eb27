"""Field indexes: made when a schema asks for one, or when use shows that one is missing.

Two purposes: "value" for comparisons, "sort" for view order. Each is an index on an expression that the compiler
spells the same way; SQLite keeps it, an insert or update pays for it.
"""

from __future__ import annotations

import threading
from typing import Final

from storage.engine import Engine
from storage.held import Held
from storage.kinds import ODD, path_text
from storage.schema import json_path, sort_sql, value_sql

VALUE: Final = "value"
SORT: Final = "sort"
AMOUNT: Final = "amount"
WORTH_ROWS: Final = 2_000
USES: Final = 3
MAX_INDEXES: Final = 12
MAX_WISHES: Final = 10_000
Path = tuple[str, ...]


class Wishes:
    """Counts the uses that an index would have served. Safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[tuple[str, Path, str], int] = {}
        self._refused: set[tuple[str, Path, str]] = set()

    def note(self, table: str, path: Path, purpose: str) -> None:
        """Count one use."""
        with self._lock:
            key = table, path, purpose
            if key in self._refused:
                return
            if len(self._uses) > MAX_WISHES:
                self._uses.clear()
            self._uses[key] = self._uses.get(key, 0) + 1

    def due(self) -> list[tuple[str, Path, str]]:
        """What has been used often enough."""
        with self._lock:
            return [key for key, uses in self._uses.items() if uses >= USES]

    def done(self, table: str, path: Path, purpose: str, *, granted: bool) -> None:
        """The wish was granted; or it cannot be, and is not counted again."""
        with self._lock:
            self._uses.pop((table, path, purpose), None)
            if not granted and len(self._refused) < MAX_WISHES:
                self._refused.add((table, path, purpose))


def make_index(engine: Engine, table: str, path: Path, purpose: str = VALUE) -> bool:
    """Make an index in the caller's transaction. False where there is one, or none can be."""
    held = engine.held(table, make=True)
    quoted = json_path(path)
    if (
        held is None
        or quoted is None
        or (path, purpose) in held.indexes
        or len(held.indexes) >= MAX_INDEXES
    ):
        return False
    if purpose != VALUE and any(held.kinds.bits(path[:i]) & ODD for i in range(1, len(path) + 1)):
        return False
    execute = engine.db.writer.execute
    text = path_text(path)
    used = {int(name.rsplit("_", 1)[1]) for name in held.indexes.values()}
    number = next(n for n in range(1, MAX_INDEXES + 2) if n not in used)
    name = f"x_{held.cid}_{number}"
    expression = (
        value_sql(quoted) if purpose == VALUE else sort_sql(quoted, amounts=purpose == AMOUNT)
    )
    execute(f"CREATE INDEX {name} ON r_{held.cid}({expression})")
    execute("INSERT INTO field_index VALUES (?, ?, ?, ?)", (held.cid, text, purpose, name))
    held.indexes[path, purpose] = name
    engine.books.bump_kinds()
    return True


def drop_odd_indexes(engine: Engine, held: Held) -> None:
    """Take away sort indexes over paths that now hold text which SQLite could not hand to the key function."""
    for (path, purpose), name in list(held.indexes.items()):
        if purpose != VALUE and any(
            held.kinds.bits(path[:i]) & ODD for i in range(1, len(path) + 1)
        ):
            engine.db.writer.execute(f"DROP INDEX {name}")
            engine.db.writer.execute("DELETE FROM field_index WHERE name = ?", (name,))
            del held.indexes[path, purpose]
            engine.books.bump_kinds()
