"""The command line's contract, command by command: shapes, refusals, exit codes."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.support.commands import Inside

# ------------------------------------------------------------------------------- a day's work


def test_people_get_tables_and_the_messages_go_elsewhere(stock):
    stock.run("record", "add", "stock", "item=Drill", "qty=3")
    done = stock.run("record", "list", "stock")
    assert done.code == 0
    assert "Drill" in done.out
    assert done.err == "1 of 1 records\n"


def test_the_options_for_all_commands_may_stand_anywhere(stock):
    assert stock.run("collection", "list", "--json").json == stock.json("collection", "list")


def test_what_follows_two_dashes_is_not_an_option(stock):
    stock.json("record", "add", "stock", "--", "item=--json")
    assert stock.json("search", "--", "json")["total"] == 1


def test_no_question_is_asked_when_nobody_is_there(bare):
    refused = bare.run("--json", "init", "--name", "Ann", "--device", "Laptop")
    assert (refused.code, refused.error["code"]) == (2, "usage")
    assert not bare.home.exists()


def test_unprotected_is_said_openly(here):
    assert here.json("status")["protection"] == "unprotected"
    assert "unprotected: whoever can read this folder" in here.run("status").out


# ------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (["nonsense"], 2, "usage"),
        (["record"], 2, "usage"),
        (["record", "list"], 2, "usage"),
        (["record", "list", "stock", "--limit", "many"], 2, "usage"),
        (["record", "add", "stock"], 2, "usage"),
        (["record", "add", "stock", "item"], 2, "usage"),
        (["record", "list", "stock", "--where", "qty >"], 2, "where"),
        (["record", "list", "stock", "--where", "count > 1"], 1, "no_such_field"),
        (["record", "list", "stock", "--sort", "count"], 1, "no_such_field"),
        (["record", "list", "stok"], 1, "no_such_collection"),
        (["record", "get", "0000000000000"], 1, "no_such_record"),
        (["record", "get", "not an id"], 1, "no_such_record"),
        (["record", "add", "stock", "itm=x"], 1, "no_such_field"),
        (["record", "add", "stock", "due=2026-02-31"], 1, "field_value"),
        (["record", "add", "stock", "qty=1,5"], 1, "field_value"),
        (["record", "add", "stock", "--file", "/no/such/file"], 1, "bad_input"),
        (["collection", "create", "stock"], 1, "name_taken"),
        (["collection", "create", "_stock"], 1, "bad_name"),
        (["collection", "create", "x", "--fields", "a:formula"], 1, "kind"),
        (["collection", "show", "none"], 1, "no_such_collection"),
        (["workspace", "create", "Workspace"], 1, "name_taken"),
        (["--workspace", "Other", "collection", "list"], 1, "no_such_workspace"),
        (["init", "--name", "B", "--device", "C", "--unprotected"], 1, "home_exists"),
        (["config", "set", "appearance.theme", "blue"], 1, "setting"),
        (["--set", "log.level", "status"], 2, "usage"),
        (["import", "/no/such/file.csv"], 1, "unreadable_file"),
        (["export", "/no/such/folder/x.json"], 1, "unwritable_file"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else None,
)
def test_a_refusal_has_its_code_and_a_sentence(stock, arguments, exit_code, code):
    refused = stock.run("--json", *arguments)
    assert (refused.code, refused.error["code"]) == (exit_code, code), refused
    assert refused.error["message"]
    assert "Traceback" not in refused.err


def test_nothing_set_up_is_said_with_what_to_do(bare):
    refused = bare.run("--json", "status")
    assert (refused.code, refused.error["code"]) == (1, "no_home")
    assert "commonhold init" in refused.error["hint"]
    assert not bare.home.exists()


def test_a_condition_that_cannot_be_read_is_pointed_at(stock):
    refused = stock.run("record", "list", "stock", "--where", "qty > ?")
    assert refused.code == 2
    assert "qty > ?\n      ^\n" in refused.err


def test_damage_is_code_five_and_named(here):
    (store,) = here.home.glob("workspaces/*/store.db")
    data = bytearray(store.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    store.write_bytes(bytes(data))
    found = here.run("--json", "verify")
    assert found.code == 5
    assert found.json["problems"]
    shown = here.run("verify")
    assert shown.code == 5
    assert found.json["problems"][0]["detail"] in shown.out


def test_a_damaged_key_file_is_code_five(here):
    vault = here.home / "vault.json"
    vault.write_bytes(vault.read_bytes()[:-40])
    refused = here.run("--json", "status")
    assert (refused.code, refused.error["code"]) == (5, "damaged_vault")


def test_the_status_names_a_workspace_that_cannot_be_opened_and_shows_the_others(stock):
    (damaged,) = stock.home.glob("workspaces/*/store.db")
    stock.json("workspace", "create", "Archive")
    (gone,) = set(stock.home.glob("workspaces/*/store.db")) - {damaged}
    stock.json("workspace", "create", "Third")
    damaged.write_bytes(damaged.read_bytes()[:4096] + bytes(damaged.stat().st_size - 4096))
    shutil.rmtree(gone.parent)
    for command in ("status", "workspace list"):
        found = stock.run("--json", *command.split())
        assert found.code == 5
        first, second, third = found.json["workspaces"]
        assert (first["name"], first["records"]) == ("Workspace", None)
        assert first["problem"] | {"message": "", "hint": ""} == {
            "code": "damaged_store", "message": "", "hint": "", "damaged": True,
        }  # fmt: skip
        assert (second["name"], second["problem"]["code"]) == ("Archive", "missing_store")
        assert (second["bytes"], third["records"], "problem" in third) == (0, 0, False)
        shown = stock.run(*command.split())
        assert shown.code == 5
        assert "Third" in shown.out
        assert first["problem"]["message"] in shown.err
        assert second["problem"]["hint"] in shown.err


def test_a_check_of_a_damaged_store_does_not_send_one_to_check_it(stock):
    (store,) = stock.home.glob("workspaces/*/store.db")
    store.write_bytes(store.read_bytes()[:4096] + bytes(store.stat().st_size - 4096))
    found = stock.run("verify")
    assert found.code == 5
    assert "not what was written" in found.out
    assert "commonhold verify" not in found.out + found.err
    assert "Copy the whole folder before anything else" in found.err


# ------------------------------------------------------------------------------------- records


def test_a_file_of_records_is_all_or_nothing(stock):
    good = [{"item": f"part {number}", "qty": number} for number in range(30)]
    refused = stock.run(
        "--json",
        "record",
        "add",
        "stock",
        "--file",
        "-",
        stdin=json.dumps([*good, {"due": "2026-02-31"}]).encode(),
    )
    assert refused.code == 1
    assert refused.error["message"].startswith('record 31, field "due": "2026-02-31" is no date')
    assert stock.json("record", "list", "stock")["total"] == 0
    assert (
        len(
            stock.json("record", "add", "stock", "--file", "-", stdin=json.dumps(good).encode())[
                "ids"
            ]
        )
        == 30
    )
    one = stock.json("record", "add", "stock", "--file", "-", stdin=b'{"item": "one"}')
    assert len(one["ids"]) == 1
    assert stock.json("record", "list", "stock")["total"] == 31


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[",
        b"5",
        b"[5]",
        b'{"item": NaN}',
        b'{"item": 1, "item": 2}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"qty": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda data: repr(data[:12]),
)
def test_a_file_that_is_no_records_is_refused_in_words(stock, data, tmp_path):
    file = tmp_path / "records.json"
    file.write_bytes(data)
    refused = stock.run("--json", "record", "add", "stock", "--file", str(file))
    assert (refused.code, refused.error["code"]) == (1, "bad_input")
    assert "Nothing was stored." in refused.error["message"]


def test_odd_signs_and_numbers_are_kept_exactly_and_printed_harmlessly(stock):
    odd = {"item": "a\x00b \ud800 \x1b[2J", "qty": 2**80, "tags": ["\u202e", "日本"]}
    (record,) = stock.json("record", "add", "stock", "--file", "-", stdin=json.dumps(odd).encode())[
        "ids"
    ]
    assert stock.json("record", "get", record)["fields"] == odd
    for command in (["record", "get", record], ["record", "list", "stock"], ["search", "日本"]):
        done = stock.run(*command)
        assert done.code == 0, done
        assert "\x1b" not in done.out
        assert "\x00" not in done.out


def test_new_fields_are_made_only_when_asked_for(stock):
    data = b'[{"item": "a", "open": null}, {"open": true, "size": 5, "labels": ["x"], "more": {"a": 1}}]'
    assert stock.run("--json", "record", "add", "stock", "--file", "-", stdin=data).code == 1
    stock.json("record", "add", "stock", "--file", "-", "--new-fields", stdin=data)
    kinds = {
        each["name"]: each["kind"] for each in stock.json("collection", "show", "stock")["fields"]
    }
    assert kinds | {"open": "checkbox", "size": "number", "labels": "tags", "more": "text"} == kinds
    assert len(kinds) == 8


def test_a_trashed_record_still_tells_when_it_was_made_and_changed(stock):
    (record,) = stock.json("record", "add", "stock", "item=Drill")["ids"]
    before = stock.json("record", "get", record)
    stock.json("record", "trash", record)
    (listed,) = stock.json("record", "list", "stock", "--trash")["records"]
    assert listed == stock.json("record", "get", record)
    assert (listed["created"], listed["changed"]) == (before["created"], before["changed"])
    refused = stock.run("--json", "record", "set", record, "qty=1")
    assert (refused.code, refused.error["code"]) == (1, "no_such_record")
    assert f"record restore {record}" in refused.error["hint"]


def test_many_records_are_set_by_a_condition(stock):
    data = json.dumps([{"item": f"i{number}", "qty": number} for number in range(10)]).encode()
    stock.json("record", "add", "stock", "--file", "-", stdin=data)
    changed = stock.json("record", "set", "stock", "tags=low,order", "--where", "qty < 3")
    assert len(changed["ids"]) == 3
    found = stock.json(
        "record", "list", "stock", "--where", 'tags contains "order"', "--sort", "-qty"
    )
    assert [each["fields"]["qty"] for each in found["records"]] == [2, 1, 0]
    assert stock.json("record", "set", "stock", "qty=1", "--where", "qty > 99") == {"ids": []}


def test_people_see_the_first_and_the_number_of_all(stock):
    data = json.dumps([{"item": f"i{number:03}", "qty": number} for number in range(120)]).encode()
    stock.json("record", "add", "stock", "--file", "-", stdin=data)
    shown = stock.run("record", "list", "stock", "--sort", "item")
    assert shown.err == "50 of 120 records\n"
    assert "i049" in shown.out
    assert "i050" not in shown.out
    limited = stock.json("record", "list", "stock", "--limit", "2")
    assert (len(limited["records"]), limited["total"]) == (2, 120)
    assert len(stock.json("record", "list", "stock")["records"]) == 120


def test_several_workspaces_are_told_by_name(stock):
    assert stock.json("workspace", "create", "Archive")["name"] == "Archive"
    refused = stock.run("--json", "collection", "list")
    assert (refused.code, refused.error["code"]) == (1, "many_workspaces")
    assert stock.json("--workspace", "Archive", "collection", "list") == {"collections": []}
    assert [each["name"] for each in stock.json("workspace", "list")["workspaces"]] == [
        "Workspace",
        "Archive",
    ]
    stock.environment["COMMONHOLD_WORKSPACE"] = "Workspace"
    assert stock.json("collection", "list")["collections"][0]["name"] == "stock"


def test_a_trashed_collection_comes_back(stock):
    stock.json("record", "add", "stock", "item=Drill")
    stock.json("collection", "trash", "stock")
    assert stock.json("collection", "list") == {"collections": []}
    assert stock.json("collection", "list", "--trash")["collections"][0]["name"] == "stock"
    assert stock.json("collection", "restore", "stock")["records"] == 1
    refused = stock.run("--json", "collection", "restore", "stock")
    assert refused.error["message"] == 'There is no collection "stock" in the trash.'
    assert "--trash" in refused.error["hint"]


def test_a_workspace_that_cannot_be_opened_is_a_problem_and_the_others_are_checked(stock):
    (lost,) = stock.home.glob("workspaces/*/store.db")
    stock.json("workspace", "create", "Archive")
    lost.unlink()
    found = stock.run("--json", "verify")
    assert (found.code, found.json["ok"]) == (5, False)
    (problem,) = found.json["problems"]
    assert (problem["kind"], problem["where"]) == ("missing_store", "Workspace")
    assert found.json["checked"]["pages"] > 0
    assert stock.run("--json", "verify", "--workspace", "Nowhere").error["code"] == (
        "no_such_workspace"
    )


def test_a_field_set_twice_is_refused(stock):
    (record,) = stock.json("record", "add", "stock", "item=Drill")["ids"]
    for command in (["add", "stock"], ["set", record]):
        refused = stock.run("--json", "record", *command, "qty=1", "qty=2")
        assert (refused.code, refused.error["code"]) == (2, "usage")
    assert stock.json("record", "list", "stock")["total"] == 1


def test_an_option_of_a_field_that_says_nothing_is_refused(stock):
    refused = stock.run("--json", "field", "add", "stock", "stars", "rating", "--max", "0")
    assert (refused.code, refused.error["code"]) == (1, "kind")


@pytest.mark.parametrize(
    "options",
    ["text --currency EUR", "currency --unit kg", "date --max 5", "checkbox --decimals 2",
     "number --choice a", "longtext --max 3", "choice --unit kg --choice a"],
)  # fmt: skip
def test_an_option_that_means_nothing_to_the_kind_is_refused(stock, options):
    kind, *options = options.split()
    refused = stock.run("--json", "field", "add", "stock", "more", kind, *options)
    assert (refused.code, refused.error["code"]) == (2, "usage")
    assert f"{options[0]} means nothing to a field of kind {kind}" in refused.error["message"]
    assert "Nothing was changed." in refused.error["message"]
    assert len(stock.json("collection", "show", "stock")["fields"]) == 4


# -------------------------------------------------------------------------------- in and out


def test_a_file_imported_twice_changes_nothing_the_second_time(here, tmp_path):
    file = tmp_path / "parts.csv"
    file.write_text("code,name\n007,Bolt\n008,Nut\n", "utf-8")
    dry = here.json("import", str(file), "--dry-run")
    assert set(dry) == {"collections", "warnings", "dry_run"}
    assert dry["dry_run"] is True
    assert here.json("collection", "list") == {"collections": []}
    first = here.json("import", str(file))["collections"]
    assert first == [{"name": "parts", "created": 2, "updated": 0, "unchanged": 0, "skipped": 0}]
    second = here.json("import", str(file))["collections"]
    assert second == [{"name": "parts", "created": 0, "updated": 0, "unchanged": 2, "skipped": 0}]
    codes = [each["fields"]["code"] for each in here.json("record", "list", "parts")["records"]]
    assert codes == ["007", "008"]


def test_what_is_exported_comes_back_into_an_empty_home(stock, tmp_path):
    stock.json("record", "add", "stock", "item=Drill", "qty=3", "due=2026-02-28", "tags=a,b")
    out = tmp_path / "out.json"
    stock.json("export", str(out))
    other = Inside(tmp_path / "other")
    other.json("init", "--name", "Ben", "--device", "Desk", "--unprotected")
    other.json("import", str(out))
    ours, theirs = (each.json("record", "list", "stock")["records"] for each in (stock, other))
    assert [(each["id"], each["fields"]) for each in ours] == [
        (each["id"], each["fields"]) for each in theirs
    ]


def test_an_export_to_a_dash_goes_to_standard_output(stock, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stock.json("record", "add", "stock", "item=Säge", "qty=3")
    out = stock.run("export", "-")
    assert (out.code, out.err) == (0, "")
    assert out.json["collections"][0]["records"][0]["fields"] == {"item": "Säge", "qty": 3}
    table = stock.run("export", "-", "--format", "csv", "--collection", "stock")
    assert table.out.replace("\r\n", "\n") == "item,qty,due,tags\nSäge,3,,\n"
    refused = stock.run("--json", "export", "-")
    assert (refused.code, refused.error["code"]) == (2, "usage")
    assert "Nothing was exported." in refused.error["message"]
    assert not list(tmp_path.glob("-*"))
    assert stock.run("export", "./-", "--format", "json").code == 0
    assert (tmp_path / "-").is_file()


@pytest.mark.parametrize(("told", "names"), [("--header", "007"), ("--no-header", "Column 1")])
def test_whether_there_are_names_in_the_first_line_can_be_told(here, tmp_path, told, names):
    file = tmp_path / "parts.csv"
    file.write_text("007,Bolt\n008,Nut\n", "utf-8")
    here.json("import", str(file), told)
    assert here.json("collection", "show", "parts")["fields"][0]["name"] == names


# --------------------------------------------------------------------------------- settings


def test_settings_are_set_and_shown_with_their_origin(here):
    here.json("config", "set", "appearance.theme", "dark")
    here.environment["COMMONHOLD_LOG_LEVEL"] = "debug"
    shown = here.json("--set", "appearance.density=touch", "config", "show")["settings"]
    origins = {key: (value["value"], value["origin"]) for key, value in shown.items()}
    assert origins["appearance.theme"] == ("dark", "user")
    assert origins["log.level"] == ("debug", "environment")
    assert origins["appearance.density"] == ("touch", "command line")
    assert origins["appearance.text_size"] == (100, "default")
    assert here.json("config", "path") == {"path": str(here.home / "settings.toml"), "exists": True}


def test_a_bad_settings_file_stops_with_its_line_and_can_be_mended(here):
    file = here.home / "settings.toml"
    file.write_text('[appearance]\ntheme = "blue"\n')
    refused = here.run("--json", "status")
    assert (refused.code, refused.error["code"]) == (1, "setting")
    assert refused.error["message"].startswith(f"{file}, line 2: ")
    here.json("config", "set", "appearance.theme", "dark")
    assert here.run("status").code == 0


def test_the_log_tells_nothing_of_records(stock):
    stock.environment["COMMONHOLD_LOG_LEVEL"] = "debug"
    (record,) = stock.json("record", "add", "stock", "item=Xanthippe")["ids"]
    stock.run("record", "add", "stock", "qty=Xanthippe")
    stock.run("record", "get", record)
    logged = stock.json("logs")
    assert set(logged) == {"path", "lines"}
    assert "Xanthippe" not in "".join(logged["lines"])


def test_the_version_is_told_anywhere(bare):
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", bare.run("--version").out)
    assert set(bare.json("--version")) == {"version"}
