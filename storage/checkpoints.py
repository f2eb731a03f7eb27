"""Folding the log into the file, and then beginning the log anew.

SQLite's own checkpoint leaves a folded log valid until the next write begins it anew. A bit turned in such a log makes
SQLite lay its older pages over the newer file: a mixture that no commit ever was. So a log is begun anew in the same
breath, by a commit that only counts how often: it writes a new head, under which no older page counts. Only while
another program or a long read still looks at the log does it stay valid, and is tried again soon.

A sync takes nearly twice as long when it writes a new length of the file as well. So the log's file keeps its length
when the log begins anew, and grows by pieces ahead of what is written.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any, Final

FOLD_PAGES: Final = 1_000  # as many as SQLite folds of itself
TRY_AGAIN: Final = 64  # commits later, where a log could not be folded
# Of the file that a long transaction has made, this much is kept when the log begins anew.
HEAD_BYTES: Final = 32
PAGE_BYTES: Final = 4_120  # with its own head
LEFT_BYTES: Final = 2 * FOLD_PAGES * PAGE_BYTES
AHEAD_PAGES: Final = 64
NEAR_PAGES: Final = 8  # of the end: more than most commits write
# A number that rises: where nothing differs, SQLite writes no page, and the old log would stand.
BEGIN_ANEW: Final = "INSERT INTO engine VALUES ('folds', 1) ON CONFLICT(k) DO UPDATE SET v = v + 1"


class Checkpoints:
    """Looks at the log's length after each commit. For the thread that holds the store's lock."""

    def __init__(self, log: Path, busy_ms: int) -> None:
        self._log, self._busy_ms = log, busy_ms
        self._wait = 0
        self._pages = 0  # in the log, after the last commit
        self._room = 0  # pages that the log's file has room for

    def make_room(self) -> None:
        """Make the log's file longer where its end is near; in a write transaction, so that nobody else writes to it.

        SQLite takes zeros behind its last page for the end of the log. Where they cannot be written all is as it was.
        The log carries no locks: opening and closing it by hand takes none away.
        """
        if self._pages + NEAR_PAGES <= self._room:
            return
        self._room = self._pages + AHEAD_PAGES
        with contextlib.suppress(OSError), self._log.open("r+b", buffering=0) as log:
            missing = HEAD_BYTES + self._room * PAGE_BYTES - log.seek(0, os.SEEK_END)
            if missing > 0:
                log.write(bytes(missing))

    def after_commit(self, connection: Any) -> None:
        """Fold the log and begin it anew once it is long. Whatever is in the way, the commit stands."""
        if self._wait:
            self._wait -= 1
            return
        _, self._pages, _ = connection.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
        if self._pages >= FOLD_PAGES:
            self._wait = TRY_AGAIN
            if self.fold(connection):
                self._wait = 0

    def fold(self, connection: Any) -> bool:
        """Fold what can be folded without waiting for anybody; true when nothing old is in the log any more."""
        connection.execute("PRAGMA busy_timeout=0")
        try:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
            if not busy:
                connection.execute(BEGIN_ANEW)
                self._pages = 1
        finally:
            connection.execute(f"PRAGMA busy_timeout={self._busy_ms}")
        return not busy
