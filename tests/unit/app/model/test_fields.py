"""Kinds of fields: what each reads, refuses in words, and shows."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import FieldValueError, KindError
from app.model import fields
from app.model.fields import KINDS, accept, check_kind, icon, parse, show

FILLED = [kind for kind in KINDS if kind not in fields._LATER]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", " as typed ", " as typed "),
        ("longtext", "two\nlines", "two\nlines"),
        ("number", "007", 7),
        ("number", " -3 ", -3),
        ("number", "−3", -3),
        ("number", "2.50", 2.5),
        ("number", ".5", 0.5),
        ("number", "1e3", 1000.0),
        ("number", "9" * 40, int("9" * 40)),
        ("quantity", "12", 12),
        ("percent", "12.5 %", 12.5),
        ("percent", "12.5", 12.5),
        ("currency", "12.50", "12.50"),
        ("currency", "-0.10", "-0.10"),
        ("currency", "1e3", "1000"),
        ("date", "2024-02-29", "2024-02-29"),
        ("datetime", "2026-02-03 10:00", "2026-02-03T10:00:00"),
        ("datetime", "2026-02-03T10:00:05Z", "2026-02-03T10:00:05+00:00"),
        ("datetime", "2026-02-03 10:00 +0100", "2026-02-03T10:00:00+01:00"),
        ("datetime", "2026-02-03", "2026-02-03T00:00:00"),
        ("duration", "1:30", 5400),
        ("duration", "1:30:05", 5405),
        ("duration", "2h 5m", 7500),
        ("duration", "1d", 86400),
        ("duration", "90", 90),
        ("checkbox", "Yes", True),
        ("checkbox", "0", False),
        ("choice", " red ", "red"),
        ("choices", "a, b;a", ["a", "b"]),
        ("tags", '["a, b", "c"]', ["a, b", "c"]),
        (
            "checklist",
            "call\nwrite",
            [{"text": "call", "done": False}, {"text": "write", "done": False}],
        ),
        ("email", "ann@example.org", "ann@example.org"),
        ("phone", "+41 (0)44 123", "+41 (0)44 123"),
        ("url", "example.org/x", "example.org/x"),
        ("barcode", "4006381333931", "4006381333931"),
        ("rating", "4", 4),
        ("rating", "★★★☆☆", 3),
        ("location", "47.5, -8.3", {"lat": 47.5, "lon": -8.3}),
        (
            "location",
            '{"lat": 1, "lon": 2, "label": "home"}',
            {"lat": 1, "lon": 2, "label": "home"},
        ),
    ],
)
def test_text_is_read_by_its_kind(kind, text, value):
    read = parse(kind, text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("number", "1,5", "decimal sign as a point"),
        ("number", "1.234,5", "no number"),
        ("number", "abc", "no number"),
        ("number", "nan", "no number"),
        ("number", "1e999", "no number"),
        ("number", "１２", "no number"),
        ("number", "1_000", "no number"),
        ("number", "9" * 5000, "too many digits"),
        ("quantity", "3 kg", "no number"),
        ("percent", "%", "no number"),
        ("currency", "12,50", "decimal sign as a point"),
        ("currency", "1e200", "hundred digits"),
        ("date", "2026-02-31", "February 2026 has 28 days"),
        ("date", "2026-02-00", "February 2026 has 28 days"),
        ("date", "2026-13-01", "no month 13"),
        ("date", "0000-01-01", "there is no year 0000"),
        ("number", "1e400", '"1e400" is no number that can be kept'),
        ("date", "31.12.2026", "year-month-day"),
        ("datetime", "2026-02-31 10:00", "February 2026 has 28 days"),
        ("datetime", "2026-02-03 25:00", "no such time"),
        ("datetime", "tomorrow", "2026-01-31 14:30"),
        ("duration", "1:75", "no duration"),
        ("duration", "long", "no duration"),
        ("checkbox", "perhaps", "neither yes nor no"),
        ("email", "ann", "no e-mail address"),
        ("phone", "none", "no phone number"),
        ("url", "two words", "no web address"),
        ("barcode", "a\x00b", "no barcode"),
        ("rating", "6", "not within 0 to 5"),
        ("rating", "2.5", "no whole number"),
        ("location", "here", "no place"),
        ("location", "91, 0", "lat of a place"),
        ("checklist", "[1]", "checklist"),
        ("tags", "[1", "not a list"),
        ("formula", "1", "cannot be filled"),
        ("nonsense", "1", "cannot be filled"),
    ],
)
def test_what_a_kind_does_not_take_is_said_in_a_sentence(kind, text, says):
    with pytest.raises(FieldValueError, match=says) as refused:
        parse(kind, text)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("kind", FILLED)
def test_nothing_typed_is_no_value(kind):
    assert parse(kind, "") is None
    assert accept(kind, None) is None
    assert show(kind, None) == ""


@pytest.mark.parametrize("kind", FILLED)
def test_blanks_are_text_only_in_text(kind):
    assert parse(kind, "  ") == ("  " if kind in {"text", "longtext"} else None)


def test_a_choice_is_one_of_those_listed():
    options = {"choices": ["Red", "Green"]}
    assert parse("choice", "red", options) == "Red"
    with pytest.raises(FieldValueError, match=r"not one of the choices \(Red, Green\)"):
        parse("choice", "blue", options)
    with pytest.raises(FieldValueError, match="blue"):
        parse("choices", "Red, blue", options)


def test_units_and_currencies_are_shown_and_may_be_typed():
    assert show("quantity", 3, {"unit": "kg"}) == "3 kg"
    assert parse("quantity", "3 kg", {"unit": "kg"}) == 3
    assert show("currency", "9.90", {"currency": "EUR"}) == "9.90 EUR"
    assert parse("currency", "9.90 EUR", {"currency": "EUR"}) == "9.90"


def test_a_field_may_have_more_stars():
    assert parse("rating", "9", {"max": 10}) == 9


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", True),
        ("number", math.inf),
        ("number", []),
        ("checkbox", 1),
        ("choice", 5),
        ("choices", [1]),
        ("date", 20260101),
        ("duration", -5),
        ("duration", 1.5),
        ("duration", math.inf),
        ("rating", 9),
        ("rating", math.inf),
        ("location", [1, 2]),
        ("location", {"lat": True, "lon": 1}),
        ("checklist", [{"done": True}]),
        ("currency", True),
    ],
)
def test_a_value_of_another_kind_is_refused(kind, value):
    with pytest.raises(FieldValueError):
        accept(kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("number", "5", 5),
        ("currency", 9.5, "9.5"),
        ("currency", 10, "10"),
        ("duration", 90.0, 90),
        ("text", 300, 300),
        ("text", {"a": [1]}, {"a": [1]}),
        ("date", "2026-01-31", "2026-01-31"),
        ("tags", ["a", "a"], ["a"]),
    ],
)
def test_a_fitting_value_is_kept(kind, value, kept):
    assert accept(kind, value) == kept


VALUES = {
    "text": st.text(min_size=1),
    "number": st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    "percent": st.integers() | st.floats(allow_nan=False, allow_infinity=False, width=32),
    "currency": st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
    "date": st.dates().map(str),
    "datetime": st.datetimes().map(lambda moment: moment.isoformat()),
    "duration": st.integers(0, 10**9),
    "checkbox": st.booleans(),
    "tags": st.lists(st.text(min_size=1).filter(str.strip), min_size=1, unique=True),
    "choices": st.lists(st.sampled_from(["a", "b,c", "[d", "e f"]), min_size=1, unique=True),
    "rating": st.integers(0, 5),
    "location": st.fixed_dictionaries({"lat": st.floats(-90, 90), "lon": st.floats(-180, 180)}),
    "checklist": st.lists(
        st.fixed_dictionaries({"text": st.text(), "done": st.booleans()}), min_size=1
    ),
}


@given(st.sampled_from(sorted(VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind])))
def test_what_is_shown_is_read_back_as_the_same_value(pair):
    kind, value = pair
    value = accept(kind, value)
    if value in ([], None):
        return
    assert parse(kind, show(kind, value)) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from([*KINDS, "of the future"]), JSON)
def test_showing_never_fails(kind, value):
    assert isinstance(show(kind, value), str)


@given(st.sampled_from(FILLED), JSON)
def test_accepting_gives_a_value_or_a_sentence(kind, value):
    try:
        accept(kind, value)
    except FieldValueError as refused:
        assert str(refused)  # noqa: PT017 - some values fit


@given(st.sampled_from(FILLED), st.text())
def test_reading_gives_a_value_or_a_sentence(kind, text):
    try:
        parse(kind, text)
    except FieldValueError as refused:
        assert str(refused)  # noqa: PT017 - some texts fit


def test_every_kind_has_an_icon():
    assert all(icon(kind) for kind in [*KINDS, "of the future"])


def test_kinds_of_later_versions_are_refused_by_name():
    with pytest.raises(KindError, match="not in this version yet"):
        check_kind("formula")
    with pytest.raises(KindError) as refused:
        check_kind("numbr")
    assert refused.value.hint == 'Did you mean "number"?'


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (2.5, 2, "2.50"),
        (3, 2, "3.00"),
        (0.0, 1, "0.0"),
        (2.125, 2, "2.125"),
        (1e300, 2, "1e+300"),
        (2.5, "many", "2.5"),
        (2.5, -1, "2.5"),
        (2.5, True, "2.5"),
        (2.5, 2.0, "2.5"),
        ("n/a", 2, "n/a"),
    ],
)
def test_a_field_with_decimals_shows_them_and_hides_no_digit(
    value: object, decimals: object, shown: str
) -> None:
    assert show("number", value, {"decimals": decimals}) == shown
