"""Every kind of query, asked of a store: which documents it finds."""

import re
from copy import deepcopy
from typing import Any

import pytest
from tinydb import Query, TinyDB, where

from tests.support.stores import StorePlace

q, item = Query(), Query()

PEOPLE: list[dict[str, Any]] = [
    {
        "name": "Ann",
        "age": 31,
        "city": {"name": "Leeds", "zip": "LS1"},
        "tags": ["a", "b"],
        "ok": True,
    },
    {"name": "bob", "age": 17.5, "city": {"name": "York"}, "tags": [], "ok": False, "note": None},
    {"name": "Ann\nLee", "age": 31.0, "city": None, "tags": ["b", "c", 1], "ok": 1, "note": ""},
    {
        "name": "",
        "city": "Leeds",
        "tags": "ab",
        "pets": [{"kind": "cat", "n": 1}, {"kind": "dog", "n": 2}],
    },
    {"age": -1, "tags": {"a": 1}, "pets": [{"kind": "cat", "n": 3}], "note": "Älter"},
    {"name": 7, "pets": [], "ok": 0, "tags": [["a"], {"kind": "cat"}]},
]

CASES: dict[str, tuple[Any, list[int]]] = {
    "== text": (q.name == "Ann", [1]),
    "== empty text": (q.name == "", [4]),
    "== whole number finds the float": (q.age == 31, [1, 3]),
    "== float finds the whole number": (q.age == 31.0, [1, 3]),
    "== True finds 1": (q.ok == True, [1, 3]),  # noqa: E712
    "== 0 finds False": (q.ok == 0, [2, 6]),
    "== None": (q.note == None, [2]),  # noqa: E711
    "== list": (q.tags == ["a", "b"], [1]),
    "== empty list": (q.tags == [], [2]),
    "== object": (q.city == {"zip": "LS1", "name": "Leeds"}, [1]),
    "== list of one and True": (q.tags == [["a"], {"kind": "cat"}], [6]),
    "!= text needs the field": (q.name != "Ann", [2, 3, 4, 6]),
    "!= None": (q.note != None, [3, 5]),  # noqa: E711
    "!= of a number against texts": (q.name != 7, [1, 2, 3, 4]),
    "<": (q.age < 31, [2, 5]),
    "<=": (q.age <= 31, [1, 2, 3, 5]),
    ">": (q.age > 17, [1, 2, 3]),
    ">=": (q.age >= 17.5, [1, 2, 3]),
    "> of a bool": (q.age > True, [1, 2, 3]),
    "< text": (q.city.name < "M", [1]),
    ">= text, capitals first": (q.city.name >= "Leeds", [1, 2]),
    "nested path": (q.city.name == "Leeds", [1]),
    "nested path by index": (q["city"]["zip"] == "LS1", [1]),
    "nested path through text, null and nothing": (q.city.name.first == "L", []),
    "exists": (q.name.exists(), [1, 2, 3, 4, 6]),
    "exists, also for null": (q.note.exists(), [2, 3, 5]),
    "exists deep": (q.city.zip.exists(), [1]),
    "where": (where("name") == "bob", [2]),
    "where, deeper": (where("city").name == "York", [2]),
    "matches the beginning": (q.name.matches("An"), [1, 3]),
    "matches to the end": (q.name.matches("Ann$"), [1]),
    "matches is not search": (q.name.matches("nn"), []),
    "matches ignoring case": (q.name.matches("ANN", flags=re.IGNORECASE), [1, 3]),
    "matches over lines": (q.name.matches("Ann.Lee", flags=re.DOTALL), [3]),
    "matches verbosely": (q.name.matches("A n n $ # the name", flags=re.VERBOSE), [1]),
    "matches empty text": (q.name.matches("$"), [4]),
    "matches only text": (q.age.matches(".*"), []),
    "search": (q.name.search("n"), [1, 3]),
    "search of a line": (q.name.search("^Lee", flags=re.MULTILINE), [3]),
    "search with flags inside": (q.name.search("(?i)B"), [2]),
    "search beyond ASCII": (q.note.search(r"^\w+$"), [5]),
    "search in ASCII": (q.note.search(r"^\w", flags=re.ASCII), []),
    "search finds everything": (q.name.search(""), [1, 2, 3, 4]),
    "test": (q.age.test(lambda age: age % 1 == 0), [1, 3, 5]),
    "test with arguments": (q.age.test(lambda age, low, high: low <= age <= high, 0, 20), [2]),
    "test answers with something truthy": (q.tags.test(len), [1, 3, 4, 5, 6]),
    "any of a list": (q.tags.any(["a"]), [1, 4, 5]),
    "any of several": (q.tags.any(["c", "zz", 1]), [3]),
    "any of a list finds True by 1": (q.tags.any([True]), [3]),
    "any of nothing": (q.tags.any([]), []),
    "any of lists and objects": (q.tags.any([["a"]]), [6]),
    "any of a tuple": (q.tags.any(("c",)), [3]),
    "any of a set": (q.pets.any([{"kind": "cat", "n": 3}]), [5]),
    "any of a query": (q.pets.any(item.kind == "dog"), [4]),
    "any of a query with and": (q.pets.any((item.kind == "cat") & (item.n > 2)), [5]),
    "any of a query on scalars": (q.tags.any(item.kind == "cat"), [6]),
    "any of a callable": (q.tags.any(lambda tag: tag == "b"), [1, 3, 4]),
    "all of a list": (q.tags.all(["a", "b"]), [1, 4]),
    "all of one": (q.tags.all(["b"]), [1, 3, 4]),
    "all of nothing": (q.tags.all([]), [1, 2, 3, 4, 5, 6]),
    "all of a query": (q.pets.all(item.kind == "cat"), [5, 6]),
    "all of a query in an empty list": (q.pets.all(item.kind == "cow"), [6]),
    "any in any": (q.pets.any(item.kind.any(["c"])), [4, 5]),
    "one_of": (q.name.one_of(["Ann", "bob", "Zoe"]), [1, 2]),
    "one_of numbers": (q.age.one_of([31, -1]), [1, 3, 5]),
    "one_of None": (q.note.one_of([None]), [2]),
    "one_of mixed": (q.ok.one_of([True, "x", None]), [1, 3]),
    "one_of nothing": (q.name.one_of([]), []),
    "one_of lists": (q.tags.one_of([[], ["a", "b"]]), [1, 2]),
    "one_of a tuple": (q.name.one_of(("bob",)), [2]),
    "one_of a range": (q.age.one_of(range(40)), [1, 3]),
    "one_of many": (q.age.one_of(list(range(1000))), [1, 3]),
    "fragment": (q.fragment({"name": "Ann", "ok": True}), [1]),
    "fragment of one": (q.fragment({"ok": 1}), [1, 3]),
    "fragment of nothing": (q.fragment({}), [1, 2, 3, 4, 5, 6]),
    "fragment with null": (q.fragment({"note": None}), [2]),
    "fragment with a list": (q.fragment({"tags": []}), [2]),
    "fragment of a path": (q.city.fragment({}), [1, 2, 3, 4]),
    "fragment deep": (q.fragment({"city": {"name": "York"}}), [2]),
    "noop": (q.noop(), [1, 2, 3, 4, 5, 6]),
    "noop and": (q.noop() & (q.name == "bob"), [2]),
    "map": (q.name.map(str) == "7", [6]),
    "map in the middle": (q.map(lambda d: {"first": str(d.get("name"))[:1]}).first == "A", [1, 3]),
    "map that raises KeyError is no match": (q.map(lambda d: d["pets"]).exists(), [4, 5, 6]),
    "callable in the path": (q.tags[len] == 2, [1, 4, 6]),
    "not": (~(q.name == "Ann"), [2, 3, 4, 5, 6]),
    "not exists": (~q.name.exists(), [5]),
    "not of a comparison takes the missing": (~(q.age > 0), [4, 5, 6]),
    "not not": (~~(q.name == "Ann"), [1]),
    "not any": (~q.tags.any(["a"]), [2, 3, 6]),
    "not one_of with None": (~q.note.one_of(["", None]), [1, 4, 5, 6]),
    "and": ((q.age == 31) & (q.ok == 1), [1, 3]),
    "and of three": ((q.age == 31) & (q.ok == 1) & (q.note == ""), [3]),
    "or": ((q.name == "bob") | (q.age < 0), [2, 5]),
    "or with not": ((q.name == "bob") | ~q.tags.exists(), [2]),
    "and in or": (((q.age > 0) & (q.ok == 0)) | (q.name == ""), [2, 4]),
    "de Morgan": (~((q.name == "Ann") | (q.name == "bob")), [3, 4, 5, 6]),
    "and stops before what would raise": (q.city.exists() & q.name.exists() & (q.tags != 1) & (q.ok > -1), [1, 2, 3]),
    "an uncompared path in and": (q.name.exists() & q.name.test(lambda name: name == 7), [6]),
}  # fmt: skip


