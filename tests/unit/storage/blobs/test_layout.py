"""The shape of a sealed file, and what its length tells."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.blobs.layout import CHUNK_BYTES, LEAST_BYTES, MOST_BYTES, Layout, padded

SIZES = st.one_of(
    st.integers(0, 1 << 20),
    st.integers(0, MOST_BYTES),
    st.integers(0, 100).map(lambda n: n * CHUNK_BYTES),
)


@given(SIZES)
def test_padding_adds_an_eighth_at_most_and_never_cuts(size: int) -> None:
    room = padded(size)
    assert size <= room
    assert room == LEAST_BYTES or (room - size) * 8 <= size


@given(SIZES)
def test_padding_a_padded_length_adds_nothing(size: int) -> None:
    assert padded(padded(size)) == padded(size)


def test_contents_up_to_a_gigabyte_have_some_five_hundred_lengths() -> None:
    lengths, size = set(), 0
    while size < 1 << 30:
        lengths.add(padded(size))
        size = padded(size) + 1
    assert len(lengths) < 520


@given(st.integers(0, 1 << 24))
def test_chunks_and_table_follow_each_other_without_a_gap(size: int) -> None:
    layout = Layout(size)
    at = 0
    for number in range(layout.chunks):
        span = layout.chunk(number)
        assert span.at == at
        assert 16 < span.length <= CHUNK_BYTES + 16
        assert layout.is_last(number) == (number == layout.chunks - 1)
        at += span.length
    assert layout.table == (at, 32 * layout.chunks)
    assert layout.sealed == at + 32 * layout.chunks
    assert layout.chunks == math.ceil(layout.padded / CHUNK_BYTES)


@pytest.mark.parametrize(
    ("size", "room"),
    [
        (0, 4096),
        (4096, 4096),
        (4097, 4352),
        (65_536, 65_536),
        (65_537, 67_584),
        (10**9, 1_006_632_960),
    ],
)
def test_lengths_are_those_of_the_document(size: int, room: int) -> None:
    assert padded(size) == room
