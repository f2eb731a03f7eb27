"""Alive or dead, of a record and of an item (`rules.md` 12, 13).

Each claim covers the claims that its author saw. Alive iff a live claim says so: a delete never beats an edit that it
had not seen, and such a record is shown as brought back.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from storage.crdt.dots import Cause, Dot
from storage.crdt.rules import IN_FORCE, Rules


class Says(IntEnum):
    """What a claim says. PURGED is dead for good, as far as people see."""

    ALIVE = 0
    DEAD = 1
    PURGED = 2


class Claim(NamedTuple):
    """One live claim."""

    dot: Dot
    says: Says


Life = list[Claim]


def claim(life: Life, new: Claim, cause: Cause, rules: Rules = IN_FORCE) -> Life:
    """The live claims once a new one is made."""
    if new.says is Says.ALIVE and _said_already(life, cause):
        return life
    if new.says is not Says.ALIVE and not rules.dead_spares_unseen:
        return [new]
    kept = [old for old in life if not cause.sees(old.dot)]
    kept.append(new)
    return kept


def is_alive(life: Iterable[Claim]) -> bool:
    """Whether a live claim says alive."""
    return any(one.says is Says.ALIVE for one in life)


def is_brought_back(life: Iterable[Claim]) -> bool:
    """Whether somebody deleted what somebody else was editing."""
    said = {one.says for one in life}
    return Says.ALIVE in said and len(said) > 1


def is_purged(life: Iterable[Claim]) -> bool:
    """Whether it is deleted for good and nobody brought it back."""
    said = {one.says for one in life}
    return Says.ALIVE not in said and Says.PURGED in said


def _said_already(life: Life, cause: Cause) -> bool:
    """Whether this very change has a live alive claim: one a change is enough."""
    return any(
        old.says is Says.ALIVE and old.dot.number == cause.number and old.dot.lane == cause.lane
        for old in life
    )
