"""What can go wrong between devices and their keys; each message is the sentence that people read.

SyncError
├── TeamLogError                the records that say who is in the team
│   ├── MalformedRecordError    whose fault: the sender, or the way here: no record, or one bent
│   ├── NewerRecordError        written by a newer program
│   ├── ForeignRecordError      of another workspace
│   ├── ForgedRecordError       whose fault: the sender: not signed by whom it names
│   ├── InvalidRecordError      whose fault: its author, who may not do this
│   ├── BacklogError            too many records whose predecessors are missing
│   ├── NoSeatError             the records know nothing of this device
│   ├── NotJoinedError          the chain does not hold what the inviter named
│   ├── UnsureKeeperError       a keeper that may have been set back
│   └── EpochKeyError           whose fault: the keeper: not the key that the others got (.epoch)
└── VaultError                  the file that holds the keys (.path)
    ├── NoVaultError            there is none
    ├── VaultExistsError        there is one already
    ├── WrongPassphraseError    whose fault: the person's typing
    ├── WrongRecoveryCodeError  a code that was typed well, of another sheet
    ├── NoSheetError            no recovery sheet was ever made for it
    ├── RecoverySpentError      no recovery keys are left for a further workspace
    ├── KeyringKeyMissingError  the keyring no longer holds what unlocks it
    ├── LastSlotError           the last way in cannot be closed
    ├── VaultLockedError        keys were asked for before the passphrase
    ├── UnprotectedError        it has no passphrase, so it cannot be locked
    ├── EmptyPassphraseError    a passphrase that protects nothing
    ├── DamagedVaultError       whose fault: the disk, or somebody who altered the file
    ├── UnreadableVaultError    whose fault: rights or the drive; the file may be whole
    ├── NewerVaultError         written by a newer program
    ├── KeyMemoryError          no memory left to turn the passphrase into a key
    └── VaultNotWrittenError    whose fault: the disk (full, read-only, unplugged)
"""

from pathlib import Path


class SyncError(Exception):
    """Something in keys, devices or their exchange was refused or failed."""

    hint = ""


class TeamLogError(SyncError):
    """A record of the team log was refused, or could not be made; the team is as it was."""


class MalformedRecordError(TeamLogError):
    """The bytes are no record, or were bent on the way."""

    hint = "Nothing was changed. If it comes again from the same device, that device is at fault."

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"What came is no {what} of a team log: {reason}.")
        self.what = what
        self.reason = reason


class NewerRecordError(TeamLogError):
    """A newer program wrote the record."""

    hint = "Update this program to follow the team from here on. Your data is as it was."

    def __init__(self, what: str) -> None:
        super().__init__(f"A newer version of Commonhold wrote this record ({what}).")
        self.what = what


class ForeignRecordError(TeamLogError):
    """The record belongs to another workspace."""

    hint = "Nothing was changed."

    def __init__(self) -> None:
        super().__init__("This record belongs to another workspace.")


class NoSeatError(TeamLogError):
    """The team's records do not know this device's keys, or do not let it open the team's."""

    hint = (
        "Nothing was changed. The key file and the store are not of one home: put both back from "
        "the same backup, or join the team anew from another computer."
    )

    def __init__(self) -> None:
        super().__init__("This home's keys do not belong to the workspace's team.")


class ForgedRecordError(TeamLogError):
    """A signature is not that of the key it claims."""

    hint = "Nothing was changed. Whoever made it does not hold that key."

    def __init__(self, signer: str) -> None:
        super().__init__(f"This record is not signed by {signer}, whom it names.")
        self.signer = signer


class InvalidRecordError(TeamLogError):
    """Its author may not do this in the state just before."""

    hint = "The team is as it was."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class BacklogError(TeamLogError):
    """Too many records wait for ones before them."""

    hint = "Nothing is lost: the records before these are asked for first, and these come again."

    def __init__(self, waiting: int) -> None:
        super().__init__(
            f"{waiting} records of the team log wait for ones before them; no more are taken."
        )
        self.waiting = waiting


class NotJoinedError(TeamLogError):
    """The chain that came does not hold the record that the invitation names."""

    hint = "Nothing was joined. Ask for the team log again, from the computer that invited you."

    def __init__(self) -> None:
        super().__init__(
            "The team log that came does not hold the record that the invitation names."
        )


class UnsureKeeperError(TeamLogError):
    """The keeper may have been set back to an earlier state, and could write a second record for a place."""

    hint = "Connect to another computer of the team or to the hub, then try again. Work with records goes on."

    def __init__(self) -> None:
        super().__init__(
            "This computer keeps the team's list, and was copied or set back to an earlier state. "
            "It changes the team only after hearing from another computer."
        )


class EpochKeyError(TeamLogError):
    """A key is not the one that its record committed to, or does not open."""

    hint = "Changes of that time stay sealed here until the key comes. The keeper can make a fresh one."

    def __init__(self, epoch: int) -> None:
        super().__init__(
            f"The key of epoch {epoch} that came for this device is not the one the team uses."
        )
        self.epoch = epoch


