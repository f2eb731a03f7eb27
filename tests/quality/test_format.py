"""`docs/format.md` is enough: a home is read, and its records retold from their changes, without the program."""

from __future__ import annotations

import ast
import json
import re
import time
from typing import Any

import pytest

from app.home import Home
from storage import schema
from storage.journal import tables
from sync.vault import LEAST_COST
from tests.support.lived import live_in
from tests.support.project import ROOT
from tests.support.reader import Workspace, hashed, read_workspace
from tests.support.retelling import digest, retell, told

Exported = dict[str, Any]
PASSPHRASE = "née Müller"
NAME = "Club"
PAGE = (ROOT / "docs" / "format.md").read_text("utf-8")


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> tuple[Workspace, Exported]:
    """A workspace as the disk has it, and as the program exports it."""
    path = tmp_path_factory.mktemp("format") / "home"
    home = Home.create(
        path,
        member="Ann Marker",
        device="Laptop Marker",
        clock=time.time,
        workspace=NAME,
        passphrase=PASSPHRASE,
        cost=LEAST_COST,
    )
    exported = live_in(home)
    return read_workspace(path, PASSPHRASE, NAME), exported


def test_every_record_is_retold_from_the_changes_alone(both):
    workspace, exported = both

    records = told(retell(workspace.changes))

    assert list(records) == [each["name"] for each in exported["collections"]] == ["Stock"]
    expected = {one["id"]: one["fields"] for one in exported["collections"][0]["records"]}
    assert spelling(records["Stock"]) == spelling(expected)
    assert len(expected) == 8


def test_the_rows_hold_what_the_changes_say(both):
    workspace, _ = both
    records = retell(workspace.changes)
    names = dict(workspace.connection.execute("SELECT name, cid FROM collection").fetchall())

    assert set(names) == set(records)
    for name, cid in names.items():
        rows = workspace.connection.execute(f"SELECT id, made FROM r_{cid}").fetchall()
        alive = {(one.id, one.created_ms) for one in records[name].values() if one.alive}
        assert set(rows) == alive
        sql = "SELECT id, purged FROM trash WHERE cid = ?"
        lying = {(one.id, "purged" in one.life) for one in records[name].values() if not one.alive}
        assert set(workspace.connection.execute(sql, (cid,)).fetchall()) == lying


def test_the_people_of_the_team_are_told_by_their_log(both):
    workspace, _ = both
    team, secrets = workspace.team, workspace.secrets

    names = {secrets.name(label, whose) for whose, label in team.names.items()}

    assert names == {"Ann Marker", "Laptop Marker", "Ben", "Desk"}
    assert {change.device for change in workspace.changes} == set(team.signing)


def test_the_digest_is_computed_from_the_changes_alone(both):
    workspace, _ = both
    (kept,) = workspace.connection.execute("SELECT v FROM engine WHERE k = 'digest'").fetchone()
    key = hashed(b"", "CHdigest", key=workspace.secrets.genesis)

    assert digest(retell(workspace.changes), key) == kept


def test_every_table_and_column_of_a_store_is_on_the_page():
    statements = [*schema.TABLES, *tables.TABLES, *schema.collection_tables(1)]
    named = {
        word
        for statement in statements
        if (
            found := re.match(
                r"CREATE (?:VIRTUAL )?TABLE (\w+)\s*(?:USING fts5)?\((.*)\)", statement, re.DOTALL
            )
        )
        for word in [found[1], *columns(found[2])]
    }
    spelled = {re.sub(r"_1$", "_N", name) for name in named}

    assert "body" in spelled
    assert {name for name in spelled if f"`{name}`" not in PAGE} == set()


def columns(inside: str) -> list[str]:
    """The names of the columns of a table, from the SQL between its parentheses."""
    flat = re.sub(r"\([^)]*\)|'[^']*'|\"[^\"]*\"", "", inside)
    parts = [part.split("=")[0].split() for part in flat.split(",") if "=" not in part]
    return [
        words[0] for words in parts if words and words[0] not in {"PRIMARY", "words", "numbers"}
    ]


@pytest.mark.parametrize("name", ["reader", "retelling"])
def test_the_reader_has_none_of_the_programs_code(name):
    tree = ast.parse((ROOT / "tests" / "support" / f"{name}.py").read_text("utf-8"))
    imported = {
        each
        for node in ast.walk(tree)
        for each in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }

    assert not {each for each in imported if each.split(".")[0] in {"app", "sync", "storage", "kv"}}
    assert {each for each in imported if each.startswith("tests")} <= {"tests.support.reader"}


def spelling(records: Exported) -> Exported:
    """Documents as text, in which 1, 1.0 and true differ."""
    return {key: json.dumps(document, sort_keys=True) for key, document in records.items()}
