"""Values in their normal and canonical form."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crdt.values import (
    ABSENT,
    canonical,
    normal,
    normal_fields,
    parse,
    same,
    utf8_or_bytes,
)
from storage.errors import RefusedValueError

texts = st.text(st.characters(exclude_categories=()), max_size=8)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)


@given(values)
def test_a_canonical_form_says_its_value_exactly(value: Any) -> None:
    value = normal(value)
    form = canonical(value)
    assert same(parse(form), value)
    assert canonical(parse(form)) == form


@given(values, values)
def test_two_values_are_the_same_iff_their_forms_are(one: Any, other: Any) -> None:
    one, other = normal(one), normal(other)
    assert same(one, other) == (canonical(one) == canonical(other))


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ({"b": 1, "a": {"d": 2, "c": [True, None]}}, '{"a":{"c":[true,null],"d":2},"b":1}'),
        (1, "1"),
        (1.0, "1.0"),
        (-0.0, "0.0"),
        (1e16, "1e16"),
        (1e-7, "1e-7"),
        (5e-324, "5e-324"),
        (0.1, "0.1"),
        (1 << 70, "1180591620717411303424"),
        ('é\x00\x1f\x7f\n/"\\', '"é\\u0000\\u001f\x7f\\n/\\"\\\\"'),
    ],
)
def test_the_form_of(value: Any, form: str) -> None:
    """Pinned: digests of different releases meet on the wire."""
    assert canonical(normal(value)) == form.encode()


def test_keys_stand_in_the_order_of_their_code_points() -> None:
    assert (
        canonical({"\U00010000": 1, "\uffff": 2, "z": 3})
        == '{"z":3,"\uffff":2,"\U00010000":1}'.encode()
    )
    assert list(parse(canonical({"\ud800": 1, "\U00010000": 2, "\uffff": 3}))) == [
        "\ud800",
        "\uffff",
        "\U00010000",
    ]


def test_an_int_a_float_and_a_truth_are_three_values() -> None:
    assert not same(1, 1.0)
    assert not same(1, True)
    assert not same([1], [1.0])
    assert same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not same(ABSENT, None)
    assert same(ABSENT, ABSENT)


def test_half_a_character_is_kept_and_two_halves_become_one_character() -> None:
    assert canonical(normal("a\ud800é")) == b'"a\xed\xa0\x80\xc3\xa9"'
    assert normal(["\ud83d\ude00"]) == ["😀"]
    assert normal_fields({"\ud83d\ude00": "\ud83d\ude00"}) == {"😀": "😀"}


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, [math.nan], {"a": {1, 2}}, object()]
)
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(RefusedValueError):
        normal(value)


def test_a_normal_value_shares_nothing_with_the_callers() -> None:
    given_list: list[Any] = [1, [2]]
    kept = normal(given_list)
    given_list[1].append(3)
    assert kept == [1, [2]]


def test_damaged_forms_are_no_values() -> None:
    for form in (b"", b"{", b"\xff", b'"\xed\xa0'):
        with pytest.raises(ValueError, match=r"Expecting|decode|Unterminated"):
            parse(form)


def test_msgpack_gets_bytes_for_what_utf8_cannot_carry() -> None:
    assert utf8_or_bytes({"a\ud800": ["é", "\udfff", 1]}) == {
        b"a\xed\xa0\x80": ["é", b"\xed\xbf\xbf", 1]
    }
