"""update, update_multiple and the operations."""

from collections import UserDict
from collections.abc import MutableMapping
from typing import Any

import pytest
from tinydb import TinyDB, where
from tinydb.operations import add, decrement, delete, increment, subtract
from tinydb.operations import set as set_field
from tinydb.table import Document

from tests.support.stores import contents


def test_update_sets_fields_where_the_condition_holds(letters: TinyDB) -> None:
    assert letters.update({"n": 2, "new": None}, where("letter") == "b") == [2]
    assert letters.all() == [
        {"n": 1, "letter": "a"},
        {"n": 2, "letter": "b", "new": None},
        {"n": 1, "letter": "c"},
    ]


def test_update_without_a_condition_takes_all(letters: TinyDB) -> None:
    assert letters.update({"seen": True}) == [1, 2, 3]
    assert letters.count(where("seen") == True) == 3  # noqa: E712 (a query)


def test_update_by_ids_keeps_the_order_asked_and_skips_missing_ones(letters: TinyDB) -> None:
    assert letters.update({"n": 2}, doc_ids=[3, 99, 1]) == [3, 1]
    assert [d["n"] for d in letters] == [2, 1, 2]
    assert letters.update({"n": 3}, doc_ids=iter([2])) == [2]
    assert letters.update({"n": 4}, doc_ids=[]) == []


def test_update_prefers_ids_to_the_condition(letters: TinyDB) -> None:
    assert letters.update({"n": 2}, where("letter") == "a", doc_ids=[2]) == [2]
    assert letters.get(doc_id=1) == {"n": 1, "letter": "a"}


def test_update_that_matches_nothing_returns_no_ids(letters: TinyDB) -> None:
    assert letters.update({"n": 2}, where("letter") == "q") == []
    assert letters.count(where("n") == 1) == 3


def test_update_overwrites_a_nested_value_whole(db: TinyDB) -> None:
    db.insert({"a": {"b": 1, "c": 2}})
    db.update({"a": {"b": 3}})
    assert db.all() == [{"a": {"b": 3}}]


def test_update_takes_any_mapping_and_not_the_id_of_a_document(letters: TinyDB) -> None:
    letters.update(UserDict(n=5), doc_ids=[1])
    letters.update(Document({"n": 6}, doc_id=99), doc_ids=[2])
    assert contents(letters)[:2] == [(1, {"n": 5, "letter": "a"}), (2, {"n": 6, "letter": "b"})]


def test_an_update_whose_result_no_longer_matches_is_applied_once(letters: TinyDB) -> None:
    assert letters.update({"n": 2}, where("n") == 1) == [1, 2, 3]
    assert letters.update({"n": 3}, where("n") == 1) == []


def test_update_calls_a_function_on_each_match(letters: TinyDB) -> None:
    def shout(document: MutableMapping[str, Any]) -> None:
        document["letter"] = document["letter"].upper()
        document["history"] = [1]
        document["history"].append(2)

    assert letters.update(shout, where("letter") != "b") == [1, 3]
    assert letters.get(doc_id=3) == {"n": 1, "letter": "C", "history": [1, 2]}
    assert letters.get(doc_id=2) == {"n": 1, "letter": "b"}


def test_what_a_function_changes_deep_inside_is_stored(db: TinyDB) -> None:
    db.insert({"a": [{"b": [1]}]})
    db.update(lambda document: document["a"][0]["b"].append(2))
    assert db.all() == [{"a": [{"b": [1, 2]}]}]


def test_what_a_function_returns_is_ignored(letters: TinyDB) -> None:
    letters.update(lambda document: {"lost": document["n"]})
    assert letters.get(doc_id=1) == {"n": 1, "letter": "a"}


def test_a_function_that_raises_midway_leaves_nothing_behind(whole_db: TinyDB) -> None:
    whole_db.insert_multiple([{"n": 1}, {"n": 1}, {"other": 1}])
    for call in (
        lambda: whole_db.update(increment("n")),
        lambda: whole_db.update(increment("n"), where("n").exists() | where("other").exists()),
        lambda: whole_db.update(increment("n"), doc_ids=[1, 2, 3]),
        lambda: whole_db.update_multiple(
            [(increment("n"), where("n") == 1), (increment("n"), where("other") == 1)]
        ),
    ):
        with pytest.raises(KeyError):
            call()
        assert whole_db.all() == [{"n": 1}, {"n": 1}, {"other": 1}]
    whole_db.update(increment("n"), doc_ids=[1])
    assert whole_db.get(doc_id=1) == {"n": 2}


