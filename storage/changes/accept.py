"""Whether a change counts: a pure function of its clear part, its feed and the team's chain (rules 20, 24, 25).

1. Along one chain a verdict only ever goes from accepted to rejected: a longer chain adds fences and takes none away.
2. A group has one verdict; a fence that cuts it counts as its beginning.
3. What follows a rejected change in its feed is rejected: a feed's accepted part is a beginning of it (rule 29).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from storage.changes.team import Team


class Verdict(StrEnum):
    """What becomes of a change, in the words that people read."""

    ACCEPTED = "it counts"
    OFF_CHAIN = "it was made in a state of the team that this team never had"
    NO_ROLE = "its device had no role that writes when it was made"
    OTHER_EPOCH = "it was sealed with the key of another epoch than the one it was made in"
    FENCED = (
        "it came after the last change that counts of a device that was removed or may only read"
    )
    AFTER_REJECTED = "it follows a change of its device that does not count"
    BROKEN = "what its author sealed cannot be read"
    SPLIT_GROUP = "its device went on in two ways from the middle of one transaction"

    @property
    def accepted(self) -> bool:
        """Whether it counts."""
        return self is Verdict.ACCEPTED


class Claim(NamedTuple):
    """What one change says of itself, and where its group ends in its feed."""

    device: bytes
    place: int
    head: bytes
    epoch: int
    end: int


class Reach(NamedTuple):
    """How far a feed counts by one chain record that fences it, for changes made under a head before that record."""

    place: int
    number: int


def judge(claim: Claim, team: Team, reaches: Sequence[Reach]) -> Verdict:
    """The verdict on one change; `reaches` are those of its feed, one for each chain record that fences it."""
    if team.place_of(claim.head) != claim.place:
        return Verdict.OFF_CHAIN
    if not team.may_write(claim.place, claim.device):
        return Verdict.NO_ROLE
    if team.epoch_at(claim.place) != claim.epoch:
        return Verdict.OTHER_EPOCH
    for reach in reaches:
        if reach.place > claim.place and claim.end > reach.number:
            return Verdict.FENCED
    return Verdict.ACCEPTED


def judge_group(claims: Sequence[Claim], team: Team, reaches: Sequence[Reach]) -> Verdict:
    """The verdict on the changes of one transaction: accepted only if each of them is."""
    for claim in claims:
        verdict = judge(claim, team, reaches)
        if not verdict.accepted:
            return verdict
    return Verdict.ACCEPTED
