"""An import is seen before it is done, told as it goes on, and stopped without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.viewmodels.importing import Importing, ImportStage, spoken_seconds
from app.workspace import Workspace
from tests.unit.app.viewmodels.conftest import Desktop

TABLE = "Name,Code,Count\nDrill,007,3\nBelt,010,4\nStrap,011,\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tools.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def opened() -> list[str]:
    return []


@pytest.fixture
def importing(workspace: Workspace, desktop: Desktop, opened: list[str]) -> Importing:
    return Importing(workspace, desktop.work, desktop.undoing(workspace), opened.append)


def test_a_file_is_seen_before_anything_is_written(
    importing: Importing, workspace: Workspace, file: Path
) -> None:
    importing.look(str(file))
    state = importing.state
    assert state.stage is ImportStage.PREVIEW
    assert state.preview is not None
    [sheet] = state.preview.sheets
    assert [(column.name, column.kind) for column in sheet.columns][:2] == [
        ("Name", "text"),
        ("Code", "text"),
    ]
    assert state.report is not None
    assert [(each.created, each.updated) for each in state.report.collections] == [(3, 0)]
    assert [each.slug for each in workspace.collections()] == ["Stock"]


def test_running_it_makes_the_records_and_leads_to_them(
    importing: Importing, workspace: Workspace, file: Path, opened: list[str]
) -> None:
    importing.look(str(file))
    importing.run()
    assert importing.state.stage is ImportStage.DONE
    importing.go()
    assert not importing.state.open
    assert workspace.collection(opened[0]).records == 3


def test_the_same_file_again_says_that_nothing_is_new(importing: Importing, file: Path) -> None:
    importing.look(str(file))
    importing.run()
    importing.cancel()
    importing.look(str(file))
    assert importing.state.nothing_new


def test_another_collection_or_key_counts_anew(
    importing: Importing, workspace: Workspace, file: Path
) -> None:
    workspace.add("Stock", [{"Name": "Drill", "Count": 1}])
    importing.look(str(file))
    importing.choose_place("Stock")
    importing.choose_key("Name")
    assert importing.state.report is not None
    [result] = importing.state.report.collections
    assert (result.name, result.created, result.updated) == ("Stock", 2, 1)


def test_stopping_leaves_the_workspace_as_it_was(
    importing: Importing, workspace: Workspace, desktop: Desktop, file: Path
) -> None:
    importing.look(str(file))
    desktop.writer.paused = True
    importing.run()
    importing.cancel()
    desktop.writer.go()
    assert importing.state.stage is ImportStage.FAILED
    assert "stopped" in importing.state.failed
    assert [each.slug for each in workspace.collections()] == ["Stock"]


def test_a_file_that_cannot_be_read_is_a_sentence(importing: Importing, tmp_path: Path) -> None:
    importing.look(str(tmp_path / "gone.csv"))
    assert importing.state.stage is ImportStage.FAILED
    assert "gone.csv" in importing.state.failed
    importing.cancel()
    assert not importing.state.open


def test_closing_while_the_file_is_read_drops_what_comes_of_it(
    importing: Importing, desktop: Desktop, file: Path
) -> None:
    desktop.readers.paused = True
    importing.look(str(file))
    importing.cancel()
    desktop.readers.go()
    assert not importing.state.open


def test_a_second_file_is_not_taken_while_one_is_imported(
    importing: Importing, desktop: Desktop, file: Path
) -> None:
    importing.look(str(file))
    desktop.writer.paused = True
    importing.run()
    importing.look("other.csv")
    assert importing.state.path == file
    desktop.writer.go()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "about 1 s left"), (42, "about 42 s left"), (150, "about 2 min left")],
)
def test_the_time_left_is_said_as_people_do(seconds: float, words: str) -> None:
    assert spoken_seconds(seconds) == words
