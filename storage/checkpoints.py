"""Folding the log into the file, and then emptying the log.

SQLite's own checkpoint leaves a folded log where it is until the next write begins it anew. A bit turned in such a log
makes SQLite lay its older pages over the newer file: a mixture that no commit ever was. So a log is emptied in the same
breath; only while another program or a long read still looks at it does it stay, and is tried again soon.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

FOLD_BYTES: Final = 1000 * 4120  # a thousand pages with their headers, as SQLite folds of itself
TRY_AGAIN: Final = 64  # commits after a log could not be emptied


class Checkpoints:
    """Looks at the log's size after each commit. For the thread that holds the store's lock."""

    def __init__(self, log: Path, busy_ms: int) -> None:
        self._log, self._busy_ms = log, busy_ms
        self._wait = 0

    def after_commit(self, connection: Any) -> None:
        """Fold and empty the log once it is long. Whatever is in the way, the commit stands."""
        if self._wait:
            self._wait -= 1
            return
        try:
            size = self._log.stat().st_size
        except OSError:
            return
        if size >= FOLD_BYTES and not self.fold(connection):
            self._wait = TRY_AGAIN

    def fold(self, connection: Any) -> bool:
        """Fold what can be folded without waiting for anybody; true when the log is empty now."""
        connection.execute("PRAGMA busy_timeout=0")
        try:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout={self._busy_ms}")
        return not busy
