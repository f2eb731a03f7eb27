"""The form of `vault.json`: what stands in it, its bounds, and its bytes.

It does no input or output and knows no key.

1. A file is canonical: bytes that are not exactly what `encoded` gives are damage, told apart from
   a wrong passphrase by a check sum over everything else.
2. The settings of a slot are bounds-checked here, before anybody uses them.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from sync.errors import DamagedVaultError, NewerVaultError

FORMAT: Final = 1
UNPROTECTED_NOTICE: Final = (
    "Whoever can read this file can read all the data: there is no passphrase."
)

_NO_CHECK: Final = bytes(32)

Salt = Annotated[bytes, Meta(min_length=16, max_length=16)]
Nonce = Annotated[bytes, Meta(min_length=24, max_length=24)]
Key = Annotated[bytes, Meta(min_length=32, max_length=32)]
WrappedKey = Annotated[bytes, Meta(min_length=48, max_length=48)]


class Cost(NamedTuple):
    """What one guess at the passphrase costs: Argon2id passes and bytes of memory."""

    passes: int = 3  # with 128 MiB about 0.2 s on the machines we measured
    memory_bytes: int = 128 << 20


USUAL_COST: Final = Cost()
LEAST_COST: Final = Cost(2, 19 << 20)
MOST_COST: Final = Cost(10, 1 << 30)


class StretchedSlot(Struct, frozen=True, forbid_unknown_fields=True):
    """The master key wrapped under what somebody types, stretched by Argon2id."""

    kdf: Literal["argon2id"]
    salt: Salt
    passes: Annotated[int, Meta(ge=LEAST_COST.passes, le=MOST_COST.passes)]
    memory_bytes: Annotated[int, Meta(ge=LEAST_COST.memory_bytes, le=MOST_COST.memory_bytes)]
    nonce: Nonce
    wrapped: WrappedKey


class KeyringSlot(Struct, frozen=True, forbid_unknown_fields=True):
    """The master key wrapped under a random key that the system's keyring holds for an account."""

    account: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    nonce: Nonce
    wrapped: WrappedKey


class UnprotectedSlot(Struct, frozen=True, forbid_unknown_fields=True):
    """The master key as it is."""

    notice: str
    key: Key

    def __repr__(self) -> str:
        return "<unprotected slot>"


class Slots(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The ways to the master key."""

    passphrase: StretchedSlot | None = None
    recovery: StretchedSlot | None = None
    keyring: KeyringSlot | None = None
    unprotected: UnprotectedSlot | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Which there are."""
        return tuple(name for name in self.__struct_fields__ if getattr(self, name) is not None)

    @property
    def sound(self) -> bool:
        """Whether there is a way in, and none beside a bare key that pretends to keep somebody out."""
        if self.unprotected is not None:
            return self.passphrase is None and self.keyring is None
        return bool(self.names)


class Sealed(Struct, frozen=True, forbid_unknown_fields=True):
    """The private section, sealed under a key derived from the master key."""

    nonce: Nonce
    sealed: bytes


class File(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    format: Literal[1]
    vault_id: Salt
    slots: Slots
    private: Sealed
    check: Key


class _FormatOnly(Struct, frozen=True):
    format: int


def new_file(vault_id: bytes, slots: Slots, private: Sealed) -> File:
    """Put a file together, check sum and all."""
    return checked(File(FORMAT, vault_id, slots, private, _NO_CHECK))


def checked(file: File) -> File:
    """Return a file with the check sum that belongs to it."""
    bare = msgspec.json.encode(msgspec.structs.replace(file, check=_NO_CHECK))
    return msgspec.structs.replace(file, check=hashlib.sha256(bare).digest())


def encoded(file: File) -> bytes:
    """Return a file's bytes."""
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def decoded(path: Path, data: bytes) -> File:
    """Read a file's bytes; DamagedVaultError or NewerVaultError, which name the path."""
    # msgspec's and Unicode's errors are ValueErrors; deep nesting is a RecursionError.
    try:
        version = msgspec.json.decode(data, type=_FormatOnly).format
    except (ValueError, RecursionError):
        raise DamagedVaultError(path, "it is not a vault") from None
    if version > FORMAT:
        raise NewerVaultError(path, version)
    try:
        file = msgspec.json.decode(data, type=File)
    except (ValueError, RecursionError):
        raise DamagedVaultError(path, "a part is missing or out of bounds") from None
    if encoded(checked(file)) != data:
        raise DamagedVaultError(path, "its check sum is wrong")
    if not file.slots.sound:
        raise DamagedVaultError(path, "it has no slot, or two that exclude each other")
    return file
