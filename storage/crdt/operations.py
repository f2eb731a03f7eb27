"""The operations on one record (`rules.md` 2, 5-13). Frozen values: what they do stands in the module of each family.

1. An operation names fields by slug and other operations by dot; a dot counts only if the operation's author saw it.
2. Values are normal (`values`), amounts exact and in bounds (`amounts`), position keys in bounds (`keys`).
3. Every operation of `CONTENT` also sets its record alive (rule 12).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, TypeAlias

import msgspec

from storage.crdt.dots import Dot, Ref
from storage.crdt.values import JSON, Value


class Create(msgspec.Struct, frozen=True):
    """A new record, whose identity is this operation's dot. `id` is the 63-bit id it would like (rule 3)."""

    id: int


class Set(msgspec.Struct, frozen=True):
    """Writes fields; covers each value of them that its author saw (rule 5)."""

    values: dict[str, JSON]


class Unset(msgspec.Struct, frozen=True):
    """Leaves fields without a value, as `Set` would write one."""

    fields: tuple[str, ...]


class Restore(msgspec.Struct, frozen=True):
    """Undo or redo of a write of a field (rule 6): writes `value`, covers only `dots`.

    `over` is the write whose value comes back, None if that was to have no value. A redo is `ordinary`. `added` is the
    exact sum of the additions that come back with the value (rule 7).
    """

    field: str
    value: Value
    over: Dot | None
    dots: tuple[Dot, ...]
    ordinary: bool = False
    added: Fraction | None = None


class Add(msgspec.Struct, frozen=True):
    """Adds to a number (rule 7)."""

    field: str
    amount: Fraction


class Include(msgspec.Struct, frozen=True):
    """Puts values into a set; each has this dot (rule 8)."""

    field: str
    values: tuple[JSON, ...]


class Exclude(msgspec.Struct, frozen=True):
    """Takes values out of a set, as far as they are there by the dots named (rule 8)."""

    field: str
    removed: tuple[tuple[JSON, tuple[Dot, ...]], ...]


class TextEdit(msgspec.Struct, frozen=True):
    """Edits a long text: Loro's update, and the changes with the edits that it builds on (rule 10)."""

    field: str
    update: bytes
    needs: tuple[Ref, ...]


class ItemNew(msgspec.Struct, frozen=True):
    """A new item of an ordered list, whose identity is this operation's dot (rules 9, 11)."""

    field: str
    key: bytes
    values: dict[str, JSON]


class ItemSet(msgspec.Struct, frozen=True):
    """Writes values of an item, each as `Set` writes a field."""

    field: str
    item: Dot
    values: dict[str, JSON]


class ItemMove(msgspec.Struct, frozen=True):
    """Gives an item another position key. No content: it brings nothing back to life (rule 12)."""

    field: str
    item: Dot
    key: bytes


class ItemRestore(msgspec.Struct, frozen=True):
    """`Restore` inside an item; with no `name` it is the position that comes back, `value` being the key."""

    field: str
    item: Dot
    name: str | None
    value: Value
    over: Dot | None
    dots: tuple[Dot, ...]
    ordinary: bool = False


class ItemDead(msgspec.Struct, frozen=True):
    """Takes an item away, as `Dead` does a record."""

    field: str
    item: Dot


class ItemAlive(msgspec.Struct, frozen=True):
    """Brings an item back."""

    field: str
    item: Dot


class Dead(msgspec.Struct, frozen=True):
    """Into the trash; with `purge`, deleted for good as far as people see (rules 12, 13)."""

    purge: bool = False


class Alive(msgspec.Struct, frozen=True):
    """Out of the trash (rule 12)."""


ScalarOperation: TypeAlias = Set | Unset | Restore | Add
SetOperation: TypeAlias = Include | Exclude
ItemOperation: TypeAlias = ItemNew | ItemSet | ItemMove | ItemRestore | ItemDead | ItemAlive
LifeOperation: TypeAlias = Create | Dead | Alive
Operation: TypeAlias = ScalarOperation | SetOperation | TextEdit | ItemOperation | LifeOperation

CONTENT: Final[frozenset[type]] = frozenset(
    {
        *(Create, Set, Unset, Restore, Add, Include, Exclude, TextEdit),
        *(ItemNew, ItemSet, ItemRestore, ItemDead, ItemAlive),
    }
)


def fields_of(operation: Operation) -> tuple[str, ...]:
    """The fields of the record that an operation touches; life touches none."""
    match operation:
        case Set(values=values):
            return tuple(values)
        case Unset(fields=fields):
            return fields
        case Create() | Dead() | Alive():
            return ()
        case _:
            return (operation.field,)
