"""Record ids by rule 3, and their spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import RecordIds, decode_id, encode_id
from storage.ids import EPOCH_MS


def at(ms: float) -> RecordIds:
    return RecordIds(lambda: (EPOCH_MS + ms) / 1000, device_number=3)


def test_an_id_holds_time_device_and_count() -> None:
    first = at(5000).next(0)
    assert (first >> 22, first >> 6 & 0xFFFF, first & 63) == (5000, 3, 0)
    assert at(5000).next(first) == first + 1


def test_a_full_millisecond_spills_into_the_next() -> None:
    last = 0
    issued = []
    ids = at(7)
    for _ in range(200):
        last = ids.next(last)
        issued.append(last)
    assert issued == sorted(set(issued))
    assert issued[-1] >> 22 == 7 + 3


def test_a_clock_set_back_never_gives_a_lower_id() -> None:
    late = at(10_000).next(0)
    assert at(1).next(late) > late


def test_a_clock_before_2020_still_gives_ids() -> None:
    assert RecordIds(lambda: 0.0).next(0) >= 0


def test_a_device_number_has_sixteen_bits() -> None:
    with pytest.raises(ValueError, match="16 bits"):
        RecordIds(lambda: 0.0, device_number=1 << 16)


@given(st.integers(0, 2**63 - 1))
def test_every_id_is_spelled_in_thirteen_signs_and_read_back(doc_id: int) -> None:
    text = encode_id(doc_id)
    assert len(text) == 13
    assert decode_id(text) == decode_id(text.upper()) == doc_id


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_spelling_keeps_the_order(a: int, b: int) -> None:
    assert (a < b) == (encode_id(a) < encode_id(b))


@pytest.mark.parametrize(
    "text", ["", "0" * 12, "0" * 14, "000000000000u", "z" * 13, "0000000000 00"]
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"sign|record id"):
        decode_id(text)


@pytest.mark.parametrize("number", [-1, 2**63])
def test_numbers_outside_have_no_spelling(number: int) -> None:
    with pytest.raises(ValueError, match="no record id"):
        encode_id(number)
