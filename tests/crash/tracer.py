"""Follows a forked process from system call to system call (ptrace), so that it can be killed at each one.

It sees the calls that change files of one folder, with their bytes, and what the process says through its pipe. Linux
on x86-64 and aarch64; `available()` says whether the system allows it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Final

_TRACEME, _SYSCALL, _SETOPTIONS, _SYSCALL_INFO = 0, 24, 0x4200, 0x420E
_OPTIONS: Final = (
    1 | 0x100000
)  # tell calls from signals; kill the traced process when this one ends
_STOP: Final = signal.SIGTRAP | 0x80
_ENTRY: Final = 1
_INFO: Final = struct.Struct(
    "<B3xI2Q"
)  # op, architecture, instruction pointer, stack pointer; then the call


class Call(Enum):
    """The calls that matter."""

    WRITE = "write"
    WRITE_AT = "pwrite64"
    SYNC = "fsync"
    SYNC_DATA = "fdatasync"
    CUT = "ftruncate"
    OPEN = "openat"
    REMOVE = "unlink"
    REMOVE_AT = "unlinkat"


_ON_PC: Final = {
    1: Call.WRITE,
    18: Call.WRITE_AT,
    74: Call.SYNC,
    75: Call.SYNC_DATA,
    77: Call.CUT,
    87: Call.REMOVE,
    257: Call.OPEN,
    263: Call.REMOVE_AT,
}
_ON_ARM: Final = {
    35: Call.REMOVE_AT,
    46: Call.CUT,
    56: Call.OPEN,
    64: Call.WRITE,
    68: Call.WRITE_AT,
    82: Call.SYNC,
    83: Call.SYNC_DATA,
}
_NUMBERS: Final = {"x86_64": _ON_PC, "aarch64": _ON_ARM}


@dataclass(frozen=True)
class Event:
    """One call about a file of the folder, or one message through the pipe (`file` is then '')."""

    call: Call
    file: str
    offset: int = 0
    data: bytes = b""
    length: int = 0


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.restype = ctypes.c_long
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    return libc


def _ptrace(request: int, process: int, address: int = 0, data: object = None) -> int:
    result: int = _libc().ptrace(request, process, address, data)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def be_traced() -> None:
    """Called by the process that is to be followed, right after the fork: it waits for its tracer."""
    _ptrace(_TRACEME, 0)
    os.kill(os.getpid(), signal.SIGSTOP)


@cache
def available() -> bool:
    """Whether processes can be followed here."""
    if sys.platform != "linux" or platform.machine() not in _NUMBERS:
        return False
    process = os.fork()
    if not process:
        code = 1
        try:
            be_traced()
            code = 0
        finally:
            os._exit(code)
    try:
        os.waitpid(process, 0)
        _ptrace(_SETOPTIONS, process, 0, _OPTIONS)
        _ptrace(_SYSCALL, process)
        _, status = os.waitpid(process, 0)
        possible = os.WIFSTOPPED(status) and os.WSTOPSIG(status) == _STOP
        if possible:
            _call(process)
    except OSError:
        possible = False
    try:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    except (ProcessLookupError, ChildProcessError):
        pass
    return possible


def _call(process: int) -> tuple[int, int, tuple[int, ...]]:
    """Where the process stopped (entry or exit), the number of the call, its arguments or its result."""
    buffer = ctypes.create_string_buffer(88)
    _ptrace(_SYSCALL_INFO, process, len(buffer), ctypes.addressof(buffer))
    operation = buffer.raw[0]
    if operation == _ENTRY:
        number, *arguments = struct.unpack_from("<7Q", buffer, _INFO.size)
        return operation, number, tuple(arguments)
    return operation, -1, struct.unpack_from("<q", buffer, _INFO.size)


class Follower:
    """Follows one process; `seen(event)` is called for each event, before the call is carried out.

    When `seen` returns True the process is killed there: the call does not happen.
    """

    def __init__(
        self, process: int, folder: Path, pipe_inode: int, seen: Callable[[Event], bool]
    ) -> None:
        self._process, self._folder, self._pipe, self._seen = process, folder, pipe_inode, seen
        self._calls = _NUMBERS[platform.machine()]
        self._memory = -1

    def run(self) -> bool:
        """Follow to the end. True when the process was killed at an event, False when it ended by itself."""
        os.waitpid(self._process, 0)
        _ptrace(_SETOPTIONS, self._process, 0, _OPTIONS)
        self._memory = os.open(f"/proc/{self._process}/mem", os.O_RDONLY)
        try:
            return self._follow()
        finally:
            os.close(self._memory)

    def _follow(self) -> bool:
        pass_on = 0
        while True:
            _ptrace(_SYSCALL, self._process, 0, pass_on)
            _, status = os.waitpid(self._process, 0)
            if not os.WIFSTOPPED(status):
                return False
            pass_on = 0 if os.WSTOPSIG(status) == _STOP else os.WSTOPSIG(status)
            if pass_on:
                continue
            operation, number, arguments = _call(self._process)
            if operation != _ENTRY or number not in self._calls:
                continue
            event = self._event(self._calls[number], arguments)
            if event is not None and self._seen(event):
                os.kill(self._process, signal.SIGKILL)
                os.waitpid(self._process, 0)
                return True

    def _event(self, call: Call, arguments: tuple[int, ...]) -> Event | None:
        if call in {Call.OPEN, Call.REMOVE, Call.REMOVE_AT}:
            return self._event_by_name(call, arguments)
        where = self._file(arguments[0])
        if where is None:
            return None
        if call is Call.WRITE:
            data = self._read(arguments[1], arguments[2])
            return Event(call, where, self._position(arguments[0]) if where else 0, data)
        if call is Call.WRITE_AT:
            return Event(call, where, arguments[3], self._read(arguments[1], arguments[2]))
        return Event(call, where, length=arguments[1] if call is Call.CUT else 0)

    def _event_by_name(self, call: Call, arguments: tuple[int, ...]) -> Event | None:
        path = Path(self._text(arguments[0 if call is Call.REMOVE else 1]))
        if not self._is_ours(path):
            return None
        if call is Call.OPEN and (not arguments[2] & os.O_CREAT or path.exists()):
            return None
        return Event(call, str(path.relative_to(self._folder)))

    def _is_ours(self, path: Path) -> bool:
        return self._folder in path.parents

    def _file(self, descriptor: int) -> str | None:
        """Path in the folder of the file behind a descriptor, '.' for the folder, '' for the pipe, None for others."""
        try:
            target = Path(f"/proc/{self._process}/fd/{descriptor}").readlink()
        except OSError:
            return None
        if str(target) == f"pipe:[{self._pipe}]":
            return ""
        if target == self._folder:
            return "."
        return str(target.relative_to(self._folder)) if self._is_ours(target) else None

    def _position(self, descriptor: int) -> int:
        said = Path(f"/proc/{self._process}/fdinfo/{descriptor}").read_text(encoding="ascii")
        return int(next(line for line in said.splitlines() if line.startswith("pos:")).split()[1])

    def _read(self, address: int, length: int) -> bytes:
        return os.pread(self._memory, length, address)

    def _text(self, address: int) -> str:
        page = 4096 - address % 4096
        data = os.pread(self._memory, page, address)
        if b"\0" not in data:
            data += os.pread(self._memory, 4096, address + page)
        return data.split(b"\0", 1)[0].decode(errors="surrogateescape")


def follow(process: int, folder: Path, pipe: int, seen: Callable[[Event], bool]) -> bool:
    """Follow a process that called `be_traced`; see `Follower`."""
    return Follower(process, folder, os.fstat(pipe).st_ino, seen).run()
