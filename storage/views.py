"""A collection as one snapshot shows it, and what is known of it between snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from storage.database import Connection, DatabaseFault
from storage.engine import Engine
from storage.held import read_indexes, read_kinds
from storage.indexed import VALUE, Indexes, source
from storage.indexes import Wishes
from storage.kinds import PathKinds
from storage.query.compile import Part, compile_query

WINDOW: Final = 256
MAX_PARAMETERS: Final = 500
MAX_QUICK: Final = 1_000  # rows read on the connection that also writes
Row = tuple[int, str]
Query = Callable[[Any], bool]


@dataclass(slots=True)
class View:
    """A collection as one snapshot shows it."""

    connection: Connection
    cid: int
    count: int
    by_id: bool
    kinds: PathKinds
    indexes: Indexes

    def compile(self, cond: Query) -> Part:
        """A query in SQL."""
        return compile_query(cond, self.kinds.bits, self.indexes)

    def source(self, mentioned: str) -> str:
        """The tables that hold the columns which a piece of SQL mentions."""
        return source(self.cid, self.indexes, mentioned)

    @property
    def rows(self) -> str:
        """The table's name."""
        return f"r_{self.cid}"

    @property
    def order(self) -> str:
        """The column that gives TinyDB's order."""
        return "id" if self.by_id else "pos"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a collection as of a generation of kinds, indexes and collections."""

    cid: int
    generation: int
    by_id: bool
    kinds: PathKinds
    indexes: Indexes

    @property
    def get_sql(self) -> str:
        """Reads a document by id, if the generation still stands."""
        return _get_sql(self.cid)


@lru_cache(maxsize=1024)
def _get_sql(cid: int) -> str:
    return (
        f"SELECT doc FROM r_{cid} WHERE id = ?1 AND ?2 = (SELECT v FROM engine WHERE k = 'kinds')"
    )


class Views:
    """Snapshots of the collection called `name`; any thread."""

    def __init__(self, engine: Engine, name: str, wishes: Wishes) -> None:
        self.engine, self.name, self.wishes = engine, name, wishes
        self._known: Known | None = None

    @contextmanager
    def view(self, *, long: bool = False) -> Iterator[View | None]:
        """A snapshot of the collection; None where there is none."""
        with self.engine.db.reading(long=long) as connection, self.engine.db.snapshot(connection):
            row = connection.execute(
                "SELECT cid, n, by_id, (SELECT v FROM engine WHERE k = 'kinds') FROM collection WHERE name = ?",
                (self.name,),
            ).fetchone()
            if row is None:
                yield None
                return
            cid, count, by_id, generation = row
            if self.engine.db.holds_transaction():
                held = self.engine.held(self.name)
                if held is not None:
                    indexes = held.indexed.indexes
                    yield View(connection, cid, held.count, held.by_id, held.kinds, indexes)
                    return
            known = self._known
            if known is None or known.cid != cid or known.generation != generation:
                known = self._learn(connection, cid, bool(by_id), generation)
            yield View(connection, cid, count, bool(by_id), known.kinds, known.indexes)

    def _learn(self, connection: Connection, cid: int, by_id: bool, generation: int) -> Known:  # noqa: FBT001
        kinds, indexes = read_kinds(connection, cid), read_indexes(connection, cid)
        known = Known(cid, generation, by_id, kinds, indexes)
        self._known = known
        return known

    def _quick(self, sql: str, parameters: tuple[Any, ...], known: Known) -> list[Any] | None:
        """One short read without the cost of a snapshot; None where it is not surely of one commit."""
        engine = self.engine
        connection = engine.db.free_writer()
        if connection is None:
            return None
        try:
            if engine.books.kinds != known.generation:
                return None
            cursor = connection.execute(sql, parameters)
            rows: list[Any] = cursor.fetchmany(MAX_QUICK + 1)
            cursor.close()
            return rows if len(rows) <= MAX_QUICK and engine.still() else None
        except DatabaseFault as error:
            if engine.db.is_of_dropped(error):
                return None
            raise engine.db.translate(error) from error
        finally:
            engine.db.lock.release()


def has_index(indexes: Indexes, part: Part) -> bool:
    """Whether a comparison in a query has an index."""
    return any((path, VALUE) in indexes for path in part.paths)


def always(_: Any) -> bool:
    """The query that every record matches."""
    return True


def windows(cursor: Any) -> Iterator[Any]:
    """A cursor's rows, a window at a time, so that memory stays bounded."""
    while True:
        rows = cursor.fetchmany(WINDOW)
        if not rows:
            return
        yield from rows


def chunks(ids: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Ids in pieces that fit one statement, without those that no record can have."""
    for start in range(0, len(ids), MAX_PARAMETERS):
        yield tuple(filter(fits, ids[start : start + MAX_PARAMETERS]))


def fits(doc_id: int) -> bool:
    """Whether a number has the 64 bits of an id."""
    return -(1 << 63) <= doc_id < 1 << 63
