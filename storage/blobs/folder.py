"""The folder of a store's blobs: how its files are called, and the system's errors put in words.

Beside the store's file there is `blobs/`, and in it `<id>` is a whole, sealed blob, `.<lease>.<id>.part` one in the
making, and `.<lease>.lease` locked by the process that makes blobs under this name, as long as it lives.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from storage.durable import sync_folder
from storage.errors import DiskFullError, DriveGoneError, ReadOnlyStoreError

FOLDER: Final = "blobs"
_PRIVATE_FOLDER: Final = 0o700
_ID: Final = re.compile("[0-9a-f]{32}")
_PART: Final = re.compile(r"\.([0-9a-f]{32})\.[0-9a-f]{32}\.part")
_LEASE: Final = re.compile(r"\.([0-9a-f]{32})\.lease")
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Folder:
    """Names files; makes the folder when it is needed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        """Make the folder, for its owner only. Raises StoreFileError."""
        with self.told():
            if not self.path.is_dir():
                self.path.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
                sync_folder(self.path.parent)

    def whole(self, blob: bytes) -> Path:
        """The file of a blob."""
        return self.path / blob.hex()

    def part(self, lease: str, blob: bytes) -> Path:
        """The file of a blob in the making."""
        return self.path / f".{lease}.{blob.hex()}.part"

    def lease(self, lease: str) -> Path:
        """What the maker of blobs holds locked."""
        return self.path / f".{lease}.lease"

    def blobs(self) -> Iterator[bytes]:
        """The ids of the blobs that are there."""
        return (bytes.fromhex(name) for name in self._names() if _ID.fullmatch(name))

    def parts(self) -> Iterator[tuple[str, Path]]:
        """What is in the making or was left so, with its lease."""
        return self._leased(_PART)

    def leases(self) -> Iterator[tuple[str, Path]]:
        """The leases that are or were held."""
        return self._leased(_LEASE)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Put the system's errors in words: DiskFullError, ReadOnlyStoreError, DriveGoneError."""
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                raise DiskFullError(self.path) from error
            if error.errno in _REFUSED:
                raise ReadOnlyStoreError(self.path) from error
            raise DriveGoneError(self.path, error.strerror or "") from error

    def _leased(self, pattern: re.Pattern[str]) -> Iterator[tuple[str, Path]]:
        for name in self._names():
            if found := pattern.fullmatch(name):
                yield found.group(1), self.path / name

    def _names(self) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return os.listdir(self.path)  # noqa: PTH208  # names are all that is asked for
        return []


def folder_of(store: Path) -> Folder:
    """The folder of the blobs that belong to a store's file."""
    return Folder(store.parent / FOLDER)
