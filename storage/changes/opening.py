"""Changes of one transaction, opened: headers, and the operations with every dot resolved (rules 17, 20).

A dot that is not in its author's past as it is known here, because a fence cut it off, becomes a dot of lane `NOWHERE`:
nothing has it and nobody sees it, on every replica alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, cast

from msgspec import Struct

from storage.changes import header as headers
from storage.changes import lanes, parts
from storage.changes.envelope import Envelope
from storage.changes.errors import BrokenSealError, MalformedChangeError
from storage.changes.header import Header
from storage.changes.log import NOWHERE, Lane, Log
from storage.changes.sealer import Sealer
from storage.changes.vectors import Vector
from storage.crdt.dots import Cause, Dot, index_of
from storage.crdt.operations import Operation

MAX_OPERATION_BYTES: Final = 1 << 28  # of one that came in pieces


_NO_OPERATIONS: Final = frozenset({parts.Unknown, parts.Piece})


class RecordPart(NamedTuple):
    """What a change does to one record, which its creation's dot identifies.

    Operations of a later version are left out, and so is a record whose creation is not in the author's past.
    """

    collection: str
    record: Dot
    operations: tuple[tuple[Dot, Operation], ...]


class OpenedChange(Struct, frozen=True, gc=False):
    """One change as the merge core takes it."""

    cause: Cause
    header: Header
    parts: tuple[RecordPart, ...]


class Plain(NamedTuple):
    """One change of a group: its envelope, its plain parts and its header."""

    change: Envelope
    parts: Sequence[bytes | None]
    header: Header


def unseal(change: Envelope, sealer: Sealer, *, aside: bool = False) -> Plain:
    """Open a change. Raises UnknownEpochError, BrokenSealError, MalformedChangeError."""
    clear = change.clear
    opened = sealer.open_aside if aside else sealer.open_all
    plains = opened(clear.epoch, clear.salt, change.parts)
    return plain(change, plains)


def plain(change: Envelope, plains: Sequence[bytes | None]) -> Plain:
    """A change whose plain parts are at hand. Raises BrokenSealError, MalformedChangeError."""
    first = plains[0]
    if first is None:
        raise BrokenSealError(change.clear.epoch)
    return Plain(change, plains, headers.decode(first))


def is_piece(change: Plain) -> bool:
    """Whether the change holds a piece of an operation; behind the last one there may be other parts."""
    return any(parts.is_piece(each) for each in change.parts[1:] if each is not None)


class GroupReader:
    """Reads the parts of one group, change by change, putting operations together that came in pieces."""

    def __init__(self, log: Log, row: Lane) -> None:
        self._log, self._row = log, row
        self._pieces: list[bytes] = []
        self._target: tuple[str, Dot | None] | None = None
        self._size = 0

    def read(self, change: Plain, vector: Vector, cause: Cause) -> OpenedChange:
        """One change, whose author had applied `vector`. Raises MalformedChangeError."""
        dots = self._resolver(change.header.feeds, vector, cause.number)
        made: list[RecordPart] = []
        for i, each in enumerate(change.parts):
            if i and each is not None:
                part = self._part(parts.decode(each, dots), i, cause, dots)
                if part.operations and part.record.lane != NOWHERE:
                    made.append(part)
        return OpenedChange(cause, change.header, tuple(made))

    def finish(self) -> None:
        """Raise MalformedChangeError if the group ends within an operation."""
        if self._target is not None:
            raise MalformedChangeError("its transaction ends within an operation")

    def _part(self, part: parts.Part, i: int, cause: Cause, dots: parts.ReadDot) -> RecordPart:
        operations = part.operations
        if self._target is not None or type(operations[0]) is parts.Piece:
            operations = self._piece(part, dots)
        lane, number, first = cause.lane, cause.number, index_of(i, 0)
        placed: list[tuple[Dot, Operation]] = []
        for at, operation in enumerate(operations, first):
            if type(operation) not in _NO_OPERATIONS:
                placed.append((Dot(lane, number, at), cast("Operation", operation)))
        record = part.record
        if record is None:
            record = Dot(lane, number, first)
        return RecordPart(part.collection, record, tuple(placed))

    def _piece(self, part: parts.Part, dots: parts.ReadDot) -> tuple[parts.PartOperation, ...]:
        """Keep a piece; with the last one, the whole operation."""
        piece = part.operations[0]
        target = (part.collection, part.record)
        if not isinstance(piece, parts.Piece) or len(part.operations) > 1 or part.record is None:
            raise MalformedChangeError("an operation is interrupted by another one")
        if self._target not in {None, target}:
            raise MalformedChangeError("an operation goes on in another record")
        self._size += len(piece.data)
        if self._size > MAX_OPERATION_BYTES:
            raise MalformedChangeError("an operation is too large")
        self._pieces.append(piece.data)
        self._target = target
        if not piece.last:
            return ()
        whole = parts.decode_operation(b"".join(self._pieces), dots)
        self._pieces, self._target, self._size = [], None, 0
        return (whole,)

    def _resolver(
        self, feeds: Sequence[bytes], vector: Vector, number: int
    ) -> Callable[[parts.WireDot], Dot]:
        log, row = self._log, self._row

        def extent(lane: int) -> int:
            return number if lane == row.lane else vector.get(lane, 0)

        def resolved(dot: parts.WireDot) -> Dot:
            feed, of, at = dot
            if feed >= len(feeds):
                raise MalformedChangeError("a part of it names a feed that its header does not")
            if feed >= 0:
                found = lanes.resolve(log, feeds[feed], of, extent)
                return Dot(NOWHERE if found is None else found, of, at)
            lane = row.lane if of > row.start else lanes.at(log, row.lane, of).lane
            return Dot(lane if of <= number else NOWHERE, of, at)

        return resolved
