"""Header and parts: every operation to bytes and back, and everything that is none refused in words."""

from __future__ import annotations

import math
import struct
from fractions import Fraction

import msgspec
import pytest
from msgspec.msgpack import Ext

from storage.changes import header, parts
from storage.changes.errors import MalformedChangeError
from storage.changes.header import Dependency, Header
from storage.changes.parts import Part, Piece, Unknown
from storage.crdt import operations as op
from storage.crdt.dots import Dot, Ref
from storage.crdt.values import ABSENT

DOT = Dot(4, 7, (1 << 16) + 2)
OTHER = Dot(0, 1 << 40, 1 << 20)
OPERATIONS: list[op.Operation] = [
    op.Set({}),
    op.Set(
        {"name": "Ann", "age": 7, "height": 1.5, "nested": [{"a": None, "b": [True]}], "é": "日本"}
    ),
    op.Set(
        {"big": 1 << 200, "small": -(1 << 63) - 1, "half": "a\ud800", "\udfff": {"\ud801": 2**64}}
    ),
    op.Unset(("a", "b\ud800")),
    op.Restore("a", ABSENT, None, ()),
    op.Restore("a", None, DOT, (DOT, OTHER), ordinary=True),
    op.Restore("n", 3, DOT, (OTHER,), added=Fraction(1, 10)),
    op.Add("n", Fraction(-7)),
    op.Add("n", Fraction(0.1)),
    op.Add("n", Fraction(1 << 90, 1)),
    op.Include("tags", ("a", 1, 1.0, None)),
    op.Exclude("tags", (("a", (DOT,)), (1, ()))),
    op.TextEdit("text", b"\x00update", (Ref(4, 7),)),
    op.ItemNew("list", b"\x80", {"title": "x"}),
    op.ItemSet("list", DOT, {"done": True}),
    op.ItemMove("list", DOT, b"\x01"),
    op.ItemRestore("list", DOT, "done", ABSENT, None, (OTHER,)),
    op.ItemRestore("list", DOT, None, b"\x02", OTHER, (), ordinary=True),
    op.ItemDead("list", DOT),
    op.ItemAlive("list", DOT),
    op.Dead(),
    op.Dead(purge=True),
    op.Alive(),
]


def write(dot: Dot) -> parts.WireDot:
    return dot.lane, dot.number, dot.at


def read(dot: parts.WireDot) -> Dot:
    return Dot(*dot)


def part(*operations: object) -> bytes:
    """A part of hand-made operations."""
    return msgspec.msgpack.encode(["people", [0, 1, 1 << 16], list(operations)])


@pytest.mark.parametrize("operation", OPERATIONS, ids=repr)
def test_an_operation_is_read_as_it_was_written(operation):
    there = Part("people", DOT, (operation,))
    assert parts.decode(parts.encode(there, write), read) == there
    assert parts.decode_operation(parts.encode_operation(operation, write), read) == operation


def test_a_part_may_hold_them_all_and_begin_with_the_creation():
    whole = Part("Ľudia", None, (op.Create((1 << 63) - 1), *OPERATIONS))
    assert parts.decode(parts.encode(whole, write), read) == whole
    assert parts.decode(parts.encode(Part("a", DOT, (Piece(False, b"x"),)), write), read)


def test_the_bytes_of_a_part_never_change():
    made = parts.encode(
        Part(
            "people", None, (op.Create(5), op.Set({"n": 1, "f": 1.0}), op.Add("n", Fraction(1, 2)))
        ),
        write,
    )
    assert made.hex() == (
        "93a670656f706c65c093920105920282a16e01a166cb3ff00000000000009405a16e0102"
    )
    dotted = parts.encode(Part("p", DOT, (op.Exclude("t", (("x", (OTHER,)),)), op.Dead())), write)
    assert dotted.hex() == (
        "93a170930407ce00010002929307a1749192a178919300cf0000010000000000ce00100000920fc2"
    )


