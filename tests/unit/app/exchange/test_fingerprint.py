"""Digests of rows, and bags of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.fingerprint import Bag, Keys, document_digest, row_digest, same
from app.exchange.values import ABSENT

DIGESTS = st.integers(0, 30).map(lambda number: row_digest([number]))


@given(st.lists(DIGESTS), st.lists(DIGESTS))
def test_a_bag_gives_each_as_often_as_it_was_put_in(put: list[bytes], taken: list[bytes]) -> None:
    bag, left = Bag(), Counter(put)
    for digest in put:
        bag.put(digest)
    for digest in taken:
        assert bag.take(digest) is (left[digest] > 0)
        left[digest] -= 1


@given(st.dictionaries(DIGESTS, st.integers(0, 2**63 - 1)))
def test_a_key_leads_to_its_record(records: dict[bytes, int]) -> None:
    keys = Keys()
    for digest, record in records.items():
        assert keys.put(digest, record)
        assert not keys.put(digest, 0)
    assert {digest: keys.get(digest) for digest in records} == records
    assert keys.get(row_digest(["nobody"])) is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (None, ""),
        (None, ABSENT),
        (5, 5.0),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ("\ud800", "\ud800"),
    ],
)
def test_what_a_spreadsheet_changes_on_saving_is_the_same(left: Any, right: Any) -> None:
    assert same(left, right)
    assert row_digest([left]) == row_digest([right])


@pytest.mark.parametrize(
    ("left", "right"),
    [(1, True), (0, False), (0, None), ("1", 1), ("a", "A"), ([], None), (2**70, 2**70 + 1)],
)
def test_what_differs_for_a_person_is_not_the_same(left: Any, right: Any) -> None:
    assert not same(left, right)
    assert row_digest([left]) != row_digest([right])


def test_a_record_is_known_by_the_fields_that_the_file_has() -> None:
    record = {"name": "Ann", "age": 31, "added later": "x"}
    assert document_digest(record, ["name", "age"]) == row_digest(["Ann", 31])
