"""Position keys of ordered items: byte strings between which there is always room (`rules.md` 11).

A key is a fraction below 1 in base 256, its last byte never zero. Items are ordered by key, then by the item's dot, so
two devices may give one key; whoever moves something between such neighbours gives them room in the same change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

MAX_BYTES: Final = 64
_STEP: Final = 4  # room left between keys when items are put at an end


class Placing(NamedTuple):
    """The key for a new place, and new keys for neighbours by their index, if these had to make room."""

    key: bytes
    moved: dict[int, bytes]


def is_key(key: bytes) -> bool:
    """Whether bytes are a key."""
    return 0 < len(key) <= MAX_BYTES and key[-1] != 0


def between(low: bytes | None, high: bytes | None) -> bytes:
    """A short key above `low` and below `high`; None is the end on that side. May be longer than `MAX_BYTES`.

    Raises ValueError if `low` is not below `high`.
    """
    below, above = low or b"", high
    if above is not None and below >= above:
        raise ValueError("there is no key between these two")
    out = bytearray()
    at = 0
    while True:
        least = below[at] if at < len(below) else 0
        most = above[at] if above is not None and at < len(above) else 256
        if most - least > 1:
            out.append(_middle(least, most, open_end=above is None, open_start=not below))
            return bytes(out)
        out.append(least)
        if most > least:  # from here on `low` alone is the bound
            above = None
        at += 1


def place(keys: Sequence[bytes], at: int) -> Placing:
    """Where to put an item between `keys[at - 1]` and `keys[at]`, the keys of its neighbours in their order.

    Neighbours are moved as few as can be, only when no short key fits between.
    """
    low = keys[at - 1] if at else None
    high = keys[at] if at < len(keys) else None
    if low is None or high is None or low < high:
        key = between(low, high)
        if len(key) <= MAX_BYTES:
            return Placing(key, {})
    return _make_room(keys, at)


def spread(low: bytes | None, high: bytes | None, many: int) -> list[bytes]:
    """As many keys between two, evenly; ascending."""
    if many == 0:
        return []
    half = many // 2
    key = between(low, high)
    return [*spread(low, key, half), key, *spread(key, high, many - half - 1)]


def _middle(least: int, most: int, *, open_end: bool, open_start: bool) -> int:
    if open_end and not open_start:
        return min(least + _STEP, (least + most) // 2)
    if open_start and not open_end:
        return max(most - _STEP, (least + most) // 2)
    return (least + most) // 2


def _make_room(keys: Sequence[bytes], at: int) -> Placing:
    """Widen the run of neighbours that move until short keys fit."""
    first, last, wider = at, at, 1  # keys[first:last] move
    while True:
        first, last, wider = max(0, first - wider), min(len(keys), last + wider), 2 * wider
        low = keys[first - 1] if first else None
        high = keys[last] if last < len(keys) else None
        if low is not None and high is not None and low >= high:
            continue
        fresh = spread(low, high, last - first + 1)
        if all(len(key) <= MAX_BYTES for key in fresh):
            new = fresh.pop(at - first)
            return Placing(new, dict(zip(range(first, last), fresh, strict=True)))
