"""The digest that equal states share and different ones do not (`rules.md` 15).

A record's digest is keyed BLAKE2b-256 over canonical msgpack of what its state is: dots by global name, stamps, values
in canonical form, exact sums, fallback flags, life, a text's content hash and the sum of its effective edits. Lanes,
and the form in which a state happens to be kept, do not enter. Records add up modulo 2^256, so that a change of one
costs two digests. Where a write's value stands in canonical form, rule 15's value hash would bind no more.

    facts   = [1, collection, dot, id, life, values, writes, fields]    dot = three elements: lane's name, number, index
    life    = [dot, says] for one claim; [[dot, says], ...] sorted, for more or none
    values  = canonical JSON of the fields in plain form; writes = nil if there are none, else
              [stamp, dot, [[field, stamp, dot], ...]]: the oldest by (stamp, dot); the fields of others, sorted
    fields  = nil, or [[field, scalar, elements, items, text], ...] sorted: fields that are more than that
    scalar  = [sum of all additions, [dot, stamp, kind, fallback, value, sum], ...], best first; sums: "n", "n/d" or nil
    elements = [[dot, stamp, value], ...] in the set's order
    items   = [[dot, life, position, [[name, scalar], ...]], ...] in their order; position is a scalar
    text    = nil or [BLAKE2b-256 of the content, sum of the effective edits' marks as 32 bytes]

Values are bytes of canonical JSON, nil for none; a position key stands behind a zero byte. Dots are flat everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

import msgspec

from storage.crdt.dots import Dot
from storage.crdt.edits import MODULUS, Edits
from storage.crdt.items import Item
from storage.crdt.life import Life
from storage.crdt.scalar import Entry, Scalar
from storage.crdt.sets import Element
from storage.crdt.state import Field, Mark, RecordState
from storage.crdt.values import ABSENT, canonical, utf8_or_bytes

_PERSON: Final = b"CHdigest"
_VERSION: Final = 1
_pack = msgspec.msgpack.Encoder().encode

Name = tuple[bytes, int, int]  # a dot as all replicas know it


class Digester:
    """Digests of one workspace's records. `name_of` gives the name of a change's feed: `Past.name_of`."""

    def __init__(self, key: bytes, name_of: Callable[[int, int], bytes]) -> None:
        self._keyed = blake2b(key=key, digest_size=32, person=_PERSON)
        self._name_of = name_of

    def of(self, state: RecordState) -> int:
        """A record's digest, a number below 2^256."""
        name_of, dot = self._name_of, state.dot
        facts = [
            *(_VERSION, state.collection, name_of(dot[0], dot[1]), dot[1], dot[2], state.id),
            self._life(state.life),
            canonical(state.values),
            self._marks(state) if state.values else None,
            self._fields(state.fields) if state.fields else None,
        ]
        hasher = self._keyed.copy()
        hasher.update(_packed(facts))
        return int.from_bytes(hasher.digest())

    def moved(self, total: int, old: RecordState | int | None, new: RecordState | None) -> int:
        """A workspace's digest, once a record's `old` state (or its digest) has given way to the `new` one."""
        if isinstance(old, RecordState):
            old = self.of(old)
        return (total - (old or 0) + (self.of(new) if new is not None else 0)) % MODULUS

    def _name(self, dot: Dot) -> Name:
        return (self._name_of(dot[0], dot[1]), dot[1], dot[2])

    def _life(self, life: Life) -> list[Any]:
        if len(life) == 1:
            dot, says = life[0]
            return [self._name_of(dot[0], dot[1]), dot[1], dot[2], says]
        return sorted((*self._name(one.dot), int(one.says)) for one in life)

    def _marks(self, state: RecordState) -> list[Any]:
        """Which write each plain value is from: the oldest write, then each field that is from another."""
        base, marks, values = state.base, state.marks, state.values
        rest = len(values) > len(marks)  # some are from `base`
        oldest = base if rest else next(iter(marks.values()))
        for mark in marks.values():
            if mark is not oldest and mark[1] <= oldest[1]:
                oldest = min(mark, oldest, key=self._age)
        name_of, since = self._name_of, oldest[1]
        others = []
        for field, mark in marks.items():
            (lane, number, at), stamp = mark
            if mark is not oldest and (stamp != since or mark != oldest):
                others.append((field, stamp, name_of(lane, number), number, at))
        if rest and base != oldest:
            named = (base[1], *self._name(base[0]))
            others += [(field, *named) for field in values if field not in marks]
        others.sort()
        lane, number, at = oldest[0]
        return [since, name_of(lane, number), number, at, others]

    def _age(self, mark: Mark) -> tuple[int, Name]:
        return (mark[1], self._name(mark[0]))

    def _fields(self, fields: dict[str, Field]) -> list[Any]:
        return [[name, *self._field(fields[name])] for name in sorted(fields)]

    def _field(self, field: Field) -> list[Any]:
        return [
            self._scalar(field.scalar),
            [self._element(one) for one in field.elements],
            [self._item(one) for one in field.items],
            None if field.edits is None else self._edits(field.edits),
        ]

    def _scalar(self, scalar: Scalar) -> list[Any]:
        return [_exactly(scalar.loose), *(self._entry(one) for one in scalar.entries)]

    def _entry(self, entry: Entry) -> list[Any]:
        value = None if entry.value is ABSENT else _value(entry.value)
        kind = [int(entry.kind), entry.fallback]
        return [*self._name(entry.dot), entry.stamp, *kind, value, _exactly(entry.total)]

    def _element(self, one: Element) -> list[Any]:
        return [*self._name(one.dot), one.stamp, canonical(one.value)]

    def _item(self, item: Item) -> list[Any]:
        values = [[name, *self._scalar(item.values[name])] for name in sorted(item.values)]
        return [*self._name(item.dot), self._life(item.life), self._scalar(item.position), values]

    def _edits(self, edits: Edits) -> list[Any]:
        return [edits.hash, edits.total.to_bytes(32)]


def _value(value: Any) -> bytes:
    """A position key is bytes already; anything else stands in canonical form, which cannot start with a zero."""
    return b"\0" + value if isinstance(value, bytes) else canonical(value)


def _exactly(total: Any) -> str | None:
    return None if total is None else str(total)


def _packed(facts: Any) -> bytes:
    try:
        return _pack(facts)
    except UnicodeEncodeError:  # a name holds half a character
        return _pack(utf8_or_bytes(facts))
