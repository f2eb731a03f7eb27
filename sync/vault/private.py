"""The private section: what the vault knows and the disk must not tell.

1. It is padded, so that the length of the file tells nobody how long the names are.
"""

import os
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct
from nacl import bindings
from nacl.exceptions import CryptoError

from sync.errors import DamagedVaultError
from sync.vault.form import FORMAT, File, Sealed
from sync.vault.master import MasterKey
from sync.vault.recovery import Code, RecoveryCode, RecoveryKeys

_PADDING_BYTES: Final = 512

Name = Annotated[str, Meta(min_length=1, max_length=400)]


class WorkspaceEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One workspace of this home; `folder` is the only part of it that the disk shows.

    `recovery` is what the newest sheet stands for; None for a workspace that was joined. Where the
    team log has another key in force, it is this one that its keeper must announce.
    """

    id: Name
    folder: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    name: Name
    recovery: RecoveryKeys | None = None


class Recovery(Struct, frozen=True, forbid_unknown_fields=True):
    """What recovery needs until a sheet is made (`code`), and afterwards (`spare`, for workspaces to come)."""

    code: Code | None = None
    spare: tuple[RecoveryKeys, ...] = ()

    def __repr__(self) -> str:
        return f"<recovery, {len(self.spare)} spare>"

    def taken(self) -> "tuple[RecoveryKeys | None, Recovery]":
        """Return the public halves for a new workspace, and what is left; None if nothing is."""
        if self.code is not None:
            return RecoveryCode(self.code).spare(), self
        if not self.spare:
            return None, self
        return self.spare[0], Recovery(spare=self.spare[1:])


class Private(Struct, frozen=True, forbid_unknown_fields=True):
    """What the vault knows and the disk must not tell."""

    device_id: Name
    device_name: Name
    member_name: Name
    workspaces: tuple[WorkspaceEntry, ...] = ()
    recovery: Recovery = Recovery()


def seal(vault_id: bytes, key: MasterKey, private: Private) -> Sealed:
    """Seal the section; ValueError for content that could not be read again."""
    plain = msgspec.json.encode(private)
    msgspec.json.decode(plain, type=Private)  # ValueError: what does not fit would never open again
    # JSON may end in blanks, which is the padding.
    plain = plain.ljust(-(-len(plain) // _PADDING_BYTES) * _PADDING_BYTES)
    nonce = os.urandom(24)
    sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plain, _private_data(vault_id), nonce, key.derive("private")
    )
    return Sealed(nonce, sealed)


def unseal(path: Path, file: File, key: MasterKey) -> Private:
    """Open the section; DamagedVaultError if key and section do not belong together."""
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
