"""Names the records whose history is not what the changes say, once sums have shown that there are some."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from storage.crdt.dots import Dot
from storage.verify.changes import all_touched
from storage.verify.ledger import Ledger
from storage.verify.report import Check
from storage.verify.states import States
from storage.verify.touches import Touches

MOST: Final = 100_000  # records that are looked at again at once


@dataclass(slots=True)
class _Said:
    """What the changes say of one record."""

    collection: str = ""
    created: bool = False
    pointers: set[int] = field(default_factory=set)


def check_reach(check: Check, ledger: Ledger, touches: Touches, states: States) -> None:
    """Compare record by record what changes say and what is reached, where that is not the same."""
    buckets = touches.differing()
    if not buckets:
        return
    said: dict[Dot, _Said] = {}
    for one in all_touched(ledger):
        if touches.bucket(one.record) in buckets and (one.record in said or len(said) < MOST):
            about = said.setdefault(one.record, _Said())
            about.pointers.add(one.pointer)
            if one.creates:
                about.collection, about.created = one.collection, True
    _compare(check, said, states, buckets)


def _compare(check: Check, said: dict[Dot, _Said], states: States, buckets: frozenset[int]) -> None:
    met: dict[Dot, str] = {}
    for record, kept, reached in states.places(buckets):
        about = said.get(record)
        if record in met:
            check.bad("stray_record", kept.where, f"the same record is kept as {met[record]} too")
        elif about is not None and reached is not None and about.pointers != reached:
            missing = len(about.pointers - reached)
            told = f"its history lacks {missing} of the changes that touched it"
            check.bad("broken_history", kept.where, told)
        met[record] = kept.where
    missing_ones = [
        (record, one) for record, one in said.items() if one.created and record not in met
    ]
    for record, about in missing_ones[states.unknown :]:  # those that are there may be some of them
        where = f"{about.collection}/change {record.number}"
        check.bad("missing_record", where, "its changes are here, and the record is not")
