"""Whether a file is the one it was."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from storage.sameness import WITHOUT_NUMBERS, identity_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "a").write_bytes(b"bytes")
    return tmp_path / "a"


@pytest.fixture(params=sorted(WITHOUT_NUMBERS))
def no_numbers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drive that does not number its files."""
    monkeypatch.setattr("storage.sameness.file_system_of", lambda _: request.param)


def test_a_file_stays_itself_when_it_is_written_to_or_moved(path: Path) -> None:
    before = identity_of(path)
    with path.open("r+b") as file:
        file.write(b"other")
    assert identity_of(path) == before

    (path.parent / "folder").mkdir()
    assert identity_of(path.rename(path.parent / "folder" / "b")) == before


def test_a_copy_is_another_file(path: Path) -> None:
    shutil.copy2(path, path.with_name("b"))

    assert identity_of(path.with_name("b")) != identity_of(path)


def test_one_file_under_two_names_is_one(path: Path) -> None:
    path.with_name("b").hardlink_to(path)
    assert identity_of(path.with_name("b")) == identity_of(path)


@pytest.mark.skipif(sys.platform != "linux", reason="a second drive that is always there")
def test_files_on_two_drives_are_two(path: Path) -> None:
    if os.stat("/dev/shm").st_dev == path.stat().st_dev:  # noqa: PTH116
        pytest.skip("there is one drive only")
    assert identity_of(Path("/dev/shm")) != identity_of(path.parent)


def test_a_file_that_is_gone_has_no_identity(path: Path) -> None:
    path.unlink()
    with pytest.raises(FileNotFoundError):
        identity_of(path)


@pytest.mark.usefixtures("no_numbers")
def test_on_a_drive_without_numbers_the_drives_serial_tells(path: Path, tmp_path: Path) -> None:
    shutil.copy2(path, path.with_name("b"))

    assert identity_of(path, tmp_path / "none") == identity_of(
        path.with_name("b"), tmp_path / "none"
    )


@pytest.mark.usefixtures("no_numbers")
def test_drives_without_numbers_are_told_apart_by_their_serials(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tmp_path / "names"
    names.mkdir()
    for serial in ("11AA-22BB", "33CC-44DD"):
        (names / serial).touch()
    drive = path.stat().st_dev
    devices = {"11AA-22BB": drive + 1, "33CC-44DD": drive}
    real = Path.stat

    def stat(self: Path, **more: bool) -> os.stat_result:
        found = real(self, **more)
        if self.name not in devices:
            return found
        return os.stat_result(found, {"st_rdev": devices[self.name]})

    monkeypatch.setattr(Path, "stat", stat)
    plugged_in = identity_of(path, names)
    devices.update({"11AA-22BB": drive, "33CC-44DD": drive + 1})

    assert identity_of(path, names) != plugged_in
