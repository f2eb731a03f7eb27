"""The folder of the instance marks: for this computer alone, in no roaming profile and in no backup (`rules.md` 52).

A mark that travelled with a copy of the home would vouch for it. So the folder says of itself, as each system
understands it, that it is not to be kept. What it holds may be deleted at any time: that costs a new feed.
"""

import ctypes
import logging
import os
import plistlib
import sys
from pathlib import Path
from typing import Any, Final

from sync.durable import make_private_folder

log = logging.getLogger(__name__)
TAG_FILE: Final = "CACHEDIR.TAG"
# The first line is what backup programs look for.
TAG: Final = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# What is here belongs to this computer alone and is of no use in a backup.\n"
)
TIME_MACHINE: Final = b"com.apple.metadata:com_apple_backup_excludeItem"


def make_marks_folder(folder: Path) -> bool:
    """Make the folder if it is not there; false where it cannot be made or written to."""
    if folder.is_dir():
        return os.access(folder, os.W_OK)
    try:
        make_private_folder(folder)
        (folder / TAG_FILE).write_text(TAG, encoding="ascii")
    except OSError as error:
        log.info("there is no folder for marks, so they lie beside the data: %s", error.strerror)
        return False
    if sys.platform == "darwin":
        keep_from_time_machine(folder, ctypes.CDLL(None, use_errno=True))
    return True


def keep_from_time_machine(folder: Path, system: Any) -> None:
    """Set the attribute by which Time Machine passes a folder by; `system` is the C library."""
    value = plistlib.dumps("com.apple.backupd", fmt=plistlib.FMT_BINARY)
    position, options = ctypes.c_uint32(0), ctypes.c_int(0)
    size = ctypes.c_size_t(len(value))
    if system.setxattr(os.fsencode(folder), TIME_MACHINE, value, size, position, options):
        log.info("the marks could not be kept from Time Machine: %s", folder)