class BadRecoveryCodeError(SyncError):
    """The recovery code was not typed as it stands on the sheet."""

    hint = (
        "Type it from the sheet, with or without the dashes: 0 and O are the same there, "
        "and so are 1, I and L."
    )

    def __init__(self, reason: str) -> None:
        super().__init__(f"That is not a recovery code: {reason}. Nothing was changed.")
        self.reason = reason


class KeyringRefusedError(SyncError):
    """The system's keyring cannot be relied on to keep a key."""

    hint = "The passphrase opens it as before."

    def __init__(self, reason: str) -> None:
        super().__init__(f"The system's keyring is not used: {reason}.")
        self.reason = reason


class VaultError(SyncError):
    """The vault could not do what was asked."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


class NoVaultError(VaultError):
    """There is no vault here."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, f"There are no keys at {path}.")


class VaultExistsError(VaultError):
    """A vault is here already, and making another would throw its keys away."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, f"{path} already holds keys; nothing was changed.")


class WrongPassphraseError(VaultError):
    """The passphrase is not the one of this vault."""

    hint = "Your data is as it was. Check the keyboard layout and caps lock, and try again."

    def __init__(self, path: Path) -> None:
        super().__init__(path, "That is not the passphrase.")


class WrongRecoveryCodeError(VaultError):
    """The recovery code is not the one of this vault's newest sheet."""

    hint = "Your data is as it was. An older sheet, or one of another computer, does not open it."

    def __init__(self, path: Path) -> None:
        super().__init__(path, "That is the code of another sheet.")


class NoSheetError(VaultError):
    """No recovery sheet was made for this vault."""

    hint = (
        "Only the passphrase opens it. Once it is open, 'commonhold passphrase recovery-sheet' "
        "makes a sheet."
    )

    def __init__(self, path: Path) -> None:
        super().__init__(path, "No recovery sheet was made here.")


class RecoverySpentError(VaultError):
    """The recovery sheet has no keys left for a further workspace."""

    hint = "Make a new sheet: 'commonhold passphrase recovery-sheet'. Nothing was changed."

    def __init__(self, path: Path) -> None:
        super().__init__(path, "The recovery sheet covers no further workspaces.")


class KeyringKeyMissingError(VaultError):
    """The system's keyring no longer holds the key of this vault."""

    hint = "Your data is as it was. The passphrase opens it; 'commonhold unlock' gives the keyring a key again."

    def __init__(self, path: Path) -> None:
        super().__init__(path, "The keyring holds no key for it.")


class LastSlotError(VaultError):
    """The last way into a vault cannot be closed."""

    hint = "Make another way in first. Nothing was changed."

    def __init__(self, path: Path) -> None:
        super().__init__(path, "That is the last way in; without it nobody could read the data.")


class VaultLockedError(VaultError):
    """The vault is locked: its passphrase is needed first."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "It is locked: the passphrase is needed first.")


class UnprotectedError(VaultError):
    """What has no passphrase cannot be locked."""

    hint = "Set a passphrase first: 'commonhold passphrase set'. Nothing was changed."

    def __init__(self, path: Path) -> None:
        super().__init__(path, "It is unprotected: there is no passphrase to ask for.")


class EmptyPassphraseError(VaultError):
    """An empty passphrase protects nothing."""

    hint = "Choose one, or say openly that there is none: --unprotected."

    def __init__(self, path: Path) -> None:
        super().__init__(path, "An empty passphrase protects nothing; nothing was changed.")


class DamagedVaultError(VaultError):
    """The vault's file is not what was written: damaged, or altered."""

    hint = (
        "The data is still encrypted beside it, and this file holds its keys: "
        "put it back from a copy or a backup. Nothing was changed."
    )

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, f"The key file {path} is damaged or was altered ({reason}).")
        self.reason = reason


class UnreadableVaultError(VaultError):
    """The system does not let the vault's file be read."""

    hint = (
        "Nothing says that it is damaged, and nothing was changed. See that this account may read it "
        "and that its drive is there, then try again."
    )

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, f"The key file {path} cannot be read: {reason}.")
        self.reason = reason


class NewerVaultError(VaultError):
    """The vault was written by a newer version of the program."""

    hint = "Update this program to open it. Nothing was changed."

    def __init__(self, path: Path, version: int) -> None:
        super().__init__(
            path, f"{path} was written by a newer version of Commonhold (format {version})."
        )
        self.version = version


class KeyMemoryError(VaultError):
    """There is not enough free memory to turn the passphrase into a key."""

    hint = "Close other programs and try again. Nothing was changed."

    def __init__(self, path: Path, needed_bytes: int) -> None:
        super().__init__(
            path,
            f"Unlocking needs {needed_bytes >> 20} MB of free memory, which is not there now.",
        )
        self.needed_bytes = needed_bytes


class VaultNotWrittenError(VaultError):
    """The vault's file could not be written; the old one stands."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, f"{path} could not be written ({reason}); it is as it was before.")
        self.reason = reason
