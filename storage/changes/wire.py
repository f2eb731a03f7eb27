"""The arrays that a part is made of on the wire, with their codes and bounds. Only `parts` turns them into operations.

What is `Any` here is a JSON value or a name, which `spelling` may have read from an extension: `parts` checks it.
"""

# ruff: noqa: D101  # each class below is the operation of `storage.crdt.operations` that has its name
from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

MAX_OPERATIONS: Final = 1 << 16  # in one part: an index has 16 bits for the position

Feed = Annotated[int, Meta(ge=-1, lt=1 << 16)]
Number = Annotated[int, Meta(ge=1, lt=1 << 53)]
Index = Annotated[int, Meta(ge=1 << 16, lt=1 << 32)]
WireDot = tuple[Feed, Number, Index]
Maybe = Annotated[tuple[Any, ...], Meta(max_length=1)]  # [value], or [] for no value


class Operation(Struct, array_like=True, forbid_unknown_fields=True, frozen=True, gc=False):
    """An operation as it travels: its tag is the code."""


class Piece(Operation, frozen=True, tag=0):
    last: bool
    data: bytes


class Create(Operation, frozen=True, tag=1):
    id: Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]


class Set(Operation, frozen=True, tag=2):
    values: Any


class Unset(Operation, frozen=True, tag=3):
    fields: tuple[Any, ...]


class Restore(Operation, frozen=True, tag=4):
    field: Any
    value: Maybe
    over: WireDot | None
    dots: tuple[WireDot, ...]
    ordinary: bool
    added: tuple[Any, ...]  # numerator and denominator, or nothing


class Add(Operation, frozen=True, tag=5):
    field: Any
    numerator: Any
    denominator: Any


class Include(Operation, frozen=True, tag=6):
    field: Any
    values: tuple[Any, ...]


class Exclude(Operation, frozen=True, tag=7):
    field: Any
    removed: tuple[tuple[Any, tuple[WireDot, ...]], ...]


class TextEdit(Operation, frozen=True, tag=8):
    field: Any
    update: bytes
    needs: tuple[tuple[Feed, Number], ...]


class ItemNew(Operation, frozen=True, tag=9):
    field: Any
    key: bytes
    values: Any


class ItemSet(Operation, frozen=True, tag=10):
    field: Any
    item: WireDot
    values: Any


class ItemMove(Operation, frozen=True, tag=11):
    field: Any
    item: WireDot
    key: bytes


class ItemRestore(Operation, frozen=True, tag=12):
    field: Any
    item: WireDot
    name: Any
    value: Maybe
    over: WireDot | None
    dots: tuple[WireDot, ...]
    ordinary: bool


class ItemDead(Operation, frozen=True, tag=13):
    field: Any
    item: WireDot


class ItemAlive(Operation, frozen=True, tag=14):
    field: Any
    item: WireDot


class Dead(Operation, frozen=True, tag=15):
    purge: bool


class Alive(Operation, frozen=True, tag=16):
    pass


AnyOperation = (
    Piece
    | Create
    | Set
    | Unset
    | Restore
    | Add
    | Include
    | Exclude
    | TextEdit
    | ItemNew
    | ItemSet
    | ItemMove
    | ItemRestore
    | ItemDead
    | ItemAlive
    | Dead
    | Alive
)
KNOWN: Final = frozenset(range(17))


class WholePart(Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A part with known operations only."""

    collection: Any
    record: WireDot | None
    operations: Annotated[list[AnyOperation], Meta(min_length=1, max_length=MAX_OPERATIONS)]


class LoosePart(Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A part with operations of a later version."""

    collection: Any
    record: WireDot | None
    operations: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=MAX_OPERATIONS)]


class Coded(Struct, array_like=True, frozen=True):
    """What every operation begins with."""

    code: Annotated[int, Meta(ge=0, lt=1 << 31)]
