"""What takes an action back, or makes it again: operations that change the actor's own writes only (`rules.md` 6, 7).

An action is undone record by record. A write comes back as what the field held before the action, over the action's own
live write and nothing else; an addition gets its opposite; what was put into a set or list is taken out by its own
dots, what was taken out is put in again; a creation or a restored record goes into the trash, a trashed one comes out.
Where others have decided since, nothing is done, and `Left` says so. Redo is the undo of an undo, with `redo` set.

Undoing in the reverse order works any number of steps deep: a write that undo brought back stands for the one it is
the value of. Long texts are left to `storage.journal.texts`: an edit of one has no value that could come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from fractions import Fraction
from typing import NamedTuple

from storage.crdt import amounts, life, show
from storage.crdt.before import History, Place, Write, writes
from storage.crdt.dots import Dot
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
    ItemNew,
    ItemRestore,
    Operation,
    Restore,
    TextEdit,
)
from storage.crdt.past import Applied, Past
from storage.crdt.record import causally
from storage.crdt.scalar import Entry, Kind, Scalar
from storage.crdt.sets import Element
from storage.crdt.state import Field, RecordState
from storage.crdt.values import ABSENT, JSON, canonical


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
    work = _Undoing(action, state, history, past, mine, redo=redo)
    work.run()
    return Reversal(tuple(work.out), tuple(work.left))


class _Undoing:
    """The work on one record's part of an action."""

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
        self.own = {one.dot for one in action}
        others = sorted((one for one in history if one.dot not in self.own), key=causally)
        self.history = History(others, past)
        self.state, self.past, self.mine, self.redo = state, past, mine, redo
        self.out: list[Operation] = []
        self.left: dict[Left, None] = {}

    def run(self) -> None:
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
            if Alive in kinds or (self.out and self.history.was_dead(self.action[0])):
                self._end_life()

    def _leave(self, field: str | None, because: Because) -> None:
        self.left[Left(field, because)] = None

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

    # --- the record's life

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

    # --- numbers

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
        """Whether a live count knew the addition. One that undo brought back knows it if what came back did."""
        for entry in self.state.scalar_of(field).entries:
            if entry.dot in self.own or not self.past.sees(entry.dot, added):
                continue
            restored = entry.kind is not Kind.WRITTEN
            if not restored or (entry.over is not None and self.past.sees(entry.over, added)):
                return True
        return False

    # --- registers

    def _registers(self) -> None:
        written: dict[Place, list[Write]] = {}
        created = {one.dot for one in self.action if isinstance(one.operation, ItemNew)}
        for one in self.action:
            for write in writes(one):
                if write.place.item not in created:
                    written.setdefault(write.place, []).append(write)
        for place, several in written.items():
            self._register(place, several)
        for item in dict.fromkeys((p.field, p.item) for p in written if p.name is not None):
            self._trash_again(*item)

    def _register(self, place: Place, written: list[Write]) -> None:
        field, item, name = place
        if item is not None and name is not None and not self._lives(field, item):
            self._leave(field, Because.IN_TRASH)  # a value of it would bring it back
            return
        origins = {write.origin for write in written}
        dots = tuple(
            entry.dot
            for entry in self._entries(place)
            if entry.dot in self.own or self._stands_for(entry, origins)
        )
        if not dots:
            self._leave(field, Because.CHANGED_SINCE)
            return
        held = self.history.held(written[-1])
        value, over, ordinary = ABSENT if held is None else held.value, None, self.redo
        if held is not None:
            over = held.dot if held.kind is Kind.WRITTEN else held.over
            ordinary = self.redo and held.kind is not Kind.RESTORED
        if item is None:
            added = self.history.added(field, held)
            if added is not None and not amounts.in_bounds(added):
                value, added = amounts.shown(value, added), None
            self.out.append(Restore(field, value, over, dots, ordinary, added))
        else:
            self.out.append(ItemRestore(field, item, name, value, over, dots, ordinary))

    def _stands_for(self, entry: Entry, origins: set[Dot | None]) -> bool:
        """Whether the actor's own undo or redo brought a write of the action back."""
        return entry.kind is not Kind.WRITTEN and entry.over in origins and self.mine(entry.dot)

    def _entries(self, place: Place) -> list[Entry]:
        field, dot, name = place
        if dot is None:
            return self.state.scalar_of(field).entries
        item = self._item(field, dot)
        if item is None:
            return []
        return (item.position if name is None else item.values.get(name, Scalar())).entries

    # --- sets

    def _take_out(self, operation: Include, one: Applied) -> None:
        found: list[tuple[JSON, tuple[Dot, ...]]] = []
        for form, value in {canonical(value): value for value in operation.values}.items():
            same = [el for el in self._elements(operation.field) if canonical(el.value) == form]
            dots = tuple(el.dot for el in same if el.dot == one.dot)
            if not dots and self._put_back_by_me(operation.field, form, one):
                dots = tuple(el.dot for el in same if self.mine(el.dot))
            if dots:
                found.append((value, dots))
        if found:
            self.out.append(Exclude(operation.field, tuple(found)))
        else:
            self._leave(operation.field, Because.TAKEN_SINCE)

    def _put_back_by_me(self, field: str, form: bytes, one: Applied) -> bool:
        """Whether what is there by the actor stands for what an operation put in and the actor took out."""
        taken_out = self.history.taken_out(field, form, one.dot)
        return any(map(self.mine, taken_out)) and not self.history.had(one, field, form)

    def _put_back(self, operation: Exclude, one: Applied) -> None:
        """Also what somebody put in again since: it is to stay if they take it out."""
        found = tuple(value for value, dots in operation.removed if any(map(one.cause.sees, dots)))
        if found:
            self.out.append(Include(operation.field, found))

    def _elements(self, field: str) -> list[Element]:
        return self.state.fields.get(field, Field()).elements

    # --- items

    def _item(self, field: str, dot: Dot) -> Item | None:
        items = self.state.fields.get(field, Field()).items
        return next((one for one in items if one.dot == dot), None)

    def _lives(self, field: str, dot: Dot) -> bool:
        """Whether an item is there, or will be."""
        item = self._item(field, dot)
        return item is not None and (item.alive or ItemAlive(field, dot) in self.out)

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
        elif all(self.mine(one.dot) for one in item.life):
            self.out.append(ItemAlive(operation.field, operation.item))
        else:
            self._leave(operation.field, Because.OTHERS_TOO)

    def _trash_again(self, field: str, dot: Dot | None) -> None:
        """Take an item away that only the action's own writes had brought back."""
        item = None if dot is None else self._item(field, dot)
        if item is None or not self._only_mine(item.life):
            return
        if self.history.was_dead(self.action[0], item.dot):
            self.out.append(ItemDead(field, item.dot))
