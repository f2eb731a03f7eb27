"""Reads back what touched a record, the latest first, from the changes kept here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from storage.changes import envelope
from storage.changes.envelope import Envelope
from storage.changes.header import Header
from storage.changes.opening import GroupReader, OpenedChange, RecordPart, unseal
from storage.changes.settle import Settling
from storage.crdt.dots import POSITION_BITS, Dot, Ref
from storage.crdt.operations import Create
from storage.crdt.past import Applied
from storage.database import Connection
from storage.errors import DamagedTextError
from storage.journal.pointers import target, unpack
from storage.journal.sqllog import SqlLog


class Touch(NamedTuple):
    """What one change did to one record."""

    at: Ref
    applied_ms: int  # when, by the clock of this device
    accepted: bool
    header: Header
    operations: tuple[Applied, ...]

    @property
    def stamp(self) -> int:
        """When, by its author's clock."""
        return self.header.stamp


class Trail:
    """The history of records, over one connection."""

    def __init__(self, connection: Connection, log: SqlLog, settling: Settling) -> None:
        self._execute, self._log, self._settling = connection.execute, log, settling

    def of(self, last: int) -> Iterator[Touch]:
        """What touched a record, from the pointer in its row back to its creation."""
        sql = "SELECT lane, number, at, earlier, body FROM change WHERE seq = ?"
        while last:
            seq, number_of_part = target(last)
            row = self._execute(sql, (seq,)).fetchone()
            if row is None:
                raise DamagedTextError(f"the change at place {seq} is missing")
            lane, number, at, earlier, body = row
            change = envelope.decode(body)
            opened, part = self.part(Ref(lane, number), change, number_of_part)
            accepted = number <= self._log.lane(lane).extent
            done = tuple(Applied(op, dot, opened.cause) for dot, op in part.operations)
            yield Touch(Ref(lane, number), at or 0, accepted, opened.header, done)
            last = unpack(earlier).get(number_of_part, 0)

    def applied(self, last: int) -> list[Applied]:
        """The accepted operations on a record, the latest first."""
        return [one for touch in self.of(last) if touch.accepted for one in touch.operations]

    def creation(self, record: Dot) -> tuple[str, int] | None:
        """The collection of a record and the id that it would like; None if its creation is not here."""
        sql = "SELECT body FROM change WHERE lane = ? AND number = ?"
        row = self._execute(sql, (record.lane, record.number)).fetchone()
        if row is None:
            return None
        change = envelope.decode(row[0])
        _, part = self.part(Ref(record.lane, record.number), change, record.at >> POSITION_BITS)
        for dot, operation in part.operations:
            if dot == record and isinstance(operation, Create):
                return part.collection, operation.id
        return None

    def part(
        self, at: Ref, change: Envelope, number_of_part: int
    ) -> tuple[OpenedChange, RecordPart]:
        """One part of a change; only it and the header are opened."""
        wanted = {0, number_of_part}
        kept = tuple(each if i in wanted else None for i, each in enumerate(change.parts))
        row = self._log.lane(at.lane)
        aside = at.number > row.extent
        told = unseal(
            Envelope(change.raw, change.clear, change.signed, change.signature, kept, change.hash),
            self._settling.sealer,
            aside=aside,
        )
        cause = self._settling.cause_of(row, told)
        opened = GroupReader(self._log, row).read(told, cause.seen, cause)
        if not opened.parts:  # the operation came in pieces
            opened = self._settling.open(at, aside=aside)
        for part in opened.parts:
            if part.operations[-1][0].at >> POSITION_BITS == number_of_part:
                return opened, part
        raise DamagedTextError(f"part {number_of_part} of change {at} is empty")