@pytest.fixture
def people(db: TinyDB) -> TinyDB:
    db.insert_multiple(deepcopy(PEOPLE))  # TinyDB's memory storage would share them between tests
    return db


@pytest.mark.parametrize(("query", "expected"), CASES.values(), ids=CASES.keys())
def test_a_query_finds(people: TinyDB, query: Any, expected: list[int]) -> None:
    assert [d.doc_id for d in people.search(query)] == expected
    assert people.count(query) == len(expected)
    first = people.get(query)
    assert (first.doc_id if first else None) == (expected[0] if expected else None)
    assert people.contains(query) is bool(expected)


@pytest.mark.parametrize(("query", "expected"), CASES.values(), ids=CASES.keys())
def test_a_query_tells_what_to_update_and_remove(
    people: TinyDB, query: Any, expected: list[int]
) -> None:
    assert people.update({"seen": 1}, query) == expected
    assert [d.doc_id for d in people.search(where("seen") == 1)] == expected
    assert people.remove(where("seen") == 1) == expected


def test_queries_find_the_same_after_reopening(durable_place: StorePlace) -> None:
    durable_place.open().insert_multiple(PEOPLE)
    store = durable_place.reopen()
    store.table("_default", cache_size=0)  # TinyDB's cache mixes up some of them
    found = {name: [d.doc_id for d in store.search(query)] for name, (query, _) in CASES.items()}
    assert found == {name: expected for name, (_, expected) in CASES.items()}


