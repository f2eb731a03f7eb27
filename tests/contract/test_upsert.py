"""upsert: by condition, by document id, and when it inserts."""

import pytest
from tinydb import TinyDB, where
from tinydb.table import Document

from tests.support.stores import contents


def test_upsert_updates_every_match(letters: TinyDB) -> None:
    assert letters.upsert({"n": 5}, where("letter") != "b") == [1, 3]
    assert [d["n"] for d in letters] == [5, 1, 5]


def test_upsert_inserts_when_nothing_matches(letters: TinyDB) -> None:
    assert letters.upsert({"letter": "x"}, where("letter") == "x") == [4]
    assert letters.get(doc_id=4) == {"letter": "x"}
    assert letters.upsert({"letter": "x", "n": 2}, where("letter") == "x") == [4]
    assert len(letters) == 4


def test_upsert_of_a_document_goes_by_its_id(letters: TinyDB) -> None:
    assert letters.upsert(Document({"letter": "v"}, doc_id=1)) == [1]
    assert letters.get(doc_id=1) == {"n": 1, "letter": "v"}
    assert letters.upsert(Document({"letter": "w"}, doc_id=9)) == [9]
    assert contents(letters)[-1] == (9, {"letter": "w"})
    assert letters.insert({}) == 10


def test_the_id_of_a_document_goes_before_the_condition(letters: TinyDB) -> None:
    assert letters.upsert(Document({"n": 7}, doc_id=2), where("letter") == "a") == [2]
    assert [d["n"] for d in letters] == [1, 7, 1]
    assert letters.upsert(Document({"n": 8}, doc_id=20), where("letter") == "a") == [20]


def test_upsert_needs_a_condition_or_an_id(letters: TinyDB) -> None:
    with pytest.raises(ValueError, match=r"(?s)search query.*doc_id"):
        letters.upsert({"letter": "x"})
    assert len(letters) == 3


def test_upsert_refuses_what_it_would_have_to_insert_and_cannot(letters: TinyDB) -> None:
    with pytest.raises(ValueError, match=r"^Document is not a Mapping$"):
        letters.upsert([("n", 1)], where("letter") == "q")
    assert len(letters) == 3
