"""The slots: ways to wrap the master key and to get it back.

1. A slot's settings are in the associated data of its seal: they cannot be lowered to weaken it,
   and a slot opens in its own vault and under its own name only.
"""

import os
import unicodedata
from pathlib import Path

import msgspec
from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from sync.errors import EmptyPassphraseError, KeyMemoryError, WrongPassphraseError
from sync.vault.form import FORMAT, LEAST_COST, MOST_COST, Cost, StretchedSlot


def wrap(path: Path, vault_id: bytes, passphrase: str, key: bytes, cost: Cost) -> StretchedSlot:
    """Wrap a key under a passphrase; EmptyPassphraseError, KeyMemoryError, ValueError for a bad cost."""
    if not passphrase:
        raise EmptyPassphraseError(path)
    _refuse_cost(cost)
    bare = StretchedSlot("argon2id", os.urandom(16), *cost, os.urandom(24), bytes(48))
    wrapped = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        key, _slot_data(vault_id, bare), bare.nonce, _stretched(path, passphrase, bare)
    )
    return msgspec.structs.replace(bare, wrapped=wrapped)


def unwrap(path: Path, vault_id: bytes, passphrase: str, slot: StretchedSlot) -> bytes:
    """Return the key that a slot wraps; WrongPassphraseError if it does not open."""
    key = _stretched(path, passphrase, slot)
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            slot.wrapped, _slot_data(vault_id, slot), slot.nonce, key
        )
    except CryptoError:
        raise WrongPassphraseError(path) from None


def _refuse_cost(cost: Cost) -> None:
    """Raise ValueError for a cost that no vault may have: what would be written could not be read."""
    for wanted, least, most in zip(cost, LEAST_COST, MOST_COST, strict=True):
        if not least <= wanted <= most:
            raise ValueError(f"{cost} is not between {LEAST_COST} and {MOST_COST}")


def _stretched(path: Path, passphrase: str, slot: StretchedSlot) -> bytes:
    # The same passphrase typed on another system may come as other code points: NFC makes them one.
    typed = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    try:
        return argon2id.kdf(32, typed, slot.salt, slot.passes, slot.memory_bytes)
    except (MemoryError, CryptoError, RuntimeError):
        raise KeyMemoryError(path, slot.memory_bytes) from None


def _slot_data(vault_id: bytes, slot: StretchedSlot) -> bytes:
    return msgspec.json.encode(
        [FORMAT, vault_id, "passphrase", slot.kdf, slot.salt, slot.passes, slot.memory_bytes]
    )
