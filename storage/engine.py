"""The engine: transactions, and what hangs together with them.

Invariants: (1) what is cached of a collection is at most as new as the transaction that reads it, and is dropped when
another connection has committed or a transaction was rolled back; (2) every write transaction counts as one commit,
in the books; (3) watchers hear of a commit after it is durable, outside the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.books import Books, Loss
from storage.database import Connection, Database, DatabaseFault
from storage.errors import (
    DamagedStoreError,
    NeedsIdentityError,
    TransactionLostError,
    WrongKeyError,
)
from storage.held import Collections, Counters, Held
from storage.journaling import Journal
from storage.news import News, Watcher
from storage.query.kept import KeptColumns, Written
from storage.search.terms import KnownTerms


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
        mark: Path | None = None,
    ) -> None:
        self.clock = clock
        self.books = Books(path, key, clock, mark)
        try:
            self.db = Database(path, key, read_only=read_only, create=create)
        except WrongKeyError as error:
            if path and self.books.knows_key():
                raise DamagedStoreError(path, "its first page") from error
            raise
        self.collections = Collections(self.db.writer, self.books)
        self.terms = KnownTerms()
        self.kept = KeptColumns()
        self.after_commit = Written()
        self.journal: Journal | None = (
            None  # set once, before the first write, where writes are changes
        )
        self.news = News(self.names, None if path is None else self.look)
        self.version = 0
        self._depth = 0
        self._changes = 0  # of the writing connection, when the transaction began
        self._serial = 0  # of the outermost transaction
        self._forgotten = 0  # how often what was read became old
        self._writes: dict[str, int] = {}  # to each collection since
        try:
            with self.db.translated():
                self._seen = self._data_version()
                self.books.open(self.db)
        except BaseException:
            self.db.close()
            raise

    # -- transactions --------------------------------------------------------------------------------------------
    @contextmanager
    def writing(self, *, one: bool = False) -> Iterator[Connection]:
        """A write transaction; inside another one of this thread it is part of that one.

        `one`: a single record is written, after everything that could be wrong with it was looked at; so nothing can
        be left half done, and the savepoint is spared (each makes the search index write its words).
        """
        with self.db.lock:
            if self._depth:
                self.must_be_alive()
                if one:
                    with self._all_or_no_transaction():
                        yield self.db.writer
                    return
                with self._inner() as connection:
                    yield connection
                return
            with self._outermost() as connection:
                yield connection
            news = self.news.gather_after_commit()
        self.news.tell(news)

    @contextmanager
    def _all_or_no_transaction(self) -> Iterator[None]:
        """An interrupt may come when half is done, and there is no savepoint: it takes the whole transaction back."""
        try:
            yield
        except Exception:
            raise
        except BaseException:
            self.db.roll_back()
            raise

    @contextmanager
    def _inner(self) -> Iterator[Connection]:
        """A write inside a transaction: if it fails, and the failure is caught, nothing of it stays."""
        execute, name, serial = self.db.writer.execute, f"s{self._depth}", self._serial
        before, last_id = self.collections.counters(), self.books.last_id
        place = None if self.journal is None else self.journal.place()
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
                if self.journal is not None:
                    self.journal.back_to(place)
            raise
        finally:
            if self._serial == serial:
                self._depth -= 1

    def _recall(self, before: list[tuple[Held, Counters]], last_id: int) -> None:
        """What was cached when an inner write began."""
        self.version += 1
        self._forgotten += 1
        self.books.read()
        self.books.last_id = last_id
        self.collections.recall(before)
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
                self._must_sign()
                yield self.db.writer
                self.must_be_alive()
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
        if self.journal is not None:
            self.journal.committed()
        self.books.mark()
        self.db.tidy()

    def _must_sign(self) -> None:
        """Another program may have made a workspace of the store since it was opened here."""
        if self.books.adopted and self.journal is None:
            raise NeedsIdentityError(self.db.path or "memory")

    @property
    def alive(self) -> bool:
        """Whether the transaction is still there."""
        there: bool = self.db.writer.in_transaction
        return there

    def must_be_alive(self) -> None:
        """SQLite itself takes a transaction back when the disk is full or fails; then nothing more may go into it."""
        if not self.db.writer.in_transaction:
            raise TransactionLostError(TransactionLostError.__doc__)

    def _finish(self) -> None:
        """Last writes of a transaction. One that changes nothing is no commit and costs no sync."""
        if self.journal is not None:
            self.journal.finish()
        if (
            self.db.writer.total_changes != self._changes
            or self.books.have_changed()
            or self.collections.have_changed()
        ):
            self.collections.write()
            self.books.write()

    def _undo(self) -> None:
        """Back to the last commit, in the file and in what is cached of it."""
        self.news.forget()
        self.after_commit.clear()
        try:
            self.db.roll_back()
        finally:
            self.forget()

    def pass_over(self, changes: int) -> None:
        """Rows that SQLite counts as changed although nothing is to be kept do not make a transaction a commit."""
        self._changes += changes

    @property
    def serial(self) -> int:
        """Tells one outermost transaction from the next."""
        return self._serial

    # -- what is cached ------------------------------------------------------------------------------------------
    def forget(self) -> None:
        """Drop what is cached; it is read again when it is needed."""
        self.version += 1
        self._forgotten += 1
        self._writes.clear()
        self.collections.clear()
        self.kept.clear()
        self.terms.clear()
        self.books.forget()
        if self.journal is not None:
            self.journal.forget()

    def _data_version(self) -> int:
        """A number of SQLite's that moves when another connection commits."""
        self.db.check_open()
        seen: int = self.db.writer.execute("PRAGMA data_version").fetchone()[0]
        return seen

    def _notice_others(self) -> None:
        """Has another connection committed since this one last looked? Then nothing cached is trusted."""
        seen = self._data_version()
        if seen != self._seen:
            self.db.check_format(self.db.writer)  # a newer program may have been here
            self.news.elsewhere = True
            self.forget()
        self.books.read_if_old()
        self._seen = seen

    def still(self) -> bool:
        """Whether no other connection has committed since `current` was asked; under the lock."""
        return self._data_version() == self._seen

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

    # -- for the rooms above -------------------------------------------------------------------------------------
    @property
    def commits(self) -> int:
        """How many commits the store holds."""
        return self.books.commits

    def losses(self) -> tuple[Loss, ...]:
        """(noticed at in ms, commits announced, commits found) of each time acknowledged commits were missing."""
        with self.db.reading() as connection:
            return self.books.losses(connection)

    def held(self, name: str, *, make: bool = False) -> Held | None:
        """The state of a collection, for the thread that writes; None where there is none and `make` is false."""
        return self.collections.get(name, make=make)

    def names(self) -> list[str]:
        """Names of all collections, in the order they were made."""
        sql = "SELECT name FROM collection WHERE NOT dropped ORDER BY cid"
        with self.db.reading() as connection:
            return [row[0] for row in connection.execute(sql)]

    def drop(self, name: str) -> bool:
        """Take a collection away with all that belongs to it. False if there is none. See `records.drop`."""
        there = self.collections.drop(name)
        if there:
            self.wrote_anything(name)
        return there

    def hide(self, name: str) -> None:
        """Put an emptied collection out of sight, with what belongs to it but the trash."""
        held = self.held(name)
        if held is not None:
            self.collections.hide(held)
            self.wrote_anything(name)

    def wrote(self, name: str, doc_id: int, text: str | None) -> None:
        """Note a record that this transaction has written, for watchers and kept columns; None is a removal."""
        self.news.touched.add(name, doc_id)
        self.after_commit.add(name, doc_id, text)
        self._writes[name] = self._writes.get(name, 0) + 1

    def wrote_anything(self, name: str) -> None:
        """Note that anything in a collection may have changed."""
        self.news.touched.whole(name)
        self.after_commit.whole(name)
        self._writes[name] = self._writes.get(name, 0) + 1

    def moment(self, name: str) -> tuple[int, int]:
        """Moves with every write to a collection that this thread's transaction sees, and with each that is undone."""
        return self._forgotten, self._writes.get(name, 0)

    def watch(self, callback: Watcher) -> Callable[[], None]:
        """Hear of every commit from now on; returns what ends it."""
        return self.news.watch(callback)

    def look(self) -> bool:
        """Has another process committed? Then watchers hear of it. Skipped while somebody writes."""
        if not self.db.lock.acquire(blocking=False):
            return False
        try:
            if self._depth:
                return False
            with self.db.translated():
                self._notice_others()
                news = self.news.gather()
        finally:
            self.db.lock.release()
        self.news.tell(news)
        return bool(news)

    def close(self) -> None:
        """End the watching, close the file, sync the mark."""
        self.news.close(wait=not self.db.holds_transaction())
        self.db.close()
        self.books.close()
