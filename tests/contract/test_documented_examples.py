"""The examples of TinyDB's guide, told with other data: who follows the guide gets what it says."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from tinydb import Query, TinyDB, where
from tinydb.operations import delete, increment

from tests.support.stores import StorePlace


def test_getting_started(db: TinyDB) -> None:
    assert db.insert({"type": "pear", "count": 7}) == 1
    assert db.insert({"type": "plum", "count": 3}) == 2
    assert db.all() == [{"type": "pear", "count": 7}, {"type": "plum", "count": 3}]
    assert [document["type"] for document in db] == ["pear", "plum"]

    fruit = Query()
    assert db.search(fruit.type == "plum") == [{"type": "plum", "count": 3}]
    assert db.search(fruit["count"] > 5) == [{"type": "pear", "count": 7}]

    db.update({"count": 10}, fruit.type == "pear")
    assert db.all() == [{"type": "pear", "count": 10}, {"type": "plum", "count": 3}]
    db.remove(fruit["count"] < 5)
    assert db.all() == [{"type": "pear", "count": 10}]
    db.truncate()
    assert db.all() == []


def test_the_two_ways_to_write_a_query(db: TinyDB) -> None:
    db.insert_multiple(
        [
            {"name": "Ida", "birthday": {"year": 1990}, "country-code": "dk"},
            {"name": "Jon", "birthday": {"year": 1900}, "country-code": "is"},
        ]
    )
    user = Query()
    ida, jon = db.all()
    assert db.search(user.name == "Ida") == [ida]
    assert db.search(user.birthday.year == 1990) == [ida]
    assert db.search(user["country-code"] == "is") == [jon]
    assert db.search(where("name") == "Jon") == [jon]
    assert db.search(Query()["name"] == "Jon") == [jon]
    assert db.search(where("birthday").year == 1900) == [jon]
    assert db.search(where("birthday")["year"] == 1900) == [jon]


def test_advanced_queries(db: TinyDB) -> None:
    db.insert_multiple([{"name": "Jon", "age": 20}, {"name": "abba", "age": 30}, {"age": 40}])
    user = Query()

    def ages(query: Any) -> list[int]:
        return [document["age"] for document in db.search(query)]

    def between(value: int, low: int, high: int) -> bool:
        return low <= value <= high

    assert ages(user.name.exists()) == [20, 30]
    assert ages(user.name.matches("[aZ]+")) == [30]
    assert ages(user.name.matches("jon", flags=re.IGNORECASE)) == [20]
    assert ages(user.name.search("b+")) == [30]
    assert ages(user.name.test(lambda name: name == "Jon")) == [20]
    assert ages(user.age.test(between, 0, 21)) == [20]
    assert ages(user.age.test(between, 21, 99)) == [30, 40]


def test_a_fragment_of_a_document(db: TinyDB) -> None:
    db.insert_multiple(
        [{"a": 4, "b": True, "c": "x"}, {"a": 4, "b": False}, {"inner": {"a": 4, "b": True}}]
    )
    assert [d.doc_id for d in db.search(Query().fragment({"a": 4, "b": True}))] == [1]
    inner = db.get(Query().inner.fragment({"a": 4, "b": True}))
    assert inner is not None
    assert inner.doc_id == 3


def test_lists_of_values(db: TinyDB) -> None:
    db.insert_multiple(
        [
            {"name": "one", "groups": ["user"]},
            {"name": "two", "groups": ["admin", "user"]},
            {"name": "three", "groups": ["sudo", "user"]},
        ]
    )
    user = Query()
    assert [d["name"] for d in db.search(user.groups.any(["admin", "sudo"]))] == ["two", "three"]
    assert [d["name"] for d in db.search(user.groups.all(["admin", "user"]))] == ["two"]
    assert [d["name"] for d in db.search(user.name.one_of(["three", "one"]))] == ["one", "three"]


def test_lists_of_documents(db: TinyDB) -> None:
    groups = db.table("groups")
    groups.insert({"name": "user", "permissions": [{"type": "read"}]})
    groups.insert({"name": "sudo", "permissions": [{"type": "read"}, {"type": "sudo"}]})
    groups.insert(
        {"name": "admin", "permissions": [{"type": "read"}, {"type": "write"}, {"type": "sudo"}]}
    )
    group, permission = Query(), Query()

    def names(query: Any) -> list[str]:
        return [document["name"] for document in groups.search(query)]

    assert names(group.permissions.any(permission.type == "read")) == ["user", "sudo", "admin"]
    assert names(group.permissions.any(permission.type == "write")) == ["admin"]
    assert names(group.permissions.all(permission.type == "read")) == ["user"]


def test_query_modifiers(db: TinyDB) -> None:
    db.insert_multiple(
        [{"name": "Jon", "age": 22}, {"name": "Bo", "age": 37}, {"name": "Jon", "age": 37}]
    )
    user = Query()
    assert [d.doc_id for d in db.search(~(user.name == "Jon"))] == [2]
    assert [d.doc_id for d in db.search((user.name == "Jon") & (user.age <= 30))] == [1]
    assert [d.doc_id for d in db.search((user.name == "Jon") | (user.name == "Bo"))] == [1, 2, 3]


def test_a_path_with_a_function(db: TinyDB) -> None:
    db.insert_multiple([{"zip": " 0123 "}, {"zip": "9"}])
    assert [d.doc_id for d in db.search(where("zip").map(str.strip) == "0123")] == [1]
    assert [d.doc_id for d in db.search(Query().zip.map(str.strip).map(int) > 100)] == [1]


def test_inserting_many(db: TinyDB) -> None:
    assert db.insert_multiple([{"name": "Jon", "age": 22}, {"name": "Jon", "age": 37}]) == [1, 2]
    assert db.insert_multiple({"int": 1, "value": n} for n in range(2)) == [3, 4]
    assert len(db) == 4


def test_updating_data(db: TinyDB) -> None:
    db.insert_multiple([{"name": "Jon", "key": 1}, {"name": "Bo", "key": 1}])
    db.update({"seen": "yes"})
    assert db.count(where("seen") == "yes") == 2
    db.update(delete("key"), where("name") == "Jon")
    assert [d.doc_id for d in db.search(where("key").exists())] == [2]

    def with_prefix(prefix: str) -> Callable[[Any], None]:
        def transform(document: Any) -> None:
            document["name"] = prefix + document["name"]

        return transform

    db.update(with_prefix("Mr "), where("name") == "Bo")
    assert db.get(doc_id=2) == {"name": "Mr Bo", "key": 1, "seen": "yes"}
    db.update_multiple(
        [({"key": 5}, where("name") == "Jon"), (increment("key"), where("name") == "Mr Bo")]
    )
    assert [document["key"] for document in db] == [5, 2]


def test_upserting_data(db: TinyDB) -> None:
    user = Query()
    assert db.upsert({"name": "Jon", "logged-in": True}, user.name == "Jon") == [1]
    assert db.upsert({"name": "Jon", "logged-in": False}, user.name == "Jon") == [1]
    assert db.all() == [{"name": "Jon", "logged-in": False}]


def test_retrieving_data(db: TinyDB) -> None:
    db.insert_multiple([{"name": "Jon", "age": 22}, {"name": "Jon", "age": 37}, {"name": "Bo"}])
    user = Query()
    assert len(db) == 3
    assert db.get(user.name == "Jon") == {"name": "Jon", "age": 22}
    assert db.get(user.name == "Bobby") is None
    assert db.contains(user.name == "Jon")
    assert db.count(user.name == "Jon") == 2


def test_document_ids(db: TinyDB) -> None:
    db.insert_multiple([{"value": 1}, {"value": 1}, {"value": 1}])
    found = db.get(where("value") == 1)
    assert found is not None
    assert found.doc_id == 1
    assert db.all()[-1].doc_id == 3
    assert db.update({"value": 2}, doc_ids=[1, 2]) == [1, 2]
    assert db.contains(doc_id=1)
    assert db.remove(doc_ids=[1, 2]) == [1, 2]
    assert db.get(doc_id=3) == {"value": 1}
    assert db.get(doc_ids=[1, 3]) == [{"value": 1}]


def test_tables(db: TinyDB) -> None:
    table = db.table("people")
    table.insert({"value": True})
    assert table.all() == [{"value": True}]
    assert list(table) == [{"value": True}]
    db.insert({})
    assert db.tables() == {"_default", "people"}
    db.drop_table("people")
    assert db.tables() == {"_default"}
    db.drop_tables()
    assert db.tables() == set()


def test_the_default_table_may_have_another_name(place: StorePlace) -> None:
    store = place.open(type("Renamed", (place.kind.face,), {"default_table_name": "my-default"}))
    store.insert({"n": 1})
    assert store.tables() == {"my-default"}
    assert store.table("my-default").all() == [{"n": 1}]


def test_query_caching_can_be_sized(db: TinyDB) -> None:
    table = db.table("t", cache_size=30)
    for n in range(40):
        table.search(where("n") == n)
    assert len(table._query_cache) == 30


def test_closing_with_a_block(durable_place: StorePlace) -> None:
    with durable_place.open() as store:
        store.insert({"kept": True})
    assert durable_place.open().all() == [{"kept": True}]


@pytest.mark.parametrize("name", ["search", "get", "all", "items", "name"])
def test_a_field_named_like_a_method_is_reached_by_index(db: TinyDB, name: str) -> None:
    db.insert_multiple([{name: 1}, {name: 2}])
    assert db.search(Query()[name] == 2) == [{name: 2}]