def test_an_update_to_what_json_cannot_hold_leaves_nothing_behind(whole_db: TinyDB) -> None:
    whole_db.insert_multiple([{"n": 1}, {"n": 2}])
    with pytest.raises(TypeError):
        whole_db.update({"n": object()}, doc_ids=[2])
    with pytest.raises(TypeError):
        whole_db.update(set_field("n", {1, 2}))
    assert whole_db.all() == [{"n": 1}, {"n": 2}]


def test_update_multiple_applies_each_pair_to_each_document(letters: TinyDB) -> None:
    ids = letters.update_multiple(
        [({"n": 2}, where("letter") == "a"), (increment("n"), where("letter").one_of(["b", "c"]))]
    )
    assert ids == [1, 2, 3]
    assert [d["n"] for d in letters] == [2, 2, 2]


def test_update_multiple_shows_a_document_to_the_next_pair_as_changed(letters: TinyDB) -> None:
    ids = letters.update_multiple(
        [({"letter": "b"}, where("letter") == "a"), (increment("n"), where("letter") == "b")]
    )
    assert ids == [1, 1, 2]
    assert [(d["letter"], d["n"]) for d in letters] == [("b", 2), ("b", 2), ("c", 1)]


def test_update_multiple_of_nothing_changes_nothing(letters: TinyDB) -> None:
    assert letters.update_multiple([]) == []
    assert letters.update_multiple([({"n": 2}, where("letter") == "q")]) == []
    assert letters.count(where("n") == 1) == 3


def test_update_multiple_takes_a_generator_for_every_document(our_db: TinyDB) -> None:
    # TinyDB uses up a generator on the first document; we take it for all of them.
    our_db.insert_multiple([{"n": 1}, {"n": 1}])
    assert our_db.update_multiple((fields, where("n") == 1) for fields in [{"n": 2}]) == [1, 2]


_add: Any = add  # it also joins text, which its annotation leaves out


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (delete("n"), {"word": "ab"}),
        (add("n", 5), {"n": 15, "word": "ab"}),
        (add("n", 0.5), {"n": 10.5, "word": "ab"}),
        (_add("word", "cd"), {"n": 10, "word": "abcd"}),
        (subtract("n", 3), {"n": 7, "word": "ab"}),
        (subtract("n", -0.25), {"n": 10.25, "word": "ab"}),
        (set_field("n", [1]), {"n": [1], "word": "ab"}),
        (set_field("new", None), {"n": 10, "word": "ab", "new": None}),
        (increment("n"), {"n": 11, "word": "ab"}),
        (decrement("n"), {"n": 9, "word": "ab"}),
    ],
    ids=[
        "delete",
        "add",
        "add float",
        "add text",
        "subtract",
        "subtract negative",
        "set",
        "set new",
        "increment",
        "decrement",
    ],
)
def test_an_operation_changes_its_field(
    db: TinyDB, operation: Any, expected: dict[str, Any]
) -> None:
    db.insert_multiple([{"n": 10, "word": "ab"}, {"n": 10, "word": "other"}])
    assert db.update(operation, where("word") == "ab") == [1]
    assert db.all() == [expected, {"n": 10, "word": "other"}]


@pytest.mark.parametrize(
    "operation", [delete("q"), add("q", 1), subtract("q", 1), increment("q"), decrement("q")]
)
def test_an_operation_on_a_missing_field_is_a_key_error(letters: TinyDB, operation: Any) -> None:
    with pytest.raises(KeyError, match="q"):
        letters.update(operation, where("letter") == "a")
    assert [d["letter"] for d in letters] == ["a", "b", "c"]


def test_an_operation_on_a_wrong_type_is_a_type_error(letters: TinyDB) -> None:
    with pytest.raises(TypeError):
        letters.update(increment("letter"), doc_ids=[1])
    assert letters.get(doc_id=1) == {"n": 1, "letter": "a"}


def test_an_id_asked_twice_is_updated_twice(letters: TinyDB) -> None:
    assert letters.update(increment("n"), doc_ids=[1, 1]) == [1, 1]
    assert letters.get(doc_id=1) == {"n": 3, "letter": "a"}
