"""Position keys: always room between two, in few bytes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crdt.keys import MAX_BYTES, between, is_key, place, spread

keys = st.binary(min_size=1, max_size=6).map(lambda data: data + b"\x01")


@given(keys, keys)
def test_there_is_a_key_between_any_two(one: bytes, other: bytes) -> None:
    low, high = sorted((one, other))
    if low == high:
        with pytest.raises(ValueError, match="no key between"):
            between(low, high)
    else:
        assert low < between(low, high) < high
    assert between(None, low) < low
    assert between(high, None) > high
    assert is_key(between(low, None))


@pytest.mark.parametrize("where", ["front", "back", "one place", "anywhere"])
def test_many_items_keep_their_order_and_short_keys(where: str, dice: random.Random) -> None:
    line: list[bytes] = []
    for _ in range(600):
        at = {"front": 0, "back": len(line), "one place": min(3, len(line))}.get(where)
        put(line, dice.randint(0, len(line)) if at is None else at)
        assert line == sorted(line)
    assert len(set(line)) == len(line)
    assert all(map(is_key, line))


def test_neighbours_with_one_key_make_room_for_what_comes_between() -> None:
    line = [b"\x10", b"\x20", b"\x20", b"\x20", b"\x30"]
    spot = place(line, 2)
    assert spot.moved
    put(line, 2)
    assert line == sorted(line)
    assert line[1] < line[2] < line[3]


def test_a_key_that_would_get_too_long_moves_its_neighbours() -> None:
    line = [
        b"\x10" + b"\x00" * (MAX_BYTES - 2) + b"\x01",
        b"\x10" + b"\x00" * (MAX_BYTES - 2) + b"\x02",
    ]
    spot = place(line, 1)
    assert spot.moved
    assert len(spot.key) < 4


def test_keys_are_spread_evenly() -> None:
    found = spread(b"\x10", b"\x20", 7)
    assert found == sorted(set(found))
    assert all(len(key) == 1 for key in found)
    assert spread(None, None, 0) == []


@pytest.mark.parametrize("key", [b"", b"\x01\x00", b"\x01" * (MAX_BYTES + 1)])
def test_what_is_no_key(key: bytes) -> None:
    assert not is_key(key)


def put(line: list[bytes], at: int) -> None:
    spot = place(line, at)
    for moved, key in spot.moved.items():
        line[moved] = key
    line.insert(at, spot.key)
