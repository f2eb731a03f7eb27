"""Compares a snapshot with what the changes say, once all changes that it is made of have come."""

from __future__ import annotations

from enum import StrEnum

from storage.engine import Engine
from storage.journal.identity import Identity
from storage.journal.journal import Journal
from storage.snapshot import manifest
from storage.snapshot.errors import UnfitSnapshotError
from storage.snapshot.manifest import Manifest
from storage.snapshot.showing import keep, shown_in


class Proof(StrEnum):
    """How a snapshot stands to the changes that are here."""

    WAITING = "some of its changes have not come yet"
    EQUAL = "the changes say the same"
    DIFFERENT = (
        "the changes say something else"  # an alarm (rule 16): its maker, or this program, is wrong
    )
    BEYOND = "the changes have gone on: it can be compared with nothing any more"


def prove(journal: Journal, identity: Identity, shown: Engine, raw: bytes) -> Proof:
    """Compare a store with the snapshot that another one shows, and note there if it is proved.

    Equal chain heads and vectors must mean equal digests (rule 16): so it is asked when the last of its changes has
    come and before others are taken in. Raises UnfitSnapshotError.
    """
    told, state = manifest.read(raw, identity), shown_in(shown)
    if state is None or state.root != told.root or not state.complete:
        raise UnfitSnapshotError("another one is shown, or not all of it is there")
    proof = _compared(journal, told.manifest, state.digest)
    if proof is Proof.EQUAL and not state.proved:
        with shown.writing():
            keep(shown, state._replace(proved=True))
    return proof


def _compared(journal: Journal, told: Manifest, digest: bytes) -> Proof:
    with journal.reading():
        log = journal.log
        tips = {}
        for row in log.lanes():
            entry = log.entry(row.lane, row.extent)
            if entry is not None:
                tips[entry.hash] = row.extent
        for end in told.lanes:
            at = log.find(end.hash)
            if at is None or log.lane(at.lane).extent < at.number:
                return Proof.WAITING
        same_vector = tips == {end.hash: end.number for end in told.lanes}
        if not same_vector or journal.team.head != (told.place, told.head):
            return Proof.BEYOND
        return Proof.EQUAL if journal.digest.to_bytes(32) == digest else Proof.DIFFERENT
