"""What a document may hold, and that it comes back as it was."""

from collections import OrderedDict
from enum import IntEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import DamagedTextError, RefusedValueError, Store
from storage.codec import MAX_DEPTH, decode, encode, plain

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec=None))
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
)


class Size(IntEnum):
    SMALL = 1


@given(st.dictionaries(st.text(st.characters(codec=None), max_size=5), VALUES, max_size=5))
def test_any_json_document_comes_back_exactly(document: dict[str, object]) -> None:
    back = decode(encode(plain(document)))
    assert back == document
    assert repr(back) == repr(document)  # 1 is not 1.0, True is not 1


def test_a_plain_document_is_taken_as_it_is() -> None:
    document = {"a": [1, {"b": None}]}
    assert plain(document) is document


def test_mappings_tuples_and_enums_become_plain_values() -> None:
    document = OrderedDict(a=(1, 2), b=OrderedDict(c=Size.SMALL))
    assert plain(document) == {"a": [1, 2], "b": {"c": 1}}
    assert type(plain(document)["b"]["c"]) is int


def test_keys_become_text_as_json_makes_them() -> None:
    assert plain({2: "a", None: "b", True: "c", 1.5: "d"}) == {
        "2": "a",
        "null": "b",
        "true": "c",
        "1.5": "d",
    }


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_refused_and_named(value: float) -> None:
    with pytest.raises(RefusedValueError, match=r"price: .*not a number.*Nothing was written"):
        plain({"price": value})


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object(), {"a": object()}, [b""], 1j])
def test_what_json_cannot_hold_is_refused_by_both_names(value: object) -> None:
    with pytest.raises(TypeError, match="cannot hold"):
        plain({"field": value})
    with pytest.raises(ValueError, match="field"):
        plain({"field": value})


def test_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(RefusedValueError, match="two keys become the same name '1'"):
        plain({1: "a", "1": "b"})


def test_nesting_is_bounded() -> None:
    value: object = 1
    for _ in range(MAX_DEPTH + 2):
        value = [value]
    with pytest.raises(RefusedValueError, match="nested more than"):
        plain({"deep": value})


def test_text_that_is_no_json_any_more_is_damage_in_words() -> None:
    with pytest.raises(DamagedTextError, match=r"not what was written.*commonhold verify"):
        decode('{"a": 1')
    with pytest.raises(DamagedTextError):
        decode(None)  # type: ignore[arg-type]  # what a damaged row gives
    store = Store()
    store.info["name"] = "x"
    with store._engine.writing() as connection:
        connection.execute("UPDATE info SET v = '{'")
    with pytest.raises(DamagedTextError):
        store.info["name"]
