"""The engine: transactions, the state kept of each collection, watchers, and the books about what was committed.

Invariants: (1) what is cached of a collection is at most as new as the transaction that reads it, and is dropped when
another connection has committed or a transaction was rolled back; (2) `commits` counts every write transaction, inside
the file and in the mark outside it, and the mark is never ahead; (3) watchers hear of a commit after it is durable,
outside the lock.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from storage.database import Connection, Database, DatabaseFault
from storage.errors import (
    DamagedStoreError,
    StorageError,
    StoreClosedError,
    TransactionLostError,
    WrongKeyError,
)
from storage.kinds import PathKinds
from storage.mark import Mark, Marked
from storage.query.kept import KeptColumns, Written
from storage.schema import collection_tables, drop_collection
from storage.search.terms import KnownTerms
from storage.touched import Touched, TouchLog

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.25
Counters = tuple[int, int, bool, int, bool]


@dataclass(slots=True)
class Held:
    """What is kept of one collection between transactions."""

    cid: int
    name: str
    count: int
    last: int
    by_id: bool
    position: int
    kinds: PathKinds
    indexes: dict[tuple[tuple[str, ...], str], str] = field(default_factory=dict)
    dirty: bool = False

    def counters(self) -> Counters:
        """What a failed inner write must put back."""
        return self.count, self.last, self.by_id, self.position, self.dirty

    def recall(self, counters: Counters) -> None:
        """Put it back."""
        self.count, self.last, self.by_id, self.position, self.dirty = counters


class Engine:
    """Everything below TinyDB's face that is not about rows: one per open store."""

    def __init__(
        self,
        path: Path | None,
        key: bytes | None,
        *,
        read_only: bool,
        create: bool,
        clock: Callable[[], float],
    ) -> None:
        self.clock = clock
        self._mark = None if path is None else Mark(path.with_name(path.name + "-mark"))
        marked = self._mark.read() if self._mark else None
        self._key_check = (
            hmac.digest(key, b"commonhold store key check", hashlib.sha256)[:16]
            if key
            else bytes(16)
        )
        try:
            self.db = Database(path, key, read_only=read_only, create=create)
        except WrongKeyError as error:
            if path and marked and hmac.compare_digest(marked.key_check, self._key_check):
                raise DamagedStoreError(path, "its first page") from error
            raise
        self.collections: dict[str, Held] = {}
        self.terms = KnownTerms()
        self.kept = KeptColumns()
        self.after_commit = Written()
        self.version = 0
        self.kinds_generation = 0
        self.last_id = 0
        self._elsewhere = False
        self._names_told: set[str] = set()
        self._depth = 0
        self._changes = 0  # of the writing connection, when the transaction began
        self._serial = 0  # of the outermost transaction
        self._touched = TouchLog()
        self._watchers: list[Callable[[Touched], None]] = []
        self._looker: threading.Thread | None = None
        self._stop = threading.Event()
        self._store_id = bytes(16)
        self.commits = 0
        self._lost_here: tuple[tuple[int, int, int], ...] = ()
        try:
            with self.db.translated():
                self._read_books(marked)
        except BaseException:
            self.db.close()
            raise

    # -- the books -----------------------------------------------------------------------------------------------
    def _read_books(self, marked: Marked | None) -> None:
        """Who this store is and how many commits it holds; a lower number than the mark's is a loss, and noted."""
        execute = self.db.writer.execute
        self._seen = execute("PRAGMA data_version").fetchone()[0]
        self._read_counters()
        known = execute("SELECT v FROM engine WHERE k = 'store'").fetchone()
        if known:
            self._store_id = known[0]
        elif not self.db.read_only:
            # A file whose mark names a store, but which holds none, has lost all of it: it stays that store.
            lost = None if self.db.fresh else marked
            self._store_id = lost.store if lost else os.urandom(16)  # noqa: TID251  # a name, from the OS
            execute("INSERT OR IGNORE INTO engine VALUES ('store', ?)", (self._store_id,))
            self._store_id = execute("SELECT v FROM engine WHERE k = 'store'").fetchone()[0]
        if marked and marked.store == self._store_id and marked.commits > self.commits:
            self._note_loss(marked.commits)
        self._write_mark()

    def _note_loss(self, announced: int) -> None:
        """Write down that commits are missing; where nothing may be written, remember it while open."""
        log.error("commits are missing", extra={"announced": announced, "found": self.commits})
        loss = (int(self.clock() * 1000), announced, self.commits)
        if self.db.read_only:
            self._lost_here = (loss,)
            return
        self.db.writer.execute(
            "INSERT INTO loss(noticed, announced, found) SELECT ?1, ?2, ?3 WHERE NOT EXISTS"
            " (SELECT 1 FROM loss WHERE announced = ?2 AND found = ?3)",  # killed before the mark was set back
            loss,
        )

    def _read_counters(self) -> None:
        rows = dict(
            self.db.writer.execute(
                "SELECT k, v FROM engine WHERE k IN ('commits', 'kinds', 'last_id')"
            )
        )
        self.commits, self.kinds_generation = rows.get("commits", 0), rows.get("kinds", 0)
        self.last_id = self._last_id_stored = rows.get("last_id", 0)
        self._counters_known = True

    def _write_mark(self) -> None:
        if self._mark is not None and not self.db.read_only:
            self._mark.write(Marked(self._store_id, self.commits, self._key_check))

    def losses(self) -> tuple[tuple[int, int, int], ...]:
        """(noticed at in ms, commits announced, commits found) of each time acknowledged commits were missing."""
        with self.db.reading() as connection:
            sql = "SELECT noticed, announced, found FROM loss ORDER BY seq"
            return (*connection.execute(sql).fetchall(), *self._lost_here)

    # -- transactions --------------------------------------------------------------------------------------------
    @contextmanager
    def writing(self, *, one: bool = False) -> Iterator[Connection]:
        """A write transaction; inside another one of this thread it is part of that one.

        `one`: a single record is written, after everything that could be wrong with it was looked at; so nothing can
        be left half done, and the savepoint is spared (each makes the search index write its words).
        """
        with self.db.lock:
            if self._depth:
                self._must_be_alive()
                if one:
                    yield self.db.writer
                    return
                with self._inner() as connection:
                    yield connection
                return
            with self._outermost() as connection:
                yield connection
            news = self._news_of_commit()
        self._tell(news)

    @contextmanager
    def _inner(self) -> Iterator[Connection]:
        """A write inside a transaction: if it fails, and the failure is caught, nothing of it stays."""
        execute, name, serial = self.db.writer.execute, f"s{self._depth}", self._serial
        before = [(held, held.counters()) for held in self.collections.values()]
        last_id = self.last_id
        execute(f"SAVEPOINT {name}")
        self._depth += 1
        try:
            yield self.db.writer
            execute(f"RELEASE {name}")
        except BaseException:
            # A full disk has taken all of it back; and who ends after the transaction has nothing to take back.
            if self._serial == serial and self.db.writer.in_transaction:
                # A search index made inside this savepoint still holds words in memory: opening
                # another one makes FTS5 write them here, where they are taken back.
                execute("SAVEPOINT flushed")
                execute(f"ROLLBACK TO {name}")
                execute(f"RELEASE {name}")
                self._recall(before, last_id)
            raise
        finally:
            if self._serial == serial:
                self._depth -= 1

    def _recall(self, before: list[tuple[Held, Counters]], last_id: int) -> None:
        """What was cached of the collections when an inner write began."""
        self._read_counters()
        self.last_id = last_id
        self.collections = {held.name: held for held, _ in before}
        for held, counters in before:
            held.recall(counters)
            sql = "SELECT path, kinds FROM path WHERE cid = ?"
            held.kinds = PathKinds(self.db.writer.execute(sql, (held.cid,)))
            held.indexes = self.read_indexes(self.db.writer, held.cid)
        self.terms.clear()
        self.after_commit.spoil()

    @contextmanager
    def _outermost(self) -> Iterator[Connection]:
        with self.db.translated():
            self._depth = 1
            try:
                self.db.begin()
                self._changes = self.db.writer.total_changes
                self._notice_others()
                yield self.db.writer
                self._must_be_alive()
                self._finish()
                self.db.commit()
            except BaseException:
                self._undo()
                raise
            finally:
                self._depth = 0
                self._serial += 1
            self._after_commit()

    def _after_commit(self) -> None:
        """What is cached follows the commit; an interrupt in the middle drops it instead."""
        self.version += 1
        try:
            self.after_commit.apply(self.kept)
        except BaseException:
            self.forget()
            raise
        self._write_mark()
        self.db.tidy()

    def _must_be_alive(self) -> None:
        """SQLite itself takes a transaction back when the disk is full or fails; then nothing more may go into it."""
        if not self.db.writer.in_transaction:
            raise TransactionLostError(TransactionLostError.__doc__)

    def _finish(self) -> None:
        """Last writes of a transaction: the collections' counters and the number of this commit."""
        execute = self.db.writer.execute
        if not self._has_changed():
            return
        for held in self.collections.values():
            if held.dirty:
                execute(
                    "UPDATE collection SET n = ?, last = ?, by_id = ?, position = ? WHERE cid = ?",
                    (held.count, held.last, held.by_id, held.position, held.cid),
                )
                held.dirty = False
        if self.last_id != self._last_id_stored:
            execute("INSERT OR REPLACE INTO engine VALUES ('last_id', ?)", (self.last_id,))
            self._last_id_stored = self.last_id
        self.commits += 1
        execute("INSERT OR REPLACE INTO engine VALUES ('commits', ?)", (self.commits,))

    def _has_changed(self) -> bool:
        """Whether this transaction writes anything; one that does not is no commit and costs no sync."""
        return (
            self.db.writer.total_changes != self._changes
            or self.last_id != self._last_id_stored
            or any(held.dirty for held in self.collections.values())
        )

    def _undo(self) -> None:
        """Back to the last commit, in the file and in what is cached of it."""
        self._touched = TouchLog()
        self.after_commit.clear()
        try:
            self.db.roll_back()
        finally:
            self.forget()

    def forget(self) -> None:
        """Drop what is cached; it is read again when it is needed."""
        self.version += 1
        self.collections.clear()
        self.kept.clear()
        self.terms.clear()
        self._counters_known = False

    def _notice_others(self) -> None:
        """Has another connection committed since this one last looked? Then nothing cached is trusted."""
        seen = self.db.writer.execute("PRAGMA data_version").fetchone()[0]
        if seen != self._seen:
            self._elsewhere = True
            self.forget()
        if not self._counters_known:
            self._read_counters()
        self._seen = seen

    def still(self) -> bool:
        """Whether no other connection has committed since `current` was asked; under the lock."""
        seen: int = self.db.writer.execute("PRAGMA data_version").fetchone()[0]
        return bool(seen == self._seen)

    def current(self) -> int:
        """A number that moves when what is cached of the file may be old; -1 while another thread writes."""
        if not self.db.lock.acquire(blocking=False):
            return -1
        try:
            if not self._depth:
                self._notice_others()
            return self.version
        except DatabaseFault as error:
            raise self.db.translate(error) from error
        finally:
            self.db.lock.release()

    # -- collections ---------------------------------------------------------------------------------------------
    def held(self, name: str, *, make: bool = False) -> Held | None:
        """The state of a collection, for the thread that writes; None where there is none and `make` is false."""
        found = self.collections.get(name)
        if found is not None:
            return found
        execute = self.db.writer.execute
        row = execute(
            "SELECT cid, n, last, by_id, position FROM collection WHERE name = ?", (name,)
        ).fetchone()
        if row is None:
            if not make:
                return None
            execute("INSERT INTO collection(name) VALUES (?)", (name,))
            row = (execute("SELECT last_insert_rowid()").fetchone()[0], 0, 0, 1, 0)
            for statement in collection_tables(row[0]):
                execute(statement)
            self.bump_kinds()
        cid, count, last, by_id, position = row
        kinds = PathKinds(execute("SELECT path, kinds FROM path WHERE cid = ?", (cid,)))
        held = Held(cid, name, count, last, bool(by_id), position, kinds)
        held.indexes = self.read_indexes(self.db.writer, cid)
        self.collections[name] = held
        return held

    @staticmethod
    def read_indexes(connection: Connection, cid: int) -> dict[tuple[tuple[str, ...], str], str]:
        """(path, purpose) → name of a collection's field indexes."""
        rows = connection.execute(
            "SELECT path, purpose, name FROM field_index WHERE cid = ?", (cid,)
        )
        return {(tuple(json.loads(path)), purpose): name for path, purpose, name in rows}

    def bump_kinds(self) -> None:
        """Tell other connections that what they know of paths, indexes or collections is old."""
        self.kinds_generation += 1
        self.db.writer.execute(
            "INSERT OR REPLACE INTO engine VALUES ('kinds', ?)", (self.kinds_generation,)
        )

    def drop(self, name: str) -> bool:
        """Take a collection away with all that belongs to it. False if there is none."""
        held = self.held(name)
        if held is None:
            return False
        execute = self.db.writer.execute
        for statement in drop_collection(held.cid):
            execute(statement)
        for table in ("collection", "path", "field_index", "trash"):
            execute(f"DELETE FROM {table} WHERE cid = ?", (held.cid,))
        del self.collections[name]
        self.bump_kinds()
        self._touched.whole(name)
        self.after_commit.whole(name)
        return True

    def names(self) -> list[str]:
        """Names of all collections, in the order they were made."""
        with self.db.reading() as connection:
            return [
                row[0] for row in connection.execute("SELECT name FROM collection ORDER BY cid")
            ]

    # -- who wants to know ---------------------------------------------------------------------------------------
    def touch(self, name: str, doc_id: int) -> None:
        """Note a changed record, inside a transaction."""
        self._touched.add(name, doc_id)

    def touch_whole(self, name: str) -> None:
        """Note that anything in a collection may have changed."""
        self._touched.whole(name)

    def watch(self, callback: Callable[[Touched], None]) -> Callable[[], None]:
        """Hear of every commit from now on; returns what ends it."""
        self._names_told.update(self.names())
        self._watchers.append(callback)
        if self._looker is None and self.db.path is not None:
            self._looker = threading.Thread(target=self._look_on, daemon=True, name="store-look")
            self._looker.start()

        def stop() -> None:
            if callback in self._watchers:
                self._watchers.remove(callback)

        return stop

    def _news(self) -> list[Touched]:
        """What watchers have not heard yet; called under the lock."""
        news = []
        if self._elsewhere:
            now = self.names()
            names = dict.fromkeys((*self._names_told, *now))  # what was dropped has changed as well
            news.append(Touched(MappingProxyType(names), elsewhere=True))
            self._names_told, self._elsewhere = set(now), False
        if self._touched:
            touched = self._touched.seal()
            self._names_told.update(touched.tables)
            news.append(touched)
            self._touched = TouchLog()
        return news

    def _news_of_commit(self) -> list[Touched]:
        """As `_news`, but a drive that fails just now cannot make a commit look failed: then all is told later."""
        try:
            return self._news()
        except StorageError:
            log.warning("what changed is told later", exc_info=True)
            return []

    def _tell(self, news: list[Touched]) -> None:
        for touched in news:
            for watcher in tuple(self._watchers):
                try:
                    watcher(touched)
                except Exception:  # the commit stands: whoever wrote must not take it for failed
                    log.exception("a watcher failed")

    def look(self) -> bool:
        """Has another process committed? Then watchers hear of it. Skipped while somebody writes."""
        if not self.db.lock.acquire(blocking=False):
            return False
        try:
            if self._depth:
                return False
            with self.db.translated():
                self._notice_others()
                news = self._news()
        finally:
            self.db.lock.release()
        self._tell(news)
        return bool(news)

    def _look_on(self) -> None:
        failed = False
        while not self._stop.wait(LOOK_SECONDS):
            if not self._watchers:
                continue
            try:
                self.look()
                failed = False
            except StoreClosedError:
                return
            except StorageError:
                if not failed:  # a drive that is gone is said once, not four times a second
                    log.warning("looking for other commits failed", exc_info=True)
                failed = True

    def close(self) -> None:
        """End the watcher, sync the mark, close the file."""
        self._stop.set()
        looker = self._looker
        mine = looker is threading.current_thread() or self.db.holds_transaction()
        if (
            looker is not None and not mine
        ):  # inside a transaction a watcher may wait for this very thread
            looker.join()
        self.db.close()
        if self._mark is not None:
            self._mark.close()
