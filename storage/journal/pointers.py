"""Where a record's history is: each row points at the last part that touched it, each part at the one before.

A pointer is the change's place in the log of this store and the part's number in it, as one integer; 0 is none.
"""

from __future__ import annotations

from typing import Final

import msgspec

from storage.errors import DamagedTextError

_PART_BITS: Final = 10
_MASK: Final = (1 << _PART_BITS) - 1
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(dict[int, int]).decode


def pointer(seq: int, part: int) -> int:
    """The pointer at part `part` of the change at `seq`."""
    return seq << _PART_BITS | part


def target(value: int) -> tuple[int, int]:
    """(seq, part) that a pointer points at."""
    return value >> _PART_BITS, value & _MASK


def pack(earlier: dict[int, int]) -> bytes | None:
    """For each part that has one, the pointer before it; None if none has."""
    return _pack(earlier) if earlier else None


def unpack(packed: bytes | None) -> dict[int, int]:
    """What `pack` made. Raises DamagedTextError."""
    if packed is None:
        return {}
    try:
        return _unpack(packed)
    except (msgspec.MsgspecError, TypeError) as error:
        raise DamagedTextError(f"where a record's history is: {error}") from error
