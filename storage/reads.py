"""Reading one collection: a query is compiled, run on one snapshot, and finished in Python where SQL cannot be exact.

Nothing here reads more than it must: pages by keyset, counts from the counter, candidates from an index. A scan goes
through a small window of rows, so its memory is bounded whatever the collection holds.
"""

from __future__ import annotations

import operator
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from typing import Any, Final

from storage import codec
from storage.database import Connection, DatabaseFault
from storage.engine import Engine
from storage.indexes import SORT, VALUE, WORTH_ROWS, Wishes
from storage.kinds import ODD, PathKinds
from storage.query.compile import ALL, Part, compile_query
from storage.query.kept import Column, is_missing, pack, rough_size, unpack, value_at
from storage.query.recover import Leaf, tree
from storage.records import Stamp
from storage.schema import json_path, sort_sql
from storage.search.words import sort_key

WINDOW: Final = 256
LOWEST: Final = -1e19  # below every id and position
MAX_PARAMETERS: Final = 500
Row = tuple[int, str]
Query = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Order:
    """A view's order by one path: numbers before text, text without case and accents, missing and null last."""

    path: tuple[str, ...]
    descending: bool = False


@dataclass(slots=True)
class View:
    """A collection as one snapshot shows it."""

    connection: Connection
    cid: int
    count: int
    by_id: bool
    kinds: PathKinds
    indexes: dict[tuple[tuple[str, ...], str], str]

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
    indexes: dict[tuple[tuple[str, ...], str], str]

    @property
    def get_sql(self) -> str:
        """Reads a document by id, if the generation still stands."""
        return _get_sql(self.cid)


@lru_cache(maxsize=1024)
def _get_sql(cid: int) -> str:
    return (
        f"SELECT doc FROM r_{cid} WHERE id = ?1 AND ?2 = (SELECT v FROM engine WHERE k = 'kinds')"
    )


