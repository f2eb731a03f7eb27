"""A workspace: collections, fields and records, found by name and by id."""

from __future__ import annotations

import pytest
from tinydb import Query

from app.errors import BadNameError, KindError, NameTakenError, NoSuchCollectionError
from app.workspace import Workspace, trashed_documents
from storage import RecordIds, Store


@pytest.fixture
def workspace():
    clock = iter(range(1_800_000_000, 1_900_000_000)).__next__
    with Workspace(Store(ids=RecordIds(clock=clock, device_number=0)), name="W", id="w") as made:
        yield made


@pytest.fixture
def stock(workspace):
    return workspace.create_collection(
        "Stock", [("item", "text"), ("qty", "quantity", {"unit": "kg"})]
    )


def test_a_collection_is_made_with_its_fields_in_order(workspace, stock):
    assert [(each.slug, each.kind) for each in stock.fields] == [
        ("item", "text"),
        ("qty", "quantity"),
    ]
    assert stock.fields[1].options == {"unit": "kg"}
    assert workspace.collections() == (stock,)
    assert stock.records == 0


def test_records_are_counted(workspace, stock):
    workspace.add("Stock", [{"item": "a"}, {"item": "b"}])
    assert workspace.collection("Stock").records == 2


def test_a_field_added_later_comes_last(workspace, stock):
    workspace.add_field("Stock", "due", "date")
    assert [each.slug for each in workspace.collection("Stock").fields] == ["item", "qty", "due"]


def test_the_name_stays_when_the_title_changes(workspace, stock):
    renamed = workspace.rename_collection("Stock", "Lager")
    assert (renamed.slug, renamed.title) == ("Stock", "Lager")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda w: w.create_collection("Stock"), NameTakenError),
        (lambda w: w.create_collection("_x"), BadNameError),
        (lambda w: w.create_collection("New", [("a", "formula")]), KindError),
        (lambda w: w.create_collection("New", [("a", "text"), ("", "text")]), BadNameError),
        (lambda w: w.add_field("Stock", "item", "text"), NameTakenError),
        (lambda w: w.add_field("Stock", "x", "nonsense"), KindError),
        (lambda w: w.add_field("None", "x", "text"), NoSuchCollectionError),
        (lambda w: w.rename_collection("None", "x"), NoSuchCollectionError),
        (lambda w: w.trash_collection("None"), NoSuchCollectionError),
        (lambda w: w.restore_collection("Stock"), NoSuchCollectionError),
        (lambda w: w.add("None", [{}]), NoSuchCollectionError),
        (lambda w: w.add("_fields", [{}]), NoSuchCollectionError),
        (lambda w: w.search("x", "None"), NoSuchCollectionError),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(workspace, stock, change, error):
    before = workspace.collections()
    with pytest.raises(error):
        change(workspace)
    assert workspace.collections() == before


def test_a_trashed_collection_is_out_of_sight_and_comes_back_whole(workspace, stock):
    (record,) = workspace.add("Stock", [{"item": "drill"}])
    workspace.trash_collection("Stock")
    assert workspace.collections() == ()
    assert workspace.trashed_collections() == ("Stock",)
    assert workspace.find(record) is None
    assert workspace.search("drill").total == 0
    with pytest.raises(NoSuchCollectionError):
        workspace.table("Stock")
    with pytest.raises(NameTakenError) as refused:
        workspace.create_collection("Stock")
    assert "collection restore" in refused.value.hint
    assert workspace.restore_collection("Stock").records == 1
    assert workspace.find(record) == ("Stock", {"item": "drill"})


def test_a_record_is_found_by_its_id_alone(workspace, stock):
    workspace.create_collection("Other", [("a", "text")])
    (drill,) = workspace.add("Stock", [{"item": "drill"}])
    (other,) = workspace.add("Other", [{"a": "b"}])
    assert workspace.find(drill) == ("Stock", {"item": "drill"})
    assert workspace.find(other) == ("Other", {"a": "b"})
    assert workspace.find(12345) is None
    assert workspace.locate(12345) is None


