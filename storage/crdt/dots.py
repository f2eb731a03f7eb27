"""Who wrote an operation, and what that author had applied (`rules.md` 3, 4, 18).

A *lane* is this store's own small number for a feed or for a branch of a forked feed (rule 31). Lanes never enter a
hash, a digest or the wire: there a change has the 16-byte name of its feed or branch, which `Past.name_of` gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

POSITION_BITS: Final = 16


class Dot(NamedTuple):
    """One operation: the change by lane and number, and the operation's index in it, which `index_of` makes."""

    lane: int
    number: int
    at: int


class Ref(NamedTuple):
    """One change."""

    lane: int
    number: int


def index_of(part: int, position: int) -> int:
    """The index of the operation at `position` of the sealed part `part`, counted from 1: part 0 is the header."""
    return part << POSITION_BITS | position


class Cause(msgspec.Struct, frozen=True):
    """The change that an operation stands in. `seen` is vec(c) in full: for each lane the last number applied.

    Operations of a change are absorbed in the order of their indexes and changes in causal order, so that what is
    absorbed already and has a number up to the cause's own was seen by it.
    """

    lane: int
    number: int
    stamp: int
    hash: bytes
    seen: Mapping[int, int]

    def sees(self, dot: Dot) -> bool:
        """Rule 4, for a dot that is absorbed before this change's present operation."""
        if dot[0] == self.lane:
            return dot[1] <= self.number
        return dot[1] <= self.seen.get(dot[0], 0)
