"""What can go wrong between devices and their keys; each message is the sentence that people read.

SyncError
└── VaultError                  the file that holds the keys (.path)
    ├── NoVaultError            there is none
    ├── VaultExistsError        there is one already
    ├── WrongPassphraseError    whose fault: the person's typing
    ├── VaultLockedError        keys were asked for before the passphrase
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


class VaultLockedError(VaultError):
    """The vault is locked: its passphrase is needed first."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "It is locked: the passphrase is needed first.")


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
