"""What can be wrong with a snapshot."""

from __future__ import annotations

from storage.errors import StorageError


class UnfitSnapshotError(StorageError):
    """A snapshot cannot be used. Nothing is lost: the changes bring all that it could have shown."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"The first look at this workspace cannot be shown: {reason}. "
            "Nothing is lost: its changes bring everything."
        )