class Reads:
    """Reads of the collection called `name`; any thread."""

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
                    yield View(connection, cid, held.count, held.by_id, held.kinds, held.indexes)
                    return
            known = self._known
            if known is None or known.cid != cid or known.generation != generation:
                known = self._learn(connection, cid, bool(by_id), generation)
            yield View(connection, cid, count, bool(by_id), known.kinds, known.indexes)

    def _learn(self, connection: Connection, cid: int, by_id: bool, generation: int) -> Known:  # noqa: FBT001
        rows = connection.execute("SELECT path, kinds FROM path WHERE cid = ?", (cid,))
        kinds = PathKinds(rows)
        known = Known(cid, generation, by_id, kinds, self.engine.read_indexes(connection, cid))
        self._known = known
        return known

    def _quick(self, sql: str, parameters: tuple[Any, ...], known: Known) -> list[Any] | None:
        """One short read without the cost of a snapshot; None where it is not surely of one commit."""
        engine = self.engine
        connection = engine.db.free_writer()
        if connection is None:
            return None
        try:
            if engine.kinds_generation != known.generation:
                return None
            rows: list[Any] = connection.execute(sql, parameters).fetchall()
            return rows if engine.still() else None
        except DatabaseFault as error:
            raise engine.db.translate(error) from error
        finally:
            engine.db.lock.release()

    # -- by id ---------------------------------------------------------------------------------------------------
    def by_id(self, doc_id: int) -> dict[str, Any] | None:
        """One document."""
        known = self._known
        if known is not None:
            rows = self._by_id(known, doc_id)
            if rows:
                found: dict[str, Any] = codec.decode(rows[0])
                return found
        with self.view() as view:
            if view is None:
                return None
            row = view.connection.execute(
                f"SELECT doc FROM {view.rows} WHERE id = ?", (doc_id,)
            ).fetchone()
        return None if row is None else codec.decode(row[0])

    def _by_id(self, known: Known, doc_id: int) -> Any:
        """A row by id on the free writing connection, and the proof that it is of this collection."""
        db = self.engine.db
        connection = db.free_writer()
        if connection is None:
            return None
        try:
            return connection.execute(known.get_sql, (doc_id, known.generation)).fetchone()
        except DatabaseFault as error:
            raise db.translate(error) from error
        finally:
            db.lock.release()

    def fetch(self, ids: Sequence[int]) -> dict[int, str]:
        """Texts of the documents with these ids, by id."""
        found: dict[int, str] = {}
        with self.view() as view:
            if view is not None:
                for chunk in _chunks(ids, MAX_PARAMETERS):
                    marks = ",".join("?" * len(chunk))
                    sql = f"SELECT id, doc FROM {view.rows} WHERE id IN ({marks})"
                    found.update(view.connection.execute(sql, tuple(chunk)).fetchall())
        return found

    def in_order(self, ids: Iterable[int]) -> list[Row]:
        """Rows with these ids, in the table's own order, each once."""
        wanted = list(dict.fromkeys(ids))
        rows: list[tuple[int, str, int]] = []
        with self.view() as view:
            if view is None:
                return []
            for chunk in _chunks(wanted, MAX_PARAMETERS):
                marks = ",".join("?" * len(chunk))
                sql = f"SELECT id, doc, {view.order} FROM {view.rows} WHERE id IN ({marks})"
                rows += view.connection.execute(sql, tuple(chunk)).fetchall()
        rows.sort(key=operator.itemgetter(2))
        return [(doc_id, text) for doc_id, text, _ in rows]

    def stamps(self, ids: Sequence[int]) -> dict[int, Stamp]:
        """When these records were made and changed."""
        found: dict[int, Stamp] = {}
        with self.view() as view:
            if view is not None:
                for chunk in _chunks(ids, MAX_PARAMETERS):
                    marks = ",".join("?" * len(chunk))
                    sql = f"SELECT id, made, changed FROM {view.rows} WHERE id IN ({marks})"
                    found.update(
                        {
                            row[0]: Stamp(row[1], row[2])
                            for row in view.connection.execute(sql, tuple(chunk))
                        }
                    )
        return found

    # -- by query ------------------------------------------------------------------------------------------------
    def plan(self, view: View, cond: Query) -> Part:
        """The query in SQL; notes what an index would have served."""
        part = compile_query(cond, view.kinds.bits)
        if part.paths and view.count >= WORTH_ROWS and not _has_index(view.indexes, part):
            self.wishes.note(self.name, part.paths[0], VALUE)
        return part

    def rows(self, cond: Query, limit: int | None = None) -> list[Row]:
        """Matching rows in table order, the first `limit` of them."""
        found = self._by_index(cond, limit)
        if found is not None:
            return found
        self.engine.current()
        with self.view() as view:
            if view is None:
                return []
            part = self.plan(view, cond)
            exact = part.exact
            if self._is_quick(view, part):
                return list(islice(self._candidates(view, cond, part, limit), limit))
        kept = None if exact else self._from_kept(cond, limit)
        if kept is not None:
            return kept
        with self.view(long=True) as view:
            if view is None:
                return []
            part = compile_query(cond, view.kinds.bits)
            return list(islice(self._candidates(view, cond, part, limit), limit))

    def _by_index(self, cond: Query, limit: int | None) -> list[Row] | None:
        """Rows by an index that answers exactly; None where there is none, or somebody writes."""
        known = self._known
        if known is None:
            return None
        part = compile_query(cond, known.kinds.bits)
        if not (part.exact and part.narrows) or not _has_index(known.indexes, part):
            return None
        order = "id" if known.by_id else "pos"
        ending, extra = ("", ()) if limit is None else (" LIMIT ?", (limit,))
        sql = f"SELECT id, doc FROM r_{known.cid} WHERE {part.sql} ORDER BY +{order}{ending}"
        return self._quick(sql, (*part.parameters, *extra), known)

    @classmethod
    def _is_quick(cls, view: View, part: Part) -> bool:
        """Whether a query may run on the connection that also writes."""
        return cls._is_selective(view, part) or (part.exact and view.count < WORTH_ROWS)

    @staticmethod
    def _is_selective(view: View, part: Part) -> bool:
        return part.narrows and _has_index(view.indexes, part)

    def _candidates(self, view: View, cond: Query, part: Part, limit: int | None) -> Iterator[Row]:
        """Candidates from SQL in table order, each checked by the query itself unless SQL was exact."""
        ranged = part.exact and self._is_selective(view, part)
        # Without the plus SQLite may walk the whole table in id order to spare itself a small sort.
        order = f"+{view.order}" if ranged else view.order
        ending = " LIMIT ?" if part.exact and limit is not None else ""
        parameters = (*part.parameters, limit) if ending else part.parameters
        sql = f"SELECT id, doc FROM {view.rows} WHERE {part.sql} ORDER BY {order}{ending}"
        cursor = view.connection.execute(sql, parameters)
        if part.exact:
            yield from _windows(cursor)
            return
        for row in _windows(cursor):
            if cond(codec.decode(row[1])):
                yield row

    def may_match(self, cond: Query) -> dict[int, int]:
        """Ids that SQL cannot rule out, each with its place in table order; the query is not run."""
        with self.view(long=True) as view:
            if view is None:
                return {}
            part = compile_query(cond, view.kinds.bits)
            sql = f"SELECT id, {view.order} FROM {view.rows} WHERE {part.sql}"
            return dict(_windows(view.connection.execute(sql, part.parameters)))

    def count(self, cond: Query) -> int:
        """How many records match, without reading them where SQL is exact."""
        with self.view() as view:
            if view is None:
                return 0
            part = self.plan(view, cond)
            if part.exact and not part.narrows:
                return view.count
            if part.exact and self._is_quick(view, part):
                return self._count(view, part)
        if not part.exact:
            return len(self.rows(cond))
        with self.view(long=True) as view:
            if view is None:
                return 0
            part = compile_query(cond, view.kinds.bits)
            if part.exact:
                return self._count(view, part)
        return len(self.rows(cond))

    @staticmethod
    def _count(view: View, part: Part) -> int:
        sql = f"SELECT count(*) FROM {view.rows} WHERE {part.sql}"
        return int(view.connection.execute(sql, part.parameters).fetchone()[0])

    def explain(self, cond: Query) -> str:
        """How a query would be answered: "index", "compiled", "narrowed", "kept" or "scan"."""
        with self.view() as view:
            if view is None:
                return "compiled"
            part = compile_query(cond, view.kinds.bits)
            if self._is_selective(view, part):
                return "index"
            if part.exact:
                return "compiled"
            leaf = self._keepable(cond)
            if leaf is not None and self.engine.kept.get(self.name, leaf.path) is not None:
                return "kept"
            return "narrowed" if part.narrows and not part.weak else "scan"

    # -- kept columns --------------------------------------------------------------------------------------------
    def _keepable(self, cond: Query) -> Leaf | None:
        leaf = tree(cond)
        if not isinstance(leaf, Leaf) or leaf.how == "fragment" or not leaf.path:
            return None
        if any(not isinstance(part, str) for part in leaf.path) or json_path(leaf.path) is None:
            return None
        return leaf

    def _from_kept(self, cond: Query, limit: int | None) -> list[Row] | None:
        """Answer a test on one field from its kept column; None where it is not kept."""
        leaf = self._keepable(cond)
        if leaf is None or self.engine.db.holds_transaction() or self.engine.current() < 0:
            return None
        column = self.engine.kept.get(self.name, leaf.path)
        if column is None:
            if not self.engine.kept.wants(self.name, leaf.path):
                return None
            column = self._read_column(leaf.path)
            if column is None:
                return None
        test = leaf.test
        matching = (
            doc_id for doc_id, value in self.engine.kept.items(column) if test(unpack(value))
        )
        hits = list(islice(matching, limit))
        found = self.fetch(hits)
        return [(doc_id, found[doc_id]) for doc_id in hits if doc_id in found]

    def _read_column(self, path: tuple[str, ...]) -> Column | None:
        version = self.engine.kept.version
        with self.view(long=True) as view:
            if view is None or not view.by_id:
                return None
            column = Column()
            cursor = view.connection.execute(f"SELECT id, doc FROM {view.rows} ORDER BY id")
            for doc_id, text in _windows(cursor):
                value = value_at(codec.decode(text), path)
                if not is_missing(value):
                    value = pack(value)
                    column.values[doc_id] = value
                    column.size += rough_size(value)
                    if column.size > self.engine.kept.budget:
                        return None
        self.engine.kept.keep(self.name, path, column, version)
        return column

    # -- all, in order -------------------------------------------------------------------------------------------
    def iterate(self) -> Iterator[Row]:
        """Every row that is there now, in table order, a window at a time.

        What is inserted meanwhile is not met; what is changed meanwhile may show.
        """
        at, last = None, None
        while True:
            with self.view() as view:
                if view is None:
                    return
                if last is None:
                    top = f"SELECT max({view.order}) FROM {view.rows}"
                    last = view.connection.execute(top).fetchone()[0]
                rows = view.connection.execute(
                    f"SELECT id, doc, {view.order} FROM {view.rows} WHERE"
                    f" {view.order} > ?1 AND {view.order} <= ?2 ORDER BY {view.order} LIMIT {WINDOW}",
                    (LOWEST if at is None else at, last),
                ).fetchall()
            for doc_id, text, _ in rows:
                yield doc_id, text
            if len(rows) < WINDOW:
                return
            at = rows[-1][2]

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
            rows.sort(key=partial(_rank_of, one.path), reverse=one.descending)
            rows.sort(key=partial(_is_blank_at, one.path))
        return array("q", (doc_id for doc_id, _ in rows))

    def _matching(self, view: View, cond: Query | None, part: Part) -> Iterator[Row]:
        return self._candidates(view, cond or _always, part, None)

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
        ids = array("q")
        check = None if part.exact else cond or _always
        for where, parameters, terms in self._stretches(view, order, None):
            columns = "id" if check is None else "id, doc"
            sql = f"SELECT {columns} FROM {view.rows} WHERE {where} AND {part.sql} ORDER BY {terms}"
            cursor = view.connection.execute(sql, (*parameters, *part.parameters))
            ids.extend(
                row[0] for row in _windows(cursor) if check is None or check(codec.decode(row[1]))
            )
        return ids

    @staticmethod
    def _all_ids(view: View) -> array[int]:
        """All ids from the narrow index, so that no record is read; put in order where the clock once went back."""
        if not view.by_id:
            sql = f"SELECT id FROM {view.rows} ORDER BY pos"
            return array("q", (row[0] for row in _windows(view.connection.execute(sql))))
        sql = f"SELECT id FROM {view.rows} INDEXED BY m_{view.cid} ORDER BY made, id"
        ids = array("q", (row[0] for row in _windows(view.connection.execute(sql))))
        if any(map(operator.gt, ids, islice(ids, 1, None))):
            ids = array("q", sorted(ids))
        return ids

    def _wish_sort(self, view: View, order: Order) -> None:
        if view.count >= WORTH_ROWS and (order.path, SORT) not in view.indexes:
            self.wishes.note(self.name, order.path, SORT)

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
            not order or (len(order) == 1 and (order[0].path, SORT) in view.indexes)
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
            found = (
                row for row in _windows(cursor) if check is None or check(codec.decode(row[1]))
            )
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
        key = sort_sql(json_path(one.path) or "")
        turn, beyond = (" DESC", "<") if one.descending else ("", ">")
        value = None if after is None else _key_at(after[1], one.path)
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
    def _place(view: View, after: tuple[int, dict[str, Any]] | None) -> int | None:
        if after is None or view.by_id:
            return after[0] if after else None
        row = view.connection.execute(
            f"SELECT pos FROM {view.rows} WHERE id = ?", (after[0],)
        ).fetchone()
        return row[0] if row else 0


