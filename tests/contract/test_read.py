"""all, iteration, len, search, get, contains and count."""

from typing import Any

import pytest
from tinydb import TinyDB, where
from tinydb.table import Document

from tests.support.stores import contents


def test_an_empty_store_reads_as_empty(db: TinyDB) -> None:
    assert len(db) == 0
    assert db.all() == []
    assert list(db) == []
    assert db.search(where("a") == 1) == []
    assert db.get(where("a") == 1) is None
    assert db.get(doc_id=1) is None
    assert db.count(where("a") == 1) == 0
    assert not db.contains(where("a") == 1)


def test_reading_makes_no_table(db: TinyDB) -> None:
    db.all()
    db.search(where("a").exists())
    len(db.table("other"))
    assert db.tables() == set()


def test_all_and_iteration_keep_the_order_of_insertion(letters: TinyDB) -> None:
    assert [d["letter"] for d in letters.all()] == ["a", "b", "c"]
    assert list(letters) == letters.all()
    assert contents(letters) == [
        (1, {"n": 1, "letter": "a"}),
        (2, {"n": 1, "letter": "b"}),
        (3, {"n": 1, "letter": "c"}),
    ]


def test_every_read_gives_documents_with_ids(letters: TinyDB) -> None:
    found = [*letters.all(), *letters.search(where("n") == 1), *letters.get(doc_ids=[1, 2, 3])]
    assert [d.doc_id for d in found] == [1, 2, 3] * 3
    assert {type(d) for d in found} == {Document}
    assert all(type(d.doc_id) is int for d in found)


def test_search_keeps_table_order_and_finds_every_match(letters: TinyDB) -> None:
    letters.update({"n": 2}, doc_ids=[1])
    assert [d["letter"] for d in letters.search(where("n") >= 1)] == ["a", "b", "c"]
    assert [d["letter"] for d in letters.search(where("n") == 1)] == ["b", "c"]


def test_an_update_does_not_move_a_document(letters: TinyDB) -> None:
    letters.update({"letter": "z"}, doc_ids=[1])
    assert [d["letter"] for d in letters] == ["z", "b", "c"]


def test_get_gives_the_first_match(letters: TinyDB) -> None:
    assert letters.get(where("n") == 1) == {"n": 1, "letter": "a"}
    assert letters.get(where("letter") == "q") is None


def test_get_by_ids_keeps_table_order_without_duplicates(letters: TinyDB) -> None:
    assert [d.doc_id for d in letters.get(doc_ids=[3, 1, 3, 99])] == [1, 3]
    assert letters.get(doc_ids=[]) == []
    assert [d.doc_id for d in letters.get(doc_ids=(2,))] == [2]


def test_get_prefers_the_id_then_the_ids_then_the_condition(letters: TinyDB) -> None:
    c_only = where("letter") == "c"
    assert letters.get(c_only, 1)["letter"] == "a"
    assert letters.get(c_only, doc_id=99) is None
    assert letters.get(c_only, doc_id=1, doc_ids=[2])["letter"] == "a"
    assert [d["letter"] for d in letters.get(c_only, doc_ids=[2])] == ["b"]


def test_get_needs_something_to_look_for(db: TinyDB) -> None:
    with pytest.raises(RuntimeError, match=r"^You have to pass either cond or doc_id or doc_ids$"):
        db.get()


def test_contains_asks_by_condition_or_id(letters: TinyDB) -> None:
    assert letters.contains(where("letter") == "b")
    assert not letters.contains(where("letter") == "q")
    assert letters.contains(doc_id=3)
    assert not letters.contains(doc_id=4)
    assert not letters.contains(where("letter") == "a", doc_id=4)


def test_contains_needs_something_to_look_for(db: TinyDB) -> None:
    with pytest.raises(RuntimeError, match=r"^You have to pass either cond or doc_id$"):
        db.contains()


def test_count_counts_matches(letters: TinyDB) -> None:
    assert letters.count(where("n") == 1) == 3
    assert letters.count(where("letter").one_of(["a", "c", "q"])) == 2
    assert letters.count(where("n") == 9) == 0