RAISING: dict[str, tuple[Any, type[Exception]]] = {
    "< of a number on text": (q.name < 5, TypeError),
    ">= of text on a number": (q.age >= "5", TypeError),
    "< of null": (q.note < "x", TypeError),
    "> of None": (q.age > None, TypeError),
    "< of a list against a number": (q.tags < 1, TypeError),
    "a comparison behind or": ((q.name == "nobody") | (q.name < 5), TypeError),
    "a comparison in not": (~(q.name < 5), TypeError),
    "a comparison before and": ((q.name < 5) & (q.age == 99), TypeError),
    "test": (q.name.test(len), TypeError),
    "test on the name": (q.name.test(lambda name: name.upper()), AttributeError),
    "test with too few arguments": (q.name.test(lambda name, other: True), TypeError),
    "any of a query that raises": (q.pets.any(item.n > "1"), TypeError),
    "fragment of text and number": (q.age.fragment({"a": 1}), TypeError),
    "one_of of a number": (q.age.one_of(5), TypeError),
    "a bad regular expression": (q.name.search("("), re.error),
    "map that raises": (q.name.map(lambda name: 1 // 0).exists(), ZeroDivisionError),
    "an empty query": (Query(), RuntimeError),
    "a path without a test": (q.name, RuntimeError),
    "an empty query in and": ((q.age.exists()) & Query(), RuntimeError),
}


@pytest.mark.parametrize(("query", "error"), RAISING.values(), ids=RAISING.keys())
def test_a_query_raises_as_tinydb_does(people: TinyDB, query: Any, error: type[Exception]) -> None:
    for call in (people.search, people.count, people.remove):
        with pytest.raises(error):
            call(query)
    assert people.all() == PEOPLE


@pytest.mark.parametrize(("query", "error"), RAISING.values(), ids=RAISING.keys())
def test_an_update_whose_condition_raises_changes_nothing(
    whole_db: TinyDB, query: Any, error: type[Exception]
) -> None:
    whole_db.insert_multiple(PEOPLE)
    with pytest.raises(error):
        whole_db.update({"x": 1}, query)
    assert whole_db.all() == PEOPLE


@pytest.mark.parametrize(("query", "error"), RAISING.values(), ids=RAISING.keys())
def test_a_query_that_would_raise_is_quiet_where_there_is_nothing(
    db: TinyDB, query: Any, error: type[Exception]
) -> None:
    assert db.search(query) == []


def test_a_query_that_has_no_path_cannot_be_built() -> None:
    for build in (
        lambda: Query() == 1,
        lambda: Query() > 1,
        lambda: Query().exists(),
        lambda: Query().any([1]),
        lambda: Query().one_of([1]),
    ):
        with pytest.raises(ValueError, match=r"^Query has no path$"):
            build()


def test_an_empty_query_says_so(people: TinyDB) -> None:
    with pytest.raises(RuntimeError, match=r"^Empty query was evaluated$"):
        people.search(Query())


def test_one_shot_items_are_used_up_as_tinydb_uses_them_up(people: TinyDB) -> None:
    assert [d.doc_id for d in people.search(q.name.one_of(iter(["Ann", "bob"])))] == [1, 2]
    assert [d.doc_id for d in people.search(q.name.one_of(iter(["bob", "Ann"])))] == [1]


def test_a_query_class_of_ones_own_works(people: TinyDB) -> None:
    class Longer(Query):
        def longer_than(self, length: int) -> Any:
            return self._generate_test(
                lambda value: isinstance(value, str) and len(value) > length,
                ("longer_than", self._path, length),
            )

    assert [d.doc_id for d in people.search(Longer().name.longer_than(3))] == [3]
    assert [d.doc_id for d in people.search(~Longer().name.longer_than(0) & q.name.exists())] == [
        4,
        6,
    ]


def test_an_instance_that_answers_otherwise_is_asked(people: TinyDB) -> None:
    class Backwards(type(q.name == "Ann")):  # type: ignore[misc]
        def __call__(self, document: Any) -> bool:
            return not super().__call__(document)

    plain = q.name == "Ann"
    assert [d.doc_id for d in people.search(Backwards(plain._test, None))] == [2, 3, 4, 5, 6]


def test_a_test_function_is_asked_again_after_a_write(people: TinyDB) -> None:
    asked: list[Any] = []

    def ask(age: Any) -> bool:
        asked.append(age)
        return True

    query = q.age.test(ask)
    assert people.count(query) == 4
    people.insert({"age": 99})
    assert people.count(query) == 5
    assert 99 in asked


def test_queries_are_equal_by_what_they_ask() -> None:
    assert (q.name == "Ann") == (where("name") == "Ann")
    assert hash(q.name == "Ann") == hash(where("name") == "Ann")
    assert ((q.a == 1) & (q.b == 2)) == ((q.b == 2) & (q.a == 1))
    assert ((q.a == 1) | (q.b == 2)) == ((q.b == 2) | (q.a == 1))
    assert ((q.a == 1) & (q.b == 2)) != ((q.a == 1) | (q.b == 2))
    assert (q.a == 1) != (q.a == 2)
    assert (q.a == 1) != "a query"
    assert hash(q.a == [1, {"b": 2}]) == hash(q.a == [1, {"b": 2}])


def test_a_query_shows_what_it_asks() -> None:
    assert repr(Query()) == "Query()"
    assert repr(q.type == "peach") == "QueryImpl('==', ('type',), 'peach')"


def test_a_query_answers_for_a_plain_dict() -> None:
    query = (q.a.b == 1) | q.c.exists()
    assert query({"a": {"b": 1}})
    assert query({"c": None})
    assert not query({"a": 1})
