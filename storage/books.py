"""The books of a store: who it is, how many commits it holds, and which of them are missing.

`commits` counts every write transaction, inside the file and in the mark outside it; the mark is never ahead. Where
the file holds fewer than the mark says, commits are lost, and that is written down.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
from collections.abc import Callable
from pathlib import Path

from storage.database import Connection, Database
from storage.errors import DriveGoneError
from storage.mark import NOBODY, NOTHING, Mark, Marked, Own, mark_beside
from storage.sameness import identity_of

log = logging.getLogger(__name__)
Loss = tuple[int, int, int]


class Books:
    """The numbers that a whole store has. Made before the file is opened, since the mark may say more than the file.

    `mark`: where it lies, beside the file if None. For the thread that holds the store's lock.
    """

    def __init__(
        self,
        path: Path | None,
        key: bytes | None,
        clock: Callable[[], float],
        mark: Path | None = None,
    ) -> None:
        self._clock, self._path = clock, path
        self._mark = None if path is None else Mark(mark or mark_beside(path))
        self._marked = self._mark.read() if self._mark else ()
        self._key_check = (
            hmac.digest(key, b"commonhold store key check", hashlib.sha256)[:16]
            if key
            else bytes(16)
        )
        self._store_id = self._file = NOTHING
        self._lost_here: tuple[Loss, ...] = ()
        self._known = False
        self.own = NOBODY  # what the mark is to say of this device's changes
        self.commits = 0
        self.kinds = 0  # a generation of kinds, indexes and collections
        self.last_id = self._last_id_stored = 0

    def knows_key(self) -> bool:
        """Whether the mark says that this is the key; then a file that does not open with it is damaged."""
        return any(hmac.compare_digest(one.key_check, self._key_check) for one in self._marked)

    def open(self, db: Database) -> None:
        """Read the numbers of a file that was just opened; fewer commits than the mark's are a loss, and noted."""
        self._db, self._execute = db, db.writer.execute
        self.read()
        if self._path is not None:
            self._file = _identity_of(self._path)
        entry = self._entry()
        self._store_id = self._identity(entry)
        if entry is not None and entry.store == self._store_id:
            self.own = entry.own
        announced = max((one.commits for one in self._marked if self._is_of_us(one)), default=0)
        if announced > self.commits:
            self._note_loss(announced)
        self.mark()

    def _entry(self) -> Marked | None:
        """What the mark says of this very file."""
        return next((one for one in self._marked if one.file == self._file), None)

    def _is_of_us(self, marked: Marked) -> bool:
        """Whether an entry counts the commits of this store: of this file, or of one that it is a copy of.

        A copy that has had a life of its own counts on its own.
        """
        if marked.store != self._store_id:
            return False
        entry = self._entry()
        return marked == entry if entry is not None else self.life in {None, marked.own.life}

    def _identity(self, entry: Marked | None) -> bytes:
        """The store's id; given to a new one."""
        known = self._execute("SELECT v FROM engine WHERE k = 'store'").fetchone()
        if known is None and not self._db.read_only:
            # A file whose mark names a store, but which holds none, has lost all of it: it stays that store.
            lost = None if self._db.fresh else entry or next(iter(self._marked), None)
            new = lost.store if lost else os.urandom(16)  # noqa: TID251  # a name, from the OS
            self._execute("INSERT OR IGNORE INTO engine VALUES ('store', ?)", (new,))
            known = self._execute("SELECT v FROM engine WHERE k = 'store'").fetchone()
        return known[0] if known else NOTHING

    def _note_loss(self, announced: int) -> None:
        """Write down that commits are missing; where nothing may be written, remember it while open."""
        log.error("commits are missing", extra={"announced": announced, "found": self.commits})
        loss = (int(self._clock() * 1000), announced, self.commits)
        if self._db.read_only:
            self._lost_here = (loss,)
            return
        self._execute(
            "INSERT INTO loss(noticed, announced, found) SELECT ?1, ?2, ?3 WHERE NOT EXISTS"
            " (SELECT 1 FROM loss WHERE announced = ?2 AND found = ?3)",  # killed before the mark was set back
            loss,
        )

    # -- in a transaction ----------------------------------------------------------------------------------------
    def read(self) -> None:
        """Read the numbers as they are in the file now."""
        sql = "SELECT k, v FROM engine WHERE k IN ('commits', 'kinds', 'last_id', 'changes')"
        rows = dict(self._execute(sql).fetchall())
        self.commits, self.kinds = rows.get("commits", 0), rows.get("kinds", 0)
        self.last_id = self._last_id_stored = rows.get("last_id", 0)
        self.adopted = "changes" in rows
        self._known = True

    def read_if_old(self) -> None:
        """Read the numbers if they were forgotten."""
        if not self._known:
            self.read()

    @property
    def makes_changes(self) -> bool:
        """Whether the writes of this store are changes."""
        return self._execute("SELECT 1 FROM engine WHERE k = 'changes'").fetchone() is not None

    @property
    def life(self) -> bytes | None:
        """The id of the life in which this file's device wrote last; None before its first change in one."""
        row = self._execute("SELECT v FROM engine WHERE k = 'life'").fetchone()
        return None if row is None else row[0]

    def begin_life(self, life: bytes | None) -> None:
        """Write down that a life begins, or with None that the next one to write begins one.

        The mark is told of a life before it is committed: after a kill in between the mark knows a life that the file
        does not, and the next one to write begins another. The other way round each such kill would leave a feed.
        """
        if life is None:
            self._execute("DELETE FROM engine WHERE k = 'life'")
            return
        self._execute("INSERT OR REPLACE INTO engine VALUES ('life', ?)", (life,))
        self.own = Own(life)
        if self._mark is not None:
            self._mark.write(self._as_marked(self.own), synced=True)

    def forget(self) -> None:
        """Somebody else has committed, or a transaction was taken back: what is known is old."""
        self._known = False

    def have_changed(self) -> bool:
        """Whether there is something that is not in the file yet."""
        return self.last_id != self._last_id_stored

    def bump_kinds(self) -> None:
        """Tell other connections that what they know of paths, indexes or collections is old."""
        self.kinds += 1
        self._execute("INSERT OR REPLACE INTO engine VALUES ('kinds', ?)", (self.kinds,))

    def write(self) -> None:
        """Count the transaction that is about to be committed."""
        if self.last_id != self._last_id_stored:
            self._execute("INSERT OR REPLACE INTO engine VALUES ('last_id', ?)", (self.last_id,))
            self._last_id_stored = self.last_id
        self.commits += 1
        self._execute("INSERT OR REPLACE INTO engine VALUES ('commits', ?)", (self.commits,))

    # -- outside of one ------------------------------------------------------------------------------------------
    def mark(self) -> None:
        """Note the last commit outside the file, once it is durable."""
        if self._mark is not None and not self._db.read_only:
            self._mark.write(self._as_marked(self.own))

    def own_by_mark(self) -> Own | None:
        """What the mark says now of this device's own writing in this file; None for a store without a mark."""
        if self._mark is None:
            return None
        self._mark.follow()
        self._marked = self._mark.read()
        entry = self._entry()
        return NOBODY if entry is None or entry.store != self._store_id else entry.own

    def _as_marked(self, own: Own) -> Marked:
        return Marked(self._store_id, self.commits, self._key_check, self._file, own)

    def losses(self, connection: Connection) -> tuple[Loss, ...]:
        """(noticed at in ms, commits announced, commits found) of each time acknowledged commits were missing."""
        sql = "SELECT noticed, announced, found FROM loss ORDER BY seq"
        return (*connection.execute(sql).fetchall(), *self._lost_here)

    def close(self) -> None:
        """Sync the mark and let go of it."""
        if self._mark is not None:
            self._mark.close()


def _identity_of(path: Path) -> bytes:
    try:
        return identity_of(path)
    except OSError as error:
        raise DriveGoneError(path, error.strerror or "") from error