def test_numbers_keep_their_kind():
    back = parts.decode(
        parts.encode(Part("p", DOT, (op.Set({"i": 1, "f": 1.0, "b": True}),)), write), read
    )
    values = back.operations[0].values
    assert [type(value) for value in values.values()] == [int, float, bool]


def test_an_operation_of_a_later_version_keeps_its_place_and_is_left_alone():
    read_back = parts.decode(part([2, {"a": 1}], [77, "anything", {"x": [1]}], [15, False]), read)
    assert read_back.operations == (op.Set({"a": 1}), Unknown(77), op.Dead())
    assert parts.decode_operation(msgspec.msgpack.encode([99, 1]), read) == Unknown(99)


NAN = struct.pack(">Bd", 0xCB, math.nan)


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\xc0",
        part(),
        part([2, {"a": 1}])[:-1],
        part([2, {"a": 1}]) + b"\0",
        part([]),
        part(7),
        part([-1]),
        part([2]),
        part([2, {"a": 1}, 5]),
        part([2, [1]]),
        part([2, {1: 2}]),
        part([2, {"a": {1: 2}}]),
        part([2, {"a": b"bytes"}]),
        part([2, {"a": -0.0}]),
        part([2, {"a": math.inf}]),
        part([2, {"a": Ext(9, b"?")}]),
        part([2, {"a": Ext(1, (5).to_bytes(9, "big"))}]),
        part([2, {"a": Ext(1, (1 << 70).to_bytes(20, "big"))}]),
        part([2, {"a": Ext(2, b"plain")}]),
        part([2, {"a": Ext(2, b"\xff")}]),
        part([2, {"a": Ext(2, "\ud83d\ude00".encode("utf-8", "surrogatepass"))}]),
        part([2, {"a": Ext(3, msgspec.msgpack.encode(["plain", 1]))}]),
        part([2, {"a": Ext(3, msgspec.msgpack.encode(["odd"]))}]),
        part([2, {"a": Ext(3, msgspec.msgpack.encode([1, 2]))}]),
        part([2, {"a": Ext(3, b"\xc1")}]),
        part([2, {"a": Ext(-1, bytes(4))}]),
        part([2, {"a": [[[0]]]}]).replace(b"\x91\x91\x91\x00", b"\x91" * 300 + b"\x00"),
        part([2, {"a": 1.5}]).replace(struct.pack(">Bd", 0xCB, 1.5), NAN),
        part([2, {"a": 1.5}]).replace(struct.pack(">Bd", 0xCB, 1.5), struct.pack(">Bf", 0xCA, 1.5)),
        part([2, {"a": 1}]).replace(b"\x81\xa1a\x01", b"\x82\xa1a\x01\xa1a\x01"),
        part([2, {"a": 1}]).replace(b"\xa1a\x01", b"\xa1a\xcc\x01"),
        part([2, {"a": 1}]).replace(b"\xa1a", b"\xd9\x01a"),
        part([3, [1]]),
        part([1, 5]),
        part([2, {"a": 1}], [1, 5]),
        part([1, 1 << 63]),
        part([4, "a", [1, 2], None, [], False]),
        part([4, "a", [1], [0, 0, 1 << 16], [], False]),
        part([4, "a", [1], [0, 1, 5], [], False]),
        part([4, "a", [1], [-2, 1, 1 << 16], [], False]),
        part([5, "n", 1, 0]),
        part([5, "n", 2, 2]),
        part([5, "n", 1, 3]),
        part([5, "n", 1.5, 1]),
        part([5, "n", True, 1]),
        part([5, 7, 1, 1]),
        part([9, "l", b"", {}]),
        part([9, "l", b"\x80\x00", {}]),
        part([9, "l", b"x" * 65, {}]),
        part([11, "l", [0, 1, 1 << 16], "k"]),
        part([12, "l", [0, 1, 1 << 16], None, ["text"], None, [], False]),
        part([12, "l", [0, 1, 1 << 16], None, [], None, [], False]),
        part([12, "l", [0, 1, 1 << 16], 5, [], None, [], False]),
        part([15, 1]),
        part([77, "later"], [2, {"a": 1}, 5]),
        msgspec.msgpack.encode([5, [0, 1, 1 << 16], [[16]]]),
        msgspec.msgpack.encode(["p", None, [[2, {"a": 1}]]]),
        msgspec.msgpack.encode(["p", None, [[16]], "more"]),
        b"\x91" * 100_000 + b"\xc0",
        b"\xdd\xff\xff\xff\xff",
        b"\x93\xa2\xff\xfe\xc0\x90",
    ],
    ids=lambda plain: plain[:40].hex(),
)
def test_what_is_no_part_is_refused_in_words(plain):
    with pytest.raises(MalformedChangeError, match="Nothing was changed"):
        parts.decode(plain, read)


