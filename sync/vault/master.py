"""The master key: what everything else is derived from, and what nothing shows."""

import hashlib
import hmac
from typing import Final

import msgspec

_EXTRACT: Final = b"commonhold/vault/1"


class MasterKey:
    """Thirty-two random bytes that everything else is derived from, and that nothing shows."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "<master key>"

    def __reduce__(self) -> str:
        raise TypeError("a master key is never written anywhere")

    def derive(self, purpose: str, context: str = "") -> bytes:
        """Derive 32 bytes for one purpose by HKDF-SHA256 (RFC 5869)."""
        return expand(_EXTRACT, self._key, purpose, context)

    def reveal(self) -> bytes:
        """Return the bare key, for a slot to wrap."""
        return self._key


def expand(label: bytes, secret: bytes, purpose: str, context: str) -> bytes:
    """Derive 32 bytes by HKDF-SHA256 (RFC 5869), the label being its salt."""
    extracted = hmac.digest(label, secret, hashlib.sha256)
    info = msgspec.json.encode([purpose, context])
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)
