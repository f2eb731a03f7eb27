"""Who writes in a store: keys, team and chance, handed in by whoever opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from storage.blobs.sealer import BlobSealer
from storage.changes.sealer import Sealer
from storage.changes.team import Folded, Team
from storage.crdt.show import Family

Families = Callable[[str], Mapping[str, Family]]


def no_families(_collection: str) -> Mapping[str, Family]:
    """Every field is what its operations make it."""
    return {}


@dataclass(frozen=True, slots=True)
class Identity:
    """One device in one workspace. With it, a store makes changes of its writes.

    `random(n)`: n bytes from the system. `families`: how the schema wants the fields of a collection to be merged.
    `chain`: the chain records that `team` comes from, kept in the store if it has none. `follow` takes records that
    another process has added and gives the team as it is then. `fold` looks at all records anew and changes nothing.
    `blobs`: what seals attachments; without it there are none.
    """

    sealer: Sealer
    team: Team
    random: Callable[[int], bytes]
    families: Families = no_families
    chain: tuple[bytes, ...] = ()
    follow: Callable[[Sequence[bytes]], Team] | None = None
    fold: Callable[[Sequence[bytes]], Folded] | None = None
    blobs: BlobSealer | None = None
