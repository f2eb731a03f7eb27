"""The slots: ways to wrap the master key and to get it back.

1. A slot's settings are in the associated data of its seal: they cannot be lowered to weaken it,
   and a slot opens in its own vault and under its own name only.
"""

import os
import unicodedata
from pathlib import Path
from typing import Final

import msgspec
from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from sync.errors import KeyMemoryError
from sync.vault.form import FORMAT, LEAST_COST, MOST_COST, Cost, KeyringSlot, StretchedSlot

PASSPHRASE: Final = "passphrase"  # noqa: S105 - the name of a slot
RECOVERY: Final = "recovery"
KEYRING: Final = "keyring"
RANDOM_BYTES: Final = 32  # of the key that the keyring holds


class DoesNotOpenError(Exception):
    """What was given is not what a slot was made with; never leaves the vault."""


def typed(passphrase: str) -> bytes:
    """Return what is stretched: on another system the same passphrase may come as other code points."""
    return unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")


def wrap(
    path: Path, vault_id: bytes, name: str, secret: bytes, key: bytes, cost: Cost
) -> StretchedSlot:
    """Wrap a key under a stretched secret; KeyMemoryError, ValueError for a cost out of bounds."""
    _refuse_cost(cost)
    bare = StretchedSlot("argon2id", os.urandom(16), *cost, os.urandom(24), bytes(48))
    wrapped = _sealed(
        key, _stretched_data(vault_id, name, bare), bare.nonce, _stretched(path, secret, bare)
    )
    return msgspec.structs.replace(bare, wrapped=wrapped)


def unwrap(path: Path, vault_id: bytes, name: str, secret: bytes, slot: StretchedSlot) -> bytes:
    """Return the key that a slot wraps; DoesNotOpenError, KeyMemoryError."""
    data = _stretched_data(vault_id, name, slot)
    return _opened(slot.wrapped, data, slot.nonce, _stretched(path, secret, slot))


def wrap_random(vault_id: bytes, account: str, secret: bytes, key: bytes) -> KeyringSlot:
    """Wrap a key under 32 random bytes, which need no stretching."""
    nonce = os.urandom(24)
    return KeyringSlot(account, nonce, _sealed(key, _random_data(vault_id, account), nonce, secret))


def unwrap_random(vault_id: bytes, secret: bytes, slot: KeyringSlot) -> bytes:
    """Return the key that a slot wraps; DoesNotOpenError."""
    return _opened(slot.wrapped, _random_data(vault_id, slot.account), slot.nonce, secret)


def _refuse_cost(cost: Cost) -> None:
    """Raise ValueError for a cost that no vault may have: what would be written could not be read."""
    for wanted, least, most in zip(cost, LEAST_COST, MOST_COST, strict=True):
        if not least <= wanted <= most:
            raise ValueError(f"{cost} is not between {LEAST_COST} and {MOST_COST}")


def _stretched(path: Path, secret: bytes, slot: StretchedSlot) -> bytes:
    try:
        return argon2id.kdf(32, secret, slot.salt, slot.passes, slot.memory_bytes)
    except (MemoryError, CryptoError, RuntimeError):
        raise KeyMemoryError(path, slot.memory_bytes) from None


def _sealed(key: bytes, data: bytes, nonce: bytes, secret: bytes) -> bytes:
    return bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(key, data, nonce, secret)


def _opened(wrapped: bytes, data: bytes, nonce: bytes, secret: bytes) -> bytes:
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(wrapped, data, nonce, secret)
    except CryptoError:
        raise DoesNotOpenError from None


def _stretched_data(vault_id: bytes, name: str, slot: StretchedSlot) -> bytes:
    settings = [slot.kdf, slot.salt, slot.passes, slot.memory_bytes]
    return msgspec.json.encode([FORMAT, vault_id, name, *settings])


def _random_data(vault_id: bytes, account: str) -> bytes:
    return msgspec.json.encode([FORMAT, vault_id, KEYRING, account])
