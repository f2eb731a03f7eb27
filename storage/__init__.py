"""A sync-capable document store with TinyDB's face. Knows nothing of networks, identities or windows.

The names below are loaded when they are first used, so that what needs only one of them carries nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinydb.queries import Query as Query
    from tinydb.table import Document as Document

    from storage.blobs.blobs import Blobs as Blobs
    from storage.blobs.errors import BlobError as BlobError
    from storage.blobs.errors import DamagedBlobError as DamagedBlobError
    from storage.blobs.errors import MissingBlobError as MissingBlobError
    from storage.blobs.errors import NoAttachmentError as NoAttachmentError
    from storage.blobs.errors import TooLargeError as TooLargeError
    from storage.crdt.show import Family as Family
    from storage.crdt.undo import Because as Because
    from storage.crdt.values import ABSENT as ABSENT
    from storage.errors import DamagedStoreError as DamagedStoreError
    from storage.errors import DamagedTextError as DamagedTextError
    from storage.errors import DiskFullError as DiskFullError
    from storage.errors import DriveGoneError as DriveGoneError
    from storage.errors import MixedTransactionError as MixedTransactionError
    from storage.errors import NeedsIdentityError as NeedsIdentityError
    from storage.errors import NetworkDriveError as NetworkDriveError
    from storage.errors import NewerFormatError as NewerFormatError
    from storage.errors import NoMoreIdsError as NoMoreIdsError
    from storage.errors import NotAStoreError as NotAStoreError
    from storage.errors import OlderFormatError as OlderFormatError
    from storage.errors import ReadOnlyStoreError as ReadOnlyStoreError
    from storage.errors import RefusedValueError as RefusedValueError
    from storage.errors import StorageError as StorageError
    from storage.errors import StoreBusyError as StoreBusyError
    from storage.errors import StoreClosedError as StoreClosedError
    from storage.errors import StoreFileError as StoreFileError
    from storage.errors import TransactionLostError as TransactionLostError
    from storage.errors import UnreadableEditError as UnreadableEditError
    from storage.errors import UpgradeError as UpgradeError
    from storage.errors import WrongKeyError as WrongKeyError
    from storage.ids import RecordIds as RecordIds
    from storage.ids import decode_id as decode_id
    from storage.ids import encode_id as encode_id
    from storage.journal.actions import Taken as Taken
    from storage.journal.past_times import Undecided as Undecided
    from storage.journal.replay import Version as Version
    from storage.journal.writing import Action as Action
    from storage.mark import commits_noted as commits_noted
    from storage.mark import mark_beside as mark_beside
    from storage.mark import replacing as replacing
    from storage.migrations import upgrade as upgrade
    from storage.order import Order as Order
    from storage.query.ordered import ordered as ordered
    from storage.row import Stamp as Stamp
    from storage.search.index import FoundText as FoundText
    from storage.search.index import Hit as Hit
    from storage.search.words import fold as fold
    from storage.store import Store as Store
    from storage.store import read_chain as read_chain
    from storage.table import Table as Table
    from storage.table import TrashedDocument as TrashedDocument
    from storage.touched import Touched as Touched
    from storage.verify import Problem as Problem
    from storage.verify import Report as Report

_ERRORS = (
    *(
        "DamagedStoreError",
        "DamagedTextError",
        "DiskFullError",
        "DriveGoneError",
        "MixedTransactionError",
        "NeedsIdentityError",
        "NetworkDriveError",
        "NewerFormatError",
        "NoMoreIdsError",
    ),
    *(
        "NotAStoreError",
        "ReadOnlyStoreError",
        "RefusedValueError",
        "StorageError",
        "StoreBusyError",
    ),
    *("StoreClosedError", "StoreFileError", "TransactionLostError"),
    *("OlderFormatError", "UnreadableEditError", "UpgradeError", "WrongKeyError"),
)
_BLOB_ERRORS = (
    *("BlobError", "DamagedBlobError", "MissingBlobError"),
    *("NoAttachmentError", "TooLargeError"),
)
_HOME = {
    **dict.fromkeys(_ERRORS, "storage.errors"),
    **dict.fromkeys(_BLOB_ERRORS, "storage.blobs.errors"),
    **dict.fromkeys(("RecordIds", "decode_id", "encode_id"), "storage.ids"),
    **dict.fromkeys(("FoundText", "Hit"), "storage.search.index"),
    **dict.fromkeys(("Table", "TrashedDocument"), "storage.table"),
    **dict.fromkeys(("Problem", "Report"), "storage.verify"),
    "ABSENT": "storage.crdt.values",
    "Action": "storage.journal.writing",
    "Blobs": "storage.blobs.blobs",
    "Because": "storage.crdt.undo",
    "Document": "tinydb.table",
    "Family": "storage.crdt.show",
    "Order": "storage.order",
    "Query": "tinydb.queries",
    "Stamp": "storage.row",
    "Store": "storage.store",
    "Taken": "storage.journal.actions",
    "Undecided": "storage.journal.past_times",
    "Version": "storage.journal.replay",
    "read_chain": "storage.store",
    "upgrade": "storage.migrations",
    "Touched": "storage.touched",
    "commits_noted": "storage.mark",
    "mark_beside": "storage.mark",
    "replacing": "storage.mark",
    "fold": "storage.search.words",
    "ordered": "storage.query.ordered",
}
__all__ = sorted(_HOME)  # noqa: PLE0605  # made from the one list of names


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'storage' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__
