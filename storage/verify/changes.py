"""The log of changes: every change in itself and in its place, whether it counts, and which records it touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from storage.changes.log import Lane
from storage.crdt.dots import POSITION_BITS, Dot
from storage.crdt.operations import Create
from storage.journal.pointers import pointer
from storage.verify.acceptance import Acceptance
from storage.verify.ledger import Ledger
from storage.verify.reading import Looked, changes_of
from storage.verify.report import Check
from storage.verify.touches import Touches


class Touched(NamedTuple):
    """One part of a change that counts."""

    record: Dot
    collection: str
    pointer: int
    creates: bool


def check_changes(check: Check, ledger: Ledger, touches: Touches) -> None:
    """Look at every lane."""
    for row in ledger.log.lanes():
        _lane(check, ledger, row, touches)


def all_touched(ledger: Ledger) -> Iterator[Touched]:
    """What the changes say once more, without a word about what is wrong with them."""
    for row in ledger.log.lanes():
        for looked in changes_of(ledger, row):
            yield from _touched(ledger, looked)


def _lane(check: Check, ledger: Ledger, row: Lane, touches: Touches) -> None:
    if row.linked == row.start:
        check.bad("missing_change", ledger.name(row), "a feed is noted of which no change is here")
    acceptance = Acceptance(ledger, row)
    for looked in changes_of(ledger, row):
        check.count("changes")
        acceptance.judge(looked)
        for kind, detail in looked.wrong:
            check.bad(kind, ledger.name(row, looked.stored.number), detail)
        for one in _touched(ledger, looked):
            touches.said(one.record, one.pointer)
    for kind, detail in acceptance.ended():
        check.bad(kind, ledger.name(row), detail)


def _touched(ledger: Ledger, looked: Looked) -> Iterator[Touched]:
    if looked.opened is None:
        return
    for part in looked.opened.parts:
        record = part.record
        row = ledger.log.lane(record.lane)
        if row.start < record.number <= row.extent:  # else nobody keeps it
            first = part.operations[0]
            creates = type(first[1]) is Create and first[0] == record
            number = part.operations[-1][0].at >> POSITION_BITS
            at = pointer(looked.stored.seq, number)
            yield Touched(record, part.collection, at, creates)
