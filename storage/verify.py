"""Everything recomputed from the ground up: pages, rows, counters, field kinds, search index, trash, books.

Reads only, on one snapshot, beside whoever writes. SQLite's own check misses what a page's signature catches, and the
other way round: both are run. A page that fails in the file but has a later version in the log is no damage: a
checkpoint was cut short, or is under way, and writes it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from storage import codec
from storage.database import Connection, Database
from storage.engine import Engine
from storage.errors import (
    DamagedStoreError,
    DamagedTextError,
    DriveGoneError,
    StorageError,
    StoreBusyError,
    StoreClosedError,
)
from storage.held import read_indexes
from storage.indexed import IndexedFields
from storage.kinds import PathKinds
from storage.log import pages_in_log
from storage.search.words import Searchable, searchable

MAX_PROBLEMS: Final = 200
STEP: Final = 1_000
FTS5_TOKEN_BYTES: Final = 32_768
_PAGE: Final = re.compile(r"page (\d+)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it must be."""

    kind: str
    where: str
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, how much of it, and what was found."""

    checked: dict[str, int]
    problems: tuple[Problem, ...]
    cancelled: bool = False

    @property
    def ok(self) -> bool:
        """Whether all is as it must be."""
        return not self.problems and not self.cancelled


class _CancelledError(Exception):
    """Asked to stop."""


@dataclass
class _Check:
    progress: Callable[[str, int], None] | None
    cancel: Callable[[], bool] | None
    checked: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    connection: Connection = None

    def bad(self, kind: str, where: str, detail: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(kind, where, detail))

    def count(self, what: str, by: int = 1) -> None:
        total = self.checked[what] = self.checked.get(what, 0) + by
        if total % STEP < by:
            if self.progress is not None:
                self.progress(what, total)
            if self.cancel is not None and self.cancel():
                raise _CancelledError


def verify(
    engine: Engine,
    progress: Callable[[str, int], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Report:
    """Check a store. `progress(what, how many)` is called about every thousand; `cancel()` may stop it."""
    check = _Check(progress, cancel)
    database = engine.db
    try:
        _part(check, database, "books", lambda: _losses(check, engine))
        # FTS5's own check trusts what its connection remembers of the index from an earlier snapshot.
        with database.reading(new=True) as connection, database.snapshot(connection):
            _everything(check, database, connection)
    except _CancelledError:
        return Report(check.checked, tuple(check.problems), cancelled=True)
    except (
        DamagedStoreError
    ) as error:  # so damaged that even the reading of it could not be begun or ended
        check.bad("damaged_page", "file", error.detail)
    return Report(check.checked, tuple(check.problems))


def _losses(check: _Check, engine: Engine) -> None:
    for _, announced, found in engine.losses():
        said = f"{announced} commits were announced, {found} were found at opening"
        check.bad("lost_commits", "log", said)


def _everything(check: _Check, database: Database, connection: Connection) -> None:
    check.connection = connection
    collections: list[tuple[int, str, int, int, int]] = []

    def find_collections() -> None:
        sql = "SELECT cid, name, n, last, by_id FROM collection ORDER BY cid"
        collections.extend(connection.execute(sql).fetchall())

    _part(check, database, "file", lambda: _pages(check, database))
    _part(check, database, "collections", find_collections)
    for row in collections:
        _part(check, database, str(row[1]), partial(_collection, check, *row))
    _part(check, database, "trash", lambda: _trash(check, {row[0] for row in collections}))


def _part(check: _Check, database: Database, where: str, part: Callable[[], None]) -> None:
    """Check one part; bytes that cannot even be read are a problem of this part, and the others are checked as well."""
    try:
        with database.translated():
            part()
    except (StoreBusyError, StoreClosedError, DriveGoneError):
        raise
    except DamagedStoreError as error:
        check.bad("damaged_page", where, error.detail)
    except DamagedTextError as error:
        check.bad("damaged_structure", where, error.detail)
    except (StorageError, ValueError, TypeError, LookupError, RecursionError) as error:
        check.bad("damaged_structure", where, str(error))


def _pages(check: _Check, database: Database) -> None:
    execute = check.connection.execute
    (count,) = execute("PRAGMA page_count").fetchone()  # from here on the snapshot stands still
    if database.encrypted and database.path is not None:
        said = [str(row[0]) for row in execute("PRAGMA cipher_integrity_check").fetchall()]
        later = pages_in_log(database.path) if said else set()
        for text in said:
            page = _PAGE.search(text)
            if page is None or int(page[1]) not in later:
                check.bad("damaged_page", "file", text)
    for (text,) in execute("PRAGMA integrity_check").fetchall():
        if text != "ok":
            check.bad("damaged_structure", "file", str(text))
    check.count("pages", count)


def _collection(check: _Check, cid: int, name: str, n: int, last: int, by_id: int) -> None:
    execute = check.connection.execute
    known = PathKinds(execute("SELECT path, kinds FROM path WHERE cid = ?", (cid,)).fetchall())
    seen = 0
    highest: int | None = None
    for doc_id, text, pos in execute(f"SELECT id, doc, pos FROM r_{cid} ORDER BY id"):
        seen += 1
        highest = doc_id
        check.count("records")
        where = f"{name}/{doc_id}"
        try:
            document = _read(text)
        except DamagedTextError as error:
            check.bad("unreadable_record", where, error.detail)
            continue
        if type(document) is not dict:
            check.bad("unreadable_record", where, "it is no JSON object")
            continue
        if known.learn(document, odd_text="\\ud" in text):
            check.bad(
                "unknown_field_kind",
                where,
                "a field holds a kind of value that the store has not noted",
            )
        if (pos is None) != bool(by_id):
            check.bad("wrong_position", where, "its place in the order is missing")
    if seen != n:
        check.bad("wrong_count", name, f"{n} records are counted, {seen} are there")
    if highest is not None and highest > last:
        check.bad(
            "wrong_counter", name, f"the last id given is noted as {last}, but {highest} is there"
        )
    _field_indexes(check, cid, name)
    _search_index(check, cid, name)


def _read(text: str) -> Any:
    """A record's document; DamagedTextError also where it is nested deeper than any that was written."""
    try:
        return codec.decode(text)
    except RecursionError as error:
        raise DamagedTextError(str(error)) from error