def test_a_trashed_record_is_located_but_not_found(workspace, stock):
    (drill,) = workspace.add("Stock", [{"item": "drill"}])
    assert workspace.trash("Stock", [drill]) == [drill]
    assert workspace.find(drill) is None
    located = workspace.locate(drill)
    assert (located.collection, located.document) == ("Stock", {"item": "drill"})
    assert located.trashed_ms > 0
    assert workspace.restore("Stock", [drill]) == [drill]
    assert workspace.locate(drill).trashed_ms is None


def test_a_large_trash_is_walked_to_its_end(workspace, stock):
    ids = workspace.add("Stock", [{"item": str(number)} for number in range(25)])
    workspace.trash("Stock", ids)
    seen = [each.doc_id for each in trashed_documents(workspace.table("Stock"), page=10)]
    assert sorted(seen) == ids


def test_a_change_sets_fields_and_leaves_the_others(workspace, stock):
    ids = workspace.add("Stock", [{"item": "a", "qty": 1}, {"item": "b", "qty": 2}])
    assert workspace.change("Stock", ids, {"qty": 5}) == ids
    assert list(workspace.table("Stock")) == [{"item": "a", "qty": 5}, {"item": "b", "qty": 5}]


def test_a_change_tells_which_records_were_there_to_change(workspace, stock):
    ids = workspace.add("Stock", [{"item": "a"}, {"item": "b"}])
    workspace.trash("Stock", ids[:1])
    assert workspace.change("Stock", [*ids, 999], {"item": "z"}) == ids[1:]


def test_adding_is_all_or_nothing(workspace, stock):
    with pytest.raises(ValueError, match=r"(?i)nan"):
        workspace.add("Stock", [{"item": "a"}, {"qty": float("nan")}])
    assert workspace.collection("Stock").records == 0


def test_search_looks_into_one_collection_or_all_but_never_into_the_schema(workspace, stock):
    workspace.create_collection("Other", [("item", "text")])
    workspace.add("Stock", [{"item": "drill item"}])
    workspace.add("Other", [{"item": "drill"}])
    assert {hit.table for hit in workspace.search("drill").hits} == {"Stock", "Other"}
    assert {hit.table for hit in workspace.search("drill", "Other").hits} == {"Other"}
    assert {hit.table for hit in workspace.search("item").hits} == {"Stock"}


def test_a_title_follows_the_fields_as_they_change(workspace):
    workspace.create_collection("C", [("n", "number")])
    document = {"n": 5, "name": "Ann"}
    assert workspace.title_of("C", document) == "5"
    workspace.add_field("C", "name", "text")
    assert workspace.title_of("C", document) == "Ann"


def test_a_title_survives_a_change_of_fields_that_was_taken_back(workspace):
    workspace.create_collection("C", [("n", "number")])

    class Stopped(Exception):  # noqa: N818 - it stands for anything
        pass

    def cut_off():
        with workspace.store.transaction():
            workspace.add_field("C", "name", "text")
            raise Stopped

    with pytest.raises(Stopped):
        cut_off()
    assert workspace.title_of("C", {"n": 5, "name": "Ann"}) == "5"
    assert [each.slug for each in workspace.collection("C").fields] == ["n"]


def test_those_who_watch_hear_of_each_commit(workspace, stock):
    heard = []
    stop = workspace.watch(heard.append)
    workspace.add("Stock", [{"item": "a"}])
    stop()
    workspace.add("Stock", [{"item": "b"}])
    assert [each.covers("Stock") for each in heard] == [True]


def test_it_is_an_ordinary_table_underneath(workspace, stock):
    workspace.add("Stock", [{"item": "a", "qty": 1}])
    assert workspace.table("Stock").search(Query().qty == 1) == [{"item": "a", "qty": 1}]