def test_a_plain_callable_is_a_condition(letters: TinyDB) -> None:
    def late(document: Any) -> bool:
        return bool(document["letter"] > "a")

    assert [d["letter"] for d in letters.search(late)] == ["b", "c"]
    assert letters.get(late) == {"n": 1, "letter": "b"}
    assert letters.contains(late)
    assert letters.count(late) == 2
    assert letters.update({"n": 2}, late) == [2, 3]
    assert letters.remove(late) == [2, 3]


def test_a_condition_may_answer_with_anything_truthy(letters: TinyDB) -> None:
    assert len(letters.search(lambda d: d["letter"] * (d["letter"] != "a"))) == 2


def test_what_a_condition_raises_comes_through(letters: TinyDB) -> None:
    letters.insert({"n": "text"})
    for call in (letters.search, letters.count, letters.remove):
        with pytest.raises(TypeError):
            call(where("n") < 1)
    with pytest.raises(TypeError):
        letters.update({"n": 5}, where("n") < 1)
    with pytest.raises(ZeroDivisionError):
        letters.search(where("n").test(lambda _: bool(1 // 0)))
    assert len(letters) == 4
    assert letters.count(where("n") == 1) == 3


def test_get_stops_at_the_first_match_before_a_condition_would_raise(letters: TinyDB) -> None:
    letters.insert({"n": "text"})
    assert letters.get(where("n") <= 1) == {"n": 1, "letter": "a"}
    assert letters.contains(where("n") <= 1)
    with pytest.raises(TypeError):
        letters.get(where("n") > 1)


MANY = 600  # more than a store reads at once


def test_a_loop_may_remove_what_it_walks_over(db: TinyDB) -> None:
    db.insert_multiple({"n": n} for n in range(MANY))
    seen = []
    for document in db:
        seen.append(document["n"])
        if document["n"] % 50 == 0:
            db.remove(doc_ids=[document.doc_id])
    assert seen == list(range(MANY))
    assert len(db) == MANY - MANY // 50


def test_a_loop_does_not_meet_what_it_inserts(db: TinyDB) -> None:
    db.insert_multiple({"n": n} for n in range(MANY))
    for seen, document in enumerate(db, 1):
        assert seen <= MANY
        if document["n"] % 50 == 0:
            db.insert({"n": -1})
    assert len(db) == MANY + MANY // 50


def test_a_loop_shows_every_document_that_stays_once_and_in_order(db: TinyDB) -> None:
    # As it was or as it has become: TinyDB itself shows the one on file and the other in memory.
    db.insert_multiple({"n": n} for n in range(MANY))
    loop = iter(db)
    seen = [next(loop).doc_id]
    db.update({"n": -1}, where("n") > MANY - 10)
    db.remove(where("n") == MANY // 2)
    seen += [document.doc_id for document in loop]
    assert seen == sorted(set(seen))
    assert {document.doc_id for document in db} <= set(seen)


def test_two_loops_at_once_do_not_disturb_each_other(letters: TinyDB) -> None:
    pairs = [(one["letter"], two["letter"]) for one in letters for two in letters]
    assert pairs == [(one, two) for one in "abc" for two in "abc"]


def test_a_condition_may_itself_ask_the_store(letters: TinyDB) -> None:
    assert len(letters.search(lambda d: letters.count(where("letter") == d["letter"]) == 1)) == 3


def test_changing_a_found_document_changes_nothing_stored(whole_db: TinyDB) -> None:
    whole_db.insert({"tags": ["a"]})
    for document in (whole_db.all()[0], whole_db.get(doc_id=1), next(iter(whole_db))):
        document["tags"].append("b")
        document["new"] = True
    assert whole_db.get(doc_id=1) == {"tags": ["a"]}
    assert whole_db.all() == [{"tags": ["a"]}]


def test_the_store_forwards_to_its_default_table(letters: TinyDB) -> None:
    table = letters.table("_default")
    assert table.all() == letters.all()
    assert letters.name == "_default"
    with pytest.raises(AttributeError):
        letters.no_such_thing  # noqa: B018 (asking is the test)
