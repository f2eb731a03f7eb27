"""Drives that are full, locked, failing or gone: one clear sentence each, nothing lost, no hang."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from pathlib import Path

import pytest
from tinydb import where

from storage import (
    DiskFullError,
    DriveGoneError,
    ReadOnlyStoreError,
    StorageError,
    Store,
    StoreBusyError,
)
from tests.crash import faults, mounts
from tests.crash.actor import WRITTEN, act
from tests.support.founders import founder
from tests.support.stores import TEST_KEY

on_linux = pytest.mark.skipif(not faults.available(), reason="calls are refused by Linux's seccomp")
FULL = "is full. The last change was not saved; everything before it is safe. Make room and do it again."
GONE = (
    "does not answer as it should. What was saved before is safe on it. See that it is plugged in"
)
LOCKED = "can be read but not written, so nothing was changed. Check the rights of the file and its folder"


def saved(path: Path) -> list[int]:
    """What a store holds when it is opened anew; it must be sound and miss nothing."""
    with Store(path, key=TEST_KEY) as store:
        assert store.losses == ()
        assert store.verify().problems == ()
        return [document["n"] for document in store]


# -- full ------------------------------------------------------------------------------------------------------------
def test_a_full_drive_refuses_the_change_and_keeps_all_before_it(tmp_path: Path) -> None:
    with mounts.small_drive(tmp_path / "drive") as drive:
        answer = act("fill", drive / "store.db")

        assert answer["error"]["name"] == "DiskFullError"
        assert FULL in answer["error"]["sentence"]
        assert answer["left"] == answer["acknowledged"] > 10
        assert answer["close"] is None
        assert saved(drive / "store.db") == list(range(answer["acknowledged"]))


def test_after_room_was_made_the_same_store_takes_the_change(tmp_path: Path) -> None:
    with mounts.small_drive(tmp_path / "drive") as drive:
        ballast = drive / "ballast"
        ballast.write_bytes(bytes(700_000))
        with Store(drive / "store.db", key=TEST_KEY) as store:
            with pytest.raises(DiskFullError):
                store.insert_multiple({"n": n, "text": "bolt " * 100} for n in range(2000))
            assert len(store) == 0
            ballast.unlink()
            store.insert({"n": 1})

        assert saved(drive / "store.db") == [1]


@pytest.mark.parametrize("free", [90_000, 190_000, 290_000])
def test_an_import_of_signed_changes_that_finds_no_room_leaves_nothing(
    free: int, tmp_path: Path
) -> None:
    identity = founder()
    with mounts.small_drive(tmp_path / "drive") as drive:
        with Store(drive / "store.db", key=TEST_KEY, identity=identity) as store:
            store.insert_multiple({"n": n} for n in range(2))
        room = shutil.disk_usage(drive).free
        ballast = drive / "ballast"
        ballast.write_bytes(bytes(max(0, room - free)))
        with Store(drive / "store.db", key=TEST_KEY, identity=identity) as store:
            with pytest.raises(DiskFullError):
                store.insert_multiple({"n": n, "text": f"bolt {n} " * 70} for n in range(15_000))
            ballast.unlink()
            assert [each["n"] for each in store] == [0, 1]
            assert store.verify().problems == ()
            store.insert({"n": 2})
            assert store.verify().problems == ()


def test_a_transaction_that_finds_no_room_leaves_nothing_even_when_it_goes_on(
    tmp_path: Path,
) -> None:
    with mounts.small_drive(tmp_path / "drive") as drive:
        store = Store(drive / "store.db", key=TEST_KEY)
        store.insert({"n": 0})

        def go_on_regardless() -> None:
            with store.transaction():
                store.insert({"n": 1})
                with pytest.raises(
                    DiskFullError
                ):  # more than the cache holds, so that it is written before its end
                    store.insert_multiple({"text": "bolt " * 2000} for _ in range(3000))
                store.insert({"n": 2})

        with pytest.raises(StorageError):
            go_on_regardless()
        assert [document["n"] for document in store] == [0]
        store.close()

        assert saved(drive / "store.db") == [0]


@pytest.mark.parametrize("log", [False, True], ids=["closed", "killed"])
def test_a_store_on_a_disk_without_a_free_page_can_be_read(tmp_path: Path, *, log: bool) -> None:
    with mounts.small_drive(tmp_path / "drive") as drive:
        path = drive / "store.db"
        numbers = left_behind(path, log=log)
        ballast = fill_up(drive)
        for read_only in (False, True):
            with Store(path, key=TEST_KEY, read_only=read_only) as store:
                assert [document["n"] for document in store] == numbers
                assert store.tally(where("n") < 5) == 5
                assert store.find_text("bolt 7").hits[0].document["n"] == 7
                assert (store.verify().problems, store.losses) == ((), ())
                assert store.maintain() is False
                for write in (
                    lambda: store.insert({"n": -1}),
                    lambda: store.update({"n": -1}),
                    lambda: store.info.update(a=1),
                ):
                    with pytest.raises(DiskFullError, match=f"{FULL} .*open it anew"):
                        write()
                assert len(store) == len(numbers)
        ballast.unlink()
        assert saved(path) == numbers
        with Store(path, key=TEST_KEY) as store:
            store.insert({"n": -1})
        assert saved(path) == [*numbers, -1]


def test_a_full_disk_is_named_to_who_would_read_beside_the_only_reader(tmp_path: Path) -> None:
    with mounts.small_drive(tmp_path / "drive") as drive:
        path = drive / "store.db"
        left_behind(path, log=False)
        fill_up(drive)
        with Store(path, key=TEST_KEY) as first:
            with pytest.raises(StoreBusyError):
                Store(path, key=TEST_KEY)
            assert len(first) == 20
        assert len(Store(path, key=TEST_KEY)) == 20


def left_behind(path: Path, *, log: bool) -> list[int]:
    """A store that was closed; with `log`, one whose last program was killed before a restart of the computer."""
    with Store(path, key=TEST_KEY) as store:
        store.insert_multiple({"n": n, "name": f"bolt {n}"} for n in range(10))
        copy = path.parent.parent / "copy"  # the drive itself is small
        for n in range(10, 20):
            store.insert({"n": n, "name": f"bolt {n}"})
        if log:
            copy.mkdir()
            for suffix in ("", "-wal", "-mark"):
                shutil.copy(f"{path}{suffix}", copy)
    if log:
        for file in copy.iterdir():
            shutil.copy(file, path.parent)
    return list(range(20))


def fill_up(drive: Path) -> Path:
    """Leave not one page free."""
    ballast = drive / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


@on_linux
@pytest.mark.parametrize("scenario", ["no_room", "small_files", "no_quota"])
def test_a_write_that_finds_no_room_leaves_what_was_there(scenario: str, tmp_path: Path) -> None:
    answer = act(scenario, tmp_path / "store.db")

    assert answer["write"]["name"] == (
        "DiskFullError" if scenario == "no_room" else "DriveGoneError"
    )
    assert (FULL if scenario == "no_room" else GONE) in answer["write"]["sentence"]
    assert answer["left"] == list(range(WRITTEN))
    assert saved(tmp_path / "store.db") == list(range(WRITTEN))


# -- failing, gone ---------------------------------------------------------------------------------------------------
@on_linux
def test_a_drive_unplugged_under_an_open_store_is_named_and_nothing_hangs(tmp_path: Path) -> None:
    answer = act("unplugged", tmp_path / "store.db")

    assert {answer[what]["name"] for what in ("write", "again", "read", "verify", "open")} == {
        "DriveGoneError"
    }
    assert GONE in answer["write"]["sentence"]
    assert answer["close"] is None
    assert saved(tmp_path / "store.db") == list(range(WRITTEN))


@on_linux
def test_a_write_that_the_drive_cannot_confirm_is_not_acknowledged(tmp_path: Path) -> None:
    answer = act("no_sync", tmp_path / "store.db")

    assert answer["write"]["name"] == answer["small"]["name"] == "DriveGoneError"
    assert answer["left"] == list(range(WRITTEN))
    assert saved(tmp_path / "store.db") in (list(range(WRITTEN)), [*range(WRITTEN), -1])


def test_a_drive_with_errors_keeps_what_it_had_confirmed(tmp_path: Path) -> None:
    with mounts.failing_drive(tmp_path) as (drive, mend):
        answer = act("fill", drive / "store.db")
        mend()
        found = saved(drive / "store.db")

    assert answer["error"]["name"] == "DriveGoneError"
    assert GONE in answer["error"]["sentence"]
    assert answer["left"] == answer["acknowledged"] > 0
    assert found[: answer["acknowledged"]] == list(range(answer["acknowledged"]))
    assert len(found) <= answer["acknowledged"] + 1


def test_a_folder_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    home = tmp_path / "drive"
    home.mkdir()
    store = Store(home / "store.db", key=TEST_KEY)
    store.insert({"n": 1})
    home.rename(tmp_path / "elsewhere")
    home.mkdir()

    with pytest.raises(DriveGoneError, match="does not answer as it should"):
        store.table("_default").ids(
            lambda _: True
        )  # a long read, for which a new connection is opened

    assert list(home.iterdir()) == []
    (tmp_path / "elsewhere").rename(tmp_path / "back")
    store.close()
    assert saved(tmp_path / "back" / "store.db") == [1]


# -- read only -------------------------------------------------------------------------------------------------------
def closed_store(folder: Path) -> Path:
    folder.mkdir()
    with Store(folder / "store.db", key=TEST_KEY) as store:
        store.insert({"n": 1})
    return folder / "store.db"


def test_a_read_only_drive_is_named_when_the_store_is_opened_for_writing(tmp_path: Path) -> None:
    closed_store(tmp_path / "home")
    with (
        mounts.read_only(tmp_path / "home", tmp_path / "drive") as drive,
        pytest.raises(ReadOnlyStoreError, match=LOCKED),
    ):
        Store(drive / "store.db", key=TEST_KEY)
    assert saved(tmp_path / "home" / "store.db") == [1]


def test_a_new_store_on_a_read_only_drive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with (
        mounts.read_only(tmp_path / "home", tmp_path / "drive") as drive,
        pytest.raises(ReadOnlyStoreError, match=LOCKED),
    ):
        Store(drive / "store.db", key=TEST_KEY)
    assert list((tmp_path / "home").iterdir()) == []


def test_a_closed_store_on_a_read_only_drive_is_read_as_such(tmp_path: Path) -> None:
    closed_store(tmp_path / "home")
    with (
        mounts.read_only(tmp_path / "home", tmp_path / "drive") as drive,
        Store(drive / "store.db", key=TEST_KEY, read_only=True) as store,
    ):
        assert [document["n"] for document in store] == [1]
        assert store.verify().ok
        with pytest.raises(ReadOnlyStoreError, match=LOCKED):
            store.insert({"n": 2})
        assert store.maintain() is False


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0,
    reason="rights do not bind root; drives are mounted for it",
)
def test_a_folder_without_the_right_to_write_is_named(tmp_path: Path) -> None:
    path = closed_store(tmp_path / "home")
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(ReadOnlyStoreError, match=LOCKED):
            Store(path, key=TEST_KEY)
    finally:
        path.parent.chmod(0o700)
        path.chmod(0o600)
    assert saved(path) == [1]


def test_a_file_that_may_not_even_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = closed_store(tmp_path / "home")

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refused)
        with pytest.raises(ReadOnlyStoreError, match="may not even be read"):
            Store(path, key=TEST_KEY)
    assert saved(path) == [1]
