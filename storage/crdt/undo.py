"""What takes an action back, or makes it again: operations that change the actor's own writes only (`rules.md` 6, 7).

An action is undone record by record. A write comes back as what the field held before the action, over the action's own
live write and nothing else; an addition gets its opposite; what was put into a set or list is taken out by its own
dots, what was taken out is put in again; a creation or a restored record goes into the trash, a trashed one comes out.
Where others have decided since, nothing is done, and `Left` says so. Redo is the undo of an undo, with `redo` set.

Undoing in the reverse order works any number of steps deep: a write that undo brought back stands for the one it is
the value of. Long texts are left: their editor has its own undo, and history restores a version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from fractions import Fraction
from typing import NamedTuple

from storage.crdt import amounts, life, show
from storage.crdt.dots import Cause, Dot
from storage.crdt.items import Item
from storage.crdt.life import Life, Says
from storage.crdt.operations import (
    Add,
    Alive,
    Create,
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
    TextEdit,
    Unset,
)
from storage.crdt.past import Applied, Past
from storage.crdt.record import causally
from storage.crdt.scalar import Entry, Kind, Scalar
from storage.crdt.state import Field, RecordState
from storage.crdt.values import ABSENT, JSON, Value, canonical, is_number


class Because(Enum):
    """Why something is left as it is."""

    CHANGED_SINCE = "changed since"  # somebody, or the actor's later action, has written over it
    COUNTED_SINCE = "counted since"  # a count was typed that knew the addition
    TAKEN_SINCE = "taken out since"
    OTHERS_TOO = "others did it too"  # others deleted it as well, or edit what was created
    IN_TRASH = "in the trash"
    TEXT = "long text"


class Left(NamedTuple):
    """A field that undo leaves as it is; None is the record itself."""

    field: str | None
    because: Because


class Reversal(NamedTuple):
    """The operations to write, and what they leave."""

    operations: tuple[Operation, ...]
    left: tuple[Left, ...]


class _Write(NamedTuple):
    """A write of a register, from whichever operation: a field's, an item's, or (no name) an item's position."""

    place: tuple[str, Dot | None, str | None]
    dot: Dot
    cause: Cause
    value: Value
    restore: Restore | ItemRestore | None = None


def undo(
    action: Sequence[Applied],
    state: RecordState,
    history: Iterable[Applied],
    past: Past,
    mine: Callable[[Dot], bool],
    *,
    redo: bool = False,
) -> Reversal:
    """What takes back the operations of one action on one record.

    `history` holds all accepted operations on the record, `state` what they make it; `mine` tells the actor's own dots.
    """
    return _Undoing(action, state, history, past, mine, redo=redo).reversal()


