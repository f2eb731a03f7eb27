"""XChaCha20-Poly1305 as libsodium has it, called straight.

Absorbing opens two small parts a change, and PyNaCl's face takes five times as long around such a call as the call.
Where PyNaCl's inner module has another form than it has today, its public face is used: the bytes are the same.
"""

from __future__ import annotations

from typing import Final

from nacl import bindings
from nacl.exceptions import CryptoError

TAG_BYTES: Final = bindings.crypto_aead_xchacha20poly1305_ietf_ABYTES
NONCE_BYTES: Final = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
KEY_BYTES: Final = bindings.crypto_aead_xchacha20poly1305_ietf_KEYBYTES

try:
    from nacl._sodium import ffi, lib  # type: ignore[import-not-found]  # a compiled module

    _seal_into = lib.crypto_aead_xchacha20poly1305_ietf_encrypt
    _open_into = lib.crypto_aead_xchacha20poly1305_ietf_decrypt
    _place, _none = ffi.from_buffer, ffi.NULL
except (
    ImportError,
    AttributeError,
):  # pragma: no cover  # another PyNaCl than the one that is locked
    _seal_into = _open_into = None


def seal(plain: bytes, data: bytes, nonce: bytes, key: bytes) -> bytes:
    """Encrypt `plain` and bind it to `data`. Raises ValueError for a nonce or key of a wrong length."""
    if len(nonce) != NONCE_BYTES or len(key) != KEY_BYTES:
        raise ValueError("a nonce has 24 bytes and a key 32")
    if _seal_into is None:
        return bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, data, nonce, key)
    out = bytearray(len(plain) + TAG_BYTES)
    _seal_into(*(_place(out), _none, plain, len(plain), data, len(data), _none, nonce, key))
    return bytes(out)


def open_sealed(sealed: bytes, data: bytes, nonce: bytes, key: bytes) -> bytes:
    """What was sealed. Raises CryptoError if a bit of it is another, ValueError as `seal` does."""
    if len(nonce) != NONCE_BYTES or len(key) != KEY_BYTES:
        raise ValueError("a nonce has 24 bytes and a key 32")
    if len(sealed) < TAG_BYTES:
        raise CryptoError("too short to have been sealed")
    if _open_into is None:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, data, nonce, key)
    out = bytearray(len(sealed) - TAG_BYTES)
    if _open_into(*(_place(out), _none, _none, sealed, len(sealed), data, len(data), nonce, key)):
        raise CryptoError("does not open")
    return bytes(out)
