"""Reading one collection: a query is compiled, run on one snapshot, and finished in Python where SQL cannot be exact.

Nothing here reads more than it must: counts from the counter, candidates from an index. A scan goes through a small
window of rows, so its memory is bounded whatever the collection holds.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from storage import codec
from storage.database import DatabaseFault
from storage.indexed import VALUE, source
from storage.indexes import WORTH_ROWS
from storage.query.compile import Part, compile_query
from storage.query.kept import Column, is_missing, pack, rough_size, unpack, value_at
from storage.query.recover import Leaf, tree
from storage.row import Stamp
from storage.schema import json_path
from storage.views import WINDOW, Known, Query, Row, View, Views, chunks, has_index, windows

LOWEST: Final = -1e19  # below every id and position


class Reads(Views):
    """Reads by id and by query; any thread."""

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
            if db.is_of_dropped(error):
                return None
            raise db.translate(error) from error
        finally:
            db.lock.release()

    def fetch(self, ids: Sequence[int]) -> dict[int, str]:
        """Texts of the documents with these ids, by id."""
        found: dict[int, str] = {}
        with self.view() as view:
            if view is not None:
                for chunk in chunks(ids):
                    marks = ",".join("?" * len(chunk))
                    sql = f"SELECT id, doc FROM {view.rows} WHERE id IN ({marks})"
                    found.update(view.connection.execute(sql, chunk).fetchall())
        return found

    def in_order(self, ids: Iterable[int]) -> list[Row]:
        """Rows with these ids, in the table's own order, each once."""
        wanted = list(dict.fromkeys(ids))
        rows: list[tuple[int, str, int]] = []
        with self.view() as view:
            if view is None:
                return []
            for chunk in chunks(wanted):
                marks = ",".join("?" * len(chunk))
                sql = f"SELECT id, doc, {view.order} FROM {view.rows} WHERE id IN ({marks})"
                rows += view.connection.execute(sql, chunk).fetchall()
        rows.sort(key=operator.itemgetter(2))
        return [(doc_id, text) for doc_id, text, _ in rows]

    def stamps(self, ids: Sequence[int]) -> dict[int, Stamp]:
        """When these records were made and changed."""
        found: dict[int, Stamp] = {}
        with self.view() as view:
            if view is not None:
                for chunk in chunks(ids):
                    marks = ",".join("?" * len(chunk))
                    sql = f"SELECT id, made, changed FROM {view.rows} WHERE id IN ({marks})"
                    found.update(
                        {
                            row[0]: Stamp(row[1], row[2])
                            for row in view.connection.execute(sql, chunk)
                        }
                    )
        return found

    # -- by query ------------------------------------------------------------------------------------------------
    def plan(self, view: View, cond: Query) -> Part:
        """The query in SQL; notes what an index would have served."""
        part = view.compile(cond)
        if part.paths and view.count >= WORTH_ROWS and not has_index(view.indexes, part):
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
            part = view.compile(cond)
            return list(islice(self._candidates(view, cond, part, limit), limit))

    def _by_index(self, cond: Query, limit: int | None) -> list[Row] | None:
        """Rows by an index that answers exactly; None where there is none, or somebody writes."""
        known = self._known
        if known is None:
            return None
        part = compile_query(cond, known.kinds.bits, known.indexes)
        if not (part.exact and part.narrows) or not has_index(known.indexes, part):
            return None
        order = "id" if known.by_id else "pos"
        ending, extra = ("", ()) if limit is None else (" LIMIT ?", (limit,))
        tables = source(known.cid, known.indexes, f"doc {part.sql}")
        sql = f"SELECT id, doc FROM {tables} WHERE {part.sql} ORDER BY +{order}{ending}"
        return self._quick(sql, (*part.parameters, *extra), known)

    @staticmethod
    def _is_quick(view: View, part: Part) -> bool:
        """Whether a query may run on the connection that also writes."""
        return part.exact and view.count < WORTH_ROWS

    @staticmethod
    def _is_selective(view: View, part: Part) -> bool:
        return part.narrows and has_index(view.indexes, part)

    def _candidates(self, view: View, cond: Query, part: Part, limit: int | None) -> Iterator[Row]:
        """Candidates from SQL in table order, each checked by the query itself unless SQL was exact."""
        ranged = part.exact and self._is_selective(view, part)
        # Without the plus SQLite may walk the whole table in id order to spare itself a small sort.
        order = f"+{view.order}" if ranged else view.order
        ending = " LIMIT ?" if part.exact and limit is not None else ""
        parameters = (*part.parameters, limit) if ending else part.parameters
        tables = view.source(f"doc {part.sql}")
        sql = f"SELECT id, doc FROM {tables} WHERE {part.sql} ORDER BY {order}{ending}"
        cursor = view.connection.execute(sql, parameters)
        if part.exact:
            yield from windows(cursor)
            return
        for row in windows(cursor):
            if cond(codec.decode(row[1])):
                yield row

    def may_match(self, cond: Query) -> dict[int, int]:
        """Ids that SQL cannot rule out, each with its place in table order; the query is not run."""
        with self.view(long=True) as view:
            if view is None:
                return {}
            part = view.compile(cond)
            tables = view.source(f"{view.order} {part.sql}")
            sql = f"SELECT id, {view.order} FROM {tables} WHERE {part.sql}"
            return dict(windows(view.connection.execute(sql, part.parameters)))

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
            part = view.compile(cond)
            if part.exact:
                return self._count(view, part)
        return len(self.rows(cond))

    @staticmethod
    def _count(view: View, part: Part) -> int:
        sql = f"SELECT count(*) FROM {view.source(part.sql)} WHERE {part.sql}"
        return int(view.connection.execute(sql, part.parameters).fetchone()[0])

    def explain(self, cond: Query) -> str:
        """How a query would be answered: "index", "compiled", "narrowed", "kept" or "scan"."""
        with self.view() as view:
            if view is None:
                return "compiled"
            part = view.compile(cond)
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
        """Answer a test on one field from its kept column; None where it is not kept, or somebody commits."""
        leaf = self._keepable(cond)
        if leaf is None or self.engine.db.holds_transaction():
            return None
        version = self.engine.current()
        if version < 0:
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
        if self.engine.current() != version:  # a commit lies between the column and the records
            return None
        return [(doc_id, found[doc_id]) for doc_id in hits if doc_id in found]

    def _read_column(self, path: tuple[str, ...]) -> Column | None:
        version = self.engine.kept.version
        with self.view(long=True) as view:
            if view is None or not view.by_id:
                return None
            column = Column()
            cursor = view.connection.execute(f"SELECT id, doc FROM {view.rows} ORDER BY id")
            for doc_id, text in windows(cursor):
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
