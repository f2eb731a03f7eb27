"""A custom test asked again and again: a store may keep what it looks at, but never anything that is not stored."""

from collections.abc import Callable
from typing import Any

import pytest
from tinydb import Query, TinyDB, where
from tinydb.operations import delete

q, item = Query(), Query()


def is_pair(value: Any) -> bool:
    return len(value) == 2


def asked_often(db: TinyDB, query: Any) -> list[int]:
    """The ids that a query finds, asked so often that a store has reason to prepare for it."""
    for _ in range(2):
        db.search(query)
        db.clear_cache()
    found = [document.doc_id for document in db.search(query)]
    assert db.count(query) == len(found)
    return found


@pytest.fixture
def tagged(whole_db: TinyDB) -> TinyDB:
    whole_db.insert_multiple({"n": n, "tags": ["x"]} for n in range(5))
    assert asked_often(whole_db, q.tags.test(is_pair)) == []
    return whole_db


def test_changing_an_inserted_source_is_not_seen(tagged: TinyDB) -> None:
    source = {"tags": ["a"]}
    tagged.insert(source)
    tagged.insert_multiple([source])
    source["tags"].append("b")
    assert asked_often(tagged, q.tags.test(is_pair)) == []


def test_changing_the_fields_of_an_update_afterwards_is_not_seen(tagged: TinyDB) -> None:
    fields = {"tags": ["a"]}
    tagged.update(fields, doc_ids=[1])
    tagged.upsert(fields, where("n") == 1)
    tagged.update_multiple([(fields, where("n") == 2)])
    fields["tags"].append("b")
    assert asked_often(tagged, q.tags.test(is_pair)) == []


def test_changing_what_a_transform_was_given_afterwards_is_not_seen(tagged: TinyDB) -> None:
    given: list[Any] = []

    def change(document: Any) -> None:
        document["seen"] = True
        given.append(document)

    tagged.update(change)
    for document in given:
        document["tags"].append("b")
    assert asked_often(tagged, q.tags.test(is_pair)) == []


def test_a_test_that_changes_what_it_looks_at_changes_nothing(tagged: TinyDB) -> None:
    def spoil(value: Any) -> bool:
        value.append("spoilt")
        return False

    asked_often(tagged, q.tags.test(spoil))
    assert asked_often(tagged, q.tags.test(is_pair)) == []
    assert asked_often(tagged, q.tags.any(lambda tag: tag == "spoilt")) == []


def test_a_custom_test_sees_lists_where_tuples_were_inserted(tagged: TinyDB) -> None:
    tagged.insert({"tags": ("a", "b")})
    assert asked_often(tagged, q.tags.test(lambda value: type(value) is list)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda db: db.insert({"tags": ["a", "b"]}), [6]),
        (lambda db: db.update({"tags": ["a", "b"]}, doc_ids=[2, 4]), [2, 4]),
        (lambda db: db.update({"tags": {"a": 1, "b": 2}}, where("n") == 0), [1]),
        (lambda db: db.update(lambda document: document["tags"].append("y"), where("n") > 2), [4, 5]),
        (lambda db: db.upsert({"n": 9, "tags": "ab"}, where("n") == 9), [6]),
        (lambda db: (db.update({"tags": "ab"}), db.remove(doc_ids=[3])), [1, 2, 4, 5]),
        (lambda db: (db.update({"tags": "ab"}), db.truncate()), []),
        (lambda db: (db.update({"tags": "ab"}), db.update(delete("tags"), doc_ids=[1])), [2, 3, 4, 5]),
        (lambda db: db.insert_multiple({"tags": "ab"} for _ in range(1_200)), list(range(6, 1_206))),
    ],
    ids=[
        "insert", "update", "update to an object", "transform", "upsert", "remove", "truncate",
        "lose the field", "many",
    ],
)  # fmt: skip
def test_every_write_is_seen_by_a_test_asked_before(
    tagged: TinyDB, write: Callable[[Any], Any], expected: list[int]
) -> None:
    write(tagged)
    assert asked_often(tagged, q.tags.test(is_pair)) == expected


def test_nested_questions_see_every_write(whole_db: TinyDB) -> None:
    whole_db.insert_multiple({"lines": [{"qty": n}]} for n in range(4))
    assert asked_often(whole_db, q.lines.any(item.qty > 2)) == [4]
    whole_db.update(lambda document: document["lines"].append({"qty": 10}), doc_ids=[2])
    assert asked_often(whole_db, q.lines.any(item.qty > 2)) == [2, 4]
    assert asked_often(whole_db, q.lines.all(item.qty > 2)) == [4]
    whole_db.remove(doc_ids=[4])
    assert asked_often(whole_db, q.lines.all(item.qty > 2)) == []


def test_a_test_on_a_field_deep_inside_sees_every_write(whole_db: TinyDB) -> None:
    whole_db.insert_multiple([{"a": {"b": "xy"}}, {"a": {"b": "x"}}, {"a": 5}, {}])
    assert asked_often(whole_db, q.a.b.test(is_pair)) == [1]
    whole_db.update({"a": {"b": "zz"}}, doc_ids=[3, 4])
    whole_db.update({"a": None}, doc_ids=[1])
    assert asked_often(whole_db, q.a.b.test(is_pair)) == [3, 4]
