"""Conditions: what they mean, where they point when they cannot be read, and that none can hurt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinydb import TinyDB
from tinydb.storages import MemoryStorage

from app import where
from app.errors import WhereError
from storage import Store

RECORDS = [
    {
        "name": "New York",
        "size": 8,
        "tags": ["big", "East"],
        "price": "10.00",
        "site": {"city": "Leeds"},
    },
    {"name": "york", "size": None, "open": True, "price": "9.5"},
    {"name": 5, "size": 2.5, "tags": [], "and": 1, "Major Genre": "Drama"},
    {"size": "8", "tags": "East", "open": False},
    {"name": 'say "hi"', "size": -3, "price": "no amount", "due": "2026-02-01"},
    {},
]
KINDS = {"price": "currency", "title": "text"}


def found(text):
    query = where.parse(text, KINDS)
    return [number for number, record in enumerate(RECORDS) if query(record)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('name == "New York"', [0]),
        ("name = 'york'", [1]),
        ('name != "york"', [0, 2, 3, 4, 5]),
        ("name <> 'york'", [0, 2, 3, 4, 5]),
        ("size > 2", [0, 2]),
        ("size >= 2.5 and size < 8", [2]),
        ("size <= -3", [4]),
        ('size > "7"', [3]),
        ('due < "2026-03-01"', [4]),
        ("open == true", [1]),
        ("open != true", [0, 2, 3, 4, 5]),
        ("size is null", [1, 5]),
        ("size == null", [1, 5]),
        ("size is not null", [0, 2, 3, 4]),
        ("size != null", [0, 2, 3, 4]),
        ("exists(size)", [0, 2, 3, 4]),
        ("not exists(size)", [1, 5]),
        ("size in [8, 2.5]", [0, 2]),
        ("size in []", []),
        ("size in [null, 8]", [0, 1, 5]),
        ("size not in [8, null]", [2, 3, 4]),
        ('name contains "YORK"', [0, 1]),
        ('name not contains "york"', [2, 3, 4, 5]),
        ('tags contains "East"', [0, 3]),
        ('name startswith "new"', [0]),
        ('name endswith "YORK"', [0, 1]),
        ('name endswith "Yor"', []),
        ('site.city == "Leeds"', [0]),
        ("`Major Genre` == 'Drama'", [2]),
        ("`and` = 1", [2]),
        (r'name == "say \"hi\""', [4]),
        (r'name == "say \u0022hi\u0022"', [4]),
        ("price == 10", [0]),
        ('price = "10.0"', [0]),
        ("price < 10", [1]),
        ("price in [9.50]", [1]),
        ("price != 10", [1, 2, 3, 4, 5]),
        ("size > 5 or name = 'york'", [0, 1]),
        ("size > 5 and name = 'york' or open = false", [3]),
        ("size > 5 and (name = 'york' or open = false)", []),
        ("not (size > 5)", [1, 2, 3, 4, 5]),
        ("not not size > 5", [0]),
        ("NOT size > 5 AND Open = TRUE", []),
        ("size=8", [0]),
        ("  size  =  8  ", [0]),
    ],
)
def test_a_condition_finds_what_it_says(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("   ", 3),
        ("size >", 6),
        ("size > null", 7),
        ("size > true", 7),
        ("size = NY", 7),
        ("(size = 1", 9),
        ("size = 1)", 8),
        ("size 1", 5),
        ("size == 1 name = 2", 10),
        ("and", 0),
        ("size in 5", 8),
        ("size in [1,", 11),
        ("size in [1 2]", 11),
        ("name contains 'a", 14),
        ("name startswith 5", 16),
        ("name contains null", 14),
        ("name is 5", 8),
        ("a..b = 1", 2),
        ("name ~ 5", 5),
        ("exists(5)", 7),
        ("exists(a", 8),
        ("`a = 1", 0),
        ("size = 1.2.3", 7),
        ("size = 12abc", 7),
        ("size = " + "9" * 5000, 7),
    ],
)
def test_a_mistake_is_pointed_at(text, position):
    with pytest.raises(WhereError) as refused:
        where.parse(text)
    assert refused.value.position == position


def test_text_without_quotes_is_answered_with_how_it_is_written():
    with pytest.raises(WhereError, match='texts are written in quotes, like "NY"'):
        where.parse("state == NY")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            "zip == 00501",
            'a code with zeros before it is a text, and written in quotes, like "00501"',
        ),
        ("zip in [1, 007]", 'like "007"'),
        ("due < 2026-06-01", "dates are written in quotes"),
    ],
)
def test_what_would_never_be_found_as_a_number_is_answered_too(text, answer):
    with pytest.raises(WhereError, match=answer):
        where.parse(text)


def test_the_fields_that_are_asked_about_are_told():
    asked = where.read("a = 1 and not (`b c`.d > 2 or exists(e))").paths
    assert asked == {("a",), ("b c", "d"), ("e",)}


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100 + "a=1" + ")" * 100,
        "not " * 100 + "a = 1",
        " or ".join(["a=1"] * 3000),
        "a = 1 " + " " * 30_000,
        f"a in [{','.join(['1'] * 9_999)}]",
    ],
    ids=["deep", "negated", "wide", "long", "list"],
)
def test_what_would_exhaust_the_program_is_refused(text):
    with pytest.raises(WhereError):
        where.parse(text)


def test_two_thousand_comparisons_are_answered():
    query = where.parse(" or ".join(f"a={number}" for number in range(2000)))
    assert query({"a": 1999})
    table = Store().table("t")
    table.insert_multiple([{"a": 1999}, {"a": -1}])
    assert table.count(query) == 1


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_words(text):
    try:
        where.parse(text)
    except WhereError as refused:
        assert 0 <= refused.position <= len(text)  # noqa: PT017 - most texts are refused, some are not


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([2**70, 0.5, -1.5, 1e300, "", "a", "Ab", "b", "1", "10.50", "10.5"]),
    st.lists(st.sampled_from(["a", "Ab", 1, None]), max_size=2),
    st.dictionaries(st.sampled_from(["x"]), st.integers(0, 2), max_size=1),
)
LITERALS = st.sampled_from(['"a"', '"AB"', '"1"', "1", "-1.5", "true", "null", "10.5", "0"])
ORDERED = st.sampled_from(['"a"', '"1"', "1", "-1.5", "0"])
NAMES = st.sampled_from(["a", "b", "a.x", "price"])
COMPARISONS = st.one_of(
    st.tuples(NAMES, st.sampled_from(["==", "!="]), LITERALS).map(" ".join),
    st.tuples(NAMES, st.sampled_from(["<", "<=", ">", ">="]), ORDERED).map(" ".join),
    st.tuples(NAMES, st.lists(LITERALS, max_size=3)).map(
        lambda p: f"{p[0]} in [{', '.join(p[1])}]"
    ),
    st.tuples(
        NAMES, st.sampled_from(["contains", "startswith", "not endswith"]), st.just('"A"')
    ).map(" ".join),
    NAMES.map(lambda name: f"exists({name})"),
    NAMES.map(lambda name: f"{name} is not null"),
)
CONDITIONS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        inner.map(lambda part: f"not ({part})"),
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map(
            lambda p: f"({p[0]}{p[1]}{p[2]})"
        ),
    ),
    max_leaves=4,
)


@given(
    st.lists(st.dictionaries(st.sampled_from(["a", "b", "price"]), VALUES, max_size=3), max_size=6),
    st.lists(CONDITIONS, min_size=1, max_size=4),
)
def test_the_store_finds_what_plain_tinydb_finds_and_nothing_fails(records, texts):
    ours, plain = Store().table("t"), TinyDB(storage=MemoryStorage).table("t")
    ours.insert_multiple(records)
    plain.insert_multiple(records)
    for text in texts:
        query = where.parse(text, KINDS)
        assert [each.doc_id for each in ours.search(query)] == [
            each.doc_id for each in plain.search(query)
        ], text
