"""The command line's contract, by real processes: shapes of JSON, exit codes, what is kept."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import PATIENCE_S
from tests.support.project import ROOT

RECORD = {"id", "collection", "fields", "created", "changed", "trashed", "conflicts"}
WORKSPACE = {"name", "id", "role", "records", "bytes"}
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_a_day_of_work_has_the_shapes_of_the_contract(bare):
    made = bare.json(
        "init", "--name", "Ann", "--device", "Laptop", "--workspace", "Practice", "--unprotected"
    )
    assert set(made) >= {"version", "home", "device", "locked", "workspaces"}
    assert set(made["device"]) == {"id", "name"}
    assert made["device"]["name"] == "Laptop"
    assert made["locked"] is False
    assert [set(each) for each in made["workspaces"]] == [WORKSPACE]
    assert made["workspaces"][0] | {"id": "", "bytes": 0} == {
        "name": "Practice",
        "id": "",
        "role": "owner",
        "records": 0,
        "bytes": 0,
    }

    bare.json("collection", "create", "stock", "--fields", "item:text,qty:quantity,due:date")
    added = bare.json("record", "add", "stock", "item=Drill", "qty=3", "due=2026-02-28")
    (record,) = added["ids"]
    assert re.fullmatch("[0-9a-hjkmnp-tv-z]{13}", record)

    got = bare.json("record", "get", record)
    assert set(got) == RECORD
    assert got["fields"] == {"item": "Drill", "qty": 3, "due": "2026-02-28"}
    assert (got["id"], got["collection"]) == (record, "stock")
    assert (got["trashed"], got["conflicts"]) == (None, [])
    assert MOMENT.fullmatch(got["created"])
    assert MOMENT.fullmatch(got["changed"])

    assert bare.json("record", "set", record, "qty=5", "due=") == {"ids": [record]}
    changed = bare.json("record", "get", record)
    assert changed["fields"] == {"item": "Drill", "qty": 5, "due": None}
    assert changed["created"] == got["created"]

    listed = bare.json("record", "list", "stock")
    assert listed == {"records": [changed], "total": 1}
    collections = bare.json("collection", "list")["collections"]
    assert [(each["name"], each["records"]) for each in collections] == [("stock", 1)]
    assert [each["name"] for each in collections[0]["fields"]] == ["item", "qty", "due"]

    found = bare.json("search", "dril")
    assert found["total"] == 1
    assert set(found["hits"][0]) == {"id", "collection", "title", "snippet", "score"}
    assert (found["hits"][0]["id"], found["hits"][0]["title"]) == (record, "Drill")

    assert bare.json("record", "trash", record) == {"ids": [record]}
    assert bare.json("record", "list", "stock") == {"records": [], "total": 0}
    assert MOMENT.fullmatch(bare.json("record", "get", record)["trashed"])
    trash = bare.json("record", "list", "stock", "--trash")
    assert (trash["total"], trash["records"][0]["id"]) == (1, record)
    assert bare.json("record", "restore", record) == {"ids": [record]}
    assert bare.json("record", "get", record)["trashed"] is None

    checked = bare.json("verify")
    assert set(checked) >= {"ok", "digest", "checked", "problems"}
    assert (checked["ok"], checked["problems"]) == (True, [])
    assert checked["checked"]["records"] > 0
    assert bare.json("status")["workspaces"][0]["records"] == 1


def test_a_terminal_without_the_signs_gets_escapes(stock):
    stock.json("record", "add", "stock", "item=日本")
    stock.environment.update(PYTHONIOENCODING="ascii", LC_ALL="C")
    assert r"\u65e5" in stock.run("record", "list", "stock").out
    assert stock.json("record", "list", "stock")["records"][0]["fields"]["item"] == "日本"


@pytest.fixture
def closed(bare):
    """A home with a passphrase."""
    bare.environment["COMMONHOLD_PASSPHRASE"] = "open sesame"
    bare.json("init", "--name", "Ann", "--device", "Laptop")
    del bare.environment["COMMONHOLD_PASSPHRASE"]
    return bare


def test_a_locked_home_says_so_and_nothing_else(closed):
    status = closed.json("status")
    assert status["locked"] is True
    assert status["device"] == {"id": None, "name": None}
    assert [each["name"] for each in status["workspaces"]] == [None]
    refused = closed.run("--json", "collection", "list")
    assert (refused.code, refused.error["code"]) == (3, "vault_locked")
    assert "COMMONHOLD_PASSPHRASE" in refused.error["hint"]


def test_a_wrong_passphrase_is_code_three(closed):
    closed.environment["COMMONHOLD_PASSPHRASE"] = "open sesam"
    for command in ("status", "verify"):
        refused = closed.run("--json", command)
        assert (refused.code, refused.error["code"]) == (3, "wrong_passphrase")


def test_a_passphrase_comes_by_environment_or_file(closed, tmp_path):
    file = tmp_path / "passphrase"
    file.write_text("open sesame\n")
    assert closed.json("--passphrase-file", str(file), "collection", "list") == {"collections": []}
    closed.environment["COMMONHOLD_PASSPHRASE"] = "open sesame"
    assert closed.json("status")["locked"] is False
    missing = closed.run("--json", "--passphrase-file", str(tmp_path / "none"), "status")
    assert (missing.code, missing.error["code"]) == (1, "bad_input")


# -------------------------------------------------------------------------------- two at once


def test_two_programs_write_to_one_home_at_once_and_lose_nothing(stock):
    data = json.dumps([{"item": f"i{number}"} for number in range(40)]).encode()
    writers = [
        stock.start("--json", "record", "add", "stock", "--file", "-", stdin=-1) for _ in range(4)
    ]
    made = set()
    for writer in writers:
        out, err = writer.communicate(data, timeout=PATIENCE_S)
        assert writer.returncode == 0, err
        made |= set(json.loads(out)["ids"])
    assert len(made) == 160
    listed = stock.json("record", "list", "stock")
    assert {each["id"] for each in listed["records"]} == made
    assert stock.json("verify")["ok"] is True


def test_one_collection_is_made_once_when_two_ask_at_once(here):
    asking = [here.start("--json", "collection", "create", "stock") for _ in range(3)]
    codes = []
    for each in asking:
        each.communicate(timeout=PATIENCE_S)
        codes.append(each.returncode)
    assert sorted(codes) == [0, 1, 1]
    assert len(here.json("collection", "list")["collections"]) == 1


# ------------------------------------------------------------------------------- ends and pipes


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise on Windows")
def test_stopping_an_import_keeps_nothing_of_it(here, tmp_path):
    file = tmp_path / "big.csv"
    with file.open("w") as out:
        out.write("number,text\n")
        out.writelines(f"{number},some words about {number}\n" for number in range(400_000))
    process = here.start("import", str(file))
    (store,) = here.home.glob("workspaces/*/store.db")
    log = store.with_name("store.db-wal")
    while not (log.exists() and log.stat().st_size > 1_000_000):  # until it has written much
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
    process.send_signal(signal.SIGINT)
    out_bytes, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, err
    assert out_bytes == b""
    assert b"Traceback" not in err
    assert here.json("collection", "list") == {"collections": []}
    assert here.json("verify")["ok"] is True


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise on Windows")
def test_a_reader_that_goes_away_is_no_traceback(stock):
    data = json.dumps([{"item": "x" * 200} for _ in range(2000)]).encode()
    stock.json("record", "add", "stock", "--file", "-", stdin=data)
    process = stock.start("--json", "record", "list", "stock")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=PATIENCE_S) == 1


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no disk that is always full")
@pytest.mark.parametrize("arguments", [["--json", "status"], ["status"], ["--version"]])
@pytest.mark.parametrize("at_once", ["", "1"], ids=["at the end", "at once"])
def test_an_answer_that_cannot_be_written_is_named_on_stderr(here, arguments, at_once):
    here.environment["PYTHONUNBUFFERED"] = at_once
    with Path("/dev/full").open("wb") as full:
        process = here.start(*arguments, stdout=full)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert err.count(b"\n") == 2
    assert b"No space left" in err
    assert b"Traceback" not in err
    assert b"Exception ignored" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="handles are closed otherwise on Windows")
def test_closed_streams_are_no_traceback(stock):
    def closed(stream, *arguments):
        process = stock.start(*arguments, preexec_fn=lambda: os.close(stream))
        out, err = process.communicate(timeout=PATIENCE_S)
        assert b"Traceback" not in err
        return process.returncode, out

    assert closed(1, "--json", "status") == (0, b"")
    assert closed(1, "nonsense") == (2, b"")
    assert closed(2, "--json", "status")[0] == 0
    code, out = closed(0, "--json", "record", "add", "stock", "--file", "-")
    assert (code, json.loads(out)["error"]["code"]) == (1, "bad_input")


def test_stopped_while_it_loads_it_says_so_too(here, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(STOPPED_EARLY)
    here.environment["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{ROOT}"
    done = here.run("status")
    assert (done.code, done.out) == (130, "")
    assert done.err == "Stopped. What was not finished was not kept.\n"


STOPPED_EARLY = """
import sys
class Stopped:
    def find_spec(self, name, path=None, target=None):
        if name == "app.cli.main":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Stopped())
"""


# ------------------------------------------------------------------------------ without Kivy

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"kivy", "kivymd", "asynckivy", "materialyoucolor"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
"""


@pytest.fixture
def without_kivy(stock, tmp_path):
    folder = tmp_path / "blocked"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(BLOCKED)
    stock.environment["PYTHONPATH"] = f"{folder}{';' if sys.platform == 'win32' else ':'}{ROOT}"
    return stock


def test_without_the_windows_libraries_all_other_commands_work(without_kivy):
    (record,) = without_kivy.json("record", "add", "stock", "item=Drill")["ids"]
    for command in (
        ["status"],
        ["record", "get", record],
        ["search", "drill"],
        ["verify"],
        ["config"],
    ):
        assert without_kivy.run(*command).code == 0


@pytest.mark.parametrize("command", [[], ["app"], ["demo"]], ids=str)
def test_without_them_the_window_says_what_is_missing(without_kivy, command):
    refused = without_kivy.run("--json", *command)
    assert (refused.code, refused.error["code"]) == (1, "window_missing")
    assert "desktop" in refused.error["hint"]
