"""What storage asks of whoever holds the keys: to sign, to check, to seal and to open. Knows no key itself.

1. Keys and nonces come from the epoch's key and the change's own random salt, never from feed or number (rule 19).
2. What is sealed is bound to the workspace and to its place in the change; it opens nowhere else.
3. An error tells which epoch, never a key or a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from storage.changes.errors import BrokenSealError, SealError, UnknownEpochError

__all__ = ["SALT_BYTES", "TAG_BYTES", "BrokenSealError", "SealError", "Sealer", "UnknownEpochError"]

SALT_BYTES = 24
TAG_BYTES = 16  # by how much a sealed part is longer than its plain bytes


class Sealer(Protocol):
    """The keys of this device in one workspace."""

    @property
    def workspace(self) -> bytes:
        """The workspace's id, 32 bytes: the hash of its genesis."""

    @property
    def device(self) -> bytes:
        """This device's id in the workspace, 16 bytes."""

    @property
    def member(self) -> bytes:
        """The id of the member whose device this is, 16 bytes."""

    def sign(self, clear: bytes) -> bytes:
        """This device's signature of a change's clear part, 64 bytes."""

    def verify(self, device: bytes, clear: bytes, signature: bytes) -> bool:
        """Whether that device signed the clear part. False too for a device that is in no chain record known here."""

    def seal_all(self, epoch: int, salt: bytes, plains: Sequence[bytes]) -> tuple[bytes, ...]:
        """The parts of one change, sealed; a part's number is its place in the sequence.

        Raises UnknownEpochError.
        """

    def open_all(
        self, epoch: int, salt: bytes, sealed: Sequence[bytes | None]
    ) -> tuple[bytes | None, ...]:
        """The plain parts of one change; a part that was dropped stays None.

        Raises UnknownEpochError, or BrokenSealError if any part does not open.
        """

    def open_aside(
        self, epoch: int, salt: bytes, sealed: Sequence[bytes | None]
    ) -> tuple[bytes | None, ...]:
        """As `open_all`, with any key that the epoch ever had on another branch of the chain.

        Only for showing what was set aside: members need not all hold such a key. Raises as `open_all` does.
        """

    def digest_key(self) -> bytes:
        """The 32 bytes that key the workspace's digest; no hub has them."""
