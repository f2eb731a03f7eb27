"""The errors of the store, drawn as a tree. The docstring of each is the sentence a person reads.

StorageError
├── StoreClosedError            the program's fault: used after close
├── RefusedValueError           the caller's fault: a value that no document can hold (also TypeError, ValueError)
├── NoMoreIdsError              the numbers for ids have come to their end (also OverflowError)
├── DamagedTextError            bytes changed: a text in the store is no JSON any more (also ValueError)
├── UnreadableEditError         an edit of a long text is not what its library can read
├── StoreBusyError              another program holds the store for too long
├── MixedTransactionError       others' changes in a transaction that has written records
├── TransactionLostError        went on after a failure that took the whole transaction back
└── StoreFileError              about the file itself; carries `path`
    ├── DamagedStoreError       bytes in the file changed
    ├── WrongKeyError           the key opens nothing here
    ├── NotAStoreError          another kind of file
    ├── NewerFormatError        written by a later version
    ├── OlderFormatError        written by an earlier version, and may not be brought up to date here
    ├── UpgradeError            could not be brought up to date
    ├── NeedsIdentityError      its writes are signed changes, and nobody is there to sign
    ├── ReadOnlyStoreError      may be read, not written
    ├── DiskFullError           no room for the write
    ├── DriveGoneError          the drive does not answer
    └── NetworkDriveError       a place where locks cannot be trusted
"""

from __future__ import annotations

from pathlib import Path


class StorageError(Exception):
    """The store could not do what was asked. Nothing that was saved before is lost."""


class StoreClosedError(StorageError):
    """This store was closed. What it held is safe on disk; open it again to go on."""


class RefusedValueError(StorageError, TypeError, ValueError):
    """A value cannot be kept in a record, so nothing was written."""

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(f"{where}: {reason}. Nothing was written.")


class NoMoreIdsError(StorageError, OverflowError):
    """There is no number left for the id of a new record."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"There is no number left for the id of a new record: {why}. Nothing was written; all records are safe. "
            "See that the computer's clock is right, and do it again."
        )


class DamagedTextError(StorageError, ValueError):
    """A text in the store is not what was written."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(
            "Something in the store cannot be read: its bytes are not what was written. Nothing was changed. Copy the "
            f"folder before anything else, then run 'commonhold verify', which says where. ({detail})"
        )


class UnreadableEditError(StorageError, ValueError):
    """An edit of a text cannot be read."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(
            "An edit of a text cannot be read, so the text stays as it was without it. "
            f"The edit is kept with the text's history. ({detail})"
        )


class StoreBusyError(StorageError):
    """Another program is writing to this store and did not finish in time. Nothing was written; try again."""


class TransactionLostError(StorageError):
    """A write failed before and took all of this change back. Nothing of it was saved; do all of it again."""


class MixedTransactionError(StorageError):
    """Other devices' changes need a transaction that wrote nothing. This one was not saved; take them in apart."""


class StoreFileError(StorageError):
    """Something is wrong with the store's file."""

    sentence = "The store at {path} cannot be used."

    def __init__(self, path: Path | str, detail: str = "") -> None:
        self.path, self.detail = Path(path), detail
        said = self.sentence.format(path=path)
        super().__init__(f"{said} ({detail})" if detail else said)


class DamagedStoreError(StoreFileError):
    """Bytes in the store's file are not what was written."""

    sentence = (
        "The store at {path} is damaged: bytes in it are not what was written. No record was changed. "
        "Copy the folder before anything else, then run 'commonhold verify' or go back to a backup."
    )


class WrongKeyError(StoreFileError):
    """The key does not open this store."""

    sentence = (
        "The key does not open the store at {path}. The data is untouched. "
        "Use the passphrase or key that it was made with."
    )


class NotAStoreError(StoreFileError):
    """The file is something else."""

    sentence = "{path} is not a store of this program, so it was left as it is. Choose another file, or import it."


class NewerFormatError(StoreFileError):
    """A later version of the program wrote this store."""

    sentence = (
        "The store at {path} was written by a newer version of the program. Nothing was changed. "
        "Update the program on this computer to open it."
    )


class OlderFormatError(StoreFileError):
    """An earlier version of the program wrote this store."""

    sentence = (
        "The store at {path} was written by an older version of the program. Nothing was changed. "
        "Make it possible to write there and open it again: that brings it up to date."
    )


class UpgradeError(StoreFileError):
    """A store of an earlier version could not be brought up to date."""

    sentence = (
        "The store at {path} could not be brought up to date for this version of the program. "
        "Everything in it is safe: what was begun was taken back whole. "
        "See to what stood in the way, then open it again."
    )


class NeedsIdentityError(StoreFileError):
    """This store belongs to a workspace: each write in it is signed by a device."""

    sentence = (
        "{path} belongs to a workspace, where each write is signed by a device, and it was opened without one. "
        "Nothing was changed. Use the workspace to write in it, or open it read-only."
    )


class ReadOnlyStoreError(StoreFileError):
    """The store may be read here, not written."""

    sentence = (
        "{path} can be read but not written, so nothing was changed. "
        "Check the rights of the file and its folder, or copy it to a place you may write to."
    )


class DiskFullError(StoreFileError):
    """There is no room left for the write."""

    sentence = (
        "The disk that holds {path} is full. The last change was not saved; everything before it is safe. "
        "Make room and do it again."
    )


class DriveGoneError(StoreFileError):
    """The drive does not answer."""

    sentence = (
        "The drive that holds {path} does not answer as it should. What was saved before is safe on it. "
        "See that it is plugged in and lets you write more, then open the store anew."
    )


class NetworkDriveError(StoreFileError):
    """A network drive cannot keep a store safe."""

    sentence = (
        "{path} lies on a network drive, where two programs could damage a store without noticing. "
        "Nothing was written. Keep the store on a drive of this computer."
    )
