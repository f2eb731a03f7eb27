"""What can be wrong with attachments.

StorageError
├── NoBlobsError                a store that has no place or no keys for any
├── NoAttachmentError           what is in the field is no attachment, or of a later version
├── TooLargeError               more bytes than an attachment may have
└── BlobError                   about the file of one attachment; carries `id`, `kind` and `detail`
    ├── MissingBlobError        it is not there
    ├── UnreadableBlobError     the system does not give it
    └── DamagedBlobError        it is not what was written
        └── WrongSizeError      it is longer or shorter
"""

from __future__ import annotations

from storage.errors import StorageError


class NoBlobsError(StorageError):
    """This store holds no attachments: it lies in memory, or it was opened without the keys for them."""

    def __init__(self) -> None:
        super().__init__(
            f"{type(self).__doc__} Nothing was changed. Open it through its workspace."
        )


class NoAttachmentError(StorageError, ValueError):
    """A value is no attachment that this version can read."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"What is in this field is no attachment that this version can read: {reason}. Nothing was changed."
        )


class TooLargeError(StorageError):
    """A file is larger than an attachment may be."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"The file is larger than an attachment may be ({most >> 30} GiB). Nothing was attached. "
            "Keep it where it is, and note in the record where that is."
        )


class BlobError(StorageError):
    """The file of an attachment is not as it must be."""

    def __init__(self, blob: str, detail: str) -> None:
        self.id, self.detail = blob, detail
        super().__init__(f"{self.sentence} ({blob[:8]}: {detail})")

    kind = "damaged_blob"  # how `verify` calls it
    sentence = "The file of this attachment cannot be used."


class MissingBlobError(BlobError):
    """The file of an attachment is not there."""

    kind = "missing_blob"
    sentence = (
        "The content of this attachment is not on this computer. The record is unharmed. "
        "Look for it in a backup, or attach the file anew."
    )


class UnreadableBlobError(BlobError):
    """The system does not give the file of an attachment."""

    kind = "unreadable_blob"
    sentence = (
        "The content of this attachment cannot be read at the moment. The record is unharmed, and nothing was written "
        "out. See that the drive answers and that you may read the workspace's folder."
    )


class DamagedBlobError(BlobError):
    """The file of an attachment is not what was written."""

    sentence = (
        "The content of this attachment is damaged: its bytes are not what was written. The record is unharmed, "
        "and nothing was written out. Get it from a backup, or attach the file anew."
    )


class WrongSizeError(DamagedBlobError):
    """The file of an attachment is longer or shorter than what was written."""

    kind = "wrong_blob_size"
