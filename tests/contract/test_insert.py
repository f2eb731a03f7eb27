"""What insert and insert_multiple accept, return and refuse."""

from collections import OrderedDict, UserDict
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import pytest
from tinydb import TinyDB, where
from tinydb.table import Document

from tests.support.stores import contents


def test_ids_count_from_one(db: TinyDB) -> None:
    assert [db.insert({"n": n}) for n in range(3)] == [1, 2, 3]


def test_an_inserted_document_reads_back_equal_and_typed(db: TinyDB) -> None:
    doc_id = db.insert({"name": "Ann", "tags": ["x", {"deep": None}]})
    document = db.get(doc_id=doc_id)
    assert document == {"name": "Ann", "tags": ["x", {"deep": None}]}
    assert type(document) is Document
    assert document.doc_id == doc_id


def test_an_empty_document_is_a_document(db: TinyDB) -> None:
    assert db.insert({}) == 1
    assert db.all() == [{}]


@pytest.mark.parametrize(
    "mapping",
    [OrderedDict(a=1), UserDict(a=1), MappingProxyType({"a": 1})],
    ids=["ordered dict", "user dict", "read-only view"],
)
def test_any_mapping_may_be_inserted(db: TinyDB, mapping: Any) -> None:
    db.insert(mapping)
    db.insert_multiple([mapping])
    assert db.all() == [{"a": 1}, {"a": 1}]


@pytest.mark.parametrize("thing", [object(), [1, 2], "text", None, 7, {"a set"}])
def test_what_is_no_mapping_is_refused(db: TinyDB, thing: Any) -> None:
    with pytest.raises(ValueError, match=r"^Document is not a Mapping$"):
        db.insert(thing)
    with pytest.raises(ValueError, match=r"^Document is not a Mapping$"):
        db.insert_multiple([thing])
    assert len(db) == 0


def test_a_value_that_json_cannot_hold_is_a_type_error_and_leaves_nothing(whole_db: TinyDB) -> None:
    whole_db.insert({"n": 1})
    with pytest.raises(TypeError):
        whole_db.insert({"n": object()})
    with pytest.raises(TypeError):
        whole_db.insert_multiple([{"n": 2}, {"n": {3}}])
    assert whole_db.all() == [{"n": 1}]
    whole_db.insert({"n": 4})
    assert whole_db.all() == [{"n": 1}, {"n": 4}]


def test_insert_multiple_returns_the_ids_in_order(db: TinyDB) -> None:
    assert db.insert_multiple([{"n": n} for n in range(3)]) == [1, 2, 3]
    assert db.insert_multiple(iter([{"n": 3}])) == [4]
    assert [document["n"] for document in db] == [0, 1, 2, 3]


def test_insert_multiple_takes_a_generator(db: TinyDB) -> None:
    def documents() -> Iterator[dict[str, int]]:
        for n in range(300):
            yield {"n": n}

    assert db.insert_multiple(documents()) == list(range(1, 301))
    assert [document["n"] for document in db] == list(range(300))


def test_insert_multiple_of_nothing_returns_no_ids(db: TinyDB) -> None:
    assert db.insert_multiple([]) == []
    assert len(db) == 0


def test_one_dict_in_place_of_a_list_is_refused(db: TinyDB) -> None:
    with pytest.raises(ValueError, match=r"^Document is not a Mapping$"):
        db.insert_multiple({"first": "Ann"})
    assert len(db) == 0


def test_a_bad_document_in_the_middle_leaves_none_behind(db: TinyDB) -> None:
    with pytest.raises(ValueError, match="not a Mapping"):
        db.insert_multiple([{"n": 1}, "no document", {"n": 3}])
    assert db.all() == []


def test_a_generator_that_raises_leaves_none_behind(db: TinyDB) -> None:
    def documents() -> Iterator[dict[str, int]]:
        yield {"n": 1}
        raise LookupError("the source broke")

    with pytest.raises(LookupError, match="the source broke"):
        db.insert_multiple(documents())
    assert db.all() == []


def test_a_generator_may_read_the_table_it_fills(letters: TinyDB) -> None:
    seen: list[int] = []

    def documents() -> Iterator[dict[str, int]]:
        for _ in range(2):
            seen.append(len(letters))
            yield {"n": 2}

    letters.insert_multiple(documents())
    assert seen == [3, 3]
    assert letters.count(where("n") == 2) == 2


def test_changing_the_source_afterwards_changes_nothing(whole_db: TinyDB) -> None:
    source: dict[str, Any] = {"tags": ["a"]}
    whole_db.insert(source)
    source["tags"].append("b")
    source["other"] = 1
    assert whole_db.all() == [{"tags": ["a"]}]


def test_inserting_does_not_change_the_source(db: TinyDB) -> None:
    source = {"a": {"b": [1]}}
    db.insert(source)
    assert source == {"a": {"b": [1]}}
    assert type(source) is dict


def test_inserting_a_found_document_again_clashes_with_itself(letters: TinyDB) -> None:
    found = letters.get(where("letter") == "b")
    assert found is not None
    with pytest.raises(ValueError, match=r"^Document with ID 2 already exists$"):
        letters.insert(found)
    assert letters.insert(dict(found)) == 4
    assert [doc_id for doc_id, _ in contents(letters)] == [1, 2, 3, 4]


def test_a_document_that_is_filled_again_for_each_row_is_taken_as_it_was(db: TinyDB) -> None:
    def rows() -> Iterator[dict[str, int]]:
        row: dict[str, int] = {}
        for n in range(3):
            row["n"] = n
            yield row

    db.insert_multiple(rows())
    assert db.all() == [{"n": 0}, {"n": 1}, {"n": 2}]
