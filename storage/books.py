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
from storage.mark import Mark, Marked

log = logging.getLogger(__name__)
Loss = tuple[int, int, int]


class Books:
    """The numbers that a whole store has. Made before the file is opened, since the mark may say more than the file.

    For the thread that holds the store's lock.
    """

    def __init__(self, path: Path | None, key: bytes | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._mark = None if path is None else Mark(path.with_name(path.name + "-mark"))
        self._marked = self._mark.read() if self._mark else None
        self._key_check = (
            hmac.digest(key, b"commonhold store key check", hashlib.sha256)[:16]
            if key
            else bytes(16)
        )
        self._store_id = bytes(16)
        self._lost_here: tuple[Loss, ...] = ()
        self._known = False
        self.commits = 0
        self.kinds = 0  # a generation of kinds, indexes and collections
        self.last_id = self._last_id_stored = 0

    def knows_key(self) -> bool:
        """Whether the mark says that this is the key; then a file that does not open with it is damaged."""
        marked = self._marked
        return marked is not None and hmac.compare_digest(marked.key_check, self._key_check)

    def open(self, db: Database) -> None:
        """Read the numbers of a file that was just opened; fewer commits than the mark's are a loss, and noted."""
        self._db, self._execute = db, db.writer.execute
        self.read()
        marked = self._marked
        self._store_id = self._identity(marked)
        if marked and marked.store == self._store_id and marked.commits > self.commits:
            self._note_loss(marked.commits)
        self.mark()

    def _identity(self, marked: Marked | None) -> bytes:
        """The store's id; given to a new one."""
        known = self._execute("SELECT v FROM engine WHERE k = 'store'").fetchone()
        if known is None and not self._db.read_only:
            # A file whose mark names a store, but which holds none, has lost all of it: it stays that store.
            lost = None if self._db.fresh else marked
            new = lost.store if lost else os.urandom(16)  # noqa: TID251  # a name, from the OS
            self._execute("INSERT OR IGNORE INTO engine VALUES ('store', ?)", (new,))
            known = self._execute("SELECT v FROM engine WHERE k = 'store'").fetchone()
        return known[0] if known else bytes(16)

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
        rows = dict(
            self._execute("SELECT k, v FROM engine WHERE k IN ('commits', 'kinds', 'last_id')")
        )
        self.commits, self.kinds = rows.get("commits", 0), rows.get("kinds", 0)
        self.last_id = self._last_id_stored = rows.get("last_id", 0)
        self._known = True

    def read_if_old(self) -> None:
        """Read the numbers if they were forgotten."""
        if not self._known:
            self.read()

    @property
    def makes_changes(self) -> bool:
        """Whether the writes of this store are changes."""
        return self._execute("SELECT 1 FROM engine WHERE k = 'changes'").fetchone() is not None

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
            self._mark.write(Marked(self._store_id, self.commits, self._key_check))

    def losses(self, connection: Connection) -> tuple[Loss, ...]:
        """(noticed at in ms, commits announced, commits found) of each time acknowledged commits were missing."""
        sql = "SELECT noticed, announced, found FROM loss ORDER BY seq"
        return (*connection.execute(sql).fetchall(), *self._lost_here)

    def close(self) -> None:
        """Sync the mark and let go of it."""
        if self._mark is not None:
            self._mark.close()
