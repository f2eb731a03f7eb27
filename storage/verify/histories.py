"""Follows a record's history from the pointer in its row back to its creation, as one snapshot has it.

Changes are kept for a while: records that were made together lie in the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Final, NamedTuple

from storage.changes import envelope
from storage.changes.envelope import Envelope
from storage.changes.errors import MalformedChangeError, SealError
from storage.changes.log import Lane
from storage.changes.opening import GroupReader, OpenedChange, Plain, RecordPart, is_piece, unseal
from storage.crdt.dots import POSITION_BITS, Cause, Dot, Ref
from storage.crdt.past import Applied
from storage.errors import DamagedTextError
from storage.journal.pointers import target, unpack
from storage.verify.ledger import Ledger

MOST_KEPT: Final = 32
MOST_ASKED: Final = 4  # from then on all of a change is opened at once
_SQL: Final = "SELECT lane, number, earlier, body FROM change WHERE seq = ?"


class BrokenHistoryError(Exception):
    """A pointer leads nowhere, or to another record; the message says which."""


class UnreadError(Exception):
    """A change in the history cannot be read; it was named already."""


class Step(NamedTuple):
    """One part that touched a record and counts."""

    pointer: int
    collection: str
    operations: tuple[Applied, ...]


@dataclass(slots=True)
class _Kept:
    """A change that was met. `told` is its plain header alone; it and `cause` are None where the change does not count.

    `parts`: those that were opened, by their numbers; all of them once it was asked often.
    """

    row: Lane
    number: int
    earlier: dict[int, int]
    change: Envelope
    told: Plain | None = None
    cause: Cause | None = None
    parts: dict[int, RecordPart] = field(default_factory=dict)
    whole: bool = False
    asked: int = 0


class Histories:
    """The histories of one snapshot's records."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._kept: dict[int, _Kept] = {}

    def of(self, record: Dot, last: int) -> Iterator[Step]:
        """What counts of the history of a record, the latest first.

        Raises BrokenHistoryError, UnreadError.
        """
        met: set[int] = set()
        while last:
            if last in met:
                raise BrokenHistoryError("its history leads back to where it came from")
            met.add(last)
            seq, number = target(last)
            kept = self._get(seq)
            if kept.cause is not None:
                part = self._part(kept, number)
                if part.record != record:
                    raise BrokenHistoryError("its history leads to a change of another record")
                done = tuple(Applied(op, dot, kept.cause) for dot, op in part.operations)
                yield Step(last, part.collection, done)
            last = kept.earlier.get(number, 0)

    def record_at(self, last: int) -> Dot | None:
        """The record that a pointer leads to; None if it leads nowhere."""
        try:
            seq, number = target(last)
            kept = self._get(seq)
            return None if kept.cause is None else self._part(kept, number).record
        except (BrokenHistoryError, UnreadError):
            return None

    def _get(self, seq: int) -> _Kept:
        kept = self._kept.pop(seq, None)
        if kept is None:
            if seq in self._ledger.unread:
                raise UnreadError
            kept = self._read(seq)
            if len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        self._kept[seq] = kept
        return kept

    def _read(self, seq: int) -> _Kept:
        ledger = self._ledger
        found = ledger.connection.execute(_SQL, (seq,)).fetchone()
        if found is None:
            raise BrokenHistoryError(f"its history leads to place {seq}, where no change is")
        lane, number, packed, body = found
        try:
            row, earlier, change = ledger.log.lane(lane), unpack(packed), envelope.decode(body)
            kept = _Kept(row, number, earlier, change)
            if number <= row.extent:
                told = unseal(change, ledger.sealer)
                kept.told = Plain(change, told.parts[:1], told.header)
                kept.cause = ledger.settling.cause_of(row, told)
                if is_piece(told):
                    kept.whole = True
                    _add(kept, ledger.settling.open(Ref(lane, number)))
        except (MalformedChangeError, SealError):
            raise UnreadError from None
        except (DamagedTextError, LookupError) as error:
            raise BrokenHistoryError(f"what is noted beside change {number}: {error}") from None
        return kept

    def _part(self, kept: _Kept, number: int) -> RecordPart:
        part = kept.parts.get(number)
        if part is None and not kept.whole:
            kept.asked += 1
            self._open(kept, None if kept.asked > MOST_ASKED else number)
            part = kept.parts.get(number)
        if part is None:
            raise BrokenHistoryError(f"its history leads to part {number} of a change without it")
        return part

    def _open(self, kept: _Kept, number: int | None) -> None:
        """Open one part, or all of them."""
        change, told, cause = kept.change, kept.told, kept.cause
        if told is None or cause is None or number == 0:
            return
        some = change.parts
        if number is not None:  # places behind it are not even looked at
            some = (*repeat(None, number), *change.parts[number : number + 1])
        clear = change.clear
        try:
            plains = self._ledger.sealer.open_all(clear.epoch, clear.salt, some)
            opened = Plain(change, plains, told.header)
            vector = self._ledger.settling.past_of(cause)
            read = GroupReader(self._ledger.log, kept.row).read(opened, vector, cause)
        except (MalformedChangeError, SealError):
            raise UnreadError from None
        kept.whole = number is None
        _add(kept, read)


def _add(kept: _Kept, opened: OpenedChange) -> None:
    for part in opened.parts:
        kept.parts[part.operations[-1][0].at >> POSITION_BITS] = part
