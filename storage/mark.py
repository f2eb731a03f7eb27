"""The instance mark: what is known of a store outside its file, on this machine (`rules.md` 52).

A flipped bit in the middle of a write-ahead log makes SQLite drop what follows, silently, and every check of its own
says "ok". A folder that was copied, or put back from a backup, looks like the one it came from, and would go on under
numbers that are taken. The mark knows better. It lags a commit at most after a kill, a second after a power cut, and is
never ahead. A help, never the proof.

One file for one store. Of each copy of the store that is used on this machine, told by its file's identity, it holds
one entry; so copies do not disturb each other.
"""

from __future__ import annotations

import contextlib
import os
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

from storage.sameness import identity_of

MAGIC: Final = b"CHmark02"
_BODY: Final = struct.Struct("<8s16s16sQ16s16s16sQ32s")
_CHECKSUM: Final = struct.Struct("<I")
ENTRY_BYTES: Final = 256  # no entry lies in two sectors, so that a power cut does not tear one
ENTRIES: Final = 8
SYNC_SECONDS: Final = 1.0
NOTHING: Final = bytes(16)


class Own(NamedTuple):
    """What a device has written in one life of its file: the life's random id, its feed, and the last change in it."""

    life: bytes = NOTHING
    feed: bytes = NOTHING
    number: int = 0
    hash: bytes = bytes(32)


NOBODY: Final = Own()


@dataclass(frozen=True, slots=True)
class Marked:
    """One entry: of which store and file, the highest commit, and what tells a wrong key from a damaged file."""

    store: bytes
    commits: int
    key_check: bytes
    file: bytes = NOTHING
    own: Own = NOBODY


class Mark:
    """The mark's file. One write call of 140 bytes a commit, synced at most once a second and at close."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._monotonic = monotonic
        self._file: int | None = None
        self._place = 0  # of the entry that is written, once the file is open
        self._last: Marked | None = None
        self._synced_at = monotonic()

    def read(self) -> tuple[Marked, ...]:
        """What the file says; an entry that is cut or damaged is left out (it proves nothing)."""
        return tuple(marked for marked in self._places() if marked is not None)

    def write(self, marked: Marked, *, synced: bool = False) -> None:
        """Note a commit. Called after it is durable. A mark that cannot be written is only a missing help.

        All that one object writes is of one file. `synced`: now, not within a second.
        """
        self._last = marked
        synced = synced or self._monotonic() - self._synced_at >= SYNC_SECONDS
        with contextlib.suppress(OSError):
            if synced:
                self.follow()
            if self._file is None:
                self._place = self._place_for(marked.file)
                self._file = self._opened()
            _write_at(self._file, _encode(marked), self._place * ENTRY_BYTES)
            if synced:
                os.fsync(self._file)
                self._synced_at = self._monotonic()

    def follow(self) -> None:
        """Write to the file that is in the mark's place now, if that is another one."""
        if self._file is None:
            return
        try:
            same = os.path.samestat(self.path.stat(), os.fstat(self._file))
        except OSError:
            same = False
        if not same:
            self._let_go()

    def renew(self, before: bytes, after: bytes) -> None:
        """Let the entry of one file be that of another, which has taken its place."""
        for place, marked in enumerate(self._places()):
            if marked is not None and marked.file == before:
                self._let_go()
                with contextlib.suppress(OSError):
                    self._file, self._place = self._opened(), place
                self.write(replace(marked, file=after), synced=True)
                return

    def close(self) -> None:
        """Sync and let go."""
        if self._last is not None:
            self.write(self._last, synced=True)
        self._let_go()

    def _let_go(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = None

    def _opened(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        return os.open(self.path, flags, 0o600)

    def _places(self) -> list[Marked | None]:
        try:
            data = self.path.read_bytes()[: ENTRIES * ENTRY_BYTES]
        except OSError:
            return []
        return [_decode(data[at : at + ENTRY_BYTES]) for at in range(0, len(data), ENTRY_BYTES)]

    def _place_for(self, file: bytes) -> int:
        """Where the entry of a file stands, or may stand: in place of another one only if all are taken."""
        places = self._places()
        for place, marked in enumerate(places):
            if marked is not None and marked.file == file:
                return place
        places += [None] * (ENTRIES - len(places))
        return places.index(None) if None in places else file[0] % ENTRIES


def mark_beside(store: Path) -> Path:
    """Where the mark of a store lies if nobody says otherwise."""
    return store.with_name(store.name + "-mark")


def commits_noted(mark: Path) -> int:
    """How many commits a mark speaks of, without opening the store; 0 where there is no mark."""
    return max((marked.commits for marked in Mark(mark).read()), default=0)


@contextmanager
def replacing(store: Path, mark: Path | None = None) -> Iterator[None]:
    """Let the program itself put another file with the same contents in the place of a closed store.

    Its mark goes along: it is the same life of the same store. Whoever puts back an older one does not use this.
    """
    kept, before = Mark(mark or mark_beside(store)), identity_of(store)
    yield
    kept.renew(before, identity_of(store))
    kept.close()


def _encode(marked: Marked) -> bytes:
    body = _BODY.pack(
        MAGIC, marked.store, marked.file, marked.commits, marked.key_check, *marked.own
    )
    return body + _CHECKSUM.pack(zlib.crc32(body))


def _decode(data: bytes) -> Marked | None:
    body, rest = data[: _BODY.size], data[_BODY.size : _BODY.size + _CHECKSUM.size]
    if len(rest) < _CHECKSUM.size or _CHECKSUM.unpack(rest)[0] != zlib.crc32(body):
        return None
    magic, store, file, commits, check, *own = _BODY.unpack(body)
    return Marked(store, commits, check, file, Own(*own)) if magic == MAGIC else None


def _write_at(file: int, data: bytes, at: int) -> None:
    if hasattr(os, "pwrite"):
        os.pwrite(file, data, at)
    else:  # Windows
        os.lseek(file, at, os.SEEK_SET)
        os.write(file, data)
