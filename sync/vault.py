"""The vault: one file that holds a home's keys, and the names that nobody else shall read.

It owns `vault.json`: a random master key wrapped in slots, and a sealed private section. It
does not know what the keys open, and shows nobody a dialog.

1. The master key is random, never leaves the process unwrapped except in the slot named
   "unprotected", and is in no repr, log or error.
2. A slot's settings are in the associated data of its seal and bounds-checked before use: they
   can neither be lowered to weaken it nor raised to eat the memory.
3. The file is canonical: bytes that are not exactly what this module would write are damage,
   told apart from a wrong passphrase by a check sum over everything else.
4. Names of people, devices and workspaces are in the sealed section only, padded.
5. Each write replaces the file as a whole; changing the passphrase rewrites one slot.
"""

import contextlib
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple, Self

import msgspec
from msgspec import Meta, Struct
from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from sync.durable import alone, write_durably
from sync.errors import (
    DamagedVaultError,
    EmptyPassphraseError,
    KeyMemoryError,
    NewerVaultError,
    NoVaultError,
    VaultExistsError,
    VaultLockedError,
    VaultNotWrittenError,
    WrongPassphraseError,
)

FORMAT: Final = 1
SIZE_LIMIT_BYTES: Final = 1 << 20
UNPROTECTED_NOTICE: Final = (
    "Whoever can read this file can read all the data: there is no passphrase."
)

_PADDING_BYTES: Final = 512
_NO_CHECK: Final = bytes(32)

Name = Annotated[str, Meta(min_length=1, max_length=400)]
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


class WorkspaceEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One workspace of this home; `folder` is the only part of it that the disk shows."""

    id: Name
    folder: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    name: Name


class Private(Struct, frozen=True, forbid_unknown_fields=True):
    """What the vault knows and the disk must not tell."""

    device_id: Name
    device_name: Name
    member_name: Name
    workspaces: tuple[WorkspaceEntry, ...] = ()


class _PassphraseSlot(Struct, frozen=True, forbid_unknown_fields=True):
    kdf: Literal["argon2id"]
    salt: Salt
    passes: Annotated[int, Meta(ge=LEAST_COST.passes, le=MOST_COST.passes)]
    memory_bytes: Annotated[int, Meta(ge=LEAST_COST.memory_bytes, le=MOST_COST.memory_bytes)]
    nonce: Nonce
    wrapped: WrappedKey


class _UnprotectedSlot(Struct, frozen=True, forbid_unknown_fields=True):
    notice: str
    key: Key

    def __repr__(self) -> str:
        return "<unprotected slot>"


class _Slots(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    passphrase: _PassphraseSlot | None = None
    unprotected: _UnprotectedSlot | None = None


class _Sealed(Struct, frozen=True, forbid_unknown_fields=True):
    nonce: Nonce
    sealed: bytes


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal[1]
    vault_id: Salt
    slots: _Slots
    private: _Sealed
    check: Key


class _FormatOnly(Struct, frozen=True):
    format: int


class _MasterKey:
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
        extracted = hmac.digest(b"commonhold/vault/1", self._key, hashlib.sha256)
        info = msgspec.json.encode([purpose, context])
        return hmac.digest(extracted, info + b"\x01", hashlib.sha256)

    def reveal(self) -> bytes:
        """Return the bare key, for a slot to wrap."""
        return self._key


class Vault:
    """One home's keys, locked or not. Python cannot promise to wipe memory: locking drops them."""

    def __init__(self, path: Path, file: _File, key: _MasterKey | None) -> None:
        self.path = path
        self._file = file
        self._key = key

    def __repr__(self) -> str:
        return f"<Vault {'locked' if self.locked else 'open'}, {self.protection}>"

    @classmethod
    def create(
        cls, path: Path, private: Private, *, passphrase: str | None, cost: Cost = USUAL_COST
    ) -> Self:
        """Make a vault in memory, with no passphrase if None; `save` writes it."""
        key, vault_id = os.urandom(32), os.urandom(16)
        if passphrase is None:
            slots = _Slots(unprotected=_UnprotectedSlot(UNPROTECTED_NOTICE, key))
        else:
            slots = _Slots(passphrase=_wrap(path, vault_id, passphrase, key, cost))
        master = _MasterKey(key)
        file = _checked(_File(FORMAT, vault_id, slots, _seal(vault_id, master, private), _NO_CHECK))
        return cls(path, file, master)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read a vault; it is locked unless it is unprotected."""
        file = _read(path)
        bare = file.slots.unprotected
        return cls(path, file, _MasterKey(bare.key) if bare else None)

    @property
    def locked(self) -> bool:
        """Whether the passphrase is needed before anything can be opened."""
        return self._key is None

    @property
    def protection(self) -> Literal["passphrase", "unprotected"]:
        """What keeps others out."""
        return "unprotected" if self._file.slots.unprotected else "passphrase"

    def save(self) -> None:
        """Write a new vault to its place; refused when there is one."""
        with _writing(self.path):
            if self.path.exists():
                raise VaultExistsError(self.path)
            write_durably(self.path, _encoded(self._file))

    def unlock(self, passphrase: str) -> None:
        """Open with the passphrase; takes about 0.2 s, so never on the window's thread."""
        self._look_again()  # another process may have changed the passphrase
        slot = self._file.slots.passphrase
        if slot is None:
            return
        key = _MasterKey(_unwrap(self.path, self._file.vault_id, passphrase, slot))
        _unseal(
            self.path, self._file, key
        )  # which proves that key and sealed section belong together
        self._key = key

    def lock(self) -> None:
        """Forget the key, unless there is no passphrase to ask for."""
        if self.protection == "passphrase":
            self._key = None

    def private(self) -> Private:
        """Return the sealed section as it is on disk now (another process may have changed it)."""
        self._look_again()
        return _unseal(self.path, self._file, self._master())

    def change_private(self, change: Callable[[Private], Private]) -> Private:
        """Rewrite the sealed section, alone among all processes; the slots stay as they are."""
        with _writing(self.path):
            changed = change(self.private())
            sealed = _seal(self._file.vault_id, self._master(), changed)
            self._replace(msgspec.structs.replace(self._file, private=sealed))
        return changed

    def set_passphrase(self, passphrase: str, cost: Cost = USUAL_COST) -> None:
        """Wrap the master key anew: one slot is rewritten, the data and its keys stay."""
        with _writing(self.path):
            self.private()
            key = self._master().reveal()
            slots = _Slots(passphrase=_wrap(self.path, self._file.vault_id, passphrase, key, cost))
            self._replace(msgspec.structs.replace(self._file, slots=slots))

    def database_key(self, workspace: str) -> bytes:
        """Return the 32 bytes that a workspace's database is encrypted with."""
        return self._master().derive("database", workspace)

    def _master(self) -> _MasterKey:
        if self._key is None:
            raise VaultLockedError(self.path)
        return self._key

    def _look_again(self) -> None:
        """Take the file as it is on disk now; one that was never saved stays as it is."""
        if not self.path.exists():
            return
        file = _read(self.path)
        if file.vault_id != self._file.vault_id:
            raise DamagedVaultError(self.path, "another vault was put in its place")
        self._file = file

    def _replace(self, file: _File) -> None:
        file = _checked(file)
        write_durably(self.path, _encoded(file))
        self._file = file


def new_id() -> str:
    """Return a random name of 128 bits, as the folders on disk have them."""
    return os.urandom(16).hex()


# ------------------------------------------------------------------------------------- slots


def _wrap(path: Path, vault_id: bytes, passphrase: str, key: bytes, cost: Cost) -> _PassphraseSlot:
    if not passphrase:
        raise EmptyPassphraseError(path)
    _refuse_cost(cost)
    bare = _PassphraseSlot("argon2id", os.urandom(16), *cost, os.urandom(24), bytes(48))
    wrapped = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        key, _slot_data(vault_id, bare), bare.nonce, _stretched(path, passphrase, bare)
    )
    return msgspec.structs.replace(bare, wrapped=wrapped)


def _refuse_cost(cost: Cost) -> None:
    """Raise ValueError for a cost that no vault may have: what would be written could not be read."""
    for wanted, least, most in zip(cost, LEAST_COST, MOST_COST, strict=True):
        if not least <= wanted <= most:
            raise ValueError(f"{cost} is not between {LEAST_COST} and {MOST_COST}")


