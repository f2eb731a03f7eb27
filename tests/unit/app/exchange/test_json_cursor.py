"""JSON read piece by piece: exact values, and errors with their place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange import json_cursor
from app.exchange.errors import BadJsonError
from app.exchange.json_cursor import TOO_LARGE, JsonCursor, NumberText, too_deep

JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=12,
)  # fmt: skip


def cursor(text: str, size: int = 7) -> JsonCursor:
    pieces: Iterator[str] = (text[at : at + size] for at in range(0, len(text), size))
    return JsonCursor(pieces)


def items(text: str, size: int = 7) -> list[Any]:
    found = cursor(text, size)
    return [found.value() for _ in found.items()]


@given(st.lists(JSON_VALUES, max_size=5), st.integers(1, 40), st.booleans())
def test_values_are_what_the_whole_text_says(
    values: list[Any], size: int, ascii_only: bool
) -> None:
    text = json.dumps(values, ensure_ascii=ascii_only, indent=size % 3 or None)
    assert items(text, size) == values


@given(st.lists(JSON_VALUES, min_size=1, max_size=5), st.integers(1, 40))
def test_a_value_can_be_passed_over_without_holding_it(values: list[Any], size: int) -> None:
    found = cursor(json.dumps(values) + " 7", size)
    found.skip()
    assert found.value() == 7


def test_nothing_is_rounded_or_lost() -> None:
    big = 10**300
    text = f'[{big}, 0.1000000000000000055, 1.50, 1e5, "\\ud800", {{"a": 1, "a": 2}}]'
    found = cursor(text)
    values = [found.value() for _ in found.items()]
    assert values == [big, "0.1000000000000000055", "1.50", "1e5", "\ud800", {"a": 1, "a 2": 2}]
    assert [value.exact for value in values[1:4]] == [None, 1.5, 100000.0]
    assert found.oddities.doubled_names == 1


@pytest.mark.parametrize("text", ["1e400", "-1e999999999", "Infinity"])
def test_a_number_beyond_floats_has_no_float(text: str) -> None:
    (value,) = items(f"[{text}]")
    assert type(value) is NumberText
    assert value.exact is None


def test_an_exponent_of_any_size_costs_nothing() -> None:
    (value,) = items("[1e-99999999]")
    assert value.exact is None


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("[1, 2\n, }", 2, 3, "a value is missing"),
        ("[1 2]", 1, 4, "a comma"),
        ("[1,\n  nope]", 2, 3, '"nope" is no value'),
        ('[{"a":1,}]', 1, 9, "a name in double quotes"),
        ('[{"a" 1}]', 1, 7, "a colon"),
        ('[1,\n"abc', 2, 1, "the file ends"),
        ("[1,2", 1, 5, "the end of the file"),
        ("[1,]", 1, 4, "after the comma"),
        ("[" * 100_000, 1, 2, "nested too deep"),
        ("[" + "[" * 70 + "]" * 71, 1, 2, "more than 64 deep"),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_an_error_names_line_and_column(
    text: str, line: int, column: int, what: str, size: int
) -> None:
    with pytest.raises(BadJsonError, match=what) as error:
        items(text, size)
    assert (error.value.line, error.value.column) == (line, column)


def test_a_value_that_is_too_large_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_cursor, "MAX_RECORD_CHARS", 100)
    large = json.dumps({"a": 'x"\\[{' * 200, "b": [1, {"c": "]"}]})
    assert items(f'[{{"n": 1}}, {large}, {{"n": 2}}]') == [{"n": 1}, TOO_LARGE, {"n": 2}]


def test_depth_is_counted_in_lists_and_objects() -> None:
    assert not too_deep({"a": [1]}, 2)
    assert too_deep({"a": [[1]]}, 2)