def _has_index(indexes: dict[tuple[tuple[str, ...], str], str], part: Part) -> bool:
    return any((path, VALUE) in indexes for path in part.paths)


def _always(_: Any) -> bool:
    return True


def _windows(cursor: Any) -> Iterator[Any]:
    while True:
        rows = cursor.fetchmany(WINDOW)
        if not rows:
            return
        yield from rows


def _chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _key_at(document: dict[str, Any], path: tuple[str, ...]) -> Any:
    """The sort key of a document as SQL computes it."""
    value = value_at(document, path)
    if is_missing(value) or value is None:
        return None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | dict):
        return sort_key(codec.encode(value))
    return sort_key(value)


def _rank_of(path: tuple[str, ...], row: tuple[int, dict[str, Any]]) -> tuple[int, Any]:
    return _rank(value_at(row[1], path))


def _is_blank_at(path: tuple[str, ...], row: tuple[int, dict[str, Any]]) -> bool:
    return _is_blank(value_at(row[1], path))


def _is_blank(value: Any) -> bool:
    return is_missing(value) or value is None


def _rank(value: Any) -> tuple[int, Any]:
    """Python's twin of SQL's order over sort keys."""
    if _is_blank(value):
        return (0, 0)
    if isinstance(value, bool | int | float):
        return (1, value)
    key = sort_key(value) if isinstance(value, str) else sort_key(codec.encode(value))
    return (2, key.encode("utf-8", "surrogatepass"))
