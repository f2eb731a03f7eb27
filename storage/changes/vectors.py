"""What the author of a change had applied: vec(c) of rule 18, and what of it was seen by rule 4. Keeps a cache of tips.

A vector is a mapping from lanes to the last number of them that the author had applied. It is full: what a branch
shares with the lane it left stands under that lane. The change itself stands under its own lane.
"""

from __future__ import annotations

from collections.abc import Mapping

from storage.changes import lanes
from storage.changes.log import Lane, Log
from storage.changes.rules import ChangeRules
from storage.crdt.dots import Cause, Dot, Ref

Vector = Mapping[int, int]


def join(vector: Vector, more: Vector) -> Vector:
    """The vector that holds both; `vector` itself if `more` adds nothing."""
    news = {lane: number for lane, number in more.items() if number > vector.get(lane, 0)}
    return {**vector, **news} if news else vector


class Vectors:
    """Vectors of the changes in a log."""

    def __init__(self, log: Log, rules: ChangeRules) -> None:
        self._log, self._rules = log, rules
        self._tips: dict[int, tuple[int, Vector]] = {}

    def forget(self) -> None:
        """Drop what is remembered: the log was changed by someone else."""
        self._tips.clear()

    def of(self, change: Ref) -> Vector:
        """vec(c), the change itself and all that its lane came from included."""
        vector: dict[int, int] = {}
        for step in lanes.path(self._log, change):
            vector[step.lane] = max(step.number, vector.get(step.lane, 0))
            for lane, number in self._log.advances(step.lane, step.number).items():
                vector[lane] = max(number, vector.get(lane, 0))
        return vector

    def before(self, row: Lane) -> Vector:
        """What the next change of a lane to be applied starts from; its own lane is left out."""
        known = self._tips.get(row.lane)
        if known is not None and known[0] == row.applied:
            return known[1]
        if row.applied > row.start:
            vector = dict(self.of(Ref(row.lane, row.applied)))
            del vector[row.lane]
        else:
            vector = {} if row.parent is None else dict(self.of(row.parent))
        return vector

    def remember(self, row: Lane, vector: Vector) -> None:
        """Keep the vector of the last applied change of a lane, its own lane left out."""
        self._tips[row.lane] = (row.applied, vector)

    def closed(self, change: Ref) -> dict[int, int]:
        """What a dependency on a change says: that change, and what its lane came from."""
        if not self._rules.all_advances_named:
            return dict(self.of(change))
        if self._log.lane(change.lane).parent is None:
            return {change.lane: change.number}
        return {step.lane: step.number for step in lanes.path(self._log, change)}

    def seen(self, vector: Vector) -> Vector:
        """The vector without what is rejected by now; the same object if nothing is.

        Of what counts it leaves what rule 4 does, since nothing that counts now was ever rejected. What does not count
        is left out for all alike, whatever each had known of the chain, so that who saw more has the greater vector.
        """
        if not self._rules.rejected_is_unseen:
            return vector
        lane_of = self._log.lane
        less: dict[int, int] = {}
        for lane, number in vector.items():
            limit = lane_of(lane).limit
            if limit < number:
                less[lane] = limit
        return {**vector, **less} if less else vector

    def cause(self, change: Ref) -> Cause:
        """The cause that an applied change is for the merge core. Raises KeyError if it is none."""
        entry = self._log.entry(*change)
        if entry is None:
            raise KeyError(change)
        vector = dict(self.of(change))
        del vector[change.lane]
        seen = self.seen(vector)
        return Cause(change.lane, change.number, self._log.stamp(*change), entry.hash, seen)

    def sees(self, later: Dot, earlier: Dot) -> bool:
        """Rule 4 between two operations that are applied."""
        if (later.lane, later.number) == (earlier.lane, earlier.number):
            return earlier.at < later.at
        return self.cause(Ref(later.lane, later.number)).sees(earlier)
