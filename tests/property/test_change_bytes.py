"""Changes of all shapes survive their bytes, and bytes that were tampered with are refused or mean what they meant."""

from __future__ import annotations

import contextlib
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.changes import envelope, header, parts, spelling
from storage.changes.absorb import Standing
from storage.changes.coalesce import Edit, coalesce, own
from storage.changes.errors import MalformedChangeError
from storage.changes.header import Dependency, Header
from storage.changes.parts import Part, Piece
from storage.crdt import operations as op
from storage.crdt.dots import Dot, Ref
from storage.crdt.values import ABSENT, normal
from tests.support.changes import Chain, Device, meet

SLUG = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)  # no half of a character
TEXT = st.text(st.characters(), max_size=8) | st.sampled_from(["a\ud800", "\udfff", ""])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(1 << 70), 1 << 70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
).map(normal)
FIELDS = TEXT.map(normal)
DICTS = st.dictionaries(FIELDS, VALUES, max_size=4)
DOTS = st.builds(
    Dot, st.integers(-1, 99), st.integers(1, 1 << 52), st.integers(1 << 16, (1 << 32) - 1)
)
REFS = st.builds(Ref, st.integers(-1, 99), st.integers(1, 1 << 52))
MAYBE = VALUES | st.just(ABSENT)
KEYS = st.binary(min_size=0, max_size=20).map(lambda key: key + b"\x01")
AMOUNTS = st.floats(allow_nan=False, allow_infinity=False).map(Fraction) | st.integers().map(
    Fraction
)
MANY = st.lists(DOTS, max_size=3).map(tuple)
OPERATIONS = st.one_of(
    st.builds(op.Set, DICTS),
    st.builds(op.Unset, st.lists(FIELDS, max_size=3).map(tuple)),
    st.builds(op.Restore, FIELDS, MAYBE, st.none() | DOTS, MANY, st.booleans()),
    st.builds(op.Add, FIELDS, AMOUNTS),
    st.builds(op.Include, FIELDS, st.lists(VALUES, max_size=3).map(tuple)),
    st.builds(op.Exclude, FIELDS, st.lists(st.tuples(VALUES, MANY), max_size=3).map(tuple)),
    st.builds(op.TextEdit, FIELDS, st.binary(max_size=20), st.lists(REFS, max_size=3).map(tuple)),
    st.builds(op.ItemNew, FIELDS, KEYS, DICTS),
    st.builds(op.ItemSet, FIELDS, DOTS, DICTS),
    st.builds(op.ItemMove, FIELDS, DOTS, KEYS),
    st.builds(op.ItemRestore, FIELDS, DOTS, FIELDS, MAYBE, st.none() | DOTS, MANY, st.booleans()),
    st.builds(op.ItemRestore, FIELDS, DOTS, st.none(), KEYS, st.none() | DOTS, MANY, st.booleans()),
    st.builds(op.ItemDead, FIELDS, DOTS),
    st.builds(op.ItemAlive, FIELDS, DOTS),
    st.builds(op.Dead, st.booleans()),
    st.builds(op.Alive),
)


def write(dot: Dot) -> parts.WireDot:
    return dot.lane, dot.number, dot.at


def read(dot: parts.WireDot) -> Dot:
    return Dot(*dot)


def identical(one: object, other: object) -> bool:
    """Equal to the kind of number: 1, 1.0 and True are three values."""
    return one == other and repr(one) == repr(other)


@settings(deadline=None)
@given(SLUG, st.none() | DOTS, st.lists(OPERATIONS, min_size=1, max_size=4))
def test_a_part_survives_its_bytes(collection, record, operations):
    first = (op.Create(7),) if record is None else ()
    there = Part(collection, record, (*first, *operations))
    assert identical(parts.decode(parts.encode(there, write), read), there)


@settings(deadline=None)
@given(VALUES)
def test_a_value_has_one_spelling(value):
    decode = spelling.decoder(object)
    plain = spelling.encode(value)
    assert identical(decode(plain), value)
    assert spelling.encode(decode(plain)) == plain


@settings(deadline=None)
@given(
    st.none() | st.binary(min_size=16, max_size=16),
    st.integers(0, 255),
    st.integers(-(1 << 52), 1 << 52),
    st.lists(
        st.builds(
            Dependency,
            st.binary(min_size=16, max_size=16),
            st.none() | st.binary(min_size=16, max_size=16),
            st.integers(1, 1 << 52),
            st.binary(min_size=32, max_size=32),
            st.integers(0, 1 << 40),
        ),
        max_size=4,
    ).map(tuple),
)
def test_a_header_survives_its_bytes(member, kind, stamp, dependencies):
    there = Header(member, b"action!!", kind, None, stamp, dependencies, (b"f" * 16,))
    assert header.decode(header.encode(there)) == there


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_in_words(raw):
    for decode in (
        envelope.decode,
        header.decode,
        lambda plain: parts.decode(plain, read),
        lambda plain: parts.decode_operation(plain, read),
    ):
        with contextlib.suppress(MalformedChangeError):
            decode(raw)


