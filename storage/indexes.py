"""Field indexes: made when a schema asks for one, or when use shows that one is missing.

Purposes: "value" for comparisons, "sort" for view order, "amount" for that of amounts. Each is a column beside the
rows (`storage.indexed`) with an index of SQLite's.
"""

from __future__ import annotations

import threading
from typing import Final

from storage import codec
from storage.database import Connection
from storage.engine import Engine
from storage.held import Held
from storage.indexed import AMOUNT, VALUE, IndexedFields, Path, column, indexed_value
from storage.kinds import ODD, path_text
from storage.schema import json_path, sort_sql, value_sql

WORTH_ROWS: Final = 2_000
USES: Final = 3
MAX_INDEXES: Final = 12
MAX_WISHES: Final = 10_000


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
    if held is None or quoted is None or _is_odd(held, path):
        return False
    indexes = held.indexed.indexes
    if (path, purpose) in indexes or len(indexes) >= MAX_INDEXES:
        return False
    number = next(n for n in range(1, MAX_INDEXES + 1) if n not in indexes.values())
    _fill(engine.db.writer, held, number, path, quoted, purpose)
    execute = engine.db.writer.execute
    execute(f"CREATE INDEX x_{held.cid}_{number} ON v_{held.cid}({column(number)})")
    execute(
        "INSERT INTO field_index VALUES (?, ?, ?, ?)", (held.cid, path_text(path), purpose, number)
    )
    held.indexed = IndexedFields(held.cid, {**indexes, (path, purpose): number})
    engine.books.bump_kinds()
    return True


def _fill(
    connection: Connection, held: Held, number: int, path: Path, quoted: str, purpose: str
) -> None:
    """Make a column with the values of all records."""
    values, rows, name = f"v_{held.cid}", f"r_{held.cid}", column(number)
    value = value_sql(quoted) if purpose == VALUE else sort_sql(quoted, amounts=purpose == AMOUNT)
    if held.indexed:
        connection.execute(f"ALTER TABLE {values} ADD COLUMN {name}")
        of_its_row = f"SELECT {value} FROM {rows} WHERE {rows}.id = {values}.id"
        connection.execute(f"UPDATE {values} SET {name} = ({of_its_row})")
    else:
        connection.execute(f"CREATE TABLE {values}(id INTEGER PRIMARY KEY, {name})")
        connection.execute(f"INSERT INTO {values} SELECT id, {value} FROM {rows} ORDER BY id")
    # A lone surrogate has every text of its document escaped; lists and objects are indexed as they are spelled alone.
    nested = connection.execute(
        f"SELECT id, doc FROM {rows} WHERE instr(doc, '\\ud')"
        f" AND json_type(doc, '{quoted}') IN ('array', 'object')"
    ).fetchall()
    connection.executemany(
        f"UPDATE {values} SET {name} = ? WHERE id = ?",
        [(indexed_value(codec.decode(text), path, purpose), doc_id) for doc_id, text in nested],
    )


def _is_odd(held: Held, path: Path) -> bool:
    """Whether the path holds, or may hold, values that SQL cannot compare: then an index on it is of no use."""
    return any(held.kinds.bits(path[:i]) & ODD for i in range(1, len(path) + 1))


def drop_odd_indexes(engine: Engine, held: Held) -> None:
    """Take away indexes over paths that now hold what SQL cannot compare."""
    for (path, purpose), number in held.indexed.indexes.items():
        if _is_odd(held, path):
            _drop(engine.db.writer, held, path, purpose, number)
            engine.books.bump_kinds()


def _drop(connection: Connection, held: Held, path: Path, purpose: str, number: int) -> None:
    left = {key: each for key, each in held.indexed.indexes.items() if each != number}
    if left:
        connection.execute(f"DROP INDEX x_{held.cid}_{number}")
        connection.execute(f"ALTER TABLE v_{held.cid} DROP COLUMN {column(number)}")
    else:
        connection.execute(f"DROP TABLE v_{held.cid}")
    connection.execute(
        "DELETE FROM field_index WHERE cid = ? AND path = ? AND purpose = ?",
        (held.cid, path_text(path), purpose),
    )
    held.indexed = IndexedFields(held.cid, left)
