"""Damage to a store's files as drives do it: a tail cut off, a sector gone, a bit turned."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

SECTOR: Final = 512
PAGE: Final = 4096


def cut(data: bytes, dice: random.Random) -> bytes:
    """Cut off at any byte."""
    return data[: dice.randrange(len(data) + 1)]


def cut_late(data: bytes, dice: random.Random) -> bytes:
    """Cut off within the last pages."""
    return data[: len(data) - dice.randrange(min(len(data), 3 * PAGE) + 1)]


def zero_the_end(data: bytes, dice: random.Random) -> bytes:
    """The last sectors are zeros."""
    gone = min(len(data), SECTOR * dice.randint(1, 16))
    return data[: len(data) - gone] + bytes(gone)


def garble_the_end(data: bytes, dice: random.Random) -> bytes:
    """The last sectors are garbage."""
    gone = min(len(data), SECTOR * dice.randint(1, 16))
    return data[: len(data) - gone] + dice.randbytes(gone)


def zero_a_sector(data: bytes, dice: random.Random) -> bytes:
    """A sector anywhere is zeros."""
    at = dice.randrange(0, max(1, len(data)), SECTOR)
    return data[:at] + bytes(len(data[at : at + SECTOR])) + data[at + SECTOR :]


def flip(data: bytes, dice: random.Random) -> bytes:
    """One to three bits turned, anywhere."""
    image = bytearray(data)
    for _ in range(dice.choice((1, 1, 3)) if image else 0):
        image[dice.randrange(len(image))] ^= 1 << dice.randrange(8)
    return bytes(image)


TORN_END: Final = (cut, cut_late, zero_the_end, garble_the_end)
TURNED: Final = (flip, flip, zero_a_sector)


def strike(
    path: Path,
    kinds: tuple[Callable[[bytes, random.Random], bytes], ...],
    dice: random.Random,
    end: int | None = None,
) -> str:
    """Damage a file, or only what is before `end`; returns in which way."""
    how = dice.choice(kinds)
    data = path.read_bytes()
    part, rest = (data, b"") if end is None else (data[:end], data[end:])
    struck = how(part, dice)
    path.write_bytes(struck + rest if len(struck) == len(part) else struck)
    return how.__name__
