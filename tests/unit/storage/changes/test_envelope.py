"""The bytes of a change: one worked example to the bit, and everything that is no change refused in words."""

from __future__ import annotations

import msgspec
import pytest

from storage.changes import envelope
from storage.changes.envelope import NO_HASH, Clear
from storage.changes.errors import MalformedChangeError, NewerChangeError

CLEAR = Clear(
    version=1,
    workspace=bytes(range(32)),
    feed=b"f" * 16,
    number=2,
    device=None,
    previous=b"p" * 32,
    place=3,
    head=b"h" * 32,
    epoch=1,
    compartment=0,
    salt=b"s" * 24,
    group_end=True,
    part_hashes=(envelope.part_hash(b"0" * 20), envelope.part_hash(b"1" * 30)),
)
PARTS = (b"0" * 20, b"1" * 30)
SIGNATURE = b"!" * 64


def made(**different: object) -> bytes:
    clear = msgspec.structs.replace(CLEAR, **different)
    return envelope.assemble(clear, envelope.encode_clear(clear), SIGNATURE, PARTS).raw


def packed(*fields: object) -> bytes:
    return msgspec.msgpack.encode(fields)


def test_a_change_is_read_as_it_was_made():
    change = envelope.decode(made())
    assert change.clear == CLEAR
    assert change.parts == PARTS
    assert change.signature == SIGNATURE
    assert change.raw == made()
    assert change.whole


def test_the_bytes_of_a_change_never_change():
    assert made().hex() == (
        "93c4df9d01c420000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        "c41066666666666666666666666666666666"
        "02c0c420"
        + "70" * 32
        + "03c420"
        + "68" * 32
        + "0100c418"
        + "73" * 24
        + "c392c420"
        + CLEAR.part_hashes[0].hex()
        + "c420"
        + CLEAR.part_hashes[1].hex()
        + "c440"
        + "21" * 64
        + "92c414"
        + "30" * 20
        + "c41e"
        + "31" * 30
    )
    assert envelope.decode(made()).hash.hex() == (
        "cf95297ddf2a6eea1767796584d1b08f70b512a0f6ff3acd28f896171cabbd91"
    )
    assert CLEAR.part_hashes[0].hex() == (
        "8e2c094daefe048962202aa22b1f9cf9d7b825ac4450d4c27b470ea89b4665e1"
    )


def test_hash_and_part_hashes_stand_when_a_part_is_dropped():
    change = envelope.decode(made())
    less = envelope.decode(envelope.without_parts(change, frozenset({1})))
    assert (less.hash, less.parts) == (change.hash, (PARTS[0], None))
    assert not less.whole


def test_the_first_change_of_a_feed_names_its_device():
    first = made(number=1, device=b"d" * 16, previous=NO_HASH)
    assert envelope.decode(first).clear.device == b"d" * 16


@pytest.mark.parametrize(
    "different",
    [
        {"number": 0},
        {"number": 1 << 53},
        {"number": 1},
        {"device": b"d" * 16},
        {"previous": NO_HASH},
        {"workspace": b"w" * 31},
        {"feed": b"f" * 17},
        {"previous": b"p" * 33},
        {"head": b""},
        {"place": -1},
        {"epoch": -1},
        {"compartment": 1},
        {"salt": b"s" * 23},
        {"part_hashes": ()},
        {"part_hashes": CLEAR.part_hashes[:1]},
        {"part_hashes": CLEAR.part_hashes[::-1]},
        {"part_hashes": (*CLEAR.part_hashes, bytes(32))},
    ],
)
def test_a_field_out_of_bounds_or_out_of_sense_is_refused(different):
    with pytest.raises(MalformedChangeError, match="Nothing was changed"):
        envelope.decode(made(**different))


def test_a_newer_format_is_told_apart_from_nonsense():
    with pytest.raises(NewerChangeError, match="newer version of the program") as caught:
        envelope.decode(made(version=2))
    assert caught.value.version == 2
    signed = packed(7, "whatever", {"comes": "later"})
    with pytest.raises(NewerChangeError, match="format 7"):
        envelope.decode(packed(signed, b"", "more", 1))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xc1",
        made() + b"\0",
        made()[:-1],
        packed(b"", SIGNATURE, PARTS),
        packed(b"", SIGNATURE, []),
        packed(envelope.encode_clear(CLEAR), SIGNATURE[1:], PARTS),
        packed(envelope.encode_clear(CLEAR), SIGNATURE, PARTS, 1),
        packed(envelope.encode_clear(CLEAR) + b"\0", SIGNATURE, PARTS),
        packed(envelope.encode_clear(CLEAR), SIGNATURE, [b"short", PARTS[1]]),
        packed(envelope.encode_clear(CLEAR), SIGNATURE, [b"x" * 20, PARTS[1]]),
        packed("text", SIGNATURE, PARTS),
        b"\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\x91" * 100_000 + b"\xc0",
        b"\x93\xa2\xff\xfe",
        b"x" * (envelope.MAX_CHANGE_BYTES + 1),
    ],
    ids=lambda raw: raw[:12].hex(),
)
def test_bytes_that_are_no_change_are_refused_in_words(raw):
    with pytest.raises(MalformedChangeError, match="What came is not a change"):
        envelope.decode(raw)


def test_another_spelling_of_the_same_change_is_refused():
    raw = made()
    longer_array = b"\xdc\x00\x03" + raw[1:]
    with pytest.raises(MalformedChangeError, match="the one way"):
        envelope.decode(longer_array)
    signed = envelope.encode_clear(CLEAR).replace(
        b"\x03\xc4\x20" + b"h" * 32, b"\xcc\x03\xc4\x20" + b"h" * 32
    )
    with pytest.raises(MalformedChangeError, match="the one way"):
        envelope.decode(packed(signed, SIGNATURE, PARTS))
