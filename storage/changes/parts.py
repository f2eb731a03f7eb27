"""The operations of one record in one change, to and from msgpack (`rules.md` 2, 17).

A part is [collection, record, operations]; `record` is None where the part's first operation creates it. An operation
is [code, ...]. Owns codes and bounds; knows neither keys nor lanes: dots are put into words of the wire by a function
that is handed in.

1. A code never changes its meaning or its shape: a new meaning gets a new code.
2. An operation with an unknown code is kept where it stands (the bytes of a change are kept whole), counts in the
   indexes of those around it and has no effect here; a later version reads it and computes the record anew.
3. An operation with a known code and another shape makes the part malformed.
4. What is read is normal (`storage.crdt.values`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct

from storage import codec
from storage.changes import spelling, wire
from storage.changes.errors import MalformedChangeError
from storage.crdt import operations as op
from storage.crdt.amounts import in_bounds
from storage.crdt.dots import Dot, Ref
from storage.crdt.keys import is_key
from storage.crdt.values import ABSENT, JSON, Value

MAX_PLAIN_BYTES: Final = 1 << 16  # of all operations in one change

WireDot: TypeAlias = tuple[int, int, int]  # index of the feed (-1: the change's own), number, index
WireRef: TypeAlias = tuple[int, int]  # index of the feed, number
WriteDot: TypeAlias = Callable[[Dot], WireDot]
ReadDot: TypeAlias = Callable[[WireDot], Dot]


class Unknown(Struct, frozen=True):
    """An operation that a later version of the program knows."""

    code: int


class Piece(Struct, frozen=True):
    """A piece of an operation that is too large for one change (rule 20)."""

    last: bool
    data: bytes


PartOperation: TypeAlias = op.Operation | Unknown | Piece


class Part(NamedTuple):
    """What one change does to one record; `record` is None where it creates it."""

    collection: str
    record: Dot | None
    operations: tuple[PartOperation, ...]


# ---------------------------------------------------------------------------------------- writing


def encode(part: Part, write: WriteDot) -> bytes:
    """The plain bytes of a part."""
    record = None if part.record is None else write(part.record)
    made = [_WRITE[type(each)](each, write) for each in part.operations]
    return spelling.encode((part.collection, record, made))


def encode_operation(operation: op.Operation, write: WriteDot) -> bytes:
    """The plain bytes of one operation, for cutting it into pieces."""
    return spelling.encode(_WRITE[type(operation)](operation, write))


def _maybe(value: Value) -> tuple[JSON, ...]:
    return () if value is ABSENT else (value,)


def _added(amount: Fraction | None) -> tuple[int, ...]:
    return () if amount is None else (amount.numerator, amount.denominator)


def _over(dot: Dot | None, write: WriteDot) -> WireDot | None:
    return None if dot is None else write(dot)


def _ref(ref: Ref, write: WriteDot) -> WireRef:
    return write(Dot(ref.lane, ref.number, 0))[:2]


_WRITE: dict[type, Callable[[Any, WriteDot], tuple[Any, ...]]] = {
    Piece: lambda o, _w: (0, o.last, o.data),
    op.Create: lambda o, _w: (1, o.id),
    op.Set: lambda o, _w: (2, o.values),
    op.Unset: lambda o, _w: (3, o.fields),
    op.Restore: lambda o, w: (
        *(4, o.field, _maybe(o.value), _over(o.over, w)),
        *([w(dot) for dot in o.dots], o.ordinary, _added(o.added)),
    ),
    op.Add: lambda o, _w: (5, o.field, o.amount.numerator, o.amount.denominator),
    op.Include: lambda o, _w: (6, o.field, o.values),
    op.Exclude: lambda o, w: (
        *(7, o.field, [(value, [w(dot) for dot in dots]) for value, dots in o.removed]),
    ),
    op.TextEdit: lambda o, w: (8, o.field, o.update, [_ref(ref, w) for ref in o.needs]),
    op.ItemNew: lambda o, _w: (9, o.field, o.key, o.values),
    op.ItemSet: lambda o, w: (10, o.field, w(o.item), o.values),
    op.ItemMove: lambda o, w: (11, o.field, w(o.item), o.key),
    op.ItemRestore: lambda o, w: (
        *(12, o.field, w(o.item), o.name, _maybe(o.value), _over(o.over, w)),
        *([w(dot) for dot in o.dots], o.ordinary),
    ),
    op.ItemDead: lambda o, w: (13, o.field, w(o.item)),
    op.ItemAlive: lambda o, w: (14, o.field, w(o.item)),
    op.Dead: lambda o, _w: (15, o.purge),
    op.Alive: lambda _o, _w: (16,),
}


# ---------------------------------------------------------------------------------------- reading

_decode_whole = spelling.decoder(wire.WholePart)
_decode_loose = spelling.decoder(wire.LoosePart)
_decode_operation: Callable[[bytes], Any] = spelling.decoder(wire.AnyOperation)
_decode_code = msgspec.msgpack.Decoder(wire.Coded).decode


def decode(plain: bytes, read: ReadDot) -> Part:
    """Read a part. Raises MalformedChangeError."""
    try:
        got = _decode_whole(plain)
        operations = got.operations
    except MalformedChangeError:
        got = _decode_loose(plain)
        operations = [_known_or_not(bytes(raw)) for raw in got.operations]
    record = None if got.record is None else read(got.record)
    made = tuple([_READ[type(each)](each, read) for each in operations])
    creates = [type(each) is op.Create for each in made]
    if any(creates[1:]) or creates[0] != (record is None):
        raise MalformedChangeError("a part creates its record twice, or not where it should")
    return Part(_slug(got.collection), record, made)


def is_piece(plain: bytes) -> bool:
    """Whether a part holds a piece of an operation."""
    try:
        return isinstance(_decode_whole(plain).operations[0], wire.Piece)
    except MalformedChangeError:
        return False  # it has operations of later versions, and a piece has no company


def decode_operation(plain: bytes, read: ReadDot) -> op.Operation | Unknown:
    """Read one operation that came in pieces. Raises MalformedChangeError."""
    got = _known_or_not(plain)
    if type(got) in {wire.Piece, wire.Create}:
        raise MalformedChangeError("a piece of it holds what never comes in pieces")
    made: op.Operation | Unknown = _READ[type(got)](got, read)
    return made


def _known_or_not(raw: bytes) -> Any:
    try:
        code = _decode_code(raw).code
    except (ValueError, RecursionError):
        raise MalformedChangeError("a part of it holds something that is no operation") from None
    return _decode_operation(raw) if code in wire.KNOWN else Unknown(code)


_PLAIN = frozenset({str, int, bool, type(None)})


def _values(values: Any) -> dict[str, JSON]:
    """Fields with their values. All text that `spelling` reads is normal, so only kinds, floats and depth are left."""
    if type(values) is not dict:
        raise MalformedChangeError("a part of it writes fields that are no fields")
    for name, value in values.items():
        if type(name) is not str:
            raise MalformedChangeError("a part of it names something by what is no name")
        if type(value) not in _PLAIN:
            _check(value, 1)
    return values


def _check(value: Any, depth: int) -> None:
    """Raise MalformedChangeError for what is no normal value."""
    kind = type(value)
    if kind in _PLAIN:
        return
    if kind is float and math.isfinite(value) and (value or math.copysign(1.0, value) > 0):
        return
    if depth <= codec.MAX_DEPTH and kind is list:
        for item in value:
            _check(item, depth + 1)
        return
    if depth <= codec.MAX_DEPTH and kind is dict and all(type(name) is str for name in value):
        for item in value.values():
            _check(item, depth + 1)
        return
    raise MalformedChangeError("a part of it holds a value that no record can hold")


def _value(value: Any) -> JSON:
    _check(value, 1)
    return value


def _value_or_none(maybe: tuple[Any, ...]) -> Value:
    return _value(maybe[0]) if maybe else ABSENT


def _text(text: Any) -> str:
    if type(text) is not str:
        raise MalformedChangeError("a part of it names something by what is no name")
    return text


def _slug(text: Any) -> str:
    """A collection's name, which a table of the store must be able to have: half a character is in none."""
    name = _text(text)
    try:
        name.encode()
    except UnicodeEncodeError:
        raise MalformedChangeError("a part of it names a collection by half a character") from None
    return name


