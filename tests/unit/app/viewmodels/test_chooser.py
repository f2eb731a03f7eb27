"""Choosing a file: folders first, then what can be imported, and a folder that cannot be read says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.viewmodels.chooser import Chooser, listing, spoken_size
from tests.unit.app.viewmodels.conftest import Desktop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Letters").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "b.csv").write_text("a,b\n1,2\n")
    (tmp_path / "A.JSON").write_text("[]")
    (tmp_path / "photo.jpg").write_bytes(b"")
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    return tmp_path


def test_folders_come_first_and_only_what_can_be_imported_is_listed(folder: Path) -> None:
    found, cut = listing(folder)
    assert [entry.name for entry in found] == ["Letters", "A.JSON", "b.csv"]
    assert not cut


def test_a_file_is_chosen_and_a_folder_is_entered(folder: Path, desktop: Desktop) -> None:
    chosen: list[str] = []
    chooser = Chooser(desktop.work, folder)
    chooser.open(chosen.append)
    letters, _, table = chooser.state.entries
    chooser.take(letters)
    assert (chooser.state.folder, chooser.state.entries) == (folder / "Letters", ())
    chooser.up()
    chooser.take(table)
    assert chosen == [str(folder / "b.csv")]
    assert not chooser.state.open


def test_a_folder_that_cannot_be_read_says_so_and_one_can_go_up(
    folder: Path, desktop: Desktop
) -> None:
    chooser = Chooser(desktop.work, folder / "not there")
    chooser.open(lambda _path: None)
    assert "cannot be read" in chooser.state.error
    chooser.up()
    assert chooser.state.error == ""
    assert chooser.state.entries


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_500, "1.5 kB"),
        (48_219, "48 kB"),
        (1_223_329, "1.2 MB"),
    ],
)
def test_sizes_are_said_as_people_do(size: int, words: str) -> None:
    assert spoken_size(size) == words
