"""Where a home's instance marks lie: on this computer, in no copy and in no backup."""

from __future__ import annotations

import plistlib
import shutil
import stat
import sys
import time
from pathlib import Path

import pytest

from app.compose import program
from app.home import Home
from app.marks import TAG_FILE, TIME_MACHINE, keep_from_time_machine, make_marks_folder
from app.places import Places, state_folder
from storage import commits_noted, mark_beside


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def home(tmp_path: Path, state: Path) -> Path:
    """A home with one collection, whose marks lie in a place of their own."""
    path = tmp_path / "home"
    Home.create(path, member="Ann", device="Laptop", unprotected=True, clock=time.time, state=state)
    add(path, state, "Stock")
    return path


def add(home: Path, state: Path | None, collection: str) -> None:
    with Home.open(home, clock=time.time, state=state).workspace() as workspace:
        workspace.create_collection(collection)


def feeds(home: Path) -> int:
    with Home.open(home, clock=time.time).workspace(read_only=True) as workspace:
        return len(workspace.store.journal.positions())


def test_they_lie_apart_under_the_name_of_the_folder(home: Path, state: Path) -> None:
    (folder,) = Home.open(home, clock=time.time).folders()
    store = Places(home).store(folder)

    assert commits_noted(state / "marks" / folder) > 1
    assert not mark_beside(store).exists()


def test_a_feed_goes_on_from_one_opening_to_the_next(home: Path, state: Path) -> None:
    add(home, state, "People")
    assert feeds(home) == 1


def test_a_copied_home_writes_to_feeds_of_its_own(home: Path, state: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(home, tmp_path / "copy")
    for number in range(3):
        add(copy, state, f"There {number}")
        add(home, state, f"Here {number}")

    assert feeds(home) == 1
    assert feeds(copy) == 2


def test_a_home_on_another_computer_writes_to_a_feed_of_its_own(home: Path, tmp_path: Path) -> None:
    for name in ("People", "Places"):
        add(home, tmp_path / "another computer's", name)
    assert feeds(home) == 2


def test_two_homes_of_one_person_do_not_meet(home: Path, state: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    Home.create(
        other, member="Ann", device="Laptop", unprotected=True, clock=time.time, state=state
    )
    for number in range(2):
        add(other, state, f"There {number}")
        add(home, state, f"Here {number}")

    assert (feeds(home), feeds(other)) == (1, 1)
    assert len(list((state / "marks").iterdir())) == 2 + 1


def test_a_home_that_travels_takes_its_mark_along(home: Path, state: Path) -> None:
    (home / "portable").touch()
    add(home, state, "People")
    add(home, None, "Places")

    assert len(list(home.glob("workspaces/*/store.db-mark"))) == 1
    assert feeds(home) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="rights are others there")
def test_where_there_is_no_room_for_them_they_lie_beside_the_data(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    state = tmp_path / "file" / "state"
    home = tmp_path / "home"
    Home.create(home, member="Ann", device="Laptop", unprotected=True, clock=time.time, state=state)
    for name in ("Stock", "People"):
        add(home, state, name)

    assert len(list(home.glob("workspaces/*/store.db-mark"))) == 1
    assert feeds(home) == 1


def test_reading_only_makes_no_folder(home: Path, tmp_path: Path) -> None:
    state = tmp_path / "elsewhere"
    with Home.open(home, clock=time.time, state=state).workspace(read_only=True) as workspace:
        assert [each.slug for each in workspace.collections()] == ["Stock"]

    assert not state.exists()


def test_the_folder_says_that_it_is_not_to_be_kept(tmp_path: Path) -> None:
    assert make_marks_folder(tmp_path / "marks")
    tag = (tmp_path / "marks" / TAG_FILE).read_bytes()

    assert tag.startswith(b"Signature: 8a477f597d28d172789f06886806bc55")
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "marks").stat().st_mode) == 0o700


@pytest.mark.parametrize("refused", [0, -1])
def test_time_machine_is_told_by_its_attribute(refused: int, tmp_path: Path) -> None:
    told: list[tuple[bytes, bytes, bytes, int, int, int]] = []

    class System:
        def setxattr(self, path, name, value, size, position, options):
            told.append((path, name, value, size.value, position.value, options.value))
            return refused

    keep_from_time_machine(tmp_path, System())

    ((path, name, value, size, position, options),) = told
    assert path.decode() == str(tmp_path)
    assert name == TIME_MACHINE
    assert plistlib.loads(value) == "com.apple.backupd"
    assert (size, position, options) == (len(value), 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="each system has its own place")
def test_on_linux_they_lie_in_the_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert state_folder() == Path.home() / ".local" / "state" / "commonhold"
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert state_folder() == Path("/var/state/commonhold")
    assert program(None, {}).places.marks == Path("/var/state/commonhold/marks")


def test_no_copy_of_the_usual_home_takes_them_along() -> None:
    places = program(None, {}).places
    assert places.marks is not None
    assert not places.marks.is_relative_to(places.home)