def _amount(numerator: Any, denominator: Any) -> Fraction:
    if type(numerator) is int and type(denominator) is int and denominator > 0:
        amount = Fraction(numerator, denominator)
        if amount.denominator == denominator and in_bounds(amount):
            return amount
    raise MalformedChangeError("a part of it adds what is no amount")


def _read_restore(got: wire.Restore, read: ReadDot) -> op.Restore:
    over = None if got.over is None else read(got.over)
    dots = tuple(map(read, got.dots))
    added = _amount(*got.added) if len(got.added) == 2 else None  # noqa: PLR2004  # a fraction
    if got.added and added is None:
        raise MalformedChangeError("a part of it restores what is no sum")
    value = _value_or_none(got.value)
    return op.Restore(_text(got.field), value, over, dots, got.ordinary, added)


def _read_item_restore(got: wire.ItemRestore, read: ReadDot) -> op.ItemRestore:
    over = None if got.over is None else read(got.over)
    name = None if got.name is None else _text(got.name)
    return op.ItemRestore(
        *(_text(got.field), read(got.item), name),
        *(_position(got.value) if name is None else _value_or_none(got.value), over),
        *(tuple(map(read, got.dots)), got.ordinary),
    )


def _position(maybe: tuple[Any, ...]) -> Value:
    return _key(maybe[0] if maybe else None)


