"""Folding the log into the file, and then beginning the log anew.

SQLite's own checkpoint leaves a folded log valid until the next write begins it anew. A bit turned in such a log makes
SQLite lay its older pages over the newer file: a mixture that no commit ever was. So a log is begun anew in the same
breath, by a commit that only counts how often: it writes a new head, under which no older page counts. The log's file
keeps its length, so that a commit need not make it longer. Only while another program or a long read still looks at
the log does it stay valid, and is tried again soon.
"""

from __future__ import annotations

from typing import Any, Final

FOLD_PAGES: Final = 1_000  # as many as SQLite folds of itself
TRY_AGAIN: Final = 64  # commits later, where a log could not be folded
# Of the file that a long transaction has made, this much is kept when the log begins anew.
LEFT_BYTES: Final = 2 * FOLD_PAGES * 4_120
# A number that rises: where nothing differs, SQLite writes no page, and the old log would stand.
BEGIN_ANEW: Final = "INSERT INTO engine VALUES ('folds', 1) ON CONFLICT(k) DO UPDATE SET v = v + 1"


class Checkpoints:
    """Looks at the log's length after each commit. For the thread that holds the store's lock."""

    def __init__(self, busy_ms: int) -> None:
        self._busy_ms = busy_ms
        self._wait = 0

    def after_commit(self, connection: Any) -> None:
        """Fold the log and begin it anew once it is long. Whatever is in the way, the commit stands."""
        if self._wait:
            self._wait -= 1
            return
        _, pages, _ = connection.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
        if pages >= FOLD_PAGES:
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
        finally:
            connection.execute(f"PRAGMA busy_timeout={self._busy_ms}")
        return not busy
