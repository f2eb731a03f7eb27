"""Opens SQLite: the only module that does, and the one boundary where its exceptions become ours.

One connection writes, under a lock that any thread may take; short reads use it too while nobody writes, since its
pages are decrypted already. Long reads, and reads while somebody writes, use connections of their own: they see the
last commit and wait for nobody.

Where a disk is so full that not even the index of the log can be made beside it, the store is opened alone: that index
is kept in memory, which SQLite does only for a connection that shuts out all others. Then it may only be read.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import re
import shutil
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlcipher3 import dbapi2 as sqlite

from storage import schema
from storage.checkpoints import Checkpoints
from storage.errors import (
    DamagedStoreError,
    DiskFullError,
    DriveGoneError,
    NewerFormatError,
    NotAStoreError,
    OlderFormatError,
    ReadOnlyStoreError,
    StorageError,
    StoreBusyError,
    StoreClosedError,
    WrongKeyError,
)
from storage.opening import look_before, salt_of
from storage.search.words import amount_key, sort_key

log = logging.getLogger(__name__)
Connection = Any  # sqlcipher3 has no types of its own
DatabaseFault = sqlite.Error
IDLE_READERS: Final = 4
MAX_PATTERNS: Final = 500
_PAGES_A_STEP: Final = 2_000
KEY_BYTES: Final = 32
ROOM_BYTES: Final = 64 * 1024  # the index of a log takes half of it
_ALONE: Final = "it was opened to be read only; open it anew when there is room"
_patterns: dict[tuple[str, int], re.Pattern[str]] = {}


def _regex(how: str, pattern: str, flags: int, text: Any) -> bool:
    if type(text) is not str:  # SQLite may ask this before it looks whether there is text
        return False
    found = _patterns.get((pattern, flags))
    if found is None:
        if len(_patterns) > MAX_PATTERNS:
            _patterns.clear()
        found = _patterns[pattern, flags] = re.compile(pattern, flags)
    return (found.match(text) if how == "matches" else found.search(text)) is not None


class Database:
    """A store's file, or memory when `path` is None. `key`: 32 bytes, or None for a plain SQLite file.

    `older`: a store of an older format is let in too, for `storage.migrations` alone.
    """

    def __init__(
        self,
        path: Path | None,
        key: bytes | None,
        *,
        read_only: bool = False,
        create: bool = True,
        older: bool = False,
    ) -> None:
        if key is not None and len(key) != KEY_BYTES:
            raise ValueError("a store's key has 32 bytes")
        self.path, self._key, self.read_only = path, key, read_only
        self.encrypted = key is not None
        self._older = older
        self.lock = threading.RLock()
        self.holder: int | None = None  # the thread inside a write transaction
        self._idle: list[Connection] = []
        self._open = True
        self._failed = False  # the drive did not answer once; the connections may be of no more use
        self.created = False  # there was no file
        self._there = False  # there is one now, and it is a store
        self.fresh = path is None  # nor a log: nothing that could be missing
        if path is not None and not _is_open_here(path, key):
            self.created = not look_before(path, key, create=create and not read_only)
            self.fresh = self.created and not path.with_name(path.name + "-wal").exists()
        self.alone = False  # the disk is full: one connection for everything, to read only
        with self.translated():
            try:
                self.writer = self._opened(create=create)
            except sqlite.Error as error:
                if self.created or not (_is_of_drive(error) and self._is_full()):
                    raise
                self.writer = self._opened_alone(error)
        self._checkpoints: Checkpoints | None = None
        if path is not None:
            self._checkpoints = Checkpoints(path.with_name(path.name + "-wal"), schema.BUSY_MS)
            self._there = True
            _open_here.add(self)

    def _opened(self, *, create: bool) -> Connection:
        """The connection that writes, to a store that is known."""
        connection = self._connect("rwc" if self.created else self._mode())
        try:
            self._prepare(connection, create=create)
        except BaseException:
            connection.close()
            raise
        return connection

    def _opened_alone(self, error: sqlite.Error) -> Connection:
        """The one connection to a store on a full disk; the first error where another program has the store open."""
        read_only, self.alone, self.read_only = self.read_only, True, True
        try:
            return self._opened(create=False)
        except sqlite.Error:
            self.alone, self.read_only = False, read_only
            raise error from None

    def _is_full(self) -> bool:
        """Whether the disk has no room for the index of a log."""
        try:
            return self.path is not None and shutil.disk_usage(self.path.parent).free < ROOM_BYTES
        except OSError:
            return False

    def _connect(self, mode: str) -> Connection:
        """One more connection. Only the first of a new store may make the file: a drive may be gone meanwhile."""
        if self.path is None:
            connection = sqlite.connect(":memory:", isolation_level=None, check_same_thread=False)
        else:
            uri = f"{self.path.absolute().as_uri()}?mode={mode}"
            connection = sqlite.connect(
                uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=400
            )
        try:
            self._set_up(connection)
        except BaseException:  # it may hold a lock, and a traceback keeps it alive
            connection.close()
            raise
        return connection

    def _set_up(self, connection: Connection) -> None:
        """Tell a connection the key and how to work, and what functions there are."""
        execute = connection.execute
        if self._key is not None:
            execute("PRAGMA cipher_log_level=NONE")
            execute(f"PRAGMA key=\"x'{self._key.hex()}{salt_of(self._key).hex()}'\"")
            execute("PRAGMA cipher_page_size=4096")
            execute("PRAGMA cipher_hmac_algorithm=HMAC_SHA256")
        for pragma in (*(schema.ALONE if self.alone else ()), *schema.PRAGMAS):
            execute(pragma)
        connection.create_function("py_regex", 4, _regex, deterministic=True)
        connection.create_function("sort_key", 1, sort_key, deterministic=True)
        connection.create_function("amount_key", 1, amount_key, deterministic=True)

    def _mode(self) -> str:
        """How the file is opened: to read only, without even a lock where no log can be made beside it."""
        if not self.read_only or self.alone or self.path is None:
            return "rw"
        log = self.path.with_name(self.path.name + "-wal")
        untouchable = not os.access(self.path.parent, os.W_OK)
        return (
            "ro&immutable=1" if untouchable and not (log.exists() and log.stat().st_size) else "ro"
        )

    def _prepare(self, connection: Connection, *, create: bool) -> None:
        """Check that this is a store we know; make the tables of a new one."""
        execute = connection.execute
        tables = execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if self.created and self.encrypted and self.path is not None:
            self.path.chmod(0o600)  # the log gets the rights of the file
        if tables:
            self.check_format(connection)
        if not self.read_only:
            if self.path is not None:
                mode = execute("PRAGMA journal_mode=WAL").fetchone()[0]
                if str(mode).lower() != "wal":
                    raise NotAStoreError(self.path, "this drive cannot keep its log beside it")
            execute("PRAGMA synchronous=FULL")
        if not tables:
            if self.read_only or not create:
                raise NotAStoreError(self.path or "memory", "it is empty")
            execute("BEGIN IMMEDIATE")
            if not execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                for statement in schema.TABLES:
                    execute(statement)
                execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
                execute(f"PRAGMA user_version={schema.FORMAT}")
            execute("COMMIT")

    def check_format(self, connection: Connection) -> None:
        """Raise NotAStoreError, NewerFormatError or OlderFormatError for what this program may not touch as it is."""
        path = self.path or "memory"
        if connection.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
            raise NotAStoreError(path, "it is a database of another program")
        written = connection.execute("PRAGMA user_version").fetchone()[0]
        if written > schema.FORMAT:
            raise NewerFormatError(path, f"format {written}, known up to {schema.FORMAT}")
        if written < schema.FORMAT and not self._older:
            raise OlderFormatError(path, f"format {written}, and this is {schema.FORMAT}")

    # -- reading -------------------------------------------------------------------------------------------------
    def holds_transaction(self) -> bool:
        """Whether the calling thread is inside a write transaction."""
        return self.holder == threading.get_ident()

    def free_writer(self) -> Connection | None:
        """The writing connection for one short read, if no thread is writing; then `lock.release()`."""
        if self.holder == threading.get_ident() or not self.lock.acquire(blocking=False):
            return None
        if self._open:
            return self.writer
        self.lock.release()
        raise StoreClosedError(StoreClosedError.__doc__)

    @contextmanager
    def reading(self, *, long: bool = False, new: bool = False) -> Iterator[Connection]:
        """A connection to read with; inside a transaction it sees the transaction's own writes.

        `long`: the read may take a while, so it must not keep a writer out. `new`: also long, on a connection that
        remembers nothing of earlier reads.
        """
        with self.translated():
            if self.holds_transaction() or self.path is None or self.alone:
                with self.lock:
                    self.check_open()
                    yield self.writer
                return
            if not (long or new) and self.lock.acquire(blocking=False):
                try:
                    self.check_open()
                    yield self.writer
                finally:
                    self.lock.release()
                return
            connection = self._take_reader(new=new)
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            self._put_reader(connection)

    def _take_reader(self, *, new: bool = False) -> Connection:
        self.check_open()
        with contextlib.suppress(IndexError):
            if not new:
                return self._idle.pop()
        connection = self._connect(self._mode())
        connection.execute(schema.READERS_CACHE)
        return connection

    def _put_reader(self, connection: Connection) -> None:
        if len(self._idle) < IDLE_READERS and not connection.in_transaction:
            self._idle.append(connection)
            connection = None
        if not self._open:  # closed meanwhile: what `close` did not see is closed here
            self._close_idle()
        if connection is not None:
            connection.close()

    def _close_idle(self) -> None:
        while self._idle:
            with contextlib.suppress(IndexError):  # another thread took the last one
                self._idle.pop().close()

    def check_open(self) -> None:
        """StoreClosedError after `close`, and in a child process that has only a copy."""
        if not self._open:
            raise StoreClosedError(StoreClosedError.__doc__)

    @contextmanager
    def snapshot(self, connection: Connection) -> Iterator[None]:
        """All reads inside see one and the same commit."""
        if connection.in_transaction or self.path is None or self.alone:  # the lock is enough
            yield
            return
        connection.execute("BEGIN")
        try:
            yield
        finally:
            if connection.in_transaction:
                connection.execute("COMMIT")

    def begin(self) -> None:
        """Start the write transaction; the caller holds the lock."""
        self.check_open()
        if self.alone:
            raise DiskFullError(self.path or "memory", _ALONE)
        if self.read_only:
            raise ReadOnlyStoreError(self.path or "memory")
        self.writer.execute("BEGIN IMMEDIATE")
        self.holder = threading.get_ident()
        if self._checkpoints is not None:
            self._checkpoints.make_room()

    def commit(self) -> None:
        """Make it durable."""
        self.writer.execute("COMMIT")
        self.holder = None

    def fold(self) -> bool:
        """Fold the log into the file and begin it anew; false where others still look at it. Under the lock."""
        return self._checkpoints is not None and self._checkpoints.fold(self.writer)

    def tidy(self) -> None:
        """Fold the log into the file if it has grown long; under the lock, outside a transaction."""
        if self._checkpoints is None or self.read_only:
            return
        try:
            self._checkpoints.after_commit(self.writer)
        except sqlite.Error:  # a full disk, another program: the log keeps what was committed
            log.info("the log could not be folded yet", exc_info=True)

    def roll_back(self) -> None:
        """Take it back; SQLite may have done so itself (full disk)."""
        self.holder = None
        if self._open and self.writer.in_transaction:
            self.writer.execute("ROLLBACK")

    def copy_to(self, place: Path, tell: Callable[[float], None]) -> None:
        """Copy all pages of one moment into a new file, under the same key; `tell` hears how much is done, 0 to 1."""

        def pages(_status: int, left: int, total: int) -> None:
            tell(1 - left / max(total, 1))

        target = sqlite.connect(str(place), isolation_level=None)
        try:
            self._set_up(target)
            with self.translated():
                self.writer.backup(target, pages=_PAGES_A_STEP, progress=pages)
        finally:
            target.close()

    # -- errors, end ---------------------------------------------------------------------------------------------
    @contextmanager
    def translated(self) -> Iterator[None]:
        """SQLite's exceptions leave as ours."""
        try:
            yield
        except sqlite.Error as error:
            raise self.translate(error) from error

    def translate(self, error: Exception) -> StorageError:
        """Our error for one of SQLite's."""
        name = str(getattr(error, "sqlite_errorname", "") or "")
        text, place = str(error), self.path or "memory"
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR_SHM")) or "is full" in text:
            # Where not one page is free, even a reader cannot make the log's index.
            return DiskFullError(place)
        if (
            name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT"))
            or "malformed" in text
            or "not a database" in text
        ):
            # After a failed read SQLCipher calls everything malformed: that is the drive, not the bytes.
            return DriveGoneError(place, text) if self._failed else DamagedStoreError(place, text)
        if name.startswith(("SQLITE_READONLY", "SQLITE_PERM")) or "readonly" in text:
            return ReadOnlyStoreError(place, text)
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in text:
            return StoreBusyError(StoreBusyError.__doc__)
        if name.startswith("SQLITE_CANTOPEN"):
            return self._cannot_open(text)
        if _is_of_drive(error):
            if self._is_full():
                return DiskFullError(place, text)
            self._failed = True
            return DriveGoneError(place, text)
        if "closed database" in text:
            return StoreClosedError(StoreClosedError.__doc__)
        return StorageError(f"{place}: {text}")

    @staticmethod
    def is_of_dropped(error: Exception) -> bool:
        """Whether a fault only says that a collection or an index was dropped since its tables were looked up."""
        return str(error).startswith(("no such table", "no such column"))

    def _cannot_open(self, text: str) -> StorageError:
        if self.path is None:
            return StorageError(text)
        try:
            (self.path if self._there else self.path.parent).stat()
        except OSError as error:
            return DriveGoneError(self.path, error.strerror or text)
        return ReadOnlyStoreError(self.path, text)

    def close(self) -> None:
        """Close every connection; the log is folded into the file where nobody else holds it."""
        with self.lock:
            if not self._open:
                return
            self._open = False
            _open_here.discard(self)
            self._close_idle()
            self.writer.close()

    def is_file(self, there: os.stat_result) -> bool:
        """Whether the store's file is this one."""
        try:
            own = self.path.stat() if self.path is not None else None
        except OSError:
            return False
        return own is not None and os.path.samestat(own, there)

    def has_key(self, key: bytes | None) -> bool:
        """Whether it was opened with this key."""
        return hmac.compare_digest(self._key or b"", key or b"")

    def close_in_child(self) -> None:
        """After a fork: the copy is no store any more. Its connections are left alone, for they are the parent's.

        They are kept for good, since ending one would touch the parent's files.
        """
        self.lock = threading.RLock()  # a thread that is not here may hold the old one
        self._open = False
        _parents.append((self.writer, *self._idle))


def _is_of_drive(error: Exception) -> bool:
    """Whether the drive did not do what it was asked for."""
    name = str(getattr(error, "sqlite_errorname", "") or "")
    return name.startswith(("SQLITE_IOERR", "SQLITE_NOLFS")) or "disk I/O" in str(error)


_open_here: weakref.WeakSet[Database] = weakref.WeakSet()
_parents: list[tuple[Connection, ...]] = []


def _is_open_here(path: Path, key: bytes | None) -> bool:
    """Whether this process has the file open as a store; then nobody may open and close it by hand.

    Closing any descriptor of a file drops all of a process's POSIX locks on it, SQLite's too. Raises WrongKeyError.
    """
    try:
        there = path.stat()
    except OSError:
        return False
    for database in tuple(_open_here):
        if database.path is None or not database.is_file(there):
            continue
        if database.encrypted != (key is not None) or not database.has_key(key):
            raise WrongKeyError(path, "it is open here with another one")
        return True
    return False


def _after_fork() -> None:
    for database in tuple(_open_here):
        database.close_in_child()
    _open_here.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
