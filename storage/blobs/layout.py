"""Where the bytes of a sealed blob lie. Pure arithmetic and hashes; `docs/blobs.md` tells it in words.

    chunk 0 … chunk n-1, each 65,536 plain bytes and 16 of its seal, the last one shorter; then n hashes of 32 bytes

What is sealed is padded: the length of the file tells that of the content to one part in eight at most.
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from storage.blobs.sealer import TAG_BYTES

CHUNK_BYTES: Final = 1 << 16
HASH_BYTES: Final = 32
LEAST_BYTES: Final = 1 << 12  # a smaller content is padded to this
MOST_BYTES: Final = 1 << 36  # the hashes of its chunks, 32 MiB, are held in memory


class Span(NamedTuple):
    """Where a chunk lies in the sealed file."""

    at: int
    length: int


class Layout(NamedTuple):
    """The shape of the sealed file of a content of `size` bytes."""

    size: int

    @property
    def padded(self) -> int:
        """How many bytes are sealed."""
        return padded(self.size)

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.padded // CHUNK_BYTES)

    @property
    def table(self) -> Span:
        """Where the hashes lie."""
        return Span(self.padded + self.chunks * TAG_BYTES, self.chunks * HASH_BYTES)

    @property
    def sealed(self) -> int:
        """The length of the file."""
        return sum(self.table)

    def chunk(self, number: int) -> Span:
        """Where one chunk lies."""
        at = number * CHUNK_BYTES
        length = min(CHUNK_BYTES, self.padded - at)
        return Span(at + number * TAG_BYTES, length + TAG_BYTES)

    def is_last(self, number: int) -> bool:
        """Whether it is the last chunk."""
        return number == self.chunks - 1


def padded(size: int) -> int:
    """The least length not below `size` that tells no more than its magnitude (Padmé, arXiv:1806.03160)."""
    if size <= LEAST_BYTES:
        return LEAST_BYTES
    magnitude = size.bit_length() - 1
    mask = (1 << (magnitude - magnitude.bit_length())) - 1
    return (size + mask) & ~mask


def chunk_hash(sealed: bytes) -> bytes:
    """The hash of a sealed chunk."""
    return hashlib.blake2b(sealed, digest_size=HASH_BYTES, person=b"CHblobchunk").digest()


def table_hash(table: bytes | bytearray) -> bytes:
    """The hash of the hashes of all chunks, which the record has."""
    return hashlib.blake2b(table, digest_size=HASH_BYTES, person=b"CHblobtable").digest()


def content_hasher() -> hashlib.blake2b:
    """What the content is hashed with, unpadded."""
    return hashlib.blake2b(digest_size=HASH_BYTES, person=b"CHblobplain")