def _unwrap(path: Path, vault_id: bytes, passphrase: str, slot: _PassphraseSlot) -> bytes:
    key = _stretched(path, passphrase, slot)
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            slot.wrapped, _slot_data(vault_id, slot), slot.nonce, key
        )
    except CryptoError:
        raise WrongPassphraseError(path) from None


def _stretched(path: Path, passphrase: str, slot: _PassphraseSlot) -> bytes:
    # The same passphrase typed on another system may come as other code points: NFC makes them one.
    typed = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    try:
        return argon2id.kdf(32, typed, slot.salt, slot.passes, slot.memory_bytes)
    except (MemoryError, CryptoError, RuntimeError):
        raise KeyMemoryError(path, slot.memory_bytes) from None


def _slot_data(vault_id: bytes, slot: _PassphraseSlot) -> bytes:
    return msgspec.json.encode(
        [FORMAT, vault_id, "passphrase", slot.kdf, slot.salt, slot.passes, slot.memory_bytes]
    )


# ---------------------------------------------------------------------------- sealed section


def _seal(vault_id: bytes, key: _MasterKey, private: Private) -> _Sealed:
    plain = msgspec.json.encode(private)
    msgspec.json.decode(plain, type=Private)  # ValueError: what does not fit would never open again
    # JSON may end in blanks: the length of the file tells nobody how long the names are.
    plain = plain.ljust(-(-len(plain) // _PADDING_BYTES) * _PADDING_BYTES)
    nonce = os.urandom(24)
    sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plain, _private_data(vault_id), nonce, key.derive("private")
    )
    return _Sealed(nonce, sealed)


def _unseal(path: Path, file: _File, key: _MasterKey) -> Private:
    try:
        plain = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            file.private.sealed,
            _private_data(file.vault_id),
            file.private.nonce,
            key.derive("private"),
        )
        return msgspec.json.decode(plain, type=Private)
    except (CryptoError, ValueError):  # msgspec's and Unicode's errors are ValueErrors
        raise DamagedVaultError(path, "its sealed part does not open") from None


def _private_data(vault_id: bytes) -> bytes:
    return msgspec.json.encode([FORMAT, vault_id, "private"])


# ---------------------------------------------------------------------------------- the file


def _encoded(file: _File) -> bytes:
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def _checked(file: _File) -> _File:
    bare = msgspec.json.encode(msgspec.structs.replace(file, check=_NO_CHECK))
    return msgspec.structs.replace(file, check=hashlib.sha256(bare).digest())


def _read(path: Path) -> _File:
    try:
        with path.open("rb") as source:
            data = source.read(SIZE_LIMIT_BYTES + 1)
    except FileNotFoundError:
        raise NoVaultError(path) from None
    except OSError as error:
        raise DamagedVaultError(path, f"it cannot be read: {error.strerror}") from error
    if len(data) > SIZE_LIMIT_BYTES:
        raise DamagedVaultError(path, "it is far too large")
    return _decoded(path, data)


def _decoded(path: Path, data: bytes) -> _File:
    # msgspec's and Unicode's errors are ValueErrors; deep nesting is a RecursionError.
    try:
        version = msgspec.json.decode(data, type=_FormatOnly).format
    except (ValueError, RecursionError):
        raise DamagedVaultError(path, "it is not a vault") from None
    if version > FORMAT:
        raise NewerVaultError(path, version)
    try:
        file = msgspec.json.decode(data, type=_File)
    except (ValueError, RecursionError):
        raise DamagedVaultError(path, "a part is missing or out of bounds") from None
    if _encoded(_checked(file)) != data:
        raise DamagedVaultError(path, "its check sum is wrong")
    if (file.slots.passphrase is None) == (file.slots.unprotected is None):
        raise DamagedVaultError(path, "it has no slot, or two that exclude each other")
    return file


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Alone among all processes, with the disk's errors put in words."""
    try:
        with alone(path.with_suffix(".lock")):
            yield
    except OSError as error:
        raise VaultNotWrittenError(path, error.strerror or str(error)) from error
