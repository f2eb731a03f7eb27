"""Seals a stream into a file, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol

from storage.blobs.errors import TooLargeError
from storage.blobs.layout import (
    CHUNK_BYTES,
    MOST_BYTES,
    chunk_hash,
    content_hasher,
    padded,
    table_hash,
)
from storage.blobs.sealer import BlobSealer, Fresh
from storage.blobs.value import Reference

_ZEROS: Final = bytes(CHUNK_BYTES)


class Source(Protocol):
    """Where a content is read from."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""


class _Chunk(NamedTuple):
    plain: bytes  # padded
    last: bool


class Sealing:
    """One content on its way into its file."""

    def __init__(self, sealer: BlobSealer, blob: Fresh, source: Source) -> None:
        self._sealer, self._blob, self._source = sealer, blob, source
        self._hasher = content_hasher()
        self._size = 0

    def run(self, write: Callable[[bytes], object]) -> Reference:
        """Write the whole file. Raises TooLargeError, and whatever the source and `write` raise."""
        table = bytearray()
        for number, chunk in enumerate(self._chunks()):
            sealed = self._sealer.seal(self._blob, number, chunk.plain, last=chunk.last)
            table += chunk_hash(sealed)
            write(sealed)
        write(bytes(table))
        hashed = self._hasher.digest()
        return Reference(self._blob.id, self._blob.key, self._size, hashed, table_hash(table))

    def _chunks(self) -> Iterator[_Chunk]:
        held = self._read()
        while len(held) == CHUNK_BYTES and (following := self._read()):
            yield _Chunk(held, last=False)
            held = following
        rest = padded(self._size) - (self._size - len(held))
        while rest:
            length = min(rest, CHUNK_BYTES)
            rest -= length
            yield _Chunk(held + _ZEROS[: length - len(held)], last=not rest)
            held = b""

    def _read(self) -> bytes:
        """A whole chunk, or what is left; a source may give less than asked for at any time."""
        got = self._source.read(CHUNK_BYTES)
        while 0 < len(got) < CHUNK_BYTES and (more := self._source.read(CHUNK_BYTES - len(got))):
            got += more
        self._size += len(got)
        if self._size > MOST_BYTES:
            raise TooLargeError(MOST_BYTES)
        self._hasher.update(got)
        return got
