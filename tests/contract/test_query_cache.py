"""The query cache: what it holds, for how long, and that it never gives a stale answer."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from tinydb import Query, TinyDB, where
from tinydb.operations import increment
from tinydb.table import Document, Table
from tinydb.utils import LRUCache


def test_a_search_is_remembered(letters: TinyDB) -> None:
    assert len(letters._query_cache) == 0
    query = where("n") == 1
    assert len(letters.search(query)) == 3
    assert query in letters._query_cache
    assert (where("n") == 1) in letters._query_cache
    assert letters.search(query) == letters.search(where("n") == 1)
    assert len(letters._query_cache) == 1


def test_a_search_without_hits_is_remembered_too(letters: TinyDB) -> None:
    query = where("n") == 0
    assert letters.search(query) == []
    assert query in letters._query_cache
    assert letters.search(query) == []


def test_a_count_is_remembered_like_a_search(letters: TinyDB) -> None:
    query = where("n") == 1
    assert letters.count(query) == 3
    assert query in letters._query_cache
    assert letters.count(query) == 3


def test_get_and_contains_are_not_remembered(letters: TinyDB) -> None:
    letters.get(where("n") == 1)
    letters.contains(where("n") == 1)
    assert len(letters._query_cache) == 0


def test_changing_the_list_of_a_search_does_not_change_the_next(letters: TinyDB) -> None:
    first = letters.search(where("n") == 1)
    first.clear()
    second = letters.search(where("n") == 1)
    assert len(second) == 3
    second.append(Document({}, 9))
    assert len(letters.search(where("n") == 1)) == 3


@pytest.mark.parametrize(
    "write",
    [
        lambda table: table.insert({"n": 1}),
        lambda table: table.insert_multiple([{"n": 1}]),
        lambda table: table.update({"n": 2}, doc_ids=[1]),
        lambda table: table.update(increment("n"), where("letter") == "a"),
        lambda table: table.update({"n": 2}),
        lambda table: table.update_multiple([({"n": 2}, where("letter") == "a")]),
        lambda table: table.upsert({"n": 2}, where("letter") == "a"),
        lambda table: table.upsert({"n": 1}, where("letter") == "q"),
        lambda table: table.remove(where("letter") == "a"),
        lambda table: table.remove(doc_ids=[1]),
        lambda table: table.truncate(),
    ],
    ids=[
        "insert", "insert multiple", "update by id", "update by condition", "update all", "update multiple",
        "upsert that updates", "upsert that inserts", "remove by condition", "remove by id", "truncate",
    ],
)  # fmt: skip
def test_every_write_forgets_what_was_remembered(
    letters: TinyDB, write: Callable[[Any], Any]
) -> None:
    query = where("n") == 1
    letters.search(query)
    write(letters)
    assert len(letters._query_cache) == 0
    assert letters.search(query) == [document for document in letters if document["n"] == 1]


def test_clear_cache_forgets(letters: TinyDB) -> None:
    letters.search(where("n") == 1)
    letters.clear_cache()
    assert len(letters._query_cache) == 0
    assert len(letters.search(where("n") == 1)) == 3


def test_each_table_remembers_for_itself(db: TinyDB) -> None:
    one, two = db.table("one"), db.table("two")
    one.insert({"n": 1})
    assert two.search(where("n") == 1) == []
    assert len(one.search(where("n") == 1)) == 1
    two.insert({})
    assert len(one._query_cache) == 1


def test_ten_searches_are_remembered_by_default(letters: TinyDB) -> None:
    assert Table.default_query_cache_capacity == 10
    for n in range(12):
        letters.search(where("n") == n)
    assert len(letters._query_cache) == 10
    assert letters._query_cache.lru == [where("n") == n for n in range(2, 12)]


def test_the_search_asked_longest_ago_is_forgotten_first(db: TinyDB) -> None:
    table = db.table("t", cache_size=2)
    one, two, three = (where("n") == n for n in (1, 2, 3))
    table.search(one)
    table.search(two)
    table.search(one)
    table.search(three)
    assert one in table._query_cache
    assert two not in table._query_cache
    assert three in table._query_cache


def test_a_cache_of_size_nought_holds_nothing(db: TinyDB) -> None:
    table = db.table("t", cache_size=0)
    table.insert_multiple([{"n": 1}, {"n": 1}])
    assert table.count(where("n") == 1) == 2
    assert table.count(where("n") == 2) == 0
    assert len(table._query_cache) == 0


def test_a_cache_of_size_none_has_no_bound(db: TinyDB) -> None:
    table = db.table("t", cache_size=None)
    for n in range(50):
        table.search(where("n") == n)
    assert len(table._query_cache) == 50


def test_a_query_with_a_function_in_its_path_is_not_remembered(letters: TinyDB) -> None:
    bound = 5
    query = where("n").map(lambda n: n + bound) == 6
    assert not query.is_cacheable()
    assert letters.count(query) == 3
    bound = 6
    assert letters.count(query) == 0
    assert len(letters._query_cache) == 0


@pytest.mark.parametrize(
    "combine",
    [lambda q: ~q, lambda q: q & (where("n") == 1), lambda q: (where("n") == 1) | q],
    ids=["not", "and", "or"],
)
def test_what_holds_a_query_that_is_not_remembered_is_not_either(
    letters: TinyDB, combine: Callable[[Any], Any]
) -> None:
    letters.search(combine(where("n").map(abs) == 1))
    assert len(letters._query_cache) == 0


def test_a_callable_says_itself_whether_it_may_be_remembered(letters: TinyDB) -> None:
    class Changing:
        wanted = "a"

        def __call__(self, document: Any) -> bool:
            return bool(document["letter"] == self.wanted)

        def is_cacheable(self) -> bool:
            return False

    changing = Changing()
    assert [d.doc_id for d in letters.search(changing)] == [1]
    changing.wanted = "b"
    assert [d.doc_id for d in letters.search(changing)] == [2]
    assert len(letters._query_cache) == 0


def test_a_plain_callable_is_remembered(letters: TinyDB) -> None:
    def condition(document: Any) -> bool:
        return bool(document["n"] == 1)

    assert len(letters.search(condition)) == 3
    assert condition in letters._query_cache


def test_the_same_parts_in_another_order_are_the_same_search(letters: TinyDB) -> None:
    one, two = where("n") == 1, where("letter") == "a"
    letters.search(one & two)
    letters.search(two & one)
    letters.search(one | two)
    letters.search(two | one)
    assert len(letters._query_cache) == 2


def test_a_cache_class_of_ones_own_is_used(place: Any) -> None:
    class Counting(LRUCache):  # type: ignore[type-arg]
        writes = 0

        def set(self, key: Any, value: Any) -> None:
            type(self).writes += 1
            super().set(key, value)

    own_table = type("OwnTable", (place.kind.face.table_class,), {"query_cache_class": Counting})
    store = place.open(type("OwnStore", (place.kind.face,), {"table_class": own_table}))
    store.insert({"n": 1})
    assert isinstance(store.table("t")._query_cache, Counting)
    store.search(where("n") == 1)
    store.search(where("n") == 1)
    assert Counting.writes == 1


# TinyDB's key of these queries leaves out what tells them apart; ours must not give one the answer of the other.


def test_regular_expressions_that_differ_in_flags_have_their_own_answers(our_db: TinyDB) -> None:
    our_db.insert({"name": "ANN"})
    for ask in (where("name").matches, where("name").search):
        assert our_db.search(ask("ann")) == []
        assert len(our_db.search(ask("ann", flags=re.IGNORECASE))) == 1


def test_fragments_of_different_paths_have_their_own_answers(our_db: TinyDB) -> None:
    our_db.insert({"one": {"n": 1}, "two": {"n": 2}})
    assert len(our_db.search(Query().one.fragment({"n": 1}))) == 1
    assert our_db.search(Query().two.fragment({"n": 1})) == []
    assert our_db.search(Query().fragment({"n": 1})) == []