def _field_indexes(check: _Check, cid: int, name: str) -> None:
    """Those that are noted are those that are there, with the values of all records and of no others.

    That an index agrees with the column it stands on is SQLite's own check.
    """
    execute = check.connection.execute
    fields = IndexedFields(cid, read_indexes(check.connection, cid))
    noted = {f"x_{cid}_{number}" for number in fields.indexes.values()}
    sql = "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?"
    there = {row[0] for row in execute(sql, (fields.table,))}
    for index in sorted(noted ^ there):
        what = "noted, but not there" if index in noted else "there, but not noted"
        check.bad("wrong_field_index", name, f"the index {index} is {what}")
    if not fields or noted != there:
        return
    wrong = "the field indexes have other values than the record"
    of_value = ", ".join(f"v.{each}" for each in ("id", *fields.columns))
    pairs = (
        f"SELECT r.id, r.doc, {of_value} FROM r_{cid} r LEFT JOIN {fields.table} v ON v.id = r.id"
    )
    for doc_id, text, *values in execute(pairs):
        check.count("indexed_records")
        try:
            expected = fields.row(doc_id, codec.decode(text))
        except (ValueError, RecursionError):
            continue  # it was named already
        if tuple(values) != expected:
            check.bad("wrong_field_index", f"{name}/{doc_id}", wrong)
    strays = f"SELECT id FROM {fields.table} WHERE id NOT IN (SELECT id FROM r_{cid})"
    for (doc_id,) in execute(strays):
        check.bad(
            "wrong_field_index",
            f"{name}/{doc_id}",
            "the field indexes know a record that is not there",
        )


def _search_index(check: _Check, cid: int, name: str) -> None:
    """The index must hold just the words of the records: both are summed up as hashes of (word, record)."""
    execute = check.connection.execute
    execute(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.v_{cid} USING fts5vocab(main, f_{cid}, instance)"
    )
    found: dict[int, int] = {}
    try:
        previous: tuple[bytes, int] | None = None
        for term, doc_id in execute(f"SELECT CAST(term AS BLOB), doc FROM temp.v_{cid}"):
            if (term, doc_id) != previous:  # a word that stands twice in a record is listed twice
                previous = (term, doc_id)
                found[doc_id] = (found.get(doc_id, 0) + hash(term)) & 0xFFFF_FFFF_FFFF_FFFF
            check.count("search_words")
    finally:
        execute(f"DROP TABLE temp.v_{cid}")
    for doc_id, text in execute(f"SELECT id, doc FROM r_{cid}"):
        try:
            own = _tokens(searchable(_read(text)))
        except DamagedTextError:
            found.pop(doc_id, None)
            continue
        expected = sum(map(hash, own)) & 0xFFFF_FFFF_FFFF_FFFF
        if found.pop(doc_id, 0) != expected:
            check.bad(
                "wrong_search_index",
                f"{name}/{doc_id}",
                "the search index has other words than the record",
            )
    for doc_id in found:
        check.bad(
            "wrong_search_index",
            f"{name}/{doc_id}",
            "the search index knows a record that is not there",
        )


def _tokens(found: Searchable) -> set[bytes]:
    """The words of a record as FTS5 keeps them: very long ones are cut."""
    return {word.encode()[:FTS5_TOKEN_BYTES] for word in found.indexed()[0].split()}


def _trash(check: _Check, cids: set[int]) -> None:
    rows: Any = check.connection.execute("SELECT cid, id, doc FROM trash")
    for cid, doc_id, text in rows:
        check.count("trashed")
        if cid not in cids:
            check.bad("stray_trash", f"trash/{doc_id}", "it belongs to no collection")
        try:
            _read(text)
        except DamagedTextError as error:
            check.bad("unreadable_record", f"trash/{doc_id}", error.detail)
