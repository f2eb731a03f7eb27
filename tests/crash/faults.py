"""A drive that fails under an open file: the kernel itself is asked to refuse calls of this process (seccomp).

For a forked process only: a refusal cannot be taken back. Linux on x86-64 and aarch64, no special rights.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from typing import Final

_NO_NEW_RIGHTS, _SET_SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_READS: Final = {"x86_64": (0, 17), "aarch64": (63, 67)}
_WRITES: Final = {"x86_64": (1, 18, 77), "aarch64": (64, 68, 46)}
_SYNCS: Final = {"x86_64": (74, 75), "aarch64": (82, 83)}
_NAMES: Final = {"x86_64": (2, 4, 6, 257, 262), "aarch64": (56, 79)}


def available() -> bool:
    """Whether calls can be refused here."""
    return sys.platform == "linux" and platform.machine() in _READS


def _refuse(numbers: tuple[int, ...], error: int) -> None:
    """From now on these calls fail with `error` in this process."""
    count = len(numbers)
    program = struct.pack("<HBBI", _LOAD, 0, 0, 0)
    for i, number in enumerate(numbers):
        program += struct.pack("<HBBI", _EQUAL, count - i, 0, number)
    program += struct.pack("<HBBI", _RETURN, 0, 0, _ALLOW)
    program += struct.pack("<HBBI", _RETURN, 0, 0, _REFUSE | error)
    kept = ctypes.create_string_buffer(program)
    header = struct.pack("<H6xQ", count + 3, ctypes.addressof(kept))
    libc = ctypes.CDLL(None, use_errno=True)
    asked = ctypes.create_string_buffer(header)
    if libc.prctl(_NO_NEW_RIGHTS, 1, 0, 0, 0) or libc.prctl(
        _SET_SECCOMP, _FILTER, ctypes.byref(asked), 0, 0
    ):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def unplug_drives() -> None:
    """Nothing on any drive answers any more: every read, write, sync and look at a name is an input/output error.

    Pipes fail as well, being files: speak through a socket.
    """
    machine = platform.machine()
    _refuse((*_READS[machine], *_WRITES[machine], *_SYNCS[machine], *_NAMES[machine]), errno.EIO)


def fill_disk() -> None:
    """No write finds room any more."""
    _refuse(_WRITES[platform.machine()], errno.ENOSPC)


def exceed_quota() -> None:
    """The person's share of the disk is used up."""
    _refuse(_WRITES[platform.machine()], errno.EDQUOT)


def fail_syncs() -> None:
    """Writes are taken, but the drive cannot confirm that it has them."""
    _refuse(_SYNCS[platform.machine()], errno.EIO)