@pytest.mark.parametrize("operation", [[0, True, b"x"], [1, 5], [], 7])
def test_what_never_comes_in_pieces_is_refused(operation):
    with pytest.raises(MalformedChangeError):
        parts.decode_operation(msgspec.msgpack.encode(operation), read)


# ------------------------------------------------------------------------------------- header

HEADER = Header(
    b"m" * 16,
    b"action!!",
    header.UNDO,
    b"undone!!",
    -5,
    (
        Dependency(b"f" * 16, None, 3, b"h" * 32, 7),
        Dependency(b"g" * 16, b"d" * 16, 1, b"i" * 32, 0),
    ),
    (b"f" * 16, b"h" * 32),
)


def test_a_header_is_read_as_it_was_written():
    assert header.decode(header.encode(HEADER)) == HEADER


def test_the_bytes_of_a_header_never_change():
    least = Header(None, b"action!!", 0, None, 1_700_000_000_000)
    assert header.encode(least).hex() == "97c0c408616374696f6e212100c0cf0000018bcfe568009090"
    assert header.encode(HEADER).hex() == (
        "97c410"
        + "6d" * 16
        + "c408616374696f6e212101c408756e646f6e652121fb9295c410"
        + "66" * 16
        + "c003c420"
        + "68" * 32
        + "0795c410"
        + "67" * 16
        + "c410"
        + "64" * 16
        + "01c420"
        + "69" * 32
        + "0092c410"
        + "66" * 16
        + "c420"
        + "68" * 32
    )


@pytest.mark.parametrize(
    "different",
    [
        {"member": b"m"},
        {"action": b"action"},
        {"kind": 256},
        {"kind": -1},
        {"of": b""},
        {"stamp": 1 << 53},
        {"stamp": 1.5},
        {"dependencies": (Dependency(b"f", None, 3, b"h" * 32, 0),)},
        {"dependencies": (Dependency(b"f" * 16, None, 0, b"h" * 32, 0),)},
        {"dependencies": (Dependency(b"f" * 16, None, 1, b"h" * 32, -1),)},
        {"dependencies": HEADER.dependencies * 2000},
        {"feeds": (b"f" * 17,)},
        {"feeds": (b"f" * 15,)},
        {"feeds": (b"f" * 33,)},
    ],
)
def test_a_header_out_of_bounds_is_refused(different):
    with pytest.raises(MalformedChangeError, match="its header"):
        header.decode(header.encode(msgspec.structs.replace(HEADER, **different)))


@pytest.mark.parametrize(
    "plain",
    [b"", b"\xc0", header.encode(HEADER) + b"\0", b"\xdc\x00\x07" + header.encode(HEADER)[1:]],
)
def test_what_is_no_header_is_refused(plain):
    with pytest.raises(MalformedChangeError, match="its header"):
        header.decode(plain)


def test_a_kind_of_a_later_version_is_kept():
    assert header.decode(header.encode(msgspec.structs.replace(HEADER, kind=200))).kind == 200
