"""Edits of texts that somebody made up to do harm: damaged inside, with the checksum that Loro asks for put right."""

from __future__ import annotations

import random

_BODY = 20  # magic, 12 bytes of zeros, checksum; then what the checksum is over
_SEED = int.from_bytes(b"LORO", "little")
_MASK = 0xFFFFFFFF
_P1, _P2, _P3, _P4, _P5 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1


def crafted(update: bytes, dice: random.Random) -> bytes:
    """An update with some bits changed that passes for one."""
    made = bytearray(update)
    for _ in range(dice.choice((1, 1, 2, 4))):
        made[dice.randrange(_BODY + 2, len(made))] ^= 1 << dice.randrange(8)
    made[_BODY - 4 : _BODY] = checksum(bytes(made[_BODY:])).to_bytes(4, "little")
    return bytes(made)


def checksum(data: bytes, seed: int = _SEED) -> int:
    """xxHash, 32 bits."""
    at = 0
    if len(data) >= 16:
        lanes = [(seed + _P1 + _P2) & _MASK, (seed + _P2) & _MASK, seed, (seed - _P1) & _MASK]
        while at <= len(data) - 16:
            for lane in range(4):
                word = int.from_bytes(data[at : at + 4], "little")
                lanes[lane] = _turned(lanes[lane] + word * _P2, 13) * _P1 & _MASK
                at += 4
        turns = (1, 7, 12, 18)
        found = sum(_turned(lane, by) for lane, by in zip(lanes, turns, strict=True))
    else:
        found = seed + _P5
    found += len(data)
    for at in range(at, len(data) - 3, 4):  # noqa: B020  # goes on where the blocks ended
        found = _turned(found + int.from_bytes(data[at : at + 4], "little") * _P3, 17) * _P4
    for byte in data[len(data) - len(data) % 4 :]:
        found = _turned(found + byte * _P5, 11) * _P1
    found &= _MASK
    found = (found ^ found >> 15) * _P2 & _MASK
    found = (found ^ found >> 13) * _P3 & _MASK
    return found ^ found >> 16


def _turned(word: int, by: int) -> int:
    word &= _MASK
    return (word << by | word >> (32 - by)) & _MASK
