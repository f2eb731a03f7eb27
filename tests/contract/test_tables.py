"""Tables: making, naming, listing and dropping them, and what their representation says."""

import re

import pytest
from tinydb import TinyDB, where

from tests.support.stores import StorePlace


def test_a_table_is_one_object(db: TinyDB) -> None:
    table = db.table("t", cache_size=3)
    assert db.table("t") is table
    assert db.table("t", cache_size=7) is table
    assert db.table("other") is not table


def test_a_table_has_its_name_and_the_storage_of_the_store(db: TinyDB) -> None:
    table = db.table("t")
    assert table.name == "t"
    assert table.storage is db.storage
    with pytest.raises(AttributeError):
        table.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "two words",
        'quo"te',
        "apo'strophe",
        "semi;colon",
        "表",
        "_x",
        "a" * 300,
        "sqlite_master",
        "%",
    ],
)
def test_a_table_may_have_any_name(db: TinyDB, name: str) -> None:
    db.table(name).insert({"n": 1})
    assert db.tables() == {name}
    assert db.table(name).all() == [{"n": 1}]
    db.drop_table(name)
    assert db.tables() == set()


def test_table_names_keep_their_case_apart(db: TinyDB) -> None:
    db.table("Stock").insert({"n": 1})
    db.table("stock").insert({"n": 2})
    assert db.tables() == {"Stock", "stock"}
    assert db.table("Stock").all() == [{"n": 1}]


def test_tables_are_listed_once_written(db: TinyDB) -> None:
    assert db.tables() == set()
    db.insert({})
    db.table("one").insert({})
    db.table("two")
    assert db.tables() == {"_default", "one"}


def test_documents_of_one_table_are_not_in_another(db: TinyDB) -> None:
    for name in ("one", "two", "three"):
        db.table(name).insert_multiple([{"in": name}, {"in": name}])
    db.table("two").update({"changed": True})
    db.table("three").remove(doc_ids=[1])
    assert db.table("one").all() == [{"in": "one"}, {"in": "one"}]
    assert db.table("two").count(where("changed") == True) == 2  # noqa: E712 (a query)
    assert len(db.table("three")) == 1
    assert len(db) == 0


def test_an_empty_table_is_kept_when_asked(db: TinyDB) -> None:
    db.table("kept", persist_empty=True)
    db.table("not kept", persist_empty=False)
    assert db.tables() == {"kept"}


def test_an_empty_table_that_was_kept_is_there_after_reopening(durable_place: StorePlace) -> None:
    durable_place.open().table("kept", persist_empty=True)
    assert durable_place.reopen().tables() == {"kept"}


def test_persist_empty_takes_no_documents_away(our_durable_place: StorePlace) -> None:
    # TinyDB empties a table that is opened so; whoever asks to keep a table does not ask for that.
    our_durable_place.open().table("t").insert({})
    store = our_durable_place.reopen()
    assert len(store.table("t", persist_empty=True)) == 1


def test_drop_table_forgets_documents_and_object(db: TinyDB) -> None:
    table = db.table("t")
    table.insert({})
    db.insert({})
    db.drop_table("t")
    assert db.tables() == {"_default"}
    assert len(table) == 0
    assert db.table("t") is not table
    assert "t" not in db._tables or db._tables["t"] is not table


def test_dropping_the_default_table_leaves_the_store_usable(letters: TinyDB) -> None:
    letters.drop_table("_default")
    assert len(letters) == 0
    assert letters.insert({}) == 1


def test_dropping_a_table_that_is_not_there_is_no_error(letters: TinyDB) -> None:
    letters.drop_table("never made")
    assert letters.tables() == {"_default"}
    assert len(letters) == 3


def test_drop_tables_empties_the_store(letters: TinyDB) -> None:
    table = letters.table("t")
    table.insert({})
    letters.drop_tables()
    assert letters.tables() == set()
    assert len(letters) == 0
    assert len(table) == 0
    letters.drop_tables()
    assert letters.insert({}) == 1


def test_a_dropped_table_stays_dropped_after_reopening(durable_place: StorePlace) -> None:
    store = durable_place.open()
    store.table("t").insert({})
    store.insert({})
    store.drop_table("t")
    assert durable_place.reopen().tables() == {"_default"}


def test_a_table_iterates_and_counts(db: TinyDB) -> None:
    table = db.table("t")
    table.insert_multiple({"n": n} for n in range(4))
    assert [document["n"] for document in table] == [0, 1, 2, 3]
    assert len(table) == 4


def test_an_empty_table_is_false_and_a_full_one_true(db: TinyDB) -> None:
    assert not db.table("t")
    db.table("t").insert({})
    assert db.table("t")


def test_the_representation_of_a_table_names_it_and_counts(db: TinyDB) -> None:
    db.table("t").insert({})
    assert re.match(r"<\w*Table name='t', total=1, storage=", repr(db.table("t")))


def test_the_representation_of_a_store_lists_tables_and_counts(letters: TinyDB) -> None:
    letters.table("t").insert({})
    shown = repr(letters)
    assert shown.startswith("<TinyDB tables=[")
    assert "tables_count=2" in shown
    assert "default_table_documents_count=3" in shown
    assert "'_default=3'" in shown
    assert "'t=1'" in shown


def test_a_table_that_was_dropped_reads_as_empty(letters: TinyDB) -> None:
    table = letters.table("_default")
    assert table.get(doc_id=1) == {"n": 1, "letter": "a"}
    letters.drop_tables()
    assert table.get(doc_id=1) is None
    assert table.get(where("letter") == "a") is None
    assert table.all() == []
