"""Which ids documents get, explicit ones, and the order that follows from them."""

import pytest
from tinydb import TinyDB, where
from tinydb.table import Document

from tests.support.stores import StorePlace, contents


def test_an_explicit_id_is_kept_and_the_count_goes_on_after_it(db: TinyDB) -> None:
    assert db.insert({}) == 1
    assert db.insert(Document({"n": 12}, 12)) == 12
    assert db.insert(Document({"n": 77}, 77)) == 77
    assert db.insert({}) == 78
    assert db.get(doc_id=12) == {"n": 12}


def test_a_lower_explicit_id_does_not_turn_the_count_back(db: TinyDB) -> None:
    db.insert(Document({}, 50))
    db.insert(Document({}, 7))
    assert db.insert({}) == 51


def test_a_lower_explicit_id_comes_later_in_iteration(db: TinyDB) -> None:
    db.insert(Document({"n": "first"}, 50))
    db.insert(Document({"n": "second"}, 7))
    db.insert({"n": "third"})
    db.insert(Document({"n": "fourth"}, 8))
    assert contents(db) == [
        (50, {"n": "first"}),
        (7, {"n": "second"}),
        (51, {"n": "third"}),
        (8, {"n": "fourth"}),
    ]
    assert [d.doc_id for d in db.search(where("n").exists())] == [50, 7, 51, 8]
    assert [d.doc_id for d in db.get(doc_ids=[8, 7, 50])] == [50, 7, 8]
    assert db.get(where("n").exists()).doc_id == 50
    assert db.update({"seen": True}) == [50, 7, 51, 8]
    assert db.remove(where("seen") == True) == [50, 7, 51, 8]  # noqa: E712 (a query)


@pytest.mark.parametrize("doc_id", [0, -5, 2**40, 2**62])
def test_low_and_high_explicit_ids_work_everywhere(db: TinyDB, doc_id: int) -> None:
    assert db.insert(Document({"n": 1}, doc_id)) == doc_id
    assert db.contains(doc_id=doc_id)
    assert db.update({"n": 2}, doc_ids=[doc_id]) == [doc_id]
    assert contents(db) == [(doc_id, {"n": 2})]
    assert db.insert({}) > doc_id
    assert db.remove(doc_ids=[doc_id]) == [doc_id]
    assert not db.contains(doc_id=doc_id)


def test_a_duplicate_explicit_id_is_refused_and_changes_nothing(letters: TinyDB) -> None:
    with pytest.raises(ValueError, match=r"^Document with ID 2 already exists$"):
        letters.insert(Document({"letter": "z"}, 2))
    with pytest.raises(ValueError, match=r"^Document with ID 3 already exists$"):
        letters.insert_multiple([{"letter": "y"}, Document({"letter": "z"}, 3)])
    assert [d["letter"] for d in letters] == ["a", "b", "c"]


def test_insert_multiple_keeps_explicit_ids(db: TinyDB) -> None:
    assert db.insert_multiple([Document({"n": 12}, 12), Document({"n": 77}, 77)]) == [12, 77]
    assert contents(db) == [(12, {"n": 12}), (77, {"n": 77})]
    assert db.insert({}) == 78


def test_an_explicit_id_twice_in_one_call_is_refused_whole(db: TinyDB) -> None:
    with pytest.raises(ValueError, match=r"^Document with ID 4 already exists$"):
        db.insert_multiple([Document({}, 4), Document({}, 4)])
    assert len(db) == 0


def test_explicit_ids_between_others_overwrite_nothing(our_db: TinyDB) -> None:
    # TinyDB hands out id 2 twice here and loses a document; we do not follow it there.
    assert our_db.insert_multiple([{"n": 1}, Document({"n": 2}, 2), {"n": 3}]) == [1, 2, 3]
    assert our_db.insert_multiple([Document({"n": 4}, 4)]) == [4]
    assert our_db.insert({"n": 5}) == 5
    assert contents(our_db) == [(n, {"n": n}) for n in range(1, 6)]


def test_a_removed_id_is_not_given_again(letters: TinyDB) -> None:
    letters.remove(doc_ids=[3])
    assert letters.insert({}) == 4


def test_a_removed_id_is_not_given_again_after_reopening(our_durable_place: StorePlace) -> None:
    store = our_durable_place.open()
    store.insert_multiple([{}, {}, {}])
    store.remove(doc_ids=[3])
    assert our_durable_place.reopen().insert({}) == 4


def test_a_removed_id_may_be_taken_explicitly(letters: TinyDB) -> None:
    letters.remove(doc_ids=[2])
    assert letters.insert(Document({"letter": "again"}, 2)) == 2
    assert [doc_id for doc_id, _ in contents(letters)] == [1, 3, 2]


def test_truncate_starts_the_count_again(letters: TinyDB) -> None:
    letters.truncate()
    assert letters.insert({}) == 1


def test_dropping_a_table_starts_its_count_again(db: TinyDB) -> None:
    db.table("t").insert_multiple([{}, {}])
    db.drop_table("t")
    assert db.table("t").insert({}) == 1
    db.drop_tables()
    assert db.table("t").insert({}) == 1


def test_each_table_counts_for_itself(db: TinyDB) -> None:
    assert db.table("one").insert_multiple([{}, {}]) == [1, 2]
    assert db.table("two").insert({}) == 1
    assert db.table("one").insert({}) == 3


def test_next_id_is_handed_out_once(db: TinyDB) -> None:
    table = db.table("t")
    assert [table._get_next_id() for _ in range(3)] == [1, 2, 3]


def test_the_count_goes_on_after_reopening(durable_place: StorePlace) -> None:
    durable_place.open().insert_multiple({"n": n} for n in range(100))
    store = durable_place.reopen()
    assert store.insert({"n": 100}) == 101


def test_an_id_given_as_text_is_found_as_tinydb_does(letters: TinyDB) -> None:
    assert letters.get(doc_id="2") == {"n": 1, "letter": "b"}
    assert [d["letter"] for d in letters.get(doc_ids=["3", 1])] == ["a", "c"]


@pytest.mark.parametrize("doc_id", [float("nan"), 1.5, "x", 99, -1, 2**80])
def test_an_id_that_no_document_has_finds_nothing(letters: TinyDB, doc_id: object) -> None:
    assert letters.get(doc_id=doc_id) is None
    assert letters.get(doc_ids=[doc_id]) == []
    assert not letters.contains(doc_id=doc_id)
    assert letters.update({"n": 2}, doc_ids=[doc_id]) == []
    assert letters.remove(doc_ids=[doc_id]) == []
    assert len(letters) == 3
