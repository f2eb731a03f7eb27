"""The ways into a home: unlocked and locked, by passphrase, recovery sheet and the system's keyring."""

from contextlib import suppress
from typing import Literal

from app.places import Places
from sync.errors import (
    EmptyPassphraseError,
    KeyringRefusedError,
    UnprotectedError,
    VaultNotWrittenError,
)
from sync.vault import USUAL_COST, Cost, RecoveryCode, Ring, Vault


class WaysIn:
    """Opens and locks a vault; the keyring is handed in. What derives a key takes about 0.2 s."""

    def __init__(self, places: Places, vault: Vault, ring: Ring) -> None:
        self.places = places
        self._vault = vault
        self._ring = ring

    @property
    def locked(self) -> bool:
        """Whether the passphrase is needed first."""
        return self._vault.locked

    @property
    def protection(self) -> Literal["passphrase", "unprotected"]:
        """What keeps others out."""
        return self._vault.protection

    @property
    def slots(self) -> tuple[str, ...]:
        """The ways in: of "passphrase", "recovery", "keyring", "unprotected"."""
        return self._vault.slots

    def slots_now(self) -> tuple[str, ...]:
        """The same, read from the disk again: another process may have changed them."""
        self._vault.look_again()
        return self._vault.slots

    # -- in and out ------------------------------------------------------------------------------
    def unlock(self, passphrase: str) -> None:
        """Open with the passphrase, about 0.2 s of work; WrongPassphraseError if it is not the one."""
        self._vault.unlock(passphrase)

    def unlock_by_keyring(self) -> None:
        """Open with the key in the system's keyring; VaultLockedError if that is no way in here."""
        self._vault.unlock_by_keyring(self._ring)

    def unlock_by_sheet(self, code: str, passphrase: str, cost: Cost = USUAL_COST) -> None:
        """Open with the code of the recovery sheet, as typed, and set a new passphrase."""
        if not passphrase:
            raise EmptyPassphraseError(self.places.vault)
        self._vault.unlock_by_sheet(RecoveryCode.parse(code))
        self._vault.set_passphrase(passphrase, cost)

    def lock(self) -> None:
        """Forget the keys; whoever opened workspaces closes them first."""
        self._vault.lock()

    # -- ways in ---------------------------------------------------------------------------------
    def set_passphrase(self, passphrase: str, cost: Cost = USUAL_COST) -> None:
        """Change or set the passphrase; the data is not written again."""
        self._vault.set_passphrase(passphrase, cost)

    def make_sheet(self, cost: Cost = USUAL_COST) -> RecoveryCode:
        """Make a recovery sheet's code, which is kept nowhere; an older sheet opens nothing any more."""
        return self._vault.make_sheet(cost)

    def refuse_unprotected(self) -> None:
        """Raise UnprotectedError where there is no passphrase to ask for."""
        if self.protection == "unprotected":
            raise UnprotectedError(self.places.vault)

    def keyring_refusal(self) -> str:
        """Why the system's keyring cannot unlock it, as half a sentence; nothing if it can."""
        return self._ring.refusal()

    def keep_signed_in(self) -> None:
        """Let the system's keyring unlock it from now on; KeyringRefusedError."""
        self._vault.keep_in(self._ring)

    def ask_always(self) -> None:
        """Let the keyring unlock it no more."""
        self._vault.remove_slot("keyring", self._ring)

    def sign_out(self) -> bool:
        """Take the key out of the keyring until `sign_in`; False if none was there."""
        return self._vault.sign_out(self._ring)

    def sign_in(self) -> bool:
        """Give the keyring a key again if it is a way in here and lacks it."""
        return self._vault.sign_in(self._ring)

    def lock_out(self) -> None:
        """Lock, so that the passphrase is needed even where the keyring is a way in."""
        self.lock()
        with suppress(KeyringRefusedError):  # a keyring that does not answer opens nothing either
            self.sign_out()

    def sign_in_again(self) -> None:
        """As `sign_in`, for somebody who typed the passphrase and is not to be kept by a keyring's troubles."""
        with suppress(KeyringRefusedError, VaultNotWrittenError):
            self.sign_in()
