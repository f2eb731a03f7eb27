"""Which branch of the chain is followed (rules 35, 36). Pure.

Takeovers on a path order branches: first those by recovery key, then all of them; more is better, and of as many the
smaller hash at the first that differs. Better is not enough: only what the followed branch itself authorises moves
a device, so that who was removed, or holds an old sheet, moves nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from sync.team.rights import carried
from sync.team.state import State, TakenOver


def leaves_for(followed: State, other: State) -> bool:
    """Whether a device that follows one branch leaves it for the other (rule 35)."""
    mine, theirs = _by_recovery(followed), _by_recovery(other)
    if [one.hash for one in mine] != [one.hash for one in theirs]:
        first = next((one for one in theirs if one not in mine), None)
        in_force = first is not None and first.recovery == followed.recovery.sign
        return in_force and _better(theirs, mine)
    known = {one.hash for one in followed.takeovers}
    new = [one for one in other.takeovers if one.hash not in known]
    return _better(other.takeovers, followed.takeovers) and all(
        carried(followed, one.voters) for one in new
    )


def better(one: State, other: State) -> bool:
    """Whether the takeovers on one path order it before the other's."""
    mine, theirs = _by_recovery(one), _by_recovery(other)
    if _better(mine, theirs) or _better(theirs, mine):
        return _better(mine, theirs)
    return _better(one.takeovers, other.takeovers)


def _by_recovery(state: State) -> list[TakenOver]:
    return [one for one in state.takeovers if one.recovery is not None]


def _better(one: Sequence[TakenOver], other: Sequence[TakenOver]) -> bool:
    """More, or as many and the smaller hash at the first that differs. Each raises the term by one."""
    if len(one) != len(other):
        return len(one) > len(other)
    for mine, theirs in zip(one, other, strict=True):
        if mine.hash != theirs.hash:
            return mine.hash < theirs.hash
    return False
