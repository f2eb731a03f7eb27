"""What a person did to a record, told by its document before and after, in the operations that merge best.

The schema says how a field merges. A list under "set" becomes values put in and taken out, a text under "text" an edit
of it; whatever is of another kind than its family, and every other field, is a write of its value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from storage.crdt.dots import Dot
from storage.crdt.edits import Edits
from storage.crdt.operations import Add, Exclude, Include, Operation, Set, TextEdit, Unset
from storage.crdt.show import Family
from storage.crdt.state import RecordState
from storage.crdt.text import Text
from storage.crdt.values import ABSENT, canonical, normal_fields, same
from storage.schema import is_encodable

Texts = Callable[[Dot | None, str], Text]


def fresh(
    document: dict[str, Any], families: Mapping[str, Family], texts: Texts
) -> list[Operation]:
    """The operations that fill a new record; `document` is in normal form."""
    plain = {name: value for name, value in document.items() if not _special(families, name, value)}
    operations: list[Operation] = [Set(plain)] if plain else []
    for name, value in document.items():
        if name not in plain:
            operations += _into(name, value, families[name], None, None, texts)
    return operations


def between(
    before: Mapping[str, Any],
    document: Mapping[str, Any],
    added: Mapping[str, Fraction],
    state: RecordState,
    families: Mapping[str, Family],
    texts: Texts,
) -> list[Operation]:
    """The operations that make one document the other; `added` names what differs by an addition only."""
    added = {name: n for name, n in added.items() if families.get(name, "number") == "number"}
    values = {
        name: value
        for name, value in document.items()
        if not same(before.get(name, ABSENT), value) and name not in added
    }
    operations: list[Operation] = []
    if values:
        values = normal_fields(values)
        plain = {
            name: value
            for name, value in values.items()
            if not _special(families, name, value)
            and not (name in before and same(before[name], value))
        }
        if plain:
            operations.append(Set(plain))
        for name, value in values.items():
            if _special(families, name, value):
                operations += _into(name, value, families[name], state, before.get(name), texts)
    if not before.keys() <= document.keys():
        gone = tuple(name for name in before if name not in document)
        operations.append(Unset(gone))
        operations += [each for name in gone for each in _taken_out(state, name, ())]
    operations += [Add(name, amount) for name, amount in added.items() if amount]
    return operations


def _special(families: Mapping[str, Family], name: str, value: Any) -> bool:
    match families.get(name):
        case "set":
            return type(value) is list
        case "text":
            return type(value) is str and is_encodable(value)
        case _:
            return False


def _into(
    name: str,
    value: Any,
    family: Family,
    state: RecordState | None,
    before: Any,
    texts: Texts,
) -> list[Operation]:
    if family == "text":
        return _edited(name, value, state, before, texts)
    there = set() if state is None else _there(state, name)
    wanted = {canonical(each): each for each in value}
    new = tuple(each for form, each in wanted.items() if form not in there)
    operations: list[Operation] = [] if state is None else _taken_out(state, name, tuple(wanted))
    if new:
        operations.append(Include(name, new))
    if not wanted:  # nothing is in the set: that it is there, and empty, is a value too
        operations.append(Set({name: []}))
    return operations


def _there(state: RecordState, name: str) -> set[bytes]:
    field = state.fields.get(name)
    return set() if field is None else {canonical(each.value) for each in field.elements}


def _taken_out(state: RecordState, name: str, wanted: tuple[bytes, ...]) -> list[Operation]:
    """Takes everything out of a set that is not wanted."""
    field = state.fields.get(name)
    if field is None:
        return []
    dots: dict[bytes, tuple[Any, list[Dot]]] = {}
    for each in field.elements:
        form = canonical(each.value)
        if form not in wanted:
            dots.setdefault(form, (each.value, []))[1].append(each.dot)
    if not dots:
        return []
    return [Exclude(name, tuple((value, tuple(some)) for value, some in dots.values()))]


def _edited(
    name: str, value: str, state: RecordState | None, before: Any, texts: Texts
) -> list[Operation]:
    field = None if state is None else state.fields.get(name)
    edits = None if field is None else field.edits
    if edits is None and state is not None:
        edits = state.in_full(name).edits = Edits()
    text = texts(None if state is None or not (edits and edits.last) else state.dot, name)
    if edits is not None:
        edits.text = text
    update = text.edit(value)
    if update is None:
        return [] if before is not None else [Set({name: value})]
    return [TextEdit(name, update, () if edits is None else edits.heads)]
