"""Whether the process that made something still lives: it holds a file locked, and the system lets go for the dead."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from storage.blobs.folder import Folder

_PRIVATE_FILE: Final = 0o600


class Lease:
    """Held from the first blob that a store puts until the store is closed, or its process ends."""

    def __init__(self, folder: Folder, name: Callable[[], str]) -> None:
        """Take one; `name()` gives random names. Raises OSError."""
        self._folder = folder
        while True:
            self.name = name()
            self._path = folder.lease(self.name)
            self._descriptor = os.open(
                self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE
            )
            if _lock(self._descriptor) and self._is_in_place():
                return
            os.close(self._descriptor)  # who tidies up came between

    def release(self) -> None:
        """Give it back. What was made under it and is not in use may be taken away from now on."""
        os.close(self._descriptor)
        with contextlib.suppress(OSError):  # it is empty, and whoever tidies up removes it
            self._path.unlink()

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._descriptor), self._path.stat())
        except FileNotFoundError:
            return False


def has_ended(path: Path) -> bool:
    """Whether nobody holds the lease any more; in doubt somebody does."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        return _lock(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
