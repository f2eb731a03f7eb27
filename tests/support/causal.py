"""Random causal histories of one record, written by replicas that hear of each other in any order, and their past.

A history is the list of changes that its replicas made. Each change stands after all that its author saw, so the list
itself is one delivery order; `reordered` draws another.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import blake2b

from storage.crdt import keys
from storage.crdt.dots import Cause, Dot, Ref, index_of
from storage.crdt.items import Item
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
    ItemSet,
    Operation,
    Set,
    TextEdit,
    Unset,
    fields_of,
)
from storage.crdt.past import Applied
from storage.crdt.record import absorb, evaluate
from storage.crdt.rules import IN_FORCE, Rules
from storage.crdt.state import Field, RecordState
from storage.crdt.text import Text
from storage.crdt.undo import Reversal
from storage.crdt.undo import undo as reverse
from storage.crdt.values import JSON

RECORD = Dot(0, 1, index_of(1, 0))
COLLECTION = "albums"
VALUES: tuple[JSON, ...] = (1, 1.0, True, 0, -2.5, 10**30, "a", "1", None, [1, {"b": 2, "a": 1.0}])
TAGS: tuple[JSON, ...] = ("red", "green", 1, 1.0, ["red"])
AMOUNTS = (Fraction(1), Fraction(-1), Fraction(5), Fraction(1, 10), Fraction(0.1), Fraction(-7, 4))


@dataclass(frozen=True)
class Change:
    """One change and what it does to the record."""

    cause: Cause
    operations: tuple[Operation, ...]

    @property
    def name(self) -> Ref:
        return Ref(self.cause.lane, self.cause.number)

    def dot(self, position: int = 0) -> Dot:
        return Dot(self.cause.lane, self.cause.number, index_of(1, position))

    def applied(self) -> Iterator[Applied]:
        for at, operation in enumerate(self.operations):
            yield Applied(operation, self.dot(at), self.cause)


@dataclass
class Log:
    """The changes one replica applied: a `Past`."""

    changes: dict[Ref, Change] = field(default_factory=dict)
    texts: dict[str, Text] = field(default_factory=dict)

    def sees(self, later: Dot, earlier: Dot) -> bool:
        if later[:2] == earlier[:2]:
            return later.at > earlier.at
        change = self.changes.get(Ref(*later[:2]))
        return change is not None and change.cause.sees(earlier)

    def stamp_and_hash(self, lane: int, number: int) -> tuple[int, bytes]:
        cause = self.changes[Ref(lane, number)].cause
        return cause.stamp, cause.hash

    def name_of(self, lane: int, number: int) -> bytes:
        return name_of(lane, number)

    def operations(self, record: Dot, field: str) -> Iterable[Applied]:
        assert record == RECORD
        return [one for one in self.all() if field in fields_of(one.operation)]

    def text(self, record: Dot, field: str) -> Text:
        assert record == RECORD
        return self.texts.setdefault(field, Text())

    def all(self) -> list[Applied]:
        return [one for change in self.changes.values() for one in change.applied()]


@dataclass
class Replica:
    """One device: what it applied, and the state that came of it."""

    lane: int
    rules: Rules = IN_FORCE
    log: Log = field(default_factory=Log)
    state: RecordState = field(default_factory=lambda: RecordState(COLLECTION, RECORD))
    actions: list[Change] = field(default_factory=list)  # own ones that can be undone
    undone: list[Change] = field(default_factory=list)  # the undos of own ones, to be redone

    @property
    def seen(self) -> dict[int, int]:
        seen: dict[int, int] = {}
        for lane, number in self.log.changes:
            seen[lane] = max(number, seen.get(lane, 0))
        return seen

    def can_apply(self, change: Change) -> bool:
        mine = self.seen
        cause = change.cause
        needed = {**cause.seen, cause.lane: cause.number - 1}
        return all(number <= mine.get(lane, 0) for lane, number in needed.items())

    def apply(self, *changes: Change) -> None:
        """Absorb changes, each once."""
        for change in changes:
            if change.name in self.log.changes:
                continue
            assert self.can_apply(change)
            self.log.changes[change.name] = change
            for operation, dot, cause in change.applied():
                absorb(self.state, operation, dot, cause, self.log, self.rules)
            for name, one in self.state.fields.items():
                if one.edits is not None and one.edits.text is not None:
                    self.log.texts[name] = one.edits.text

    def write(self, *operations: Operation, stamp: int | None = None) -> Change:
        """Make a change of operations and absorb it; its stamp is later the more its author knows."""
        stamp = len(self.log.changes) if stamp is None else stamp
        seen = self.seen
        number = seen.get(self.lane, 0) + 1
        digest = blake2b(f"{self.lane} {number} {stamp}".encode(), digest_size=32).digest()
        change = Change(Cause(self.lane, number, stamp, digest, seen), operations)
        self.apply(change)
        return change

    def do(self, *operations: Operation, stamp: int | None = None) -> Change:
        """Write as a person's action, which can be undone."""
        change = self.write(*operations, stamp=stamp)
        self.actions.append(change)
        return change

    def undo(
        self, change: Change, *, stamp: int | None = None, redo: bool = False
    ) -> Change | None:
        """Take back an own change, as far as that is possible; gives the change that does it, None if nothing can."""
        found = self.reversal(change, redo=redo)
        return self.write(*found.operations, stamp=stamp) if found.operations else None

    def reversal(self, change: Change, *, redo: bool = False) -> Reversal:
        return reverse(
            list(change.applied()), self.state, self.log.all(), self.log, self.is_mine, redo=redo
        )

    def is_mine(self, dot: Dot) -> bool:
        return dot.lane == self.lane

    def items(self, name: str) -> list[Item]:
        return self.state.fields.get(name, Field()).items


