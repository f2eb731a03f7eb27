"""What registers and life were before an action: what undo brings back (`rules.md` 6, 7, 12)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from storage.crdt import amounts, life
from storage.crdt.dots import Cause, Dot
from storage.crdt.life import Claim, Life, Says, claim
from storage.crdt.operations import (
    CONTENT,
    Add,
    Alive,
    Dead,
    Exclude,
    Include,
    ItemAlive,
    ItemDead,
    ItemMove,
    ItemNew,
    ItemRestore,
    ItemSet,
    Operation,
    Restore,
    Set,
    Unset,
)
from storage.crdt.past import Applied, Past
from storage.crdt.scalar import Entry, Kind
from storage.crdt.values import ABSENT, Value, canonical


class Place(NamedTuple):
    """A register: a field of the record, or a value of an item; with no `name` the item's position."""

    field: str
    item: Dot | None = None
    name: str | None = None


class Write(NamedTuple):
    """A write of one register, as part of any operation."""

    place: Place
    dot: Dot
    cause: Cause
    value: Value
    restore: Restore | ItemRestore | None = None

    @property
    def origin(self) -> Dot | None:
        """The write whose value it is."""
        return self.dot if self.restore is None else self.restore.over


class History:
    """All accepted operations on a record but those of one action."""

    def __init__(self, others: Sequence[Applied], past: Past) -> None:
        self._others, self._past = others, past

    def held(self, last: Write) -> Entry | None:
        """What a register held for the author of an action's last write of it, best first (`Scalar`)."""
        held: list[Entry] = []
        for write in self._writes(last):
            held = _written(held, write)
        if last.restore is not None:
            held = [entry for entry in held if entry.dot in last.restore.dots]
        return max(held, key=lambda entry: self._rank(entry, held), default=None)

    def added(self, field: str, base: Entry | None) -> Fraction | None:
        """The additions that belong to a count: what it brought back, and what its author did not see."""
        total = None if base is None else base.total
        for operation, dot, _ in self._others:
            if not isinstance(operation, Add) or operation.field != field:
                continue
            if base is None or not self._past.sees(base.dot, dot):
                total = amounts.plus(total, operation.amount)
        return total

    def was_dead(self, first: Applied, item: Dot | None = None) -> bool:
        """Whether the record, or an item of it, was in the trash when an action began."""
        claims: Life = []
        for one in self._seen(first.dot):
            says = _says(one.operation) if item is None else _says_of(one, item)
            if says is not None:
                claims = claim(claims, Claim(one.dot, says), one.cause)
        return bool(claims) and not life.is_alive(claims)

    def had(self, first: Applied, field: str, form: bytes) -> bool:
        """Whether a set held a value, given in its canonical form, when an operation was made."""
        there: set[Dot] = set()
        for operation, dot, _ in self._seen(first.dot):
            if isinstance(operation, Include) and operation.field == field:
                if form in map(canonical, operation.values):
                    there.add(dot)
            elif isinstance(operation, Exclude) and operation.field == field:
                there.difference_update(named(operation, form))
        return bool(there)

    def taken_out(self, field: str, form: bytes, dot: Dot) -> list[Dot]:
        """The operations that took a value out of a set by this dot."""
        return [
            one.dot
            for one in self._others
            if isinstance(one.operation, Exclude) and one.operation.field == field
            if dot in named(one.operation, form)
        ]

    def _seen(self, later: Dot) -> Iterable[Applied]:
        return (one for one in self._others if self._past.sees(later, one.dot))

    def _writes(self, last: Write) -> Iterable[Write]:
        seen = self._seen(last.dot)
        return (write for one in seen for write in writes(one) if write.place == last.place)

    def _rank(self, entry: Entry, held: Collection[Entry]) -> tuple[bool, int, bytes, int]:
        stamp, digest = self._past.stamp_and_hash(entry.dot.lane, entry.dot.number)
        return (not self._is_fallback(entry, held), stamp, digest, entry.dot.at)

    def _is_fallback(self, entry: Entry, held: Collection[Entry]) -> bool:
        over = entry.over
        return entry.kind is Kind.RESTORED and all(
            over is None or one is entry or one.dot == over or self._past.sees(one.dot, over)
            for one in held
        )


def named(operation: Exclude, form: bytes) -> set[Dot]:
    """The dots by which an operation takes a value out."""
    return {dot for value, dots in operation.removed if canonical(value) == form for dot in dots}


def writes(one: Applied) -> list[Write]:
    """The writes of registers in an operation."""
    operation, dot, cause = one
    match operation:
        case Set(values=values):
            return [Write(Place(name), dot, cause, value) for name, value in values.items()]
        case Unset(fields=fields):
            return [Write(Place(name), dot, cause, ABSENT) for name in fields]
        case Restore(field=field, value=value):
            return [Write(Place(field), dot, cause, value, operation)]
        case ItemNew(field=field, key=key, values=values):
            return [
                Write(Place(field, dot), dot, cause, key),
                *(Write(Place(field, dot, name), dot, cause, values[name]) for name in values),
            ]
        case ItemSet(field=field, item=item, values=values):
            return [Write(Place(field, item, name), dot, cause, values[name]) for name in values]
        case ItemMove(field=field, item=item, key=key):
            return [Write(Place(field, item), dot, cause, key)]
        case ItemRestore(field=field, item=item, name=name, value=value):
            return [Write(Place(field, item, name), dot, cause, value, operation)]
        case _:
            return []


def _written(held: list[Entry], write: Write) -> list[Entry]:
    """The live entries after a write, without what only matters for show."""
    restore = write.restore
    if restore is None:
        kept = [old for old in held if not write.cause.sees(old.dot)]
        return [*kept, Entry(write.dot, write.cause.stamp, write.value)]
    kept = [old for old in held if old.dot not in restore.dots]
    kind = Kind.REDONE if restore.ordinary else Kind.RESTORED
    added = restore.added if isinstance(restore, Restore) else None
    new = Entry(write.dot, write.cause.stamp, write.value, added, kind, restore.over)
    return [*kept, new]


def _says(operation: Operation) -> Says | None:
    if isinstance(operation, Dead):
        return Says.DEAD
    return Says.ALIVE if isinstance(operation, Alive) or type(operation) in CONTENT else None


def _says_of(one: Applied, item: Dot) -> Says | None:
    match one.operation:
        case ItemNew():
            return Says.ALIVE if one.dot == item else None
        case ItemDead(item=dot):
            return Says.DEAD if dot == item else None
        case ItemSet(item=dot) | ItemAlive(item=dot):
            return Says.ALIVE if dot == item else None
        case ItemRestore(item=dot, name=name):
            return Says.ALIVE if dot == item and name is not None else None
        case _:
            return None
