"""What can go wrong with a change; each message is the sentence that people read.

StorageError
└── ChangeError
    ├── MalformedChangeError     whose fault: the sender, or the way here
    │   ├── AlteredPartError     a sealed part is another one than its author signed
    │   └── NewerChangeError     a later version of the program made it
    ├── MayNotWriteError         this device has no role that writes
    ├── RefusedOperationError    the caller's fault: what no change can carry
    └── SealError                about keys (.epoch)
        ├── UnknownEpochError    the key has not come yet
        └── BrokenSealError      bytes that no key opens
"""

from __future__ import annotations

from storage.errors import StorageError


class ChangeError(StorageError):
    """A change could not be made or read. What was saved before is as it was."""


class MalformedChangeError(ChangeError):
    """What came is not a change: its bytes break the format. Nothing was changed; ask its sender for it again."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"What came is not a change: {reason}. Nothing was changed by it; it can be asked for again."
        )


class AlteredPartError(MalformedChangeError):
    """A part of a change is not the one that its author signed."""

    def __init__(self, part: int) -> None:
        super().__init__(f"its part {part} is not the one that its author signed")
        self.part = part


class NewerChangeError(MalformedChangeError):
    """A change was made by a newer version of the program. Update this one; it then reads it."""

    def __init__(self, version: int) -> None:
        super().__init__(f"it was made by a newer version of the program (format {version})")
        self.version = version


class MayNotWriteError(ChangeError):
    """This device may read the workspace and not write to it, so nothing was saved."""

    def __init__(self) -> None:
        super().__init__(
            "This device may read the workspace, and not write to it: nothing was saved. "
            "Ask an owner for a role that writes."
        )


class RefusedOperationError(ChangeError):
    """No change can carry this, so nothing was saved."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"This cannot be saved: {reason}. Nothing was saved.")


class SealError(ChangeError):
    """A part of a change could not be opened here."""

    def __init__(self, message: str, epoch: int) -> None:
        super().__init__(message)
        self.epoch = epoch


class UnknownEpochError(SealError):
    """The key of that epoch has not reached this device."""

    def __init__(self, epoch: int) -> None:
        super().__init__(
            f"The key of epoch {epoch} has not reached this device yet. What it opens is kept, and is read once the "
            "key is here.",
            epoch,
        )


class BrokenSealError(SealError):
    """The sealed bytes are not what their author's key made."""

    def __init__(self, epoch: int) -> None:
        super().__init__(
            f"A part that was sealed in epoch {epoch} does not open: its bytes are not what any holder of the key "
            "wrote. It changes nothing here.",
            epoch,
        )