def name_of(lane: int, _number: int = 0) -> bytes:
    """Names of which the order is not that of the lanes."""
    return blake2b(b"%d" % lane, digest_size=16).digest()


def replay(changes: Iterable[Change], rules: Rules = IN_FORCE) -> Replica:
    """A new replica that absorbs changes in the order given."""
    replica = Replica(99, rules)
    replica.apply(*changes)
    return replica


def evaluated(changes: Iterable[Change], rules: Rules = IN_FORCE) -> RecordState | None:
    """The record from scratch."""
    log = Log({change.name: change for change in changes})
    return evaluate(COLLECTION, RECORD, log.all(), log, rules)


def reordered(changes: list[Change], dice: random.Random) -> list[Change]:
    """The same changes in another order in which each stands after what it saw."""
    out: list[Change] = []
    reader = Replica(99)
    waiting = list(changes)
    while waiting:
        change = dice.choice([change for change in waiting if reader.can_apply(change)])
        waiting.remove(change)
        reader.log.changes[change.name] = change
        out.append(change)
    return out


Maker = Callable[[Replica, random.Random], list[Operation]]


def histories(
    dice: random.Random, replicas: int = 3, steps: int = 14, only: tuple[str, ...] = ()
) -> list[Change]:
    """A random history; `only` names the makers of operations to draw from, see `MAKERS`."""
    return played(dice, replicas, steps, only)[0]


def played(
    dice: random.Random, replicas: int = 3, steps: int = 14, only: tuple[str, ...] = ()
) -> tuple[list[Change], list[Replica]]:
    """A random history and its replicas, who did not hear of all of it."""
    devices = [Replica(lane) for lane in range(replicas)]
    made = [devices[0].do(Create(7), Set({"title": "first", "count": 10}), stamp=5)]
    for device in devices[1:]:
        device.apply(made[0])
    makers = [maker for name, maker in MAKERS.items() if not only or name in only]
    for _ in range(steps):
        device = dice.choice(devices)
        hear(device, made, dice)
        change = act(device, dice, makers)
        if change is not None:
            made.append(change)
    return made, devices


def hear(device: Replica, made: list[Change], dice: random.Random) -> None:
    """Apply some of what is new to a device."""
    if dice.random() < 0.4:
        return
    for change in made:
        new = change.name not in device.log.changes and dice.random() < 0.7
        if new and device.can_apply(change):
            device.apply(change)


