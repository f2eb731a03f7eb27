"""How far each lane counts by the fences of the chain, forks included (rules 20, 27, 31).

A chain record fences a feed by one entry for each branch of it that its author knew. A change counts by that record iff
it is one of the changes named or before one of them.
"""

from __future__ import annotations

from collections import defaultdict

from storage.changes import lanes
from storage.changes.accept import Reach, Verdict
from storage.changes.log import Cut, Lane, Log
from storage.changes.team import Fence, Team
from storage.crdt.dots import Ref


def reaches(log: Log, team: Team, row: Lane) -> tuple[Reach, ...]:
    """How far a lane counts by each chain record that fences it."""
    family = log.family(row.feed)
    if len(family) == 1:
        return tuple(
            [Reach(f.place, _reach(log, row, f)) for f in team.fences(row.device, row.feed)]
        )
    places: set[int] = set()
    for name in _names(log, row):
        places.update(fence.place for fence in team.fences(row.device, name))
    by_place: defaultdict[int, set[Fence]] = defaultdict(set)
    for other in family:
        for name in _names(log, other):
            for fence in team.fences(row.device, name):
                by_place[fence.place].add(fence)
    return tuple(
        Reach(place, max(_reach(log, row, fence) for fence in by_place[place]))
        for place in sorted(places)
    )


def cut_by(log: Log, row: Lane, reach: Reach) -> Cut | None:
    """The cut that a reach makes in what is here of a lane; None if all of that is within, or was made later."""
    number = max(reach.number, row.start)
    if number >= row.linked:
        return None
    entry = log.entry(row.lane, number + 1)
    if entry is None or entry.place >= reach.place:
        return None
    return Cut(reach.place, log.group_start(row.lane, number + 1) - 1, Verdict.FENCED)


def _reach(log: Log, row: Lane, fence: Fence) -> int:
    if not fence.number:
        return 0
    named = log.find(fence.hash)
    if named is not None:
        same_feed = log.lane(named.lane).feed == row.feed
        return lanes.shared(log, Ref(row.lane, row.linked), named) if same_feed else 0
    # The change it names is not here. Unless this lane holds another one in its place, it may still lead there.
    return fence.number - 1 if fence.number <= row.linked else fence.number


def _names(log: Log, row: Lane) -> list[bytes]:
    """The ids that a chain record may know the lane by: its feed's, and each branch's that its path is in."""
    names = [row.feed]
    step: Lane | None = row
    end = row.linked
    while step is not None:
        for child in log.family(row.feed):
            if child.parent is not None and child.parent.lane == step.lane:
                after = log.entry(step.lane, child.parent.number + 1)
                if after is not None and child.parent.number < end:
                    names.append(lanes.branch_id(row.feed, after.hash))
        if step.parent is None:
            break
        names.append(lanes.branch_id(row.feed, step.first))
        end, step = step.parent.number, log.lane(step.parent.lane)
    return names
