"""What a disk may hold after the power went: worked out from the calls that a process made.

1. What a file held when it was last synced is there. A name is there (or gone) for sure once its folder was synced.
2. Of each later write nothing, all, some of its 512-byte sectors, or garbage in them may be there, whatever came after
   it; a file may have grown without its bytes. The same goes for names made and removed.
3. Nothing is said about disks that lie about syncing.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.crash.tracer import Call, Event

SECTOR: Final = 512
LOST_WITH_POWER: Final = (
    "-shm",
)  # memory shared by processes; what the disk has of it is not read again


@dataclass
class _File:
    synced: bytes = b""
    pending: list[Event] = field(default_factory=list)


class Disk:
    """A folder's files as the disk has them for sure, and what is on its way to them."""

    def __init__(self, before: dict[str, bytes]) -> None:
        self._names: dict[str, _File] = {name: _File(data) for name, data in before.items()}
        self._sure_names = dict(self._names)

    def take(self, event: Event) -> None:
        """A call that was carried out."""
        if event.call in {Call.REMOVE, Call.REMOVE_AT}:
            self._names.pop(event.file, None)
        elif event.call is Call.OPEN:
            self._names[event.file] = _File()
        elif event.file == ".":
            self._sure_names = dict(self._names)
        elif event.file in self._names:
            file = self._names[event.file]
            file.pending.append(event)
            if event.call in {Call.SYNC, Call.SYNC_DATA}:
                file.synced, file.pending = _applied(file.synced, file.pending, None), []

    def after_power_cut(self, dice: random.Random) -> dict[str, bytes]:
        """One of the states that the files may be in."""
        found = {}
        for name in sorted(self._names.keys() | self._sure_names.keys()):
            now, sure = self._names.get(name), self._sure_names.get(name)
            file = now if now is sure or dice.random() < 0.5 else sure
            if file is None or name.endswith(LOST_WITH_POWER):
                continue
            found[name] = _applied(file.synced, file.pending, dice)
        return found


def _applied(data: bytes, events: list[Event], dice: random.Random | None) -> bytes:
    """A file's bytes after these calls; with dice, after some of them and parts of others."""
    image = bytearray(data)
    keep = 1.0 if dice is None else dice.choice((0.0, 0.5, 0.9, 1.0))
    for event in events:
        if dice is not None and dice.random() >= keep:
            if (
                event.call is not Call.CUT and dice.random() < 0.2
            ):  # grown, but the bytes never came
                _put(image, event.offset + len(event.data), b"")
            continue
        if event.call is Call.CUT:
            del image[event.length :]
            _put(image, event.length, b"")
        elif dice is None or dice.random() < 0.7:
            _put(image, event.offset, event.data)
        else:
            _tear(image, event, dice)
    return bytes(image)


def _put(image: bytearray, offset: int, data: bytes) -> None:
    if offset > len(image):
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(data)] = data


def _tear(image: bytearray, event: Event, dice: random.Random) -> None:
    """Some of the sectors that a write touches, old, new or garbage."""
    at, end = event.offset, event.offset + len(event.data)
    while at < end:
        following = min(end, (at // SECTOR + 1) * SECTOR)
        chance = dice.random()
        part = event.data[at - event.offset : following - event.offset]
        if chance < 0.45:
            _put(image, at, part)
        elif chance < 0.60:
            _put(image, at, dice.randbytes(len(part)))
        at = following


def files_of(folder: Path) -> dict[str, bytes]:
    """A folder's files with their bytes."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def lay_out(files: dict[str, bytes], folder: Path) -> None:
    """Write files into a new folder."""
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