def act(device: Replica, dice: random.Random, makers: list[Maker]) -> Change | None:
    """One action of one person: edits, an undo or a redo. Clocks are a few ticks apart, so that stamps collide."""
    stamp = dice.randrange(6) + len(device.log.changes) // 4
    chance = dice.random()
    if chance < 0.15 and device.actions:
        made = device.undo(device.actions.pop(), stamp=stamp)
        if made is not None:
            device.undone.append(made)
        return made
    if chance < 0.25 and device.undone:
        return device.undo(device.undone.pop(), stamp=stamp, redo=True)
    device.undone.clear()
    drawn = [dice.choice(makers) for _ in range(dice.choice((1, 1, 2)))]
    operations = [one for maker in dict.fromkeys(drawn) for one in maker(device, dice)]
    return device.do(*operations, stamp=stamp) if operations else None


def _sets(device: Replica, dice: random.Random) -> list[Operation]:
    names = dice.sample(("title", "count", "year", "tags"), dice.choice((1, 1, 2)))
    return [Set({name: dice.choice(VALUES) for name in names})]


def _unsets(device: Replica, dice: random.Random) -> list[Operation]:
    return [Unset((dice.choice(("title", "count", "year")),))]


def _adds(device: Replica, dice: random.Random) -> list[Operation]:
    return [Add(dice.choice(("count", "year")), dice.choice(AMOUNTS))]


def _counts(device: Replica, dice: random.Random) -> list[Operation]:
    return [Set({"count": dice.choice((0, 3, 2.5))})]


def _includes(device: Replica, dice: random.Random) -> list[Operation]:
    return [Include("tags", tuple(dice.choices(TAGS, k=dice.choice((1, 2)))))]


def _excludes(device: Replica, dice: random.Random) -> list[Operation]:
    elements = device.state.fields.get("tags", Field()).elements
    if not elements:
        return []
    value = dice.choice(elements).value
    return [Exclude("tags", ((value, tuple(one.dot for one in elements if one.value is value)),))]


def _dies(device: Replica, dice: random.Random) -> list[Operation]:
    return [Dead(purge=dice.random() < 0.3)]


def _lives(device: Replica, dice: random.Random) -> list[Operation]:
    return [Alive()]


def _edits(device: Replica, dice: random.Random) -> list[Operation]:
    """An edit of a long text, as an editor makes it: opened for writing, edited, closed."""
    edits = device.state.fields.get("body", Field()).edits
    text = device.log.texts.setdefault("body", Text())
    text.write_as(dice.getrandbits(63))
    old = text.content
    at = dice.randint(0, len(old))
    word = dice.choice(("one ", "two ", "grün ", "😀"))
    update = text.edit(old[:at] + word + old[at + dice.choice((0, 0, 3)) :])
    if update is None:
        return []
    return [TextEdit("body", update, edits.heads if edits is not None else ())]


def _items(device: Replica, dice: random.Random) -> list[Operation]:
    there = device.items("steps")
    if not there or dice.random() < 0.4:
        spot = keys.place([item.key for item in there], dice.randint(0, len(there)))
        moves = [ItemMove("steps", there[at].dot, key) for at, key in spot.moved.items()]
        return [*moves, ItemNew("steps", spot.key, {"what": dice.choice(VALUES), "done": False})]
    item = dice.choice(there)
    chance = dice.random()
    if chance < 0.4:
        return [ItemSet("steps", item.dot, {"what": dice.choice(VALUES)})]
    if chance < 0.6:
        return [ItemMove("steps", item.dot, keys.between(None, there[0].key or None))]
    return [ItemDead("steps", item.dot) if item.alive else ItemAlive("steps", item.dot)]


MAKERS: dict[str, Maker] = {
    "sets": _sets,
    "unsets": _unsets,
    "adds": _adds,
    "counts": _counts,
    "includes": _includes,
    "excludes": _excludes,
    "dies": _dies,
    "lives": _lives,
    "edits": _edits,
    "items": _items,
}
