"""remove and truncate."""

import pytest
from tinydb import TinyDB, where
from tinydb.table import Document

from tests.support.stores import contents


def test_remove_by_condition_returns_the_ids(letters: TinyDB) -> None:
    assert letters.remove(where("letter") != "b") == [1, 3]
    assert contents(letters) == [(2, {"n": 1, "letter": "b"})]


def test_remove_that_matches_nothing_returns_no_ids(letters: TinyDB) -> None:
    assert letters.remove(where("letter") == "q") == []
    assert len(letters) == 3


def test_remove_by_ids_keeps_the_order_asked_and_skips_missing_ones(letters: TinyDB) -> None:
    assert letters.remove(doc_ids=[3, 99, 1]) == [3, 1]
    assert letters.remove(doc_ids=iter([2])) == [2]
    assert letters.remove(doc_ids=[]) == []
    assert len(letters) == 0


def test_remove_prefers_ids_to_the_condition(letters: TinyDB) -> None:
    assert letters.remove(where("letter") == "a", doc_ids=[2]) == [2]
    assert [d["letter"] for d in letters] == ["a", "c"]


def test_remove_without_anything_is_refused(letters: TinyDB) -> None:
    with pytest.raises(RuntimeError, match=r"^Use truncate\(\) to remove all documents$"):
        letters.remove()
    assert len(letters) == 3


def test_an_id_twice_in_one_remove_is_refused_whole(letters: TinyDB) -> None:
    with pytest.raises(KeyError):
        letters.remove(doc_ids=[1, 1])
    assert len(letters) == 3


def test_a_condition_that_raises_removes_nothing(letters: TinyDB) -> None:
    letters.insert({"n": None})
    with pytest.raises(TypeError):
        letters.remove(where("n") > 0)
    assert len(letters) == 4


def test_an_emptied_table_is_still_there(letters: TinyDB) -> None:
    letters.remove(where("n") == 1)
    assert len(letters) == 0
    assert letters.tables() == {"_default"}


def test_truncate_empties_one_table_only(letters: TinyDB) -> None:
    letters.table("other").insert({})
    letters.truncate()
    assert letters.all() == []
    assert len(letters.table("other")) == 1
    assert letters.tables() == {"_default", "other"}


def test_after_truncate_every_read_finds_nothing(letters: TinyDB) -> None:
    letters.search(where("n") == 1)
    letters.truncate()
    assert letters.search(where("n") == 1) == []
    assert letters.get(doc_id=1) is None
    assert letters.insert(Document({"letter": "z"}, 2)) == 2
    assert contents(letters) == [(2, {"letter": "z"})]
