"""Reads back what touched a record, the latest first, from the changes kept here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import msgspec

from storage.changes import envelope
from storage.changes.envelope import Envelope
from storage.changes.header import Header
from storage.changes.opening import GroupReader, OpenedChange, RecordPart, is_piece, unseal
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


class _Stored(NamedTuple):
    """A change as it lies in the log."""

    at: Ref
    applied_ms: int
    earlier: dict[int, int]
    change: Envelope


LATELY: Final = 8


class Trail:
    """The history of records, over one connection."""

    def __init__(self, connection: Connection, log: SqlLog, settling: Settling) -> None:
        self._execute, self._log, self._settling = connection.execute, log, settling
        self._read_lately: dict[
            int, _Stored
        ] = {}  # by place; records are often made by the hundred
        self._applying: tuple[int, dict[int, int]] | None = None

    def forget(self) -> None:
        """Drop what was read lately: it may have been taken back."""
        self._read_lately.clear()
        self._applying = None

    @contextmanager
    def applying(self, seq: int) -> Iterator[dict[int, int]]:
        """While a change is applied: where the history of the records in it goes on, to be filled part by part."""
        earlier: dict[int, int] = {}
        self._applying = seq, earlier
        yield earlier
        self._applying = None
        self._read_lately.pop(seq, None)

    def of(self, last: int) -> Iterator[Touch]:
        """What touched a record, from the pointer in its row back to its creation."""
        while last:
            seq, number_of_part = target(last)
            stored = self._stored(seq)
            at = stored.at
            opened, part = self._part(at, stored.change, number_of_part)
            accepted = at.number <= self._log.lane(at.lane).extent
            # None where a fence has come since, and the record's creation is nowhere any more.
            operations = () if part is None else part.operations
            done = tuple(Applied(op, dot, opened.cause) for dot, op in operations)
            yield Touch(at, stored.applied_ms, accepted, opened.header, done)
            earlier = stored.earlier
            if self._applying is not None and self._applying[0] == seq:
                earlier = self._applying[1]
            last = earlier.get(number_of_part, 0)

    def _stored(self, seq: int) -> _Stored:
        found = self._read_lately.get(seq)
        if found is not None:
            return found
        sql = "SELECT lane, number, at, earlier, body FROM change WHERE seq = ?"
        row = self._execute(sql, (seq,)).fetchone()
        if row is None:
            raise DamagedTextError(f"the change at place {seq} is missing")
        lane, number, at, earlier, body = row
        found = _Stored(Ref(lane, number), at or 0, unpack(earlier), envelope.decode(body))
        if len(self._read_lately) >= LATELY:
            del self._read_lately[next(iter(self._read_lately))]
        self._read_lately[seq] = found
        return found

    def applied(self, last: int) -> list[Applied]:
        """The accepted operations on a record, the latest first."""
        return [one for touch in self.of(last) if touch.accepted for one in touch.operations]

    def creation(self, record: Dot) -> tuple[str, int] | None:
        """The collection of a record and the id that it would like; None if its creation is not here."""
        sql = "SELECT seq FROM change WHERE lane = ? AND number = ?"
        row = self._execute(sql, (record.lane, record.number)).fetchone()
        if row is None:
            return None
        stored = self._stored(row[0])
        _, part = self._part(stored.at, stored.change, record.at >> POSITION_BITS)
        if part is not None:
            for dot, operation in part.operations:
                if dot == record and isinstance(operation, Create):
                    return part.collection, operation.id
        return None

    def opened(self, at: Ref) -> OpenedChange:
        """A change with all its parts; what came in pieces is whole at its last piece."""
        return self._read(at, envelope.decode(self._log.raw(*at)))

    def _read(self, at: Ref, change: Envelope) -> OpenedChange:
        row = self._log.lane(at.lane)
        aside = at.number > row.extent
        told = unseal(change, self._settling.sealer, aside=aside)
        if is_piece(told):
            return self._settling.open(at, aside=aside)
        cause = self._settling.cause_of(row, told)
        vector = self._settling.past_of(cause)
        return GroupReader(self._log, row).read(told, vector, cause)

    def _part(
        self, at: Ref, change: Envelope, number_of_part: int
    ) -> tuple[OpenedChange, RecordPart | None]:
        """One part of a change; only it and the header are opened. None if it is not there: a change may name any."""
        wanted = {0, number_of_part}
        kept = tuple(each if i in wanted else None for i, each in enumerate(change.parts))
        opened = self._read(at, msgspec.structs.replace(change, parts=kept))
        for part in opened.parts:
            if part.operations[-1][0].at >> POSITION_BITS == number_of_part:
                return opened, part
        return opened, None
