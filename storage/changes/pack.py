"""Puts the operations of one transaction into as many changes as they need (rules 17, 20).

A change holds at most `MAX_PLAIN_BYTES` of plain operations, one part a record. What does not fit goes on in the next
change of the group; an operation that is too large for any change is cut into pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from storage.changes import parts
from storage.changes.coalesce import OWN, Item, RecordEdits
from storage.changes.envelope import MAX_PARTS
from storage.changes.errors import MalformedChangeError, RefusedOperationError
from storage.changes.header import MAX_FEEDS
from storage.changes.log import NOWHERE
from storage.changes.opening import MAX_OPERATION_BYTES
from storage.changes.parts import MAX_PLAIN_BYTES, Part, Piece, WireDot
from storage.changes.wire import MAX_OPERATIONS
from storage.crdt.dots import Dot, index_of
from storage.crdt.operations import Create

_PIECE_BYTES: Final = MAX_PLAIN_BYTES - (1 << 12)  # leaves room for the names around it


class Sheet:
    """One change in the making: its parts in plain bytes, and the feeds that its dots name."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.parts: list[bytes] = []
        self.feeds: dict[bytes, int] = {}
        self.used = 0

    def index_of(self, feed: bytes) -> int:
        """The index of a feed or branch in the header's table."""
        return self.feeds.setdefault(feed, len(self.feeds))


class Packer:
    """Fills sheets; the first has the number after the feed's last one.

    `mark` gives the name of a dot's feed or branch, None for the author's own.
    """

    def __init__(self, number: int, mark: Callable[[Dot], bytes | None]) -> None:
        self.sheets = [Sheet(number)]
        self._mark = mark
        self._placed: dict[int, Dot] = {}  # edits of this transaction
        self._likely = MAX_OPERATIONS  # how many operations may fit, from those that did before

    def add(self, record: RecordEdits) -> None:
        """Place all operations of one record. Raises RefusedOperationError."""
        items = record.items
        while items:
            items = items[self._place(record, items) :]

    def placed(self, edit: int) -> Dot:
        """Where an edit stands, by a dot of lane `OWN`; asked once."""
        return self._placed.pop(edit)

    def _place(self, record: RecordEdits, items: Sequence[Item]) -> int:
        """Place the first operations, as many as a change can hold; returns how many."""
        many = min(len(items), self._likely)
        if self._fits(record, items[:many]):
            return many
        if self.sheets[-1].used:
            self.sheets.append(Sheet(self.sheets[-1].number + 1))
            return 0
        while many > 1:
            many //= 2
            if self._fits(record, items[:many]):
                self._likely = many
                return many
        self._cut(record, items[0])
        return 1

    def _fits(self, record: RecordEdits, items: Sequence[Item]) -> bool:
        """Put the operations in the present sheet as one part, if they fit."""
        sheet = self.sheets[-1]
        feeds = len(sheet.feeds)
        part = len(sheet.parts) + 1
        for at, item in enumerate(items):
            dot = Dot(OWN, sheet.number, index_of(part, at))
            self._placed.update(dict.fromkeys(item.edits, dot))
        plain = self._encoded(record, tuple([item.operation for item in items]))
        fits = (
            sheet.used + len(plain) <= MAX_PLAIN_BYTES
            and part < MAX_PARTS
            and len(sheet.feeds) <= MAX_FEEDS
        )
        if fits:
            _refuse_unreadable(plain, parts.decode)
            sheet.parts.append(plain)
            sheet.used += len(plain)
        else:
            for name in list(sheet.feeds)[feeds:]:
                del sheet.feeds[name]
        return fits

    def _encoded(self, record: RecordEdits, operations: tuple[parts.PartOperation, ...]) -> bytes:
        known = None if type(operations[0]) is Create else record.record
        return parts.encode(Part(record.collection, known, operations), self.write)

    def _cut(self, record: RecordEdits, item: Item) -> None:
        """Spread one operation over changes of its own; its dot is that of its last piece."""
        if type(item.operation) is Create:
            raise RefusedOperationError("a collection has a name that is too long")
        # Feeds that it names have to be in the table of the change where it ends, for there it is read.
        trial = Sheet(self.sheets[-1].number)
        self.sheets[-1] = trial
        whole = parts.encode_operation(item.operation, self.write)
        _refuse_unreadable(whole, parts.decode_operation)
        if len(whole) > MAX_OPERATION_BYTES:
            raise RefusedOperationError(
                f"one value has {len(whole) >> 20} MB, more than the {MAX_OPERATION_BYTES >> 20} MB a change may have"
            )
        chunks = [whole[at : at + _PIECE_BYTES] for at in range(0, len(whole), _PIECE_BYTES)]
        first = trial.number
        self.sheets[-1:] = [Sheet(first + at) for at in range(len(chunks))]
        for at, chunk in enumerate(chunks):
            last = at + 1 == len(chunks)
            sheet = self.sheets[at - len(chunks)]
            if last:
                sheet.feeds = dict(trial.feeds)
            plain = self._piece(record, sheet, Piece(last, chunk))
            sheet.parts.append(plain)
            sheet.used = len(plain)
        dot = Dot(OWN, self.sheets[-1].number, index_of(1, 0))
        self._placed.update(dict.fromkeys(item.edits, dot))

    def _piece(self, record: RecordEdits, sheet: Sheet, piece: Piece) -> bytes:
        def write(dot: Dot) -> WireDot:
            return self._written(dot, sheet)

        plain = parts.encode(Part(record.collection, record.record, (piece,)), write)
        if len(plain) > MAX_PLAIN_BYTES:
            raise RefusedOperationError("a collection has a name that is too long")
        return plain

    def write(self, dot: Dot) -> WireDot:
        """How a dot is spelled in the change that is being filled."""
        return self._written(dot, self.sheets[-1])

    def _written(self, dot: Dot, sheet: Sheet) -> WireDot:
        if dot.lane == OWN:
            placed = self._placed[dot.number]
            return -1, placed.number, placed.at
        if dot.lane == NOWHERE:
            raise RefusedOperationError("it names something that is not here")
        named = self._mark(dot)
        return (-1 if named is None else sheet.index_of(named)), dot.number, dot.at


def _refuse_unreadable(plain: bytes, read: Callable[[bytes, parts.ReadDot], object]) -> None:
    """Raise RefusedOperationError for what every replica, this one too, would set aside as broken."""
    try:
        read(plain, _anywhere)
    except MalformedChangeError as error:
        raise RefusedOperationError(error.reason) from None


def _anywhere(dot: WireDot) -> Dot:
    return Dot(NOWHERE, dot[1], dot[2])
