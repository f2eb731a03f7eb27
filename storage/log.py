"""Reads SQLite's write-ahead log, as its file format describes it. Never opens the database or its shared memory.

Closing a second descriptor of those would drop SQLite's locks on them; the log carries no locks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

_HEADER: Final = struct.Struct(
    ">8I"
)  # magic, format, page size, sequence, salt, salt, checksum, checksum
_FRAME: Final = struct.Struct(
    ">6I"
)  # page, pages after a commit or 0, salt, salt, checksum, checksum
_MAGIC: Final = 0x377F0682  # the last bit says in which byte order the checksums are reckoned
_MASK: Final = 0xFFFF_FFFF


def _checksum(data: bytes, order: str, first: int, second: int) -> tuple[int, int]:
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & _MASK
        second = (second + other + first) & _MASK
    return first, second


def pages_in_log(database: Path) -> set[int]:
    """Numbers of the pages whose last committed version is in the log beside a database."""
    return {number for number, _ in frames_in_log(database)}


def frames_in_log(database: Path) -> Iterator[tuple[int, bytes]]:
    """(number, bytes) of the committed pages in the log beside a database, in the order they were written.

    What follows a frame with a wrong checksum does not count, as it does not for SQLite.
    """
    try:
        with database.with_name(database.name + "-wal").open("rb") as file:
            yield from _committed(file)
    except FileNotFoundError:
        return


def _committed(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    head = file.read(_HEADER.size)
    if len(head) < _HEADER.size:
        return
    magic, _, page_bytes, _, *salts, first, second = _HEADER.unpack(head)
    order = ">" if magic & 1 else "<"
    if magic & ~1 != _MAGIC or _checksum(head[:24], order, 0, 0) != (first, second):
        return
    waiting: list[tuple[int, bytes]] = []
    while len(frame := file.read(_FRAME.size + page_bytes)) == _FRAME.size + page_bytes:
        number, ends_commit, *salts_here, sum_first, sum_second = _FRAME.unpack_from(frame)
        first, second = _checksum(frame[:8] + frame[_FRAME.size :], order, first, second)
        if salts_here != salts or (first, second) != (sum_first, sum_second):
            return
        waiting.append((number, frame[_FRAME.size :]))
        if ends_commit:
            yield from waiting
            waiting = []
