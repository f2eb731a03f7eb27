"""A vault's ways in: unlocked by one of its slots, and locked again; slots made, changed, removed."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Literal, Self

import msgspec

from sync.errors import (
    EmptyPassphraseError,
    KeyringKeyMissingError,
    KeyringRefusedError,
    LastSlotError,
    NoSheetError,
    VaultExistsError,
    VaultLockedError,
    WrongPassphraseError,
    WrongRecoveryCodeError,
)
from sync.vault import disk, slots
from sync.vault.form import (
    UNPROTECTED_NOTICE,
    USUAL_COST,
    Cost,
    KeyringSlot,
    Slots,
    StretchedSlot,
    UnprotectedSlot,
    new_file,
)
from sync.vault.held import Held, new_id
from sync.vault.master import MasterKey
from sync.vault.private import Private, Recovery, seal
from sync.vault.recovery import RecoveryCode
from sync.vault.ring import Ring
from sync.vault.slots import KEYRING, PASSPHRASE, RECOVERY, DoesNotOpenError

SPARE_KEYS = 16  # workspaces that can be made after a sheet before a new one is needed


class Vault(Held):
    """One home's keys, locked or not. Python cannot promise to wipe memory: locking drops them."""

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
            ways = Slots(passphrase=_passphrase_slot(path, vault_id, passphrase, key, cost))
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
    def protection(self) -> Literal["passphrase", "unprotected"]:
        """What keeps others out."""
        return "unprotected" if self._file.slots.unprotected else "passphrase"

    @property
    def slots(self) -> tuple[str, ...]:
        """The ways in: of "passphrase", "recovery", "keyring", "unprotected"."""
        return self._file.slots.names

    def save(self) -> None:
        """Write a new vault to its place; refused when there is one."""
        with disk.writing(self.path):
            if self.path.exists():
                raise VaultExistsError(self.path)
            disk.write(self.path, self._file)

    # -- in and out ------------------------------------------------------------------------------
    def unlock(self, passphrase: str) -> None:
        """Open with the passphrase; takes about 0.2 s, so never on the window's thread."""
        self.look_again()  # another process may have changed the passphrase
        slot = self._file.slots.passphrase
        if slot is None:
            if self.locked:
                raise WrongPassphraseError(self.path)
            return
        secret = slots.typed(passphrase)
        try:
            key = slots.unwrap(self.path, self._file.vault_id, PASSPHRASE, secret, slot)
        except DoesNotOpenError:
            raise WrongPassphraseError(self.path) from None
        self._take(key)

    def unlock_by_sheet(self, code: RecoveryCode) -> None:
        """Open with the code of the recovery sheet; as slow as the passphrase. NoSheetError, WrongRecoveryCodeError."""
        self.look_again()
        slot = self._file.slots.recovery
        if slot is None:
            raise NoSheetError(self.path)
        try:
            key = slots.unwrap(self.path, self._file.vault_id, RECOVERY, code.reveal(), slot)
        except DoesNotOpenError:
            raise WrongRecoveryCodeError(self.path) from None
        self._take(key)

    def unlock_by_keyring(self, ring: Ring) -> None:
        """Open with the key in the keyring, which may ask a person; KeyringRefusedError, KeyringKeyMissingError."""
        self.look_again()
        slot = self._file.slots.keyring
        if slot is None:
            raise VaultLockedError(self.path)
        secret = ring.get(slot.account)
        if secret is None or len(secret) != slots.RANDOM_BYTES:
            raise KeyringKeyMissingError(self.path)
        try:
            key = slots.unwrap_random(self._file.vault_id, secret, slot)
        except DoesNotOpenError:
            raise KeyringKeyMissingError(self.path) from None
        self._take(key)

    def lock(self) -> None:
        """Forget the key, unless there is no passphrase to ask for."""
        if self.protection == "passphrase":
            self._key = None

    # -- the slots -------------------------------------------------------------------------------
    def set_passphrase(self, passphrase: str, cost: Cost = USUAL_COST) -> None:
        """Wrap the master key anew: one slot is rewritten, the data and its keys stay."""
        with disk.writing(self.path):
            self.private()
            key = self._master().reveal()
            slot = _passphrase_slot(self.path, self._file.vault_id, passphrase, key, cost)
            self._replace(slots=self._changed(passphrase=slot, unprotected=None))

    def make_sheet(self, cost: Cost = USUAL_COST) -> RecoveryCode:
        """Make the recovery sheet's code, which is kept nowhere; an older sheet opens nothing any more.

        The workspaces' recovery keys become those of the new code: see `WorkspaceEntry.recovery`.
        """
        with disk.writing(self.path):
            private = self.private()
            first = private.recovery.code
            code = RecoveryCode.new() if first is None else RecoveryCode(first)
            vault_id, key = self._file.vault_id, self._master()
            slot = slots.wrap(self.path, vault_id, RECOVERY, code.reveal(), key.reveal(), cost)
            sealed = seal(vault_id, key, _on_paper(private, code))
            self._replace(slots=self._changed(recovery=slot), private=sealed)
        return code

    def keep_in(self, ring: Ring) -> None:
        """Let the system's keyring unlock it from now on. KeyringRefusedError. May wait for a person."""
        self.private()
        if self._file.slots.passphrase is None:
            raise KeyringRefusedError("there is no passphrase that it could save you from typing")
        account, secret = new_id(), os.urandom(slots.RANDOM_BYTES)
        ring.put(
            account, secret
        )  # before the lock is taken: other processes do not wait for a person
        try:
            before = self._add_keyring(account, secret)
        except BaseException:
            with suppress(KeyringRefusedError):
                ring.drop(account)
            raise
        if before is not None:
            ring.drop(before.account)

    def _add_keyring(self, account: str, secret: bytes) -> KeyringSlot | None:
        """Write the slot and return the one that was there."""
        with disk.writing(self.path):
            self.private()
            vault_id, key = self._file.vault_id, self._master().reveal()
            before = self._file.slots.keyring
            slot = slots.wrap_random(vault_id, account, secret, key)
            self._replace(slots=self._changed(keyring=slot))
        return before

    def sign_out(self, ring: Ring) -> bool:
        """Take the key out of the keyring and leave the slot, for `sign_in`; False if none was there."""
        self.look_again()
        slot = self._file.slots.keyring
        if slot is None or ring.get(slot.account) is None:
            return False
        ring.drop(slot.account)
        return True

    def sign_in(self, ring: Ring) -> bool:
        """Put a key into the keyring again if the keyring is a way in and lacks it; False if not."""
        self.look_again()
        slot = self._file.slots.keyring
        if slot is None or ring.get(slot.account) is not None:
            return False
        self.keep_in(ring)
        return True

    def remove_slot(self, name: str, ring: Ring | None = None) -> None:
        """Close a way in; LastSlotError for the last one. With the ring, a key in it is dropped too."""
        with disk.writing(self.path):
            self.private()
            slot = self._file.slots.keyring
            left = self._changed(**{name: None})
            if not left.sound:
                raise LastSlotError(self.path)
            self._replace(slots=left)
        if ring is not None and name == KEYRING and slot is not None:
            ring.drop(slot.account)


def _passphrase_slot(
    path: Path, vault_id: bytes, passphrase: str, key: bytes, cost: Cost
) -> StretchedSlot:
    if not passphrase:
        raise EmptyPassphraseError(path)
    return slots.wrap(path, vault_id, PASSPHRASE, slots.typed(passphrase), key, cost)


def _on_paper(private: Private, code: RecoveryCode) -> Private:
    """Return what is kept once the code is on a sheet: public halves, and nothing of the code."""
    entries = tuple(
        msgspec.structs.replace(entry, recovery=code.public(entry.recovery.chance))
        if entry.recovery is not None
        else entry
        for entry in private.workspaces
    )
    left = Recovery(spare=tuple(code.spare() for _ in range(SPARE_KEYS)))
    return msgspec.structs.replace(private, workspaces=entries, recovery=left)
