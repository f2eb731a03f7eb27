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
    dot, says = new
    if says is not Says.ALIVE and not rules.dead_spares_unseen:
        return [new]
    kept = []
    for old in life:
        if old.says is Says.ALIVE is says and old.dot[:2] == dot[:2]:
            return life  # this very change has said so already: once a change is enough
        if not cause.sees(old.dot):
            kept.append(old)
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
