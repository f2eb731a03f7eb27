"""One home's keys: unlocked by one of the slots, and locked again."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Self

import msgspec

from sync.errors import DamagedVaultError, VaultExistsError, VaultLockedError
from sync.vault import disk, slots
from sync.vault.form import (
    UNPROTECTED_NOTICE,
    USUAL_COST,
    Cost,
    File,
    Slots,
    UnprotectedSlot,
    checked,
    new_file,
)
from sync.vault.master import MasterKey
from sync.vault.private import Private, seal, unseal


class Vault:
    """One home's keys, locked or not. Python cannot promise to wipe memory: locking drops them."""

    def __init__(self, path: Path, file: File, key: MasterKey | None) -> None:
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
            ways = Slots(unprotected=UnprotectedSlot(UNPROTECTED_NOTICE, key))
        else:
            ways = Slots(passphrase=slots.wrap(path, vault_id, passphrase, key, cost))
        master = MasterKey(key)
        return cls(path, new_file(vault_id, ways, seal(vault_id, master, private)), master)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read a vault; it is locked unless it is unprotected."""
        file = disk.read(path)
        disk.tidy(path)
        bare = file.slots.unprotected
        return cls(path, file, MasterKey(bare.key) if bare else None)

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
        with disk.writing(self.path):
            if self.path.exists():
                raise VaultExistsError(self.path)
            disk.write(self.path, self._file)

    def unlock(self, passphrase: str) -> None:
        """Open with the passphrase; takes about 0.2 s, so never on the window's thread."""
        self._look_again()  # another process may have changed the passphrase
        slot = self._file.slots.passphrase
        if slot is None:
            return
        key = MasterKey(slots.unwrap(self.path, self._file.vault_id, passphrase, slot))
        unseal(self.path, self._file, key)  # proves that key and sealed section belong together
        self._key = key

    def lock(self) -> None:
        """Forget the key, unless there is no passphrase to ask for."""
        if self.protection == "passphrase":
            self._key = None

    def private(self) -> Private:
        """Return the sealed section as it is on disk now (another process may have changed it)."""
        self._look_again()
        return unseal(self.path, self._file, self._master())

    def change_private(self, change: Callable[[Private], Private]) -> Private:
        """Rewrite the sealed section, alone among all processes; the slots stay as they are."""
        with disk.writing(self.path):
            changed = change(self.private())
            sealed = seal(self._file.vault_id, self._master(), changed)
            self._replace(msgspec.structs.replace(self._file, private=sealed))
        return changed

    def set_passphrase(self, passphrase: str, cost: Cost = USUAL_COST) -> None:
        """Wrap the master key anew: one slot is rewritten, the data and its keys stay."""
        with disk.writing(self.path):
            self.private()
            key = self._master().reveal()
            slot = slots.wrap(self.path, self._file.vault_id, passphrase, key, cost)
            self._replace(msgspec.structs.replace(self._file, slots=Slots(passphrase=slot)))

    def database_key(self, workspace: str) -> bytes:
        """Return the 32 bytes that a workspace's database is encrypted with."""
        return self._master().derive("database", workspace)

    def _master(self) -> MasterKey:
        if self._key is None:
            raise VaultLockedError(self.path)
        return self._key

    def _look_again(self) -> None:
        """Take the file as it is on disk now; one that was never saved stays as it is."""
        if not self.path.exists():
            return
        file = disk.read(self.path)
        if file.vault_id != self._file.vault_id:
            raise DamagedVaultError(self.path, "another vault was put in its place")
        self._file = file

    def _replace(self, file: File) -> None:
        file = checked(file)
        disk.write(self.path, file)
        self._file = file


def new_id() -> str:
    """Return a random name of 128 bits, as the folders on disk have them."""
    return os.urandom(16).hex()
