"""Reads a sealed blob chunk by chunk. Nothing is given out before it was found to be what the record names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from storage.blobs.errors import (
    BlobError,
    DamagedBlobError,
    MissingBlobError,
    UnreadableBlobError,
    WrongSizeError,
)
from storage.blobs.layout import HASH_BYTES, chunk_hash, content_hasher, table_hash
from storage.blobs.sealer import BlobSealer
from storage.blobs.value import Reference

MOST_FAULTS: Final = 5


class Fault(NamedTuple):
    """What is wrong with a blob's file, as `verify` names it."""

    kind: str
    detail: str


class BlobReader:
    """An open blob; iterating gives its content. Closed by whoever opened it, or as a context manager."""

    def __init__(self, path: Path, blob: Reference, sealer: BlobSealer) -> None:
        """Open the file, and check its length and its table. Raises BlobError."""
        self.size = blob.size
        self._blob, self._sealer, self._layout = blob, sealer, blob.layout
        with _told(blob):
            self._file = path.open("rb")
        try:
            self._table = self._checked_table()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        """The content, at most 64 KiB at a time. Raises BlobError."""
        content = _Content(self._blob)
        for number in range(self._layout.chunks):
            part = content.take(self.chunk(number))
            if self._layout.is_last(number):
                content.finish()
            if part:
                yield part

    def chunk(self, number: int) -> bytes:
        """One chunk with its padding, checked. Raises BlobError."""
        at, length = self._layout.chunk(number)
        sealed = self._read(at, length)
        if chunk_hash(sealed) != self._table[number * HASH_BYTES : (number + 1) * HASH_BYTES]:
            raise self._damaged(f"chunk {number} is not what was written")
        last = self._layout.is_last(number)
        plain = self._sealer.open(self._blob.fresh, number, sealed, last=last)
        if plain is None:
            raise self._damaged(f"chunk {number} does not open")
        return plain

    def faults(self, step: Callable[[], None]) -> Iterator[Fault]:
        """Everything that is wrong; `step()` is called for each chunk."""
        content, sound = _Content(self._blob), True
        for number in range(self._layout.chunks):
            step()
            try:
                content.take(self.chunk(number))
                if sound and self._layout.is_last(number):
                    content.finish()
            except BlobError as error:
                sound = False
                yield Fault(error.kind, error.detail)

    def _checked_table(self) -> bytes:
        with _told(self._blob):
            there = self._file.seek(0, os.SEEK_END)
        expected = self._layout.sealed
        if there != expected:
            detail = f"the file has {there} bytes, not {expected}"
            raise WrongSizeError(self._blob.file_name, detail)
        table = self._read(*self._layout.table)
        if table_hash(table) != self._blob.table:
            raise self._damaged("the hashes of its chunks are not what was written")
        return table

    def _read(self, at: int, length: int) -> bytes:
        with _told(self._blob):
            self._file.seek(at)
            return self._file.read(length)

    def _damaged(self, detail: str) -> DamagedBlobError:
        return DamagedBlobError(self._blob.file_name, detail)


@contextmanager
def _told(blob: Reference) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise MissingBlobError(blob.file_name, "there is no such file") from None
    except OSError as error:
        raise UnreadableBlobError(blob.file_name, error.strerror or str(error)) from error


class _Content:
    """The content as it comes out of its chunks. Raises DamagedBlobError."""

    def __init__(self, blob: Reference) -> None:
        self._blob, self._left = blob, blob.size
        self._hasher = content_hasher()

    def take(self, plain: bytes) -> bytes:
        """What of the next chunk is content."""
        content, padding = plain[: self._left], plain[self._left :]
        self._left -= len(content)
        if padding.strip(b"\0"):
            raise DamagedBlobError(self._blob.file_name, "something stands behind its end")
        self._hasher.update(content)
        return content

    def finish(self) -> None:
        """Whether it is the content that the record names."""
        if self._hasher.digest() != self._blob.content:
            raise DamagedBlobError(self._blob.file_name, "it is not the content that was attached")


def faults(
    path: Path, blob: Reference, sealer: BlobSealer, step: Callable[[], None] = lambda: None
) -> list[Fault]:
    """What is wrong with a blob's file, the first few things; nothing if it can be read to its end."""
    found: list[Fault] = []
    try:
        with BlobReader(path, blob, sealer) as reader:
            for fault in reader.faults(step):
                found.append(fault)
                if len(found) == MOST_FAULTS:
                    break
    except BlobError as error:
        found.append(Fault(error.kind, error.detail))
    return found
