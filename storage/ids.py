"""Record ids: 63-bit proposals by `rules.md` 3, and their spelling outside Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from storage.errors import NoMoreIdsError

EPOCH_MS: Final = 1_577_836_800_000  # 2020-01-01T00:00:00Z
TIME_BITS: Final = 41
DEVICE_BITS: Final = 16
COUNT_BITS: Final = 6
SIGNS: Final = 13
MAX_ID: Final = (1 << 63) - 1
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES: Final = {sign: value for value, sign in enumerate(_ALPHABET)} | {"o": 0, "i": 1, "l": 1}


class IdSource(Protocol):
    """Gives the next id after the last one issued."""

    def next(self, last: int) -> int:
        """An id greater than `last`; NoMoreIdsError where there is none."""


class Counting:
    """1, 2, 3 … as TinyDB counts."""

    def next(self, last: int) -> int:
        """The number after the last one."""
        if last >= MAX_ID:
            raise NoMoreIdsError(f"the last one was {last}, and an id has 63 bits")
        return last + 1


class RecordIds:
    """Ids of a workspace: milliseconds since 2020, device number, a count that spills into the next millisecond.

    Never below the last one issued, whatever the clock says.
    """

    def __init__(self, clock: Callable[[], float], device_number: int = 0) -> None:
        if not 0 <= device_number < 1 << DEVICE_BITS:
            raise ValueError(f"a device number has {DEVICE_BITS} bits, not {device_number}")
        self._clock, self._device = clock, device_number

    def next(self, last: int) -> int:
        """The next id; `last` is the last one issued by this device, 0 if none."""
        now = max(1, int(self._clock() * 1000) - EPOCH_MS)  # no id is 0, whatever the clock says
        last_ms, count = last >> (DEVICE_BITS + COUNT_BITS), last & ((1 << COUNT_BITS) - 1)
        if last and now <= last_ms:
            now, count = (last_ms, count + 1) if count < (1 << COUNT_BITS) - 1 else (last_ms + 1, 0)
        else:
            count = 0
        if now >> TIME_BITS:
            raise NoMoreIdsError("by the clock it is past 2089, when ids of this form end")
        return now << (DEVICE_BITS + COUNT_BITS) | self._device << COUNT_BITS | count


def encode_id(doc_id: int) -> str:
    """An id as 13 signs of Crockford base32, lower case. Raises ValueError outside 0 … 2^63−1."""
    if not 0 <= doc_id < 1 << 63:
        raise ValueError(f"{doc_id} is no record id")
    return "".join(_ALPHABET[doc_id >> shift & 31] for shift in range(5 * (SIGNS - 1), -1, -5))


def decode_id(text: str) -> int:
    """The id that `encode_id` spelled; upper case and Crockford's look-alikes are read too. Raises ValueError."""
    if len(text) != SIGNS:
        raise ValueError(f"a record id has {SIGNS} signs, {text!r} has {len(text)}")
    value = 0
    for sign in text.lower():
        if sign not in _VALUES:
            raise ValueError(f"{sign!r} does not occur in a record id")
        value = value << 5 | _VALUES[sign]
    if value >> 63:
        raise ValueError(f"{text!r} is no record id")
    return value