class _Undoing:
    def __init__(
        self,
        action: Sequence[Applied],
        state: RecordState,
        history: Iterable[Applied],
        past: Past,
        mine: Callable[[Dot], bool],
        *,
        redo: bool,
    ) -> None:
        self.action = sorted(action, key=causally)
        self.state, self.past, self.mine, self.redo = state, past, mine, redo
        self.history = sorted(history, key=causally)
        self.own = {one.dot for one in action}
        self.out: list[Operation] = []
        self.left: dict[Left, None] = {}

    def reversal(self) -> Reversal:
        kinds = {type(one.operation) for one in self.action}
        if Create in kinds:
            self._end_life()
        elif Dead in kinds:
            if self._begin_life():
                self._contents()
        elif not show.alive(self.state):
            self._leave(None, Because.IN_TRASH)
        else:
            self._contents()
            if Alive in kinds:
                self._end_life()
        return Reversal(tuple(self.out), tuple(self.left))

    def _leave(self, field: str | None, because: Because) -> None:
        self.left[Left(field, because)] = None

    # --- the record's and an item's life

    def _end_life(self) -> None:
        if self._only_mine(self.state.life):
            self.out.append(Dead())
        else:
            self._leave(None, Because.OTHERS_TOO)

    def _begin_life(self) -> bool:
        """Out of the trash; whether the record is to be alive."""
        if show.alive(self.state):
            self._leave(None, Because.CHANGED_SINCE)
            return True
        if not all(self.mine(one.dot) for one in self.state.life):
            self._leave(None, Because.OTHERS_TOO)
            return False
        self.out.append(Alive())
        return True

    def _only_mine(self, claims: Life) -> bool:
        """Whether it lives, and by the actor's claims alone."""
        return life.is_alive(claims) and all(
            self.mine(one.dot) for one in claims if one.says is Says.ALIVE
        )

    # --- contents

    def _contents(self) -> None:
        for one in self.action:
            if isinstance(one.operation, ItemDead):
                self._begin_item(one.operation)
        self._additions()
        self._registers()
        for one in self.action:
            match one.operation:
                case Include():
                    self._take_out(one.operation, one)
                case Exclude():
                    self._put_back(one.operation, one)
                case ItemNew(field=field):
                    self._end_item(field, one.dot)
                case ItemAlive(field=field, item=item):
                    self._end_item(field, item)
                case TextEdit(field=field):
                    self._leave(field, Because.TEXT)
                case _:
                    pass

    def _additions(self) -> None:
        totals: dict[str, Fraction] = {}
        for one in self.action:
            if isinstance(one.operation, Add):
                field = one.operation.field
                if self._counted(field, one.dot):
                    self._leave(field, Because.COUNTED_SINCE)
                else:
                    totals[field] = totals.get(field, Fraction()) + one.operation.amount
        self.out += [Add(field, -total) for field, total in totals.items() if total]

    def _counted(self, field: str, added: Dot) -> bool:
        """Whether a live count knew the addition. One that undo restored knows it if what came back did."""
        for entry in self.state.scalar_of(field).entries:
            if entry.dot in self.own or not self.past.sees(entry.dot, added):
                continue
            restored = entry.kind is not Kind.WRITTEN
            if not restored or (entry.over is not None and self.past.sees(entry.over, added)):
                return True
        return False

    def _registers(self) -> None:
        last: dict[tuple[str, Dot | None, str | None], _Write] = {}
        created = {one.dot for one in self.action if isinstance(one.operation, ItemNew)}
        for one in self.action:
            for write in _writes(one):
                if write.place[1] not in created:
                    last[write.place] = write
        for write in last.values():
            self._register(write)

    def _register(self, last: _Write) -> None:
        field, item, name = last.place
        origins = {
            _origin(one) for done in self.action for one in _writes(done) if one.place == last.place
        }
        if item is not None and name is not None and not self._lives(field, item):
            self._leave(field, Because.IN_TRASH)  # a value of it would bring it back
            return
        dots = tuple(
            entry.dot
            for entry in self._entries(last.place)
            if entry.dot in self.own or self._stands_for(entry, origins)
        )
        if not dots:
            self._leave(field, Because.CHANGED_SINCE)
            return
        value, over, again = self._before(last)
        ordinary = self.redo and not again
        if item is None:
            self.out.append(Restore(field, value, over, dots, ordinary))
        else:
            self.out.append(ItemRestore(field, item, name, value, over, dots, ordinary))

    def _stands_for(self, entry: Entry, origins: set[Dot | None]) -> bool:
        """Whether the actor's own undo or redo brought a write of the action back."""
        return entry.kind is not Kind.WRITTEN and entry.over in origins and self.mine(entry.dot)

    def _entries(self, place: tuple[str, Dot | None, str | None]) -> list[Entry]:
        field, dot, name = place
        if dot is None:
            return self.state.scalar_of(field).entries
        item = self._item(field, dot)
        if item is None:
            return []
        return (item.position if name is None else item.values.get(name, Scalar())).entries

    def _lives(self, field: str, dot: Dot) -> bool:
        """Whether an item is there, or will be."""
        item = self._item(field, dot)
        return item is not None and (item.alive or ItemAlive(field, dot) in self.out)

    def _item(self, field: str, dot: Dot) -> Item | None:
        items = self.state.fields.get(field, Field()).items
        return next((one for one in items if one.dot == dot), None)

    def _before(self, last: _Write) -> tuple[Value, Dot | None, bool]:
        """What the register held before the action, the dot of what that is, and whether undo had brought it back."""
        held: list[Entry] = []
        for one in self.history:
            if one.dot in self.own or not self.past.sees(last.dot, one.dot):
                continue
            for write in _writes(one):
                if write.place == last.place:
                    held = _written(held, write)
        if last.restore is not None:
            held = [entry for entry in held if entry.dot in last.restore.dots]
        best = max(held, key=lambda entry: self._rank(entry, held), default=None)
        field, item, _ = last.place
        added = None if item is not None else self._added(field, best)
        if best is None:
            return amounts.shown(ABSENT, added), None, False
        over = best.dot if best.kind is Kind.WRITTEN else best.over
        number = best.value is ABSENT or is_number(best.value)
        value = amounts.shown(best.value, added) if number else best.value
        return value, over, best.kind is Kind.RESTORED

    def _rank(self, entry: Entry, held: list[Entry]) -> tuple[bool, int, bytes, int]:
        """The order of `Scalar.entries`."""
        stamp, digest = self.past.stamp_and_hash(entry.dot.lane, entry.dot.number)
        return (not self._is_fallback(entry, held), stamp, digest, entry.dot.at)

    def _is_fallback(self, entry: Entry, held: list[Entry]) -> bool:
        over = entry.over
        return entry.kind is Kind.RESTORED and all(
            over is None or one is entry or one.dot == over or self.past.sees(one.dot, over)
            for one in held
        )

    def _added(self, field: str, base: Entry | None) -> Fraction | None:
        """The additions that a count does not know, the action's own excepted: they are taken back beside it."""
        total: Fraction | None = None
        for one in self.history:
            operation = one.operation
            if not isinstance(operation, Add) or operation.field != field or one.dot in self.own:
                continue
            if base is None or not self.past.sees(base.dot, one.dot):
                total = amounts.plus(total, operation.amount)
        return total

    # --- sets

    def _take_out(self, operation: Include, one: Applied) -> None:
        elements = self.state.fields.get(operation.field, Field()).elements
        found: list[tuple[JSON, tuple[Dot, ...]]] = []
        for form, value in {canonical(value): value for value in operation.values}.items():
            same = [other.dot for other in elements if canonical(other.value) == form]
            dots = tuple(dot for dot in same if dot == one.dot)
            if not dots and self._taken_out_by_me(operation.field, form, one.dot):
                dots = tuple(dot for dot in same if self.mine(dot))
            if dots:
                found.append((value, dots))
        if found:
            self.out.append(Exclude(operation.field, tuple(found)))
        else:
            self._leave(operation.field, Because.TAKEN_SINCE)

    def _taken_out_by_me(self, field: str, form: bytes, dot: Dot) -> bool:
        """Whether the actor took the value out and, as it is there by the actor again, put it back."""
        return any(
            self.mine(other.dot) and dot in dots and canonical(value) == form
            for other in self.history
            if isinstance(other.operation, Exclude) and other.operation.field == field
            for value, dots in other.operation.removed
        )

    def _put_back(self, operation: Exclude, one: Applied) -> None:
        """Also what somebody put in again since: it is to stay if they take it out."""
        found = tuple(
            value for value, dots in operation.removed if any(one.cause.sees(dot) for dot in dots)
        )
        if found:
            self.out.append(Include(operation.field, found))

    # --- items

    def _end_item(self, field: str, dot: Dot) -> None:
        item = self._item(field, dot)
        if item is None or not item.alive:
            self._leave(field, Because.CHANGED_SINCE)
        elif self._only_mine(item.life):
            self.out.append(ItemDead(field, dot))
        else:
            self._leave(field, Because.OTHERS_TOO)

    def _begin_item(self, operation: ItemDead) -> None:
        item = self._item(operation.field, operation.item)
        if item is None or item.alive:
            self._leave(operation.field, Because.CHANGED_SINCE)
        elif all(self.mine(claim.dot) for claim in item.life):
            self.out.append(ItemAlive(operation.field, operation.item))
        else:
            self._leave(operation.field, Because.OTHERS_TOO)


