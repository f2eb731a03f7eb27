"""The state of one record as the merge core keeps it (`rules.md` 2).

A field in its plain form, one write that nobody contradicts, is a value in `values` and a mark, which the fields of one
write share; that keeps the common record as small and as quick as its JSON. Anything else is a `Field` with all
families of operations side by side, and goes back to the plain form as soon as it can.

1. `values` holds exactly the fields in plain form, in the order they came; each has its mark in `marks`, else `base`.
2. Only `record` changes a state. Values in it are never changed: they may be shared.
"""

from __future__ import annotations

from typing import NamedTuple

from storage.crdt.dots import Dot
from storage.crdt.edits import Edits
from storage.crdt.items import Item
from storage.crdt.life import Life
from storage.crdt.scalar import Entry, Kind, Scalar
from storage.crdt.sets import Element
from storage.crdt.values import ABSENT, JSON


class Mark(NamedTuple):
    """Where a value in plain form was written, and its author's stamp."""

    dot: Dot
    stamp: int


class Field:
    """A field that is more than one plain value."""

    __slots__ = ("edits", "elements", "items", "scalar")

    def __init__(
        self,
        scalar: Scalar | None = None,
        elements: list[Element] | None = None,
        items: list[Item] | None = None,
        edits: Edits | None = None,
    ) -> None:
        self.scalar = scalar if scalar is not None else Scalar()
        self.elements = elements if elements is not None else []
        self.items = items if items is not None else []
        self.edits = edits

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Field):
            return NotImplemented
        alike = self.scalar == other.scalar and self.elements == other.elements
        return alike and self.items == other.items and self.edits == other.edits

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Field({self.scalar!r}, {self.elements!r}, {self.items!r}, {self.edits!r})"

    @property
    def lone(self) -> Entry | None:
        """The one write, if the field could stand in plain form."""
        scalar = self.scalar
        if self.elements or self.items or self.edits or scalar.loose is not None:
            return None
        if len(scalar.entries) != 1:
            return None
        entry = scalar.entries[0]
        return None if entry.value is ABSENT or entry.kind is not Kind.WRITTEN else entry

    @property
    def empty(self) -> bool:
        """Whether nothing is left."""
        scalar = self.scalar
        has = scalar.entries or scalar.loose is not None or self.elements or self.items
        return not has and self.edits is None


class RecordState:
    """The state of one record; see the module."""

    __slots__ = ("base", "collection", "dot", "fields", "id", "life", "marks", "values")

    def __init__(
        self,
        collection: str,
        dot: Dot,
        record_id: int | None = None,
        *,
        life: Life | None = None,
        base: Mark | None = None,
    ) -> None:
        self.collection = collection
        self.dot = dot  # of its creation
        self.id = record_id  # the id it would like; None while no accepted creation is known
        self.life: Life = [] if life is None else life
        self.base = Mark(dot, 0) if base is None else base
        self.values: dict[str, JSON] = {}
        self.marks: dict[str, Mark] = {}
        self.fields: dict[str, Field] = {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RecordState):
            return NotImplemented
        return self._facts() == other._facts()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"RecordState{self._facts()!r}"

    def mark_of(self, field: str) -> Mark:
        """The mark of a field in plain form."""
        return self.marks.get(field, self.base)

    def scalar_of(self, field: str) -> Scalar:
        """The one value of a field in full, whatever its form; to look at, not to change."""
        found = self.fields.get(field)
        if found is not None:
            return found.scalar
        if field not in self.values:
            return Scalar()
        mark = self.mark_of(field)
        return Scalar([Entry(mark.dot, mark.stamp, self.values[field])])

    def in_full(self, name: str) -> Field:
        """The field in its full form."""
        field = self.fields.get(name)
        if field is None:
            field = self.fields[name] = Field(self.scalar_of(name))
            self.values.pop(name, None)
            self.marks.pop(name, None)
        return field

    def tidy(self, name: str) -> None:
        """Back to the plain form, or away, if the field has become so simple."""
        field = self.fields[name]
        lone = field.lone
        if lone is not None:
            self.values[name] = lone.value
            self.marks[name] = Mark(lone.dot, lone.stamp)
            del self.fields[name]
        elif field.empty:
            del self.fields[name]

    def _facts(self) -> tuple[object, ...]:
        plain = {
            name: (*self.mark_of(name), type(value), value) for name, value in self.values.items()
        }
        return (self.collection, self.dot, self.id, set(self.life), plain, self.fields)
