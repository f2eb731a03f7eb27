"""How far each lane counts by the fences of the chain, forks included (rules 20, 27, 31).

A chain record fences a feed by naming its last change, or the last one of each branch that its author knew. A change
counts by that record iff it is one of the changes named or before one of them. Branches are told apart by the hashes
of these changes, never by names: whoever holds one branch only knows of no other name than the feed's.
"""

from __future__ import annotations

from storage.changes import lanes
from storage.changes.accept import Reach, Verdict
from storage.changes.log import Cut, Lane, Log
from storage.changes.team import Fence, Team
from storage.crdt.dots import Ref


def reaches(log: Log, team: Team, row: Lane) -> tuple[Reach, ...]:
    """How far a lane counts by each chain record that fences its feed."""
    most: dict[int, int] = {}
    for fence in team.fences(row.device, row.feed):
        number = _reach(log, row, fence)
        most[fence.place] = max(number, most.get(fence.place, 0))
    return tuple([Reach(place, number) for place, number in most.items()])


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
