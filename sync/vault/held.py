"""What a vault holds: the file as it is on disk and, while it is unlocked, the master key.

Every change is made alone among all processes, on the file as it is on disk at that moment.
"""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from sync.errors import DamagedVaultError, RecoverySpentError, VaultLockedError
from sync.vault import disk
from sync.vault.form import File, Slots, checked, new_file
from sync.vault.master import MasterKey
from sync.vault.private import Private, seal, unseal
from sync.vault.recovery import RecoveryKeys


class Held:
    """Gives what is kept and what is derived; VaultLockedError while there is no key."""

    def __init__(self, path: Path, file: File, key: MasterKey | None) -> None:
        self.path = path
        self._file = file
        self._key = key

    @property
    def locked(self) -> bool:
        """Whether one of the ways in is needed before anything can be opened."""
        return self._key is None

    # -- what it keeps ---------------------------------------------------------------------------
    def private(self) -> Private:
        """Return the sealed section as it is on disk now (another process may have changed it)."""
        self.look_again()
        return unseal(self.path, self._file, self._master())

    def change_private(self, change: Callable[[Private], Private]) -> Private:
        """Rewrite the sealed section, alone among all processes; the slots stay as they are."""
        with disk.writing(self.path):
            changed = change(self.private())
            self._replace(private=seal(self._file.vault_id, self._master(), changed))
        return changed

    def begin_with(self, private: Private) -> None:
        """Take another sealed section into a vault that was not saved yet."""
        sealed = seal(self._file.vault_id, self._master(), private)
        self._file = new_file(self._file.vault_id, self._file.slots, sealed)

    def take_recovery_keys(self) -> RecoveryKeys:
        """Return the recovery key's public halves for one new workspace, given to no other; RecoverySpentError."""
        found: list[RecoveryKeys] = []

        def taken(private: Private) -> Private:
            keys, left = private.recovery.taken()
            if keys is None:
                raise RecoverySpentError(self.path)
            found.append(keys)
            return msgspec.structs.replace(private, recovery=left)

        self.change_private(taken)
        return found[0]

    # -- what it derives: `workspace` is its folder's name, which is there before its genesis is ---
    def database_key(self, workspace: str) -> bytes:
        """Return the 32 bytes that a workspace's database is encrypted with."""
        return self._master().derive("database", workspace)

    def blob_key(self, workspace: str) -> bytes:
        """Return the 32 bytes that this device tells equal attachments by; what opens them is in the records."""
        return self._master().derive("blobs", workspace)

    def device_secret(self, workspace: str) -> bytes:
        """Return the 32 bytes that this device's keys in one workspace come from; two workspaces share nothing."""
        return self._master().derive("device", workspace)

    # -- inside ----------------------------------------------------------------------------------
    def _master(self) -> MasterKey:
        if self._key is None:
            raise VaultLockedError(self.path)
        return self._key

    def _take(self, key: bytes) -> None:
        master = MasterKey(key)
        unseal(self.path, self._file, master)  # proves that key and sealed section belong together
        self._key = master

    def look_again(self) -> None:
        """Take the file as it is on disk now; one that was never saved stays as it is."""
        if not self.path.exists():
            return
        file = disk.read(self.path)
        if file.vault_id != self._file.vault_id:
            raise DamagedVaultError(self.path, "another vault was put in its place")
        self._file = file

    def _changed(self, **ways: object) -> Slots:
        return msgspec.structs.replace(self._file.slots, **ways)

    def _replace(self, **parts: object) -> None:
        file = checked(msgspec.structs.replace(self._file, **parts))
        disk.write(self.path, file)
        self._file = file


def chance(count: int) -> bytes:
    """Return random bytes from the system."""
    return os.urandom(count)


def new_id() -> str:
    """Return a random name of 128 bits, as the folders on disk have them."""
    return os.urandom(16).hex()
