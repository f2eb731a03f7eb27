"""A home of every format that ever was opens, is whole, and holds what it held."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from storage import schema
from storage.errors import OlderFormatError
from storage.migrations import STEPS, Step
from tests.support.freeze import FIXTURES, PASSPHRASE, known, opened
from tests.support.reader import read_workspace
from tests.support.retelling import retell, told

FROZEN = sorted(FIXTURES.glob("format-*"))


@pytest.fixture(params=FROZEN, ids=lambda folder: folder.name)
def frozen(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A copy of a frozen home, and what the program of its time said of it."""
    folder: Path = request.param
    place = tmp_path / "home"
    shutil.copytree(folder / "home", place)
    return place, json.loads((folder / "known.json").read_text("utf-8"))


def test_there_is_a_home_of_every_format():
    assert {folder.name for folder in FROZEN} == {
        f"format-{number}" for number in range(1, schema.FORMAT + 1)
    }


def test_it_is_whole_and_says_what_it_said(frozen):
    place, said = frozen

    assert said["problems"] == []
    assert said["decisions"] > 0
    assert said["trash"]
    assert known(opened(place)) == said


def test_work_goes_on_in_it(frozen):
    place, said = frozen
    with opened(place).workspace() as workspace:
        (record,) = workspace.add("Stock", [{"item": "chisel"}])
        assert workspace.undo() is not None
        assert workspace.redo() is not None

        assert workspace.find(record) == ("Stock", {"item": "chisel"})
        assert workspace.store.losses == ()
        assert workspace.store.verify().problems == ()

    assert len(known(opened(place))["versions"]) == len(said["versions"]) + 1


def test_the_first_format_is_read_without_the_program_too(tmp_path):
    folder = FIXTURES / "format-1"
    said = json.loads((folder / "known.json").read_text("utf-8"))
    shutil.copytree(folder / "home", tmp_path / "home")

    workspace = read_workspace(tmp_path / "home", PASSPHRASE, said["workspace"])

    retold = told(retell(workspace.changes))
    expected = {
        each["name"]: {one["id"]: one["fields"] for one in each["records"]}
        for each in said["collections"]
    }
    assert json.dumps(retold, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_a_home_of_an_older_format_is_brought_up_to_date_when_it_is_opened(
    frozen, monkeypatch: pytest.MonkeyPatch
):
    place, said = frozen
    step = Step(schema.FORMAT + 1, "A table is made.", _make_a_table)
    steps = (*STEPS, step)
    monkeypatch.setattr("storage.migrations.run.STEPS", steps)
    monkeypatch.setattr(schema, "FORMAT", step.makes)

    with pytest.raises(OlderFormatError):
        opened(place).workspace(read_only=True)
    told_of: list[str] = []
    opened(place).workspace(progress=lambda what, _share: told_of.append(what)).close()

    assert told_of[-1] == step.says
    assert known(opened(place)) == said


def _make_a_table(connection: Any, _tell: object) -> None:
    connection.execute("CREATE TABLE later(k TEXT PRIMARY KEY) WITHOUT ROWID")
