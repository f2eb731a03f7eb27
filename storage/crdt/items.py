"""Ordered items of a field, as in a checklist (`rules.md` 9, 11): small records inside the field.

Position is a register that nobody is asked about, values are registers, existence is life. Items stand by (position
key, item's dot); the dot is compared by its lane's global name, so that all replicas have one order.
"""

from __future__ import annotations

from storage.crdt.dots import Dot
from storage.crdt.life import Claim, Life, Says, claim, is_alive
from storage.crdt.operations import (
    ItemAlive,
    ItemDead,
    ItemMove,
    ItemNew,
    ItemOperation,
    ItemRestore,
    ItemSet,
)
from storage.crdt.scalar import Scalar
from storage.crdt.step import Step
from storage.crdt.values import ABSENT, JSON


class Item:
    """One item, known by the dot of its creation."""

    __slots__ = ("dot", "life", "position", "values")

    def __init__(
        self,
        dot: Dot,
        life: Life | None = None,
        position: Scalar | None = None,
        values: dict[str, Scalar] | None = None,
    ) -> None:
        self.dot = dot
        self.life = life if life is not None else []
        self.position = position if position is not None else Scalar()
        self.values = values if values is not None else {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Item):
            return NotImplemented
        alike = self.dot == other.dot and set(self.life) == set(other.life)
        return alike and self.position == other.position and self.values == other.values

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Item({self.dot!r}, {self.life!r}, {self.position!r}, {self.values!r})"

    @property
    def alive(self) -> bool:
        """Whether it is shown."""
        return is_alive(self.life)

    @property
    def key(self) -> bytes:
        """Its position key; undo may have left it without one, and then it stands first."""
        shown = self.position.shown
        return shown if isinstance(shown, bytes) else b""

    @property
    def shown(self) -> dict[str, JSON]:
        """Its values."""
        found = ((name, scalar.shown) for name, scalar in self.values.items())
        return {name: value for name, value in found if value is not ABSENT}


def absorb(items: list[Item], operation: ItemOperation, step: Step) -> list[Item]:
    """The items after an operation, in their order. One on an item whose creation does not count has no effect."""
    if isinstance(operation, ItemNew):
        item = Item(step.dot)
        items = [*items, item]
    else:
        found = next((one for one in items if one.dot == operation.item), None)
        if found is None:
            return items
        item = found
    _change(item, operation, step)
    return sorted(items, key=lambda one: _place(one, step))


def shown(items: list[Item]) -> list[dict[str, JSON]]:
    """The items that are alive, in their order."""
    return [item.shown for item in items if item.alive]


def _change(item: Item, operation: ItemOperation, step: Step) -> None:
    match operation:
        case ItemNew(key=key, values=values):
            item.position.write(key, step)
            _write(item, values, step)
        case ItemSet(values=values):
            _write(item, values, step)
        case ItemMove(key=key):
            item.position.write(key, step)
            return  # a position is no content
        case ItemRestore(name=name):
            into = item.position if name is None else item.values.setdefault(name, Scalar())
            into.restore(operation, step)
            if name is None:
                return
        case ItemDead() | ItemAlive():
            pass
    says = Says.DEAD if isinstance(operation, ItemDead) else Says.ALIVE
    item.life = claim(item.life, Claim(step.dot, says), step.cause, step.rules)


def _write(item: Item, values: dict[str, JSON], step: Step) -> None:
    for name, value in values.items():
        item.values.setdefault(name, Scalar()).write(value, step)


def _place(item: Item, step: Step) -> tuple[bytes, bytes, int, int]:
    return (
        item.key,
        step.past.name_of(item.dot.lane, item.dot.number),
        item.dot.number,
        item.dot.at,
    )
