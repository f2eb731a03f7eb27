"""The rules that can be switched off, so that a simulation shows that it would notice. In use all are on."""

from __future__ import annotations

from typing import Final

import msgspec

from storage.crdt.dots import Cause, Dot
from storage.crdt.past import Past


class Rules(msgspec.Struct, frozen=True):
    """Which of these rules are in force."""

    seen_by_vector: bool = True  # 4: what an author saw is told by vectors; off: by stamps
    counts_keep_unseen: bool = True  # 7: a count adds what it did not see; off: it swallows it
    dead_spares_unseen: bool = True  # 12: a dead claim covers what it saw; off: everything


IN_FORCE: Final = Rules()


class StampedCause(Cause, frozen=True):
    """A cause that takes whatever has an earlier stamp for seen: rule 4 switched off."""

    past: Past

    def sees(self, dot: Dot) -> bool:
        """By stamp."""
        if dot.lane == self.lane:
            return dot.number <= self.number
        return self.past.stamp_and_hash(dot.lane, dot.number)[0] <= self.stamp


def ruled(cause: Cause, past: Past, rules: Rules) -> Cause:
    """The cause as the rules in force have it."""
    if rules.seen_by_vector:
        return cause
    one = cause
    return StampedCause(one.lane, one.number, one.stamp, one.hash, one.seen, past)
