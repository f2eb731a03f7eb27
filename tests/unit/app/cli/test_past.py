"""History, undo, redo, purge and conflicts by command."""

from __future__ import annotations

import time

import pytest

from app.home import Home
from tests.support.second import exchange, joined


@pytest.fixture
def drill(stock):
    return stock.json("record", "add", "stock", "item=Drill", "qty=3")["ids"][0]


def test_a_record_tells_who_wrote_what_and_when(stock, drill):
    stock.json("record", "set", drill, "qty=5")
    first, second = stock.json("record", "history", drill)["versions"]
    assert (first["n"], first["what"], first["member"], first["device"]) == (
        *(1, "created"),
        *("Ann", "Laptop"),
    )
    assert first["fields"] == {"item": [None, "Drill"], "qty": [None, 3]}
    assert (second["what"], second["fields"]) == ("changed", {"qty": [3, 5]})
    assert first["at"] <= second["at"]
    assert "qty: 3 → 5" in stock.run("record", "history", drill).out


def test_undo_takes_back_the_last_command_and_redo_does_it_again(stock, drill):
    stock.json("record", "set", drill, "qty=5")
    assert stock.json("undo") == {"records": 1, "left": 0, "texts": 0}
    assert stock.json("record", "get", drill)["fields"]["qty"] == 3
    assert stock.json("redo")["records"] == 1
    assert stock.json("record", "get", drill)["fields"]["qty"] == 5


def test_undo_goes_back_to_the_beginning_and_says_when_it_is_there(here):
    here.json("collection", "create", "stock", "--fields", "item")
    here.json("record", "add", "stock", "item=Drill")
    while here.json("undo")["records"]:
        pass
    assert here.json("collection", "list") == {"collections": []}
    assert "nothing to undo" in here.run("undo").err
    here.json("redo")
    here.json("redo")
    assert here.json("record", "list", "stock")["total"] == 1
    assert "nothing to redo" in here.run("redo").err


def test_an_import_is_undone_as_one(stock, tmp_path):
    before = stock.json("record", "list", "stock")
    file = tmp_path / "new.csv"
    file.write_text("item,qty\nSaw,1\nFile,12\n")
    stock.json("import", str(file), "--into", "stock")
    assert stock.json("undo")["records"] == 2
    assert stock.json("record", "list", "stock") == before


def test_a_version_comes_back_as_a_new_edit(stock, drill):
    stock.json("record", "set", drill, "qty=5", "item=Big drill")
    assert stock.json("record", "restore-version", drill, "1") == {"ids": [drill]}
    assert stock.json("record", "get", drill)["fields"] == {"item": "Drill", "qty": 3}
    assert len(stock.json("record", "history", drill)["versions"]) == 3
    refused = stock.run("--json", "record", "restore-version", drill, "9")
    assert (refused.code, refused.error["code"]) == (1, "no_such_version")
    assert "versions 1 to 3" in refused.error["hint"]


def test_what_is_deleted_for_good_is_seen_nowhere_until_undo(stock, drill):
    stock.json("record", "purge", drill)
    assert stock.run("--json", "record", "get", drill).error["code"] == "no_such_record"
    assert stock.json("record", "list", "stock", "--trash")["total"] == 0
    stock.json("undo")
    assert stock.json("record", "get", drill)["fields"]["item"] == "Drill"


def test_what_two_people_wrote_apart_is_listed_and_decided(stock, drill):
    with Home.open(stock.home, clock=time.time).workspace() as here:
        there = joined(here)
        here.change("stock", [_id(drill)], {"item": "Cordless drill"})
        there.change("stock", [_id(drill)], {"item": "Old drill"})
        exchange(here, there)
    (conflict,) = stock.json("conflicts")["conflicts"]
    assert (conflict["id"], conflict["field"]) == (drill, "item")
    assert {(one["value"], one["member"]) for one in conflict["values"]} == {
        ("Cordless drill", "Ann"),
        ("Old drill", "Ben"),
    }
    assert stock.json("record", "get", drill)["conflicts"] == ["item"]
    second = conflict["values"][1]
    stock.json("conflicts", "resolve", drill, "item", "--keep", str(second["n"]))
    assert stock.json("conflicts") == {"conflicts": []}
    assert stock.json("record", "get", drill)["fields"]["item"] == second["value"]


def test_a_decision_on_nothing_is_refused(stock, drill):
    refused = stock.run("--json", "conflicts", "resolve", drill, "item", "--keep", "1")
    assert (refused.code, refused.error["code"]) == (2, "usage")
    assert "Nothing was changed" in refused.error["message"] + refused.error["hint"]


def _id(text: str) -> int:
    from storage import decode_id

    return decode_id(text)


def test_an_export_says_that_the_trash_stays_behind(stock, drill, tmp_path):
    stock.json("record", "add", "stock", "item=Saw")
    stock.json("record", "trash", drill)
    told = stock.json("export", str(tmp_path / "all.json"))
    assert told["warnings"] == [
        "1 record in the trash was not exported: an export holds what is in the lists."
    ]
