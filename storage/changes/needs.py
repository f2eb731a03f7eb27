"""What the author of a change had applied: what is here of it, and what need not be waited for (rules 18, 23).

A dependency names a change, whose feed it is in, and the chain head it was made under; so that whoever lacks the change
can tell which fences bear on it. Nobody waits for what lies beyond one of these: a device that was removed would stop
everybody who once heard it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from storage.changes.errors import MalformedChangeError
from storage.changes.header import Dependency
from storage.changes.log import Lane, Log
from storage.changes.rules import ChangeRules
from storage.changes.team import Fence, Team
from storage.changes.vectors import Vectors
from storage.crdt.dots import Ref


class Unmet(Exception):  # noqa: N818  # no error: what a lane waits for
    """A lane cannot go on before this key comes."""

    def __init__(self, key: bytes) -> None:
        super().__init__()
        self.key = key


class Needs(NamedTuple):
    """How far other lanes had come at an author, and the hashes of what need not be waited for."""

    advances: Mapping[int, int]
    waived: Sequence[bytes]


_NONE: Final = Needs({}, ())


class Awaiting:
    """Looks up dependencies in a log."""

    def __init__(self, log: Log, vectors: Vectors, rules: ChangeRules) -> None:
        self._log, self._vectors, self._rules = log, vectors, rules

    def of(self, row: Lane, dependencies: Sequence[Dependency], team: Team) -> Needs:
        """What an author had applied, as far as it says so. Raises Unmet for what is not decided here."""
        if not dependencies:
            return _NONE
        advances: dict[int, int] = {}
        waived: list[bytes] = []
        for each in dependencies:
            at = self._decided(each.hash)
            if at is not None:
                self._check(each, at)
            elif self._log.find(each.hash) is not None:
                raise Unmet(each.hash)
            else:
                at = self._fenced_off(each, team)
                waived.append(each.hash)
            if at is not None and at.lane != row.lane:
                for lane, number in self._vectors.closed(at).items():
                    if lane != row.lane:
                        advances[lane] = max(number, advances.get(lane, 0))
        return Needs(advances, waived)

    def _decided(self, change: bytes) -> Ref | None:
        at = self._log.find(change)
        if at is None or self._log.lane(at.lane).applied < at.number:
            return None
        return at

    def _check(self, need: Dependency, at: Ref) -> None:
        """Raise MalformedChangeError if a dependency says of a change that is here what is not so.

        Somebody who lacks the change believes it. Where the change is, nobody shall build on such a word.
        """
        row, entry = self._log.lane(at.lane), self._log.entry(*at)
        told = (need.feed, need.number, need.device or row.device)
        if entry is None or told != (row.feed, at.number, row.device) or need.place != entry.place:
            raise MalformedChangeError("it says of another change what is not so")

    def _fenced_off(self, need: Dependency, team: Team) -> Ref | None:
        """What counts of a change that is not here and is not waited for, since a fence lies before it (rule 23).

        Raises Unmet if it may count, or if the change that the fence names is not decided here. Then it is waited for,
        though that other change may come to be enough: `Settling` looks again at all who wait when that is decided.
        """
        by_place: dict[int, list[Fence]] = {}
        for fence in self._fences_on(need, team) if self._rules.fenced_not_awaited else ():
            if fence.place > need.place:
                by_place.setdefault(fence.place, []).append(fence)
        lowest: list[Fence] | None = None
        for named in by_place.values():
            leading = [f for f in named if f.number >= need.number and not self._decided(f.hash)]
            if not leading and (lowest is None or _most(named) < _most(lowest)):
                lowest = named  # else one of those leading may have it in its past
        if lowest is None:
            raise Unmet(need.hash)
        ends = [self._decided(fence.hash) for fence in lowest if fence.number]
        if None in ends:
            raise Unmet(need.hash)
        # Where a record names more than one, nothing tells which of them leads to what is not here.
        end = ends[0] if len(ends) == 1 else None
        return end if end is not None and end.number < need.number else None

    def _fences_on(self, need: Dependency, team: Team) -> tuple[Fence, ...]:
        family = self._log.family(need.feed)
        device = family[0].device if family else self._log.claimed(need.feed)
        if device is None and need.device is not None:
            device = need.device
            self._log.claim(need.feed, device)
        return () if device is None else team.fences(device, need.feed)


def _most(fences_of_a_place: Sequence[Fence]) -> int:
    return max(fence.number for fence in fences_of_a_place)
