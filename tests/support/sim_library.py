"""All changes that a simulation ever made, read once with every key and with full knowledge of who had seen what.

A change is known by its index here, and a set of changes is an integer with a bit for each, so that what an author had
applied is one number. Dots in operations are read as (index of the change, its number, index of the operation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from storage.changes import envelope, header, parts
from storage.changes.envelope import Envelope
from storage.changes.header import Header
from storage.crdt.dots import Dot, index_of
from storage.crdt.operations import Operation
from sync.keys import Keyring

NOBODY = -1  # the index of a change that is not in the author's past


class Done(NamedTuple):
    """One operation of a change, with its index in it."""

    at: int
    operation: Operation


class PartRead(NamedTuple):
    """What a change does to one record; the record is the dot of its creation."""

    collection: str
    record: tuple[int, int]
    done: tuple[Done, ...]


@dataclass(slots=True)
class Change:
    """One change as its author meant it."""

    index: int
    envelope: Envelope
    header: Header
    device: bytes
    before: int  # index of the change before it in its feed
    path: int  # all changes of its feed up to this one, as bits
    past: int  # all that its author had applied, itself included, as bits
    parts: tuple[PartRead, ...] = ()
    group: list[int] = field(default_factory=list)  # of its transaction, in order

    @property
    def hash(self) -> bytes:
        return self.envelope.hash

    @property
    def feed(self) -> bytes:
        return self.envelope.clear.feed

    @property
    def number(self) -> int:
        return self.envelope.clear.number

    @property
    def bit(self) -> int:
        return 1 << self.index


def bits(mask: int) -> Iterator[int]:
    """The indexes in a set."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Library:
    """Reads changes as they are made. `keys` opens all of them."""

    def __init__(self, keys: Keyring) -> None:
        self.keys = keys
        self.changes: list[Change] = []
        self.index: dict[bytes, int] = {}
        self.feeds: dict[bytes, list[int]] = {}

    def add(self, raw: bytes) -> int:
        """Read a change whose past is here; returns its index."""
        change = envelope.decode(raw)
        known = self.index.get(change.hash)
        if known is not None:
            return known
        clear = change.clear
        plains = self.keys.open_aside(clear.epoch, clear.salt, change.parts)
        told = header.decode(plains[0] or b"")
        before = NOBODY if clear.number == 1 else self.index[clear.previous]
        index = len(self.changes)
        path, past, device = 0, 0, clear.device or b""
        if before != NOBODY:
            last = self.changes[before]
            path, past, device = last.path, last.past, last.device
        for need in told.dependencies:
            past |= self.changes[self.index[need.hash]].path
        new = Change(index, change, told, device, before, path | 1 << index, past | 1 << index)
        self.index[change.hash] = index
        self.changes.append(new)
        self.feeds.setdefault(clear.feed, []).append(index)
        goes_on = before != NOBODY and not self.changes[before].envelope.clear.group_end
        new.group = self.changes[before].group if goes_on else []
        new.group.append(index)
        new.parts = tuple(self._parts(new, plains))
        return index

    def forked(self, index: int, among: int) -> bool:
        """Whether the feed of a change goes on in two ways in a set of changes."""
        feed = [one for one in self.feeds[self.changes[index].feed] if among >> one & 1]
        return len({self.changes[one].before for one in feed}) < len(feed)

    def _parts(self, change: Change, plains: Sequence[bytes | None]) -> Iterator[PartRead]:
        read = self._reader(change)
        for number, plain in enumerate(plains):
            if not number or plain is None:
                continue
            part = parts.decode(plain, read)
            first = index_of(number, 0)
            record = (
                (change.index, first) if part.record is None else (part.record[0], part.record[2])
            )
            operations = part.operations
            if type(operations[0]) is parts.Piece:
                whole = self._whole(change, part, read)
                operations = () if whole is None else (whole,)
            done = [
                Done(first + at, operation)
                for at, operation in enumerate(operations)
                if not isinstance(operation, parts.Unknown | parts.Piece)
            ]
            if done and record[0] != NOBODY:
                yield PartRead(part.collection, record, tuple(done))

    def _whole(
        self, change: Change, part: parts.Part, read: Callable[[parts.WireDot], Dot]
    ) -> Operation | None:
        """An operation in pieces, at its last piece; its pieces are the last ones of the changes before."""
        piece = part.operations[0]
        if not isinstance(piece, parts.Piece) or not piece.last:
            return None
        data: list[bytes] = []
        for index in change.group:
            clear = self.changes[index].envelope.clear
            plains = self.keys.open_aside(
                clear.epoch, clear.salt, self.changes[index].envelope.parts
            )
            for plain in plains[1:]:
                own = self._reader(self.changes[index])
                inside = parts.decode(plain or b"", own).operations[0]
                if isinstance(inside, parts.Piece):
                    data.append(inside.data)
                    if inside.last and index != change.index:
                        data.clear()
        whole = parts.decode_operation(b"".join(data), read)
        return None if isinstance(whole, parts.Unknown) else whole

    def _reader(self, change: Change) -> Callable[[parts.WireDot], Dot]:
        def read(dot: parts.WireDot) -> Dot:
            feed, number, at = dot
            if feed < 0:
                among = [one for one in bits(change.path) if self.changes[one].number == number]
            else:
                among = self._named(change, change.header.feeds[feed], number)
            return Dot(among[0] if len(among) == 1 else NOBODY, number, at)

        return read

    def _named(self, change: Change, name: bytes, number: int) -> list[int]:
        """The changes in the author's past that a name and a number mean."""
        through = self.index.get(name) if len(name) > 16 else None
        feed = name if through is None else self.changes[through].feed
        return [
            one
            for one in self.feeds.get(feed, ())
            if change.past >> one & 1
            and self.changes[one].number == number
            and (through is None or self.changes[one].path >> through & 1)
        ]
