"""The highest commit number, kept outside the database file.

A flipped bit in the middle of a write-ahead log makes SQLite drop what follows, silently, and every check of its own
says "ok". The mark beside the file knows better: it lags a commit at most after a kill, a second after a power cut,
and is never ahead (`rules.md` 52).
"""

from __future__ import annotations

import contextlib
import os
import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAGIC: Final = b"CHmark01"
_BODY: Final = struct.Struct("<8s16sQ16s")
_CHECKSUM: Final = struct.Struct("<I")
_WHOLE: Final = struct.Struct("<8s16sQ16sI")
SYNC_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Marked:
    """What a mark says: whose it is, the highest commit, and a check that tells a wrong key from a damaged file."""

    store: bytes
    commits: int
    key_check: bytes


class Mark:
    """The mark's file. One write call of 52 bytes a commit, synced at most once a second and at close."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._monotonic = monotonic
        self._file: int | None = None
        self._synced_at = monotonic()

    def read(self) -> Marked | None:
        """What the file says; None when it is missing, cut or damaged (then it proves nothing)."""
        try:
            data = self.path.read_bytes()[: _WHOLE.size]
        except OSError:
            return None
        if len(data) < _WHOLE.size:
            return None
        magic, store, commits, check, crc = _WHOLE.unpack(data)
        if magic != MAGIC or crc != zlib.crc32(data[: _BODY.size]):
            return None
        return Marked(store, commits, check)

    def write(self, marked: Marked) -> None:
        """Note a commit. Called after it is durable. A mark that cannot be written is only a missing help."""
        body = _BODY.pack(MAGIC, marked.store, marked.commits, marked.key_check)
        with contextlib.suppress(OSError):
            if self._file is None:
                flags = (
                    os.O_RDWR
                    | os.O_CREAT
                    | getattr(os, "O_BINARY", 0)
                    | getattr(os, "O_CLOEXEC", 0)
                )
                self._file = os.open(self.path, flags, 0o600)
            whole = body + _CHECKSUM.pack(zlib.crc32(body))
            if hasattr(os, "pwrite"):
                os.pwrite(self._file, whole, 0)
            else:  # Windows
                os.lseek(self._file, 0, os.SEEK_SET)
                os.write(self._file, whole)
            if self._monotonic() - self._synced_at >= SYNC_SECONDS:
                os.fsync(self._file)
                self._synced_at = self._monotonic()

    def close(self) -> None:
        """Sync and let go."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.fsync(self._file)
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = None


def commits_noted(store: Path) -> int:
    """How many commits the mark of a store's file speaks of, without opening it; 0 where there is no mark."""
    marked = Mark(store.with_name(store.name + "-mark")).read()
    return 0 if marked is None else marked.commits
