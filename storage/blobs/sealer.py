"""What storage asks of whoever holds the keys to seal and open attachments. Knows no key itself."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

TAG_BYTES: Final = 16  # by how much a sealed chunk is longer than its plain bytes
ID_BYTES: Final = 16
KEY_BYTES: Final = 32


class Fresh(NamedTuple):
    """What a new blob is called, and its key; used for one content only."""

    id: bytes
    key: bytes


class BlobSealer(Protocol):
    """Seals chunks of one blob, each bound to the blob, to its number, and to whether it is the last one."""

    def fresh(self) -> Fresh:
        """A random id and a random key."""

    def seal(self, blob: Fresh, number: int, plain: bytes, *, last: bool) -> bytes:
        """One chunk, sealed. The caller seals each number once."""

    def open(self, blob: Fresh, number: int, sealed: bytes, *, last: bool) -> bytes | None:
        """The plain bytes of a chunk; None if it is not this very chunk of this very blob."""

    def content(self, hashed: bytes) -> bytes:
        """The hash of a content, keyed, so that nobody else can tell what is here by hashing it; 32 bytes."""
