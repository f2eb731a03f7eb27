"""What it takes for files and their names to outlive a power cut."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def sync_file(descriptor: int) -> None:
    """Make a file outlive a power cut; macOS empties the drive's own cache only when asked by another name."""
    if sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:  # a file system that knows no such thing
            os.fsync(descriptor)
        return
    os.fsync(descriptor)


def sync_folder(path: Path) -> None:
    """Make renames in a folder outlive a power cut, where the system can (not on Windows)."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)