def _writes(one: Applied) -> list[_Write]:
    """The writes of registers in an operation."""
    operation, dot, cause = one
    match operation:
        case Set(values=values):
            return [_Write((name, None, None), dot, cause, value) for name, value in values.items()]
        case Unset(fields=fields):
            return [_Write((name, None, None), dot, cause, ABSENT) for name in fields]
        case Restore(field=field, value=value):
            return [_Write((field, None, None), dot, cause, value, operation)]
        case ItemNew(field=field, key=key, values=values):
            inner = [
                _Write((field, dot, name), dot, cause, value) for name, value in values.items()
            ]
            return [_Write((field, dot, None), dot, cause, key), *inner]
        case ItemSet(field=field, item=item, values=values):
            return [
                _Write((field, item, name), dot, cause, value) for name, value in values.items()
            ]
        case ItemMove(field=field, item=item, key=key):
            return [_Write((field, item, None), dot, cause, key)]
        case ItemRestore(field=field, item=item, name=name, value=value):
            return [_Write((field, item, name), dot, cause, value, operation)]
        case _:
            return []


def _origin(write: _Write) -> Dot | None:
    """The write whose value it is."""
    return write.dot if write.restore is None else write.restore.over


def _written(held: list[Entry], write: _Write) -> list[Entry]:
    """The live entries after a write, without what only matters for show."""
    entry = Entry(write.dot, write.cause.stamp, write.value)
    if write.restore is None:
        return [*(old for old in held if not write.cause.sees(old.dot)), entry]
    kind = Kind.REDONE if write.restore.ordinary else Kind.RESTORED
    kept = [old for old in held if old.dot not in write.restore.dots]
    return [*kept, entry._replace(kind=kind, over=write.restore.over)]
