"""Whether a file is the one it was: not a copy of it, and not another one put in its place.

The system numbers the files of a drive, and drives have names of their own. FAT numbers no files: there the drive's
name must do. Numbers that a drive gets anew at each start of the machine are used only where it has no name.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from storage.places import file_system_of

# The files on them have no numbers that stay; behind "fuseblk" may be any of them.
WITHOUT_NUMBERS: Final = frozenset(
    {"vfat", "msdos", "fat", "fat16", "fat32", "exfat", "fuseblk", "fuse.exfat"}
)
NAMES_OF_DRIVES: Final = Path("/dev/disk/by-uuid")


def identity_of(path: Path, names: Path = NAMES_OF_DRIVES) -> bytes:
    """What tells a file from every other one, 16 bytes; it stays when the file is written to, renamed or moved.

    Raises OSError.
    """
    there = path.stat()
    if file_system_of(path) in WITHOUT_NUMBERS:
        told = f"{_serial(there, names)}|"
    else:
        told = f"{_drive(path, there)}|{there.st_ino}"
    return hashlib.blake2b(told.encode(), digest_size=16, person=b"CHfile").digest()


def _drive(path: Path, there: os.stat_result) -> int:
    """What tells a drive from others: its file system's own number, else the one the system gave it."""
    if hasattr(os, "statvfs"):
        return os.statvfs(path).f_fsid or there.st_dev
    return there.st_dev  # on Windows the serial of the volume


def _serial(there: os.stat_result, names: Path) -> str:
    """The serial of a drive without numbers of files, as Linux lists it; elsewhere the system's number for it."""
    try:
        for name in sorted(names.iterdir()):
            if name.stat().st_rdev == there.st_dev:
                return name.name
    except OSError:  # no such list here
        pass
    return str(there.st_dev)