@settings(deadline=None)
@given(st.data())
def test_a_part_that_is_read_has_no_other_spelling(data):
    there = Part("people", Dot(0, 1, 1 << 16), (data.draw(OPERATIONS), Piece(False, b"")))
    plain = bytearray(parts.encode(there, write))
    at = data.draw(st.integers(0, len(plain) - 1))
    plain[at] = data.draw(st.integers(0, 255))
    try:
        told = parts.decode(bytes(plain), read)
    except MalformedChangeError:
        return
    if not any(isinstance(each, parts.Unknown) for each in told.operations):
        assert parts.encode(told, write) == bytes(plain)


def mutated(chance: random.Random, raw: bytes) -> bytes:
    """The bytes with something about them altered."""
    kind = chance.randrange(5)
    at = chance.randrange(len(raw))
    if kind == 0:
        return raw[:at]
    if kind == 1:
        return raw[:at] + chance.randbytes(chance.randrange(1, 5)) + raw[at:]
    if kind == 2:
        return raw[:at] + raw[at + chance.randrange(1, 9) :]
    if kind == 3:
        other = chance.randrange(len(raw))
        return raw[:at] + raw[other : other + 16] + raw[at + 16 :]
    flipped = bytearray(raw)
    for _ in range(chance.randrange(1, 4)):
        flipped[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


@pytest.mark.parametrize("seed", range(4))
def test_two_thousand_tampered_changes_are_refused_or_harmless(seed):
    chance = random.Random(seed)
    ann, bob = meet("ann", "bob")
    mail, record = ann.create(name="x", n=1, text="y" * 40)
    mail += ann.set(record, name="z")
    bob.take(*mail)
    mail += bob.set(Dot(0, 1, record.at), n=2)
    ann.take(*mail)
    mail += ann.set(record, text="w" * 70_000)
    victim = Device("cid", Chain.of("ann", "bob")).knows(ann, bob)
    for i in range(500):
        raw = mutated(chance, mail[i % len(mail)])
        for outcome in victim.take(raw):
            genuine = outcome.standing in {Standing.ACCEPTED, Standing.DUPLICATE} and raw in mail
            assert genuine or outcome.standing in {Standing.REFUSED, Standing.HELD}
    assert victim.book.applied == []
    victim.take(*mail)
    assert victim.state() == ann.state()
    # What is left names a chain record, or a change before it, that there never was.
    assert victim.log.held_room()[0] < 10


EDITS = st.lists(
    st.one_of(
        st.builds(
            op.Set,
            st.dictionaries(st.sampled_from("abc"), st.integers(0, 9), min_size=1, max_size=3),
        ),
        st.builds(op.Unset, st.sampled_from(["a", "b", "c"]).map(lambda field: (field,))),
        st.builds(op.Add, st.sampled_from("abc"), st.integers(1, 3).map(Fraction)),
        st.builds(op.Dead),
        st.builds(op.Alive),
    ),
    max_size=10,
)


def outcome_of(operations: list[op.Operation]) -> tuple[dict[str, tuple[object, Fraction]], bool]:
    """What one author's operations leave, told the slow way: the fields, and whether the record lives."""
    fields: dict[str, tuple[object, Fraction]] = {}
    alive = True
    for each in operations:
        match each:
            case op.Set(values=values):
                fields.update({name: (value, Fraction(0)) for name, value in values.items()})
            case op.Unset(fields=names):
                fields.update(dict.fromkeys(names, (ABSENT, Fraction(0))))
            case op.Add(field=field, amount=amount):
                value, total = fields.get(field, ("loose", Fraction(0)))
                fields[field] = (value, total + amount)
            case _:
                pass
        alive = type(each) is not op.Dead
    return fields, alive


@settings(deadline=None)
@given(EDITS)
def test_what_is_put_together_does_what_all_of_it_did(operations):
    edits = [Edit("people", None, op.Create(1))]
    edits += [Edit("people", own(0), each) for each in operations]
    (record,) = coalesce(edits)
    left = [item.operation for item in record.items]
    assert outcome_of(left) == outcome_of([edit.operation for edit in edits])
    covered = [edit for item in record.items for edit in item.edits]
    assert len(covered) == len(set(covered))
