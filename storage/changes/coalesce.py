"""What one transaction did, with each record's operations together and nothing in it twice.

Of several writes of one field in a transaction the last one stays: nobody else could ever have seen the others. An
operation that another one of the transaction names by its dot stays as it is, and nothing moves past a change of life,
so that what is left does what all of it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from storage.crdt import operations as op
from storage.crdt.dots import Dot, Ref
from storage.crdt.operations import Operation

OWN: Final = (
    -2
)  # the lane of a dot that names an edit of the same transaction, by its place among the edits


def own(edit: int) -> Dot:
    """The dot by which an edit names an earlier one of its transaction, counted from 0."""
    return Dot(OWN, edit, 0)


class Edit(NamedTuple):
    """One operation on one record; `record` is None for its creation, and then `own(...)` of that edit."""

    collection: str
    record: Dot | None
    operation: Operation


class Item(NamedTuple):
    """An operation that stays, and the edits it stands for."""

    operation: Operation
    edits: tuple[int, ...]


class RecordEdits(NamedTuple):
    """All operations of one record."""

    collection: str
    record: Dot
    items: list[Item]


def coalesce(edits: Sequence[Edit]) -> list[RecordEdits]:
    """The edits by record, in the order in which records were first touched."""
    if len(edits) == 1:
        ((collection, record, operation),) = edits
        return [RecordEdits(collection, record or own(0), [Item(operation, (0,))])]
    records: dict[Dot, _Gathering] = {}
    named = set(_named(edits)) if any(_names_dots(edit.operation) for edit in edits) else set()
    for i, edit in enumerate(edits):
        record = own(i) if edit.record is None else edit.record
        gathering = records.get(record)
        if gathering is None:
            gathering = records[record] = _Gathering(edit.collection)
        gathering.add(edit.operation, i, fixed=i in named)
    return [
        RecordEdits(gathering.collection, record, gathering.items())
        for record, gathering in records.items()
    ]


class _Gathering:
    """The operations of one record so far; None where one has gone into a later one."""

    def __init__(self, collection: str) -> None:
        self.collection = collection
        self._items: list[Item | None] = []
        self._latest: dict[
            str, int
        ] = {}  # of each field, where it was last touched since life changed
        self._loose: set[int] = set()  # what may still change

    def items(self) -> list[Item]:
        """What is left."""
        return [item for item in self._items if item is not None]

    def add(self, operation: Operation, edit: int, *, fixed: bool) -> None:
        """Put an operation after those before it."""
        if not fixed and type(operation) is op.Set and self._joins_set(operation, edit):
            return
        if not fixed and type(operation) is op.Add and self._joins_add(operation, edit):
            return
        if type(operation) in {op.Set, op.Unset}:
            for field in op.fields_of(operation):
                self._drop(field)
        if type(operation) in {op.Dead, op.Alive}:
            self._latest.clear()
            self._loose.clear()
        at = len(self._items)
        self._items.append(Item(operation, (edit,)))
        for field in op.fields_of(operation):
            self._latest[field] = at
        if not fixed and type(operation) in {op.Set, op.Unset, op.Add}:
            self._loose.add(at)

    def _joins_set(self, operation: op.Set, edit: int) -> bool:
        """Let a write go into the last one before it, if nothing between them touched its fields."""
        sets = [at for at in self._loose if type(self._kept(at)) is op.Set]
        at = max(sets, default=-1)
        item = self._items[at] if sets else None
        if item is None or not isinstance(item.operation, op.Set):
            return False
        if any(self._latest.get(field, -1) > at for field in operation.values):
            return False
        values = {**item.operation.values, **operation.values}
        self._items[at] = Item(op.Set(values), (*item.edits, edit))
        self._latest.update(dict.fromkeys(operation.values, at))
        return True

    def _joins_add(self, operation: op.Add, edit: int) -> bool:
        """Let an addition go into the one right before it on its field."""
        at = self._latest.get(operation.field, -1)
        item = self._items[at] if at in self._loose else None
        if item is None or not isinstance(item.operation, op.Add):
            return False
        total = op.Add(operation.field, item.operation.amount + operation.amount)
        self._items[at] = Item(total, (*item.edits, edit))
        return True

    def _drop(self, field: str) -> None:
        """Take out the last write of a field, which is being written again."""
        at = self._latest.get(field, -1)
        item = self._items[at] if at in self._loose else None
        if item is None:
            return
        match item.operation:
            case op.Set(values=values):
                left = {name: value for name, value in values.items() if name != field}
                self._items[at] = Item(op.Set(left), item.edits) if left else None
            case op.Unset(fields=fields):
                rest = tuple(name for name in fields if name != field)
                self._items[at] = Item(op.Unset(rest), item.edits) if rest else None
            case _:
                self._items[at] = None

    def _kept(self, at: int) -> Operation | None:
        item = self._items[at]
        return None if item is None else item.operation


def _names_dots(operation: Operation) -> bool:
    return type(operation) not in {op.Set, op.Create, op.Add, op.Unset, op.Dead, op.Alive}


def _named(edits: Sequence[Edit]) -> Iterator[int]:
    """The edits that others name, creations apart."""
    for edit in edits:
        for dot in _dots(edit.operation):
            if dot.lane == OWN:
                yield dot.number


def _dots(operation: Operation) -> Iterator[Dot | Ref]:
    match operation:
        case op.Restore(over=over, dots=dots) | op.ItemRestore(over=over, dots=dots):
            yield from dots
            if over is not None:
                yield over
        case op.Exclude(removed=removed):
            for _, dots in removed:
                yield from dots
        case op.TextEdit(needs=needs):
            yield from needs
        case _:
            return
