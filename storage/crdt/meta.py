"""A record's state without its shown values, for the row that holds these as its document.

Strict and bounded: what this module did not write is refused with DamagedTextError. The bytes are this store's own:
lanes are local, so they are never compared between replicas or sent.

    meta   = [lane, number, at, base, life, groups, fields, id], ends of Nones left out
    at     = a dot's index, with the bit of part 1 turned, so that it is small
    base   = stamp of the write after the creation | [lane, number, at, stamp]: the write of all fields not named below
    life   = [lane, number, at, says, ...]; None: the creation alone
    groups = [[lane, number, at, stamp - base's, field | [field, ...]], ...]: later writes of fields in plain form
    fields = {field: [scalar, elements, items, edits]}: the others. In an entry no value: the document has it
    id     = the id the record would like, if it has another; -1 if none is known

Names with half a character, which msgpack cannot carry, are bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Annotated, Any, Final, TypeAlias

import msgspec

from storage.crdt.dots import Dot, Ref
from storage.crdt.edits import Edits, Why
from storage.crdt.items import Item
from storage.crdt.life import Claim, Life, Says
from storage.crdt.scalar import Entry, Kind, Scalar
from storage.crdt.sets import Element
from storage.crdt.state import Field, Mark, RecordState
from storage.crdt.values import ABSENT, JSON, Value, canonical, parse, utf8_or_bytes
from storage.errors import DamagedTextError

MAX_BYTES: Final = 1 << 26
_PART_1: Final = 1 << 16
_NO_ID: Final = -1
_IN_DOCUMENT: Final = 8  # flags beside an entry's kind
_FALLBACK: Final = 4
_ABSENT: Final = 16
_KIND: Final = 3
_SAYS: Final = tuple(Says)
_CLAIM: Final = 4  # numbers a claim

_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
_DotParts: TypeAlias = tuple[_Count, _Count, _Count]
_Name: TypeAlias = Any  # str or bytes, which `_read` tells apart: msgspec cannot
_Hash: TypeAlias = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class _Entry(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    lane: _Count
    number: _Count
    at: _Count
    later: int
    flags: _Count
    value: bytes | None = None
    total: str | None = None
    over: tuple[int, _Count, _Count] | None = (
        None  # of any lane: it may be of a change that is not here
    )


class _Scalar(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    entries: list[_Entry]
    loose: str | None = None
    last: list[tuple[_Count, _Count]] = []


class _Element(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    lane: _Count
    number: _Count
    at: _Count
    later: int
    value: bytes | None


class _Item(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    dot: _DotParts
    life: list[_Count]
    position: _Scalar
    values: dict[_Name, _Scalar]


class _Edits(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    hash: _Hash
    total: _Hash
    heads: list[tuple[_Count, _Count]]
    last: list[tuple[_Count, _Count]]
    aside: list[tuple[_Count, _Count, _Count, _Count]]
    content: str | None


class _Field(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    scalar: _Scalar | None
    elements: list[_Element]
    items: list[_Item]
    edits: _Edits | None


class _Meta(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    lane: _Count
    number: _Count
    at: _Count
    base: int | tuple[_Count, _Count, _Count, int]
    life: list[_Count] | None = None
    groups: list[tuple[_Count, _Count, _Count, int, Any]] | None = None
    fields: dict[_Name, _Field] | None = None
    id: int | None = None


_new = tuple.__new__  # half the cost of the named tuples' own, where every record passes
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(_Meta).decode


def encode(state: RecordState, document: Mapping[str, JSON], record_id: int | None) -> bytes:
    """The meta of a state beside the document that shows it (`show.document`) and the id of its row."""
    base = _base(state)
    meta: list[Any] = [*_parts(state.dot), _base_form(state, base)]
    meta += [_life(state), _groups(state, base), _fields(state, base, document)]
    meta.append(None if state.id == record_id else _NO_ID if state.id is None else state.id)
    while meta[-1] is None:
        meta.pop()
    try:
        return _pack(meta)
    except UnicodeEncodeError:
        return _pack(utf8_or_bytes(meta))


def decode(
    meta: bytes, document: dict[str, JSON], collection: str, record_id: int | None
) -> RecordState:
    """The state that `encode` was given, with the same document. Takes the document over. Raises DamagedTextError."""
    if len(meta) > MAX_BYTES:
        raise DamagedTextError("the state of a record is larger than any can be")
    try:
        return _state(_unpack(meta), document, collection, record_id)
    except (ValueError, LookupError, TypeError, ZeroDivisionError, RecursionError) as error:
        raise DamagedTextError(f"the state of a record: {error}") from error


def record_of(meta: bytes) -> Dot | None:
    """Which record a state is of, without its document; None if that cannot be read."""
    try:
        packed = _unpack(meta)
    except (ValueError, TypeError, RecursionError):
        return None
    return _dot(packed.lane, packed.number, packed.at)


def _parts(dot: Dot) -> tuple[int, int, int]:
    return (dot[0], dot[1], dot[2] ^ _PART_1)


def _dot(lane: int, number: int, at: int) -> Dot:
    return Dot(lane, number, at ^ _PART_1)


def _base(state: RecordState) -> Mark:
    """The write that most fields are from, if it would pay to name no fields for it."""
    marks = state.marks
    if 2 * len(marks) <= len(state.values):
        return state.base
    count: dict[Mark, int] = {state.base: len(state.values) - len(marks)}
    for mark in marks.values():
        count[mark] = count.get(mark, 0) + 1
    return max(count, key=lambda mark: count[mark])


def _base_form(state: RecordState, base: Mark) -> Any:
    lane, number, at = base.dot
    if (lane, number, at - 1) == state.dot:
        return base.stamp
    return (lane, number, at ^ _PART_1, base.stamp)


def _life(state: RecordState) -> list[int] | None:
    life = state.life
    if len(life) == 1 and life[0].dot == state.dot and life[0].says is Says.ALIVE:
        return None
    return _claims(life)


def _claims(life: Life) -> list[int]:
    return [
        part for (lane, number, at), says in life for part in (lane, number, at ^ _PART_1, says)
    ]


def _groups(state: RecordState, base: Mark) -> list[list[Any]] | None:
    marks = state.marks
    if base is state.base and not marks:
        return None
    if base is not state.base:
        marks = {name: state.base for name in state.values if name not in marks} | marks
    groups: dict[int, list[Any]] = {}
    for name, mark in marks.items():
        if mark is base or mark == base:
            continue
        group = groups.get(id(mark))
        if group is None:
            (lane, number, at), stamp = mark
            groups[id(mark)] = [lane, number, at ^ _PART_1, stamp - base.stamp, name]
        elif type(group[4]) is list:
            group[4].append(name)
        else:
            group[4] = [group[4], name]
    return list(groups.values()) or None


def _fields(state: RecordState, base: Mark, document: Mapping[str, JSON]) -> Any:
    if not state.fields:
        return None
    return {
        name: _field(field, base.stamp, document.get(name)) for name, field in state.fields.items()
    }


def _field(field: Field, since: int, shown: JSON) -> list[Any]:
    elements = [
        [*_parts(one.dot), one.stamp - since, canonical(one.value)] for one in field.elements
    ]
    return [
        _scalar(field.scalar, since, shown) if field.scalar.entries or field.scalar.last else None,
        _shown_elements(elements, field.elements, shown),
        [_item(one, since) for one in field.items],
        _edits(field.edits, shown) if field.edits else None,
    ]


def _shown_elements(packed: list[list[Any]], elements: list[Element], shown: JSON) -> list[Any]:
    """Without their values, if the document lists just these, one by one."""
    if type(shown) is not list or len(shown) != len(elements):
        return packed
    if all(one is element.value for one, element in zip(shown, elements, strict=True)):
        return [[*one[:-1], None] for one in packed]
    return packed


def _scalar(scalar: Scalar, since: int, shown: JSON) -> list[Any]:
    entries = [_entry(one, since, shown) for one in scalar.entries]
    loose = None if scalar.loose is None else str(scalar.loose)
    return [entries, loose, list(scalar.last.items())]


def _entry(entry: Entry, since: int, shown: JSON) -> list[Any]:
    value, flags = entry.value, int(entry.kind) | (_FALLBACK if entry.fallback else 0)
    form: bytes | None = None
    if value is ABSENT:
        flags |= _ABSENT
    elif isinstance(value, bytes):
        form = value
    elif value is shown and value is not None:
        flags |= _IN_DOCUMENT
    else:
        form = canonical(value)
    total = None if entry.total is None else str(entry.total)
    over = None if entry.over is None else _parts(entry.over)
    out = [*_parts(entry.dot), entry.stamp - since, flags, form, total, over]
    while out[-1] is None:
        out.pop()
    return out


def _item(item: Item, since: int) -> list[Any]:
    values = {name: _scalar(one, since, None) for name, one in item.values.items()}
    return [_parts(item.dot), _claims(item.life), _scalar(item.position, since, None), values]


def _edits(edits: Edits, shown: JSON) -> list[Any]:
    aside = [(*_parts(dot), int(why)) for dot, why in edits.aside.items()]
    content = None if edits.content is shown else edits.content
    total = edits.total.to_bytes(32)
    return [edits.hash, total, edits.heads, list(edits.last.items()), aside, content]


def _read(name: object) -> str:
    if isinstance(name, str):
        return name
    if isinstance(name, bytes):
        return name.decode("utf-8", "surrogatepass")
    raise TypeError("a name is text")


def _state(
    meta: _Meta, document: dict[str, JSON], collection: str, record_id: int | None
) -> RecordState:
    lane, number, at = meta.lane, meta.number, meta.at ^ _PART_1
    dot, start, life = _new(Dot, (lane, number, at)), meta.base, meta.life
    known = record_id if meta.id is None else None if meta.id == _NO_ID else meta.id
    state = RecordState(
        collection,
        dot,
        known,
        life=[_new(Claim, (dot, Says.ALIVE))] if life is None else _life_of(life),
        base=_new(Mark, (_new(Dot, (lane, number, at + 1)), start))
        if isinstance(start, int)
        else Mark(_dot(*start[:3]), start[3]),
    )
    if meta.fields:
        _read_fields(state, meta.fields, document)
    state.values = document
    if meta.groups:
        _read_groups(state, meta.groups)
    return state


def _life_of(parts: list[int]) -> Life:
    if len(parts) == _CLAIM:  # nearly always
        lane, number, at, says = parts
        return [_new(Claim, (_new(Dot, (lane, number, at ^ _PART_1)), _SAYS[says]))]
    if len(parts) % _CLAIM:
        raise ValueError("claims have four parts")
    return [one for at in range(0, len(parts), _CLAIM) for one in _life_of(parts[at : at + _CLAIM])]


def _read_groups(state: RecordState, groups: list[tuple[int, int, int, int, Any]]) -> None:
    values, marks, since = state.values, state.marks, state.base.stamp
    for lane, number, at, later, names in groups:
        mark = _new(Mark, (_new(Dot, (lane, number, at ^ _PART_1)), since + later))
        if type(names) is str and names in values:  # nearly always
            marks[names] = mark
            continue
        for name in names if type(names) is list else (names,):
            field = _read(name)
            if field not in values:
                raise KeyError(field)
            marks[field] = mark


def _read_fields(
    state: RecordState, fields: dict[_Name, _Field], document: dict[str, JSON]
) -> None:
    """Fields in full; what the document shows of them leaves it."""
    since = state.base.stamp
    for spelled, packed in fields.items():
        name = _read(spelled)
        shown = document.pop(name, ABSENT)
        state.fields[name] = Field(
            _scalar_of(packed.scalar, since, shown) if packed.scalar else None,
            _elements_of(packed.elements, since, shown),
            [_item_of(one, since) for one in packed.items],
            _edits_of(packed.edits, shown) if packed.edits else None,
        )


def _scalar_of(
    packed: _Scalar, since: int, shown: Value, value_of: Callable[[bytes], Value] = parse
) -> Scalar:
    entries = []
    for one in packed.entries:
        value: Value = ABSENT
        if one.flags & _IN_DOCUMENT:
            value = _there(shown)
        elif one.value is not None:
            value = value_of(one.value)
        elif not one.flags & _ABSENT:
            raise ValueError("a write has no value")
        entries.append(
            Entry(
                _dot(one.lane, one.number, one.at),
                since + one.later,
                value,
                _fraction(one.total),
                Kind(one.flags & _KIND),
                None if one.over is None else _dot(*one.over),
                bool(one.flags & _FALLBACK),
            )
        )
    return Scalar(entries, _fraction(packed.loose), dict(packed.last))


def _elements_of(packed: list[_Element], since: int, shown: Value) -> list[Element]:
    out = []
    for at, one in enumerate(packed):
        value = _listed(shown)[at] if one.value is None else parse(one.value)
        out.append(Element(_dot(one.lane, one.number, one.at), since + one.later, value))
    return out


def _item_of(packed: _Item, since: int) -> Item:
    return Item(
        _dot(*packed.dot),
        _life_of(packed.life),
        _scalar_of(packed.position, since, ABSENT, bytes),
        {_read(name): _scalar_of(one, since, ABSENT) for name, one in packed.values.items()},
    )


def _edits_of(packed: _Edits, shown: Value) -> Edits:
    edits = Edits()
    edits.content = _there(shown) if packed.content is None else packed.content
    edits.hash, edits.total = packed.hash, int.from_bytes(packed.total)
    edits.heads = tuple(Ref(*ref) for ref in packed.heads)
    edits.last = dict(packed.last)
    edits.aside = {_dot(*one[:3]): Why(one[3]) for one in packed.aside}
    return edits


def _there(shown: Value) -> JSON:
    if shown is ABSENT:
        raise KeyError("a value that the document should hold")
    return shown


def _listed(shown: Value) -> list[JSON]:
    if type(shown) is not list:
        raise KeyError("values that the document should list")
    return shown


def _fraction(text: str | None) -> Fraction | None:
    if text is None:
        return None
    numerator, _, denominator = text.partition("/")
    return Fraction(int(numerator), int(denominator or 1))
