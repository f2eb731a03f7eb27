"""Small files that are whole or not there, and one writer of them at a time.

It owns no format. A file is written beside its place, synced, and renamed over it, so that a
crash at any point leaves the old bytes or the new ones.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from storage.durable import sync_file, sync_folder

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def make_private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, so that only its owner may enter; an existing one as well."""
    for above in reversed(path.parents):
        if not above.exists():
            above.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    path.chmod(PRIVATE_FOLDER)


def write_durably(path: Path, data: bytes, mode: int = PRIVATE_FILE) -> None:
    """Replace the file's content as a whole; on OSError the old content stands."""
    descriptor, temporary = tempfile.mkstemp(prefix=_beside(path), dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            sync_file(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
    sync_folder(path.parent)


def leftovers(path: Path) -> Iterator[Path]:
    """What writers of this file left beside it that were killed, or are writing now."""
    for found in path.parent.iterdir():
        if found.name.startswith(_beside(path)) and found.is_file():
            yield found


def sweep(path: Path) -> None:
    """Remove what killed writers of this file left; only for who is `alone` with it."""
    for found in leftovers(path):
        found.unlink()


def _beside(path: Path) -> str:
    """How the name of a file begins that becomes this one."""
    return f".{path.name}."


@contextlib.contextmanager
def alone(lock_file: Path) -> Iterator[None]:
    """Hold a lock that one process at a time can have; the others wait for it."""
    descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)  # which also gives the lock back, as does the end of the process


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
