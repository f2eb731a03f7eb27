"""JSON values of every sort come back as they were put, and are found by equality under any field name."""

import json
from typing import Any

import pytest
from tinydb import Query, TinyDB, where

from tests.support.stores import StorePlace

VALUES: dict[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    "nought": 0,
    "one": 1,
    "one as a float": 1.0,
    "negative nought": -0.0,
    "a tenth": 0.1,
    "the smallest float": 5e-324,
    "the largest float": 1.7976931348623157e308,
    "2**53 + 1": 2**53 + 1,
    "2**53 + 1 as a float": float(2**53) + 2,
    "the largest of 64 bits": 2**63 - 1,
    "over 64 bits": 2**63,
    "under 64 bits": -(2**63) - 1,
    "a hundred digits": 10**100,
    "empty text": "",
    "text": "plain",
    "text that looks like a number": "007",
    "text with a null": "a\0b",
    "text with quotes": '"it\'s" \\ here',
    "lines": "one\r\ntwo\u2028three",
    "greek, arabic, japanese": "ά ب 東京",
    "beyond the basic plane": "😀𝔘",
    "composed and decomposed": "é e\u0301",
    "empty list": [],
    "empty object": {},
    "nested": {"a": [1, [2, {"b": [None, True]}]], "": {"": []}},
    "mixed list": [1, 1.0, True, "1", None, [], {}],
    "long text": "x" * 100_000,
}

ODD_NAMES = [
    "",
    " ",
    "a.b",
    'quo"te',
    "apo'strophe",
    "back\\slash",
    "$",
    "$.a",
    "[0]",
    "#-1",
    "a\0b",
    "naïve",
    "東京",
    "😀",
    "id",
    "doc",
]


def _typed(value: Any) -> str:
    """The value with its types: tells 1 from 1.0 and True."""
    return json.dumps(value)


def _kept(place: StorePlace, value: Any) -> str:
    """How a value comes back; where writes are changes, nought has no sign (rules, canonical form)."""
    return _typed(0.0 if place.kind.changes and _typed(value) == "-0.0" else value)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_value_comes_back_with_its_type(place: StorePlace, value: Any) -> None:
    db = place.open()
    doc_id = db.insert({"value": value})
    for document in (db.get(doc_id=doc_id), db.all()[0], db.get(where("value").exists())):
        assert document is not None
        assert _typed(document["value"]) == _kept(place, value)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_value_is_found_by_equality_among_the_others(db: TinyDB, value: Any) -> None:
    values = list(VALUES.values())
    db.insert_multiple({"value": other} for other in values)
    expected = [n for n, other in enumerate(values, 1) if other == value]
    assert [d.doc_id for d in db.search(where("value") == value)] == expected
    assert db.count(where("value") != value) == len(values) - len(expected)


def test_every_value_is_there_after_reopening(durable_place: StorePlace) -> None:
    durable_place.open().insert_multiple({"value": value} for value in VALUES.values())
    found = durable_place.reopen().all()
    assert [_typed(d["value"]) for d in found] == [
        _kept(durable_place, value) for value in VALUES.values()
    ]


def test_a_lone_surrogate_is_kept_and_found(durable_place: StorePlace) -> None:
    store = durable_place.open()
    store.insert_multiple([{"a": "x\ud800"}, {"a": "x"}, {"lone \udfff": 1}])
    store = durable_place.reopen()
    assert store.all() == [{"a": "x\ud800"}, {"a": "x"}, {"lone \udfff": 1}]
    assert store.count(where("a") == "x\ud800") == 1
    assert store.count(where("lone \udfff") == 1) == 1


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_a_field_may_have_any_name(db: TinyDB, name: str) -> None:
    db.insert_multiple(
        [{name: 1, "other": {name: 5}}, {name: 2, "other": {name: 6}}, {"other": {}}]
    )
    assert [d.doc_id for d in db.search(where(name) == 1)] == [1]
    assert [d.doc_id for d in db.search(where(name) > 0)] == [1, 2]
    assert [d.doc_id for d in db.search(where(name).exists())] == [1, 2]
    assert [d.doc_id for d in db.search(Query().other[name] == 6)] == [2]
    assert [d.doc_id for d in db.search(Query().other.fragment({name: 5}))] == [1]
    assert db.update({name: 3}, where(name) == 2) == [2]
    assert db.get(doc_id=2) == {name: 3, "other": {name: 6}}


def test_a_name_with_a_dot_is_one_field_and_not_a_path(db: TinyDB) -> None:
    db.insert_multiple([{"a.b": 1}, {"a": {"b": 1}}])
    assert [d.doc_id for d in db.search(where("a.b") == 1)] == [1]
    assert [d.doc_id for d in db.search(where("a").b == 1)] == [2]


def test_fields_keep_their_order(db: TinyDB) -> None:
    db.insert({"z": 1, "a": {"y": 1, "b": 2}, "m": 3})
    db.update({"new": 4, "z": 5}, doc_ids=[1])
    document = db.get(doc_id=1)
    assert document is not None
    assert list(document) == ["z", "a", "m", "new"]
    assert list(document["a"]) == ["y", "b"]


def test_a_tuple_is_stored_as_a_list(whole_db: TinyDB) -> None:
    whole_db.insert({"pair": (1, (2, 3))})
    assert whole_db.all() == [{"pair": [1, [2, 3]]}]
    assert whole_db.count(where("pair").any([1])) == 1


def test_a_document_may_be_deep(db: TinyDB) -> None:
    deep: dict[str, Any] = {"n": 1}
    for _ in range(60):
        deep = {"in": deep}
    db.insert(deep)
    query = Query()
    for _ in range(60):
        query = query["in"]
    assert db.count(query.n == 1) == 1
    assert db.count(query.n == 2) == 0
    assert db.all() == [deep]


def test_a_document_may_be_wide(db: TinyDB) -> None:
    wide = {f"field {n}": n for n in range(2_000)}
    db.insert(wide)
    assert db.count(where("field 1999") == 1999) == 1
    assert db.all() == [wide]