def _key(key: Any) -> bytes:
    if type(key) is bytes and is_key(key):
        return key
    raise MalformedChangeError("a part of it puts an item where nothing can stand")


def _read_exclude(got: wire.Exclude, read: ReadDot) -> op.Exclude:
    removed = tuple((_value(value), tuple(map(read, dots))) for value, dots in got.removed)
    return op.Exclude(_text(got.field), removed)


def _read_text(got: wire.TextEdit, read: ReadDot) -> op.TextEdit:
    dots = [read((feed, number, 0)) for feed, number in got.needs]
    needs = tuple(Ref(dot.lane, dot.number) for dot in dots)
    return op.TextEdit(_text(got.field), got.update, needs)


# One row an operation, as in `_WRITE`: what is not needed is named with an underscore.
_READ: dict[type, Callable[[Any, ReadDot], Any]] = {
    Unknown: lambda o, _r: o,
    wire.Piece: lambda o, _r: Piece(o.last, o.data),
    wire.Create: lambda o, _r: op.Create(o.id),
    wire.Set: lambda o, _r: op.Set(_values(o.values)),
    wire.Unset: lambda o, _r: op.Unset(tuple(map(_text, o.fields))),
    wire.Restore: _read_restore,
    wire.Add: lambda o, _r: op.Add(_text(o.field), _amount(o.numerator, o.denominator)),
    wire.Include: lambda o, _r: op.Include(_text(o.field), tuple(map(_value, o.values))),
    wire.Exclude: _read_exclude,
    wire.TextEdit: _read_text,
    wire.ItemNew: lambda o, _r: op.ItemNew(_text(o.field), _key(o.key), _values(o.values)),
    wire.ItemSet: lambda o, r: op.ItemSet(_text(o.field), r(o.item), _values(o.values)),
    wire.ItemMove: lambda o, r: op.ItemMove(_text(o.field), r(o.item), _key(o.key)),
    wire.ItemRestore: _read_item_restore,
    wire.ItemDead: lambda o, r: op.ItemDead(_text(o.field), r(o.item)),
    wire.ItemAlive: lambda o, r: op.ItemAlive(_text(o.field), r(o.item)),
    wire.Dead: lambda o, _r: op.Dead(o.purge),
    wire.Alive: lambda _o, _r: op.Alive(),
}
