"""Everything recomputed from the ground up: pages, rows, counters, indexes, trash, and all that changes say.

Reads only, on one snapshot, beside whoever writes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

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
from storage.journal.identity import Identity
from storage.verify import file
from storage.verify.blobs import check_blobs
from storage.verify.history import History, makes_changes
from storage.verify.indexes import field_indexes
from storage.verify.report import CancelledError, Check, Problem, Report
from storage.verify.rows import rows, trash
from storage.verify.search import search_index

__all__ = ["Problem", "Report", "verify"]


def verify(
    engine: Engine,
    identity: Identity | None,
    progress: Callable[[str, int], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Report:
    """Check a store. `progress(what, how many)` is called about every thousand; `cancel()` may stop it.

    `identity`: whose store it is, if its writes are changes; without it only rows are looked at. Raises RuntimeError
    inside a transaction of such a store, whose changes are made when it ends.
    """
    check = Check(progress, cancel)
    database = engine.db
    if identity is not None and database.holds_transaction():
        raise RuntimeError("a store that makes changes cannot be checked inside a transaction")
    try:
        _part(check, database, "books", lambda: file.losses(check, engine))
        # FTS5's own check trusts what its connection remembers of the index from an earlier snapshot.
        with database.reading(new=True) as connection, database.snapshot(connection):
            _everything(check, database, connection, identity)
    except CancelledError:
        return Report(check.checked, tuple(check.problems), cancelled=True)
    except (
        DamagedStoreError
    ) as error:  # so damaged that even the reading of it could not be begun or ended
        check.bad("damaged_page", "file", error.detail)
    return Report(check.checked, tuple(check.problems), digest=check.digest)


def _everything(
    check: Check, database: Database, connection: Connection, identity: Identity | None
) -> None:
    check.connection = connection
    collections: list[tuple[int, str, int, int, int]] = []

    def find_collections() -> None:
        sql = "SELECT cid, name, n, last, by_id FROM collection ORDER BY cid"
        collections.extend(connection.execute(sql).fetchall())

    _part(check, database, "file", lambda: file.pages(check, database))
    _part(check, database, "collections", find_collections)
    for row in collections:
        _part(check, database, str(row[1]), partial(_collection, check, *row))
    names = {row[0]: row[1] for row in collections}
    _part(check, database, "trash", lambda: trash(check, set(names)))
    if identity is not None and makes_changes(connection):
        history = History(check, connection, identity, names)
        history.run(lambda where, part: _part(check, database, where, part))
        _part(
            check,
            database,
            "blobs",
            lambda: check_blobs(check, database, connection, identity, names),
        )


def _part(check: Check, database: Database, where: str, part: Callable[[], None]) -> None:
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


def _collection(check: Check, cid: int, name: str, n: int, last: int, by_id: int) -> None:
    rows(check, cid, name, n, last, by_id)
    field_indexes(check, cid, name)
    search_index(check, cid, name)
