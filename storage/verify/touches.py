"""Whether the history of each record reaches every change that touched it, and nothing else, in bounded memory.

Both sides, what the changes say and what the pointers reach, are summed up as hashes in buckets of records. Only where
two sums differ is it looked at again, record by record.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Final

from storage.crdt.dots import Dot

BUCKETS: Final = 1 << 14
_MASK: Final = (1 << 63) - 1


class Touches:
    """Sums of (record, pointer) pairs, by buckets of records."""

    def __init__(self) -> None:
        self._sums = (array("Q", bytes(8 * BUCKETS)), array("Q", bytes(8 * BUCKETS)))

    def said(self, record: Dot, pointer: int) -> None:
        """A change says that its part touched a record."""
        self._add(0, record, pointer)

    def reached(self, record: Dot, pointer: int) -> None:
        """A part that counts was reached from a record's row."""
        self._add(1, record, pointer)

    def bucket(self, record: Dot) -> int:
        """The bucket of a record."""
        return hash(record) % BUCKETS

    def differing(self) -> frozenset[int]:
        """The buckets in which the two sides are not the same."""
        return frozenset(self._unequal())

    def _add(self, side: int, record: Dot, pointer: int) -> None:
        sums, at = self._sums[side], hash(record) % BUCKETS
        sums[at] = (sums[at] + hash((record, pointer))) & _MASK

    def _unequal(self) -> Iterator[int]:
        said, reached = self._sums
        return (at for at in range(BUCKETS) if said[at] != reached[at])
