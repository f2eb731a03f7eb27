"""How attachments are sealed: storage's `BlobSealer`.

A blob has a random key of its own, which seals each of its chunks once; so the chunk's number is the nonce. Blob,
number and whether it is the last are in the associated data: a chunk opens nowhere but in its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final, NoReturn

from nacl.exceptions import CryptoError

from storage.blobs.sealer import ID_BYTES, KEY_BYTES, Fresh
from sync import aead

_LABEL: Final = b"commonhold/blob/1\0"


class BlobSeals:
    """Seals and opens for one workspace. `secret` (32 bytes) keys what is kept to tell equal contents by."""

    __slots__ = ("_chance", "_secret")

    def __init__(self, secret: bytes, chance: Callable[[int], bytes]) -> None:
        self._secret, self._chance = secret, chance

    def __repr__(self) -> str:
        return "<BlobSeals>"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("BlobSeals hold a secret and are never written anywhere")

    def fresh(self) -> Fresh:
        """A random id and a random key."""
        return Fresh(self._chance(ID_BYTES), self._chance(KEY_BYTES))

    def seal(self, blob: Fresh, number: int, plain: bytes, *, last: bool) -> bytes:
        """One chunk, sealed."""
        return aead.seal(plain, _data(blob, number, last=last), _nonce(number), blob.key)

    def open(self, blob: Fresh, number: int, sealed: bytes, *, last: bool) -> bytes | None:
        """The plain bytes of a chunk; None if it is not this very chunk of this very blob."""
        try:
            data = _data(blob, number, last=last)
            return aead.open_sealed(sealed, data, _nonce(number), blob.key)
        except CryptoError:
            return None

    def content(self, hashed: bytes) -> bytes:
        """The hash of a content, keyed."""
        return hashlib.blake2b(
            hashed, digest_size=32, key=self._secret, person=b"CHblobcontent"
        ).digest()


def _data(blob: Fresh, number: int, *, last: bool) -> bytes:
    return _LABEL + blob.id + number.to_bytes(8, "little") + bytes([last])


def _nonce(number: int) -> bytes:
    return number.to_bytes(aead.NONCE_BYTES, "little")
