"""`Store`: a TinyDB whose writes are durable, whose queries are SQL, and which several programs may use at once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tinydb
from tinydb.storages import JSONStorage, MemoryStorage

from storage import schema
from storage.codec import decode
from storage.database import Database
from storage.engine import Engine
from storage.errors import (
    DamagedTextError,
    NeedsIdentityError,
    OlderFormatError,
    RefusedValueError,
)
from storage.ids import Counting, IdSource
from storage.indexes import make_index
from storage.records import drop
from storage.rowstorage import RowStorage
from storage.schema import search_indexes
from storage.search.index import FoundText, find_text
from storage.search.pruning import Pruning
from storage.table import Table
from storage.touched import Touched

if TYPE_CHECKING:
    from storage.blobs.blobs import Blobs
    from storage.journal.identity import Identity
    from storage.journal.journal import Journal
    from storage.journal.past_times import PastTimes
    from storage.snapshot import Filling, Proof

# Options of TinyDB's JSON file that say how it looks; a store has no such look, so they mean nothing here.
_JSON_LOOK: Final = frozenset(
    {"indent", "sort_keys", "separators", "ensure_ascii", "encoding", "default", "cls"}
)
MERGED: Final = 2  # fewer changed rows: the merge found nothing to do (SQLite's documentation)


class Store(tinydb.TinyDB):
    """A document store with TinyDB's face. `Store()` is in memory, `Store(path)` a file.

    `key`: 32 bytes; the file is then encrypted by SQLCipher. `ids`: where ids come from (1, 2, 3 … if not given, and
    order is that of insertion; with `RecordIds` they are unique across tables, and order is that of ids).
    `read_only`: nothing is written, not even a log. `create`: False refuses a path where no store is.
    `clock`: seconds since 1970 UTC. `identity`: whose store it is; each write is then a signed change. `mark`: where
    the instance mark lies (`storage.mark`; its folder must be there), beside the file if not given. TinyDB's
    `storage=MemoryStorage`, `storage=JSONStorage`, `access_mode`, `create_dirs` and the options of JSON's look are
    understood, so that `Store` can stand where `TinyDB` stood.

    Raises StoreFileError and its kinds. Every method may be called from any thread.
    """

    table_class = Table  # type: ignore[assignment]  # TinyDB's class attribute
    table: Callable[..., Table]

    def __init__(  # noqa: PLR0913 - each is optional, and has its name
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        key: bytes | None = None,
        ids: IdSource | None = None,
        read_only: bool = False,
        create: bool = True,
        clock: Callable[[], float] = time.time,
        identity: Identity | None = None,
        mark: Path | None = None,
        **tinydb_options: Any,
    ) -> None:
        place, read_only = _from_tinydb(path, tinydb_options, read_only=read_only)
        try:
            engine = Engine(place, key, read_only=read_only, create=create, clock=clock, mark=mark)
        except OlderFormatError:
            if read_only or place is None:
                raise
            from storage.migrations import upgrade  # hardly ever needed

            upgrade(place, key)
            engine = Engine(place, key, read_only=False, create=False, clock=clock, mark=mark)
        self._engine, self._identity = engine, identity
        try:
            self._journal = _journal_of(engine, identity)
        except BaseException:
            engine.close()
            raise
        self._blobs = _blobs_of(engine, identity)
        rows = RowStorage(engine, ids or Counting(), global_ids=ids is not None)
        self._storage, self._wishes = rows, rows.wishes
        self._pruning = Pruning(engine)
        self._opened = True
        self._tables: dict[str, Table] = {}  # type: ignore[assignment]
        self.info: MutableMapping[str, Any] = Info(engine)

    def __repr__(self) -> str:
        shown: str = super().__repr__()  # type: ignore[no-untyped-call]
        return shown.replace(f"<{type(self).__name__} ", "<TinyDB ", 1)

    # -- TinyDB --------------------------------------------------------------------------------------------------
    def tables(self) -> set[str]:
        """The names of all tables."""
        return set(self._engine.names())

    def drop_tables(self) -> None:
        """Drop all tables with all they hold, trash included. Cannot be taken back."""
        with self._engine.writing():
            for name in self._engine.names():
                drop(self._engine, name)
        for table in self._tables.values():
            table.clear_cache()
        self._tables.clear()

    def drop_table(self, name: str) -> None:
        """Drop a table with all it holds, trash included. Cannot be taken back."""
        if schema.is_encodable(name):  # else there is none
            with self._engine.writing():
                drop(self._engine, name)
        table = self._tables.pop(name, None)
        if table is not None:
            table.clear_cache()

    def close(self) -> None:
        """Close the file. Doing it twice does no harm."""
        self._opened = False
        if self._blobs is not None:
            self._blobs.close()
        self._engine.close()

    # -- changes ---------------------------------------------------------------------------------------------------
    @property
    def makes_changes(self) -> bool:
        """Whether each write is a signed change, so that there is a history, undo and sync."""
        return self._journal is not None

    @property
    def past(self) -> PastTimes:
        """History, undo and what waits for a decision. Raises NeedsIdentityError for a plain store."""
        from storage.journal.past_times import PastTimes

        return PastTimes(self.journal)

    @property
    def journal(self) -> Journal:
        """What makes changes of the writes. Raises NeedsIdentityError for a plain store."""
        if self._journal is None:
            raise NeedsIdentityError(self._engine.db.path or "memory")
        return self._journal

    @property
    def blobs(self) -> Blobs:
        """The contents of attachments. Raises NoBlobsError for a store in memory, or one without keys for them."""
        if self._blobs is None:
            from storage.blobs.errors import NoBlobsError

            raise NoBlobsError
        return self._blobs

    # -- snapshots: see `storage.snapshot` ---------------------------------------------------------------------------
    def take_snapshot(self, put: Callable[[int, bytes], None]) -> bytes:
        """The head of a snapshot of all that is here, once `put(i, sealed)` was called for each chunk in turn."""
        from storage.snapshot import take

        if self._identity is None:
            raise NeedsIdentityError(self._engine.db.path or "memory")
        return take(self._engine, self.journal, self._identity, put)

    def show_snapshot(
        self, head: bytes, get: Callable[[int], bytes], identity: Identity
    ) -> Filling:
        """Fill this plain, empty store with a snapshot, or go on; `get(i)` gives a chunk. Raises UnfitSnapshotError."""
        from storage.snapshot import show

        return show(self._engine, identity, head, get)

    @property
    def shown_snapshot(self) -> Filling | None:
        """Which snapshot is shown here, how much of it, and whether the changes have proved it."""
        from storage.snapshot import shown_in

        return shown_in(self._engine)

    def prove_snapshot(self, shown: Store, head: bytes) -> Proof:
        """Compare what another store shows with what the changes say here; if that is the same, it is noted there."""
        from storage.snapshot import prove

        if self._identity is None:
            raise NeedsIdentityError(self._engine.db.path or "memory")
        return prove(self.journal, self._identity, shown._engine, head)  # its own kind

    # -- beyond --------------------------------------------------------------------------------------------------
    def transaction(self) -> AbstractContextManager[None]:
        """Several writes as one: all or nothing, one commit. Inside another one it joins that."""
        return _transaction(self._engine)

    @property
    def in_transaction(self) -> bool:
        """Whether the calling thread is inside `transaction()`."""
        return self._engine.db.holds_transaction()

    def moment(self, table: str) -> tuple[int, int]:
        """While it is the same, this thread's transaction reads the same from a table, also as an earlier one did."""
        return self._engine.moment(table)

    def watch(self, callback: Callable[[Touched], None]) -> Callable[[], None]:
        """Have `callback(Touched)` called after each commit; returns what ends it.

        It runs on the thread that committed; commits of other processes come from a thread of the store's own.
        """
        return self._engine.watch(callback)

    def look(self) -> bool:
        """Notice commits of other processes now; true if there were any."""
        return self._engine.look()

    def find_text(
        self, text: str, tables: Iterable[str] | None = None, limit: int = 50, offset: int = 0
    ) -> FoundText:
        """Records whose texts hold all the words, best first; the words may be unfinished or have one typing error."""
        names = self._engine.names() if tables is None else list(tables)
        return find_text(self._engine, names, text, limit, offset)

    def explain(self, table: str, cond: Any) -> str:
        """How a query is answered: "index", "compiled", "narrowed", "kept" or "scan"."""
        return self.table(table).explain(cond)

    @property
    def losses(self) -> tuple[str, ...]:
        """What is known to be lost, a sentence each; empty as long as every acknowledged write is there."""
        return tuple(
            f"{announced - found} saved changes are missing: {announced} were saved, {found} are in "
            "the file. The drive or its memory returned other bytes than were written. Compare with "
            "a backup or another computer."
            for _, announced, found in self._engine.losses()
        )

    def verify(
        self,
        progress: Callable[[str, int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Any:
        """Check everything from the ground up; see `storage.verify`."""
        from storage.verify import verify  # opening a store must not pay for it

        return verify(self._engine, self._identity, progress, cancel)

    def rebuild(self) -> None:
        """Make rows, states, histories and digest anew from the changes, where `verify` finds that they do not agree.

        In one transaction. Raises NeedsIdentityError for a plain store, DamagedTextError if a change itself is damaged.
        """
        from storage.journal.rebuilding import rebuild

        rebuild(self._engine, self.journal)

    def maintain(self, seconds: float = 0.05) -> bool:
        """Idle work for about `seconds`: indexes that use asks for, then the search index in small steps.

        That is merged, and words that no record has any more are taken out of its dictionary. Then what attaching left
        behind when it was cut short is taken away.

        An index is made in one go, which takes 4 s at a million records; others read meanwhile, and wait to write.
        True when there is more to do.
        """
        if self._engine.db.read_only:
            return False
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if not (self._grant_a_wish() or self._merge_search() or self._pruning.step()):
                return self._blobs is not None and self._blobs.tidy_a_little()
        return True

    def _grant_a_wish(self) -> bool:
        """Make one index, which takes as long as its collection is big; false when none is due."""
        for name, path, purpose in self._wishes.due():
            with self._engine.writing():  # a collection may have been dropped meanwhile
                there = self._engine.held(name) is not None
                made = there and make_index(self._engine, name, path, purpose)
            self._wishes.done(name, path, purpose, granted=made)
            return True
        return False

    def _merge_search(self) -> bool:
        """One step of merging the search indexes; false when nothing is left."""
        with self._engine.writing() as connection:
            cids = connection.execute("SELECT cid FROM collection").fetchall()
            for index in (each for (cid,) in cids for each in search_indexes(cid)):
                before = connection.total_changes
                connection.execute(f"INSERT INTO {index}({index}, rank) VALUES ('merge', 64)")
                changes = connection.total_changes - before
                if changes >= MERGED:
                    return True
                self._engine.pass_over(changes)
        return False


def read_chain(path: Path, key: bytes | None) -> tuple[bytes, ...]:
    """The chain records kept in a store's file, which tell whose it is; empty for a plain store.

    Raises StoreFileError and its kinds.
    """
    database = Database(path, key, read_only=True, create=False)
    try:
        with database.translated(), database.reading() as connection:
            there = connection.execute(
                "SELECT 1 FROM sqlite_schema WHERE name = 'chain'"
            ).fetchone()
            if there is None:
                return ()
            rows = connection.execute("SELECT record FROM chain ORDER BY seq").fetchall()
            return tuple(row[0] for row in rows)
    finally:
        database.close()


def _journal_of(engine: Engine, identity: Identity | None) -> Journal | None:
    """What makes changes of the store's writes; None for a plain store. Raises NeedsIdentityError."""
    if identity is None:
        if engine.books.makes_changes and not engine.db.read_only:
            raise NeedsIdentityError(engine.db.path or "memory")
        return None
    from storage.journal.journal import Journal  # a plain store does not pay for it

    journal = Journal(engine, identity)
    journal.prepare()
    return journal


def _blobs_of(engine: Engine, identity: Identity | None) -> Blobs | None:
    """The attachments of a store that has a place and keys for them."""
    if identity is None or identity.blobs is None or engine.db.path is None:
        return None
    from storage.blobs.blobs import Blobs

    return Blobs(engine, engine.db.path, identity.blobs, identity.sealer)


def _from_tinydb(
    path: Any, options: dict[str, Any], *, read_only: bool
) -> tuple[Path | None, bool]:
    """Understand the arguments of TinyDB's own storages."""
    kind = options.pop("storage", None)
    if kind is MemoryStorage:
        path = None
    elif kind is not None and kind is not JSONStorage:
        raise TypeError("a Store keeps its records itself; open other storages with tinydb.TinyDB")
    read_only = read_only or options.pop("access_mode", "r+") == "r"
    make_folders = options.pop("create_dirs", False)
    unknown = set(options) - _JSON_LOOK
    if unknown:
        raise TypeError(f"Store() got an unexpected keyword argument {min(unknown)!r}")
    if path is None:
        return None, read_only
    place = Path(path).absolute()  # whatever folder the program works in later
    if os.path.islink(place):  # noqa: PTH114  # pathlib's raises where a name is too long or a drive gone
        place = Path(
            os.path.realpath(place)
        )  # SQLite's log lies beside the file itself: ours must too
    if make_folders:
        place.parent.mkdir(parents=True, exist_ok=True)
    return place, read_only


@contextmanager
def _transaction(engine: Engine) -> Iterator[None]:
    with engine.writing():
        yield


class Info(MutableMapping[str, Any]):
    """Small JSON values kept in the store by name: what a workspace is called, and the like."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getitem__(self, name: str) -> Any:
        if not _may_be_a_name(name):
            raise KeyError(name)
        with self._engine.db.reading() as connection:
            row = connection.execute("SELECT v FROM info WHERE k = ?", (name,)).fetchone()
        if row is None:
            raise KeyError(name)
        return decode(row[0])

    def __setitem__(self, name: str, value: Any) -> None:
        if not _may_be_a_name(name):
            raise RefusedValueError("info", f"{name!r} cannot be the name of a note")
        try:
            text = schema.stored(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise RefusedValueError(f"info {name!r}", f"it is no JSON value ({error})") from error
        with self._engine.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO info VALUES (?, ?)", (name, text))

    def __delitem__(self, name: str) -> None:
        if not _may_be_a_name(name):
            raise KeyError(name)
        with self._engine.writing() as connection:
            if not connection.execute("DELETE FROM info WHERE k = ?", (name,)).rowcount:
                raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        with self._engine.db.reading() as connection:
            names = [row[0] for row in connection.execute("SELECT k FROM info ORDER BY k")]
        if not all(isinstance(name, str) for name in names):
            raise DamagedTextError("a name in the store's own notes is gone")
        return iter(names)

    def __len__(self) -> int:
        with self._engine.db.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM info").fetchone()[0])


def _may_be_a_name(name: object) -> bool:
    return isinstance(name, str) and schema.is_encodable(name)
