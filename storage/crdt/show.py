"""What people see of a record's state: its document, whether it is there, what needs deciding (`rules.md` 2, 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

from storage.crdt import items, life, sets
from storage.crdt.dots import Dot
from storage.crdt.scalar import Entry, Scalar
from storage.crdt.state import Field, RecordState
from storage.crdt.values import ABSENT, JSON, Value

Family: TypeAlias = Literal["register", "number", "set", "text", "items"]
_NONE: Final[dict[str, Family]] = {}
_USUAL: Final[tuple[Family, ...]] = ("number", "set", "text", "items")


class Conflict(NamedTuple):
    """A field whose live values differ; the shown one stands first. In an item, `item` and `name` say where."""

    field: str
    siblings: tuple[Entry, ...]
    item: Dot | None = None
    name: str | None = None


def document(state: RecordState, families: Mapping[str, Family] = _NONE) -> dict[str, JSON]:
    """The values that are shown. The schema chooses the family of a field; one with nothing to show gives way.

    A register shows a number as it was written, every other family with what was added to it.
    """
    shown = dict(state.values)
    for name, field in state.fields.items():
        value = _shown(field, families.get(name))
        if value is not ABSENT:
            shown[name] = value
    return shown


def alive(state: RecordState) -> bool:
    """Whether the record is there, and not in the trash (rule 12)."""
    return life.is_alive(state.life)


def brought_back(state: RecordState) -> bool:
    """Whether somebody deleted the record while somebody else edited it, which keeps it (rule 12)."""
    return life.is_brought_back(state.life)


def purged(state: RecordState) -> bool:
    """Whether the record is deleted for good, so not even shown in the trash (rule 13)."""
    return life.is_purged(state.life)


def conflicts(state: RecordState) -> tuple[Conflict, ...]:
    """The fields, and fields of items, with differing live values, by name (rule 5)."""
    found = []
    for name, field in sorted(state.fields.items()):
        if field.scalar.in_conflict:
            found.append(Conflict(name, tuple(field.scalar.siblings)))
        found += [
            Conflict(name, tuple(scalar.siblings), item.dot, inner)
            for item in field.items
            if item.alive
            for inner, scalar in sorted(item.values.items())
            if scalar.in_conflict
        ]
    return tuple(found)


def _shown(field: Field, family: Family | None) -> Value:
    order = _USUAL if family is None else (family, *_USUAL)
    for one in order:
        value = _of(field, one)
        if value is not ABSENT:
            return value
    return ABSENT


def _of(field: Field, family: Family) -> Value:
    match family:
        case "register":
            return _written(field.scalar)
        case "number":
            return field.scalar.shown
        case "set":
            return sets.shown(field.elements) if field.elements else ABSENT
        case "text":
            return field.edits.content if field.edits else ABSENT
        case "items":
            return items.shown(field.items) or ABSENT


def _written(scalar: Scalar) -> Value:
    return scalar.entries[0].value if scalar.entries else ABSENT
