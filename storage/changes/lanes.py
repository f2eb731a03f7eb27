"""Feeds that forked: which lanes share what, and what a lane is called where it leaves this store (rule 31).

Names depend on the past they are used in, never on which branch came first here. As long as a past holds one branch
only, the feed's id names all of it; where a past holds two, each side beyond the fork is named by its first change.
A past is given by its *extents*: how far each lane belongs to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

from storage.changes.log import Lane, Log
from storage.crdt.dots import Ref

Extent = Callable[[int], int]  # lane to the last number of it that is in a past, 0 if none


def branch_id(feed: bytes, first: bytes) -> bytes:
    """The 16 bytes that name a branch for all replicas; `first` is the hash of its first differing change."""
    return hashlib.blake2b(feed + first, digest_size=16, person=b"CHbranch").digest()


def path(log: Log, at: Ref) -> Iterator[Ref]:
    """The lanes that lead to a change, its own first, each with the last number that belongs to the path."""
    step: Ref | None = at
    while step is not None:
        lane = log.lane(step.lane)
        if step.number > lane.start:
            yield step
        step = (
            None
            if lane.parent is None
            else Ref(lane.parent.lane, min(lane.parent.number, step.number))
        )


def at(log: Log, lane: int, number: int) -> Ref:
    """Where the change with this number on a lane's path stands: in the lane itself or in one it came from."""
    row = log.lane(lane)
    while row.parent is not None and number <= row.parent.number:
        row = log.lane(row.parent.lane)
    return Ref(row.lane, number)


def shared(log: Log, one: Ref, other: Ref) -> int:
    """Up to which number two changes of one feed have the same past, themselves included."""
    ends = {step.lane: step.number for step in path(log, one)}
    for step in path(log, other):
        if step.lane in ends:
            return min(step.number, ends[step.lane])
    return 0


def mark(log: Log, lane: int, number: int, extent: Extent) -> bytes:
    """The feed's id (16 bytes), or beyond a fork within the past the hash of the branch's first change (32 bytes)."""
    row = log.lane(lane)
    family = log.family(row.feed)
    if len(family) == 1:
        return row.feed
    end = number
    while True:
        forks = [
            child.parent.number
            for child in family
            if child.parent is not None
            and child.parent.lane == row.lane
            and child.parent.number < end
            and extent(child.lane) > child.parent.number
        ]
        if forks:
            return _hash(log, row, max(forks) + 1)
        if row.parent is None:
            return row.feed
        if _goes_on_elsewhere(row, family, extent):
            return row.first
        end, row = row.parent.number, log.lane(row.parent.lane)


def name_of(log: Log, lane: int, number: int, extent: Extent | None = None) -> bytes:
    """The 16 bytes by which all replicas with the same accepted changes know the feed or branch of a change."""
    found = mark(log, lane, number, extent or (lambda other: log.lane(other).extent))
    feed = log.lane(lane).feed
    return found if len(found) == len(feed) else branch_id(feed, found)


def resolve(log: Log, named: bytes, number: int, extent: Extent) -> int | None:
    """The lane of the change that `mark` named in the same past; None if that past holds none, or more than one."""
    through: Ref | None = None
    if len(named) > 16:  # noqa: PLR2004  # a feed's id has 16 bytes, a hash 32
        through = log.find(named)
        if through is None:
            return None
        family = log.family(log.lane(through.lane).feed)
    else:
        family = log.family(named)
        if len(family) == 1:
            return family[0].lane if number <= extent(family[0].lane) else None
    fitting = [
        row.lane
        for row in family
        if row.start < number <= extent(row.lane)
        and (through is None or _leads_through(log, Ref(row.lane, number), through))
    ]
    return fitting[0] if len(fitting) == 1 else None


def _goes_on_elsewhere(row: Lane, family: Sequence[Lane], extent: Extent) -> bool:
    """Whether the past holds another way to go on from where this branch begins."""
    if row.parent is None:
        return False
    if extent(row.parent.lane) > row.parent.number:
        return True
    return any(
        other.parent == row.parent
        and other.lane != row.lane
        and extent(other.lane) > row.parent.number
        for other in family
    )


def _leads_through(log: Log, end: Ref, through: Ref) -> bool:
    return any(
        step.lane == through.lane and step.number >= through.number for step in path(log, end)
    )


def _hash(log: Log, row: Lane, number: int) -> bytes:
    entry = log.entry(row.lane, number)
    if entry is None:
        raise KeyError(number)
    return entry.hash
