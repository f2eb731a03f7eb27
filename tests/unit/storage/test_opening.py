"""What may be opened as a store, and what is said about everything else."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import psutil
import pytest
from tinydb import where

from storage import (
    NetworkDriveError,
    NewerFormatError,
    NotAStoreError,
    Store,
    StoreFileError,
    WrongKeyError,
)
from storage.opening import salt_of
from storage.schema import FORMAT
from tests.support.stores import TEST_KEY

KEYS = pytest.mark.parametrize("key", [TEST_KEY, None], ids=["encrypted", "plain"])
SQLITE = b"SQLite format 3\0"


def refusal(path: Path, kind: type[StoreFileError], key: bytes | None = None) -> str:
    """The sentence of a refusal; nothing in the folder may have changed."""
    before = {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    with pytest.raises(kind) as caught:
        Store(path, key=key)
    assert {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()} == before
    assert caught.value.path == path
    return str(caught.value)


@KEYS
@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("db.json", b'{"_default": {"1": {"n": 1}}}', "it looks like JSON"),
        ("list.json", b"\n [1, 2]", "it looks like JSON"),
        ("letter.txt", "Größe, 漢字\r\n".encode() * 900, "it looks like text"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 9, "neither a database nor encrypted"),
    ],
)  # fmt: skip
def test_another_kind_of_file_is_left_as_it_was(
    name: str, content: bytes, why: str, key: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    said = refusal(path, NotAStoreError, key)

    assert re.fullmatch(
        rf".* is not a store of this program, so it was left as it is\. .*\(.*{why}\)", said
    )


@KEYS
def test_a_database_of_another_program_is_left_as_it_was(key: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE song(title)")
        other.execute("INSERT INTO song VALUES ('Kyrie')")
    other.close()

    said = refusal(path, NotAStoreError, key)

    assert "another program" in said or "without encryption" in said


@KEYS
def test_a_folder_is_no_store(key: bytes | None, tmp_path: Path) -> None:
    assert "it is a folder" in refusal(tmp_path, NotAStoreError, key)


def test_a_path_through_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotAStoreError, match="its folder is a file"):
        Store(tmp_path / "file" / "store.db")


@pytest.mark.parametrize("length", [250, 300])
def test_a_name_too_long_is_refused_before_anything_is_made(length: int, tmp_path: Path) -> None:
    with pytest.raises(NotAStoreError, match="its name is too long"):
        Store(tmp_path / ("x" * length))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotAStoreError, match="its folder does not exist"):
        Store(tmp_path / "no" / "store.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [{"create": False}, {"read_only": True}])
def test_nothing_is_made_where_none_is_asked_for(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(NotAStoreError, match="there is no such file"):
        Store(tmp_path / "store.db", **options)
    assert list(tmp_path.iterdir()) == []


@KEYS
def test_an_empty_file_becomes_a_store(key: bytes | None, tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()
    with Store(tmp_path / "store.db", key=key) as store:
        store.insert({"n": 1})
        assert store.losses == ()


@KEYS
def test_a_newer_format_is_refused_and_left_alone(key: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path, key=key) as store:
        store._engine.db.writer.execute(f"PRAGMA user_version={FORMAT + 1}")

    with pytest.raises(NewerFormatError) as caught:
        Store(path, key=key)

    assert (
        "was written by a newer version of the program. Nothing was changed. Update the program"
        in str(caught.value)
    )
    assert f"(format {FORMAT + 1}, known up to {FORMAT})" in str(caught.value)


@pytest.mark.parametrize(
    "wrong", [bytes(32), TEST_KEY[::-1], None], ids=["zeros", "reversed", "none"]
)
@pytest.mark.parametrize("mark", [True, False], ids=["with mark", "without"])
def test_a_wrong_key_is_named_with_and_without_the_mark(
    wrong: bytes | None, mark: bool, tmp_path: Path
) -> None:
    path = tmp_path / "store.db"
    with Store(path, key=TEST_KEY) as store:
        store.insert({"n": 1})
    if not mark:
        path.with_name("store.db-mark").unlink()

    said = refusal(path, WrongKeyError, wrong)

    assert "The data is untouched. Use the passphrase or key that it was made with." in said
    with Store(path, key=TEST_KEY) as store:
        assert store.all() == [{"n": 1}]


def test_a_key_for_a_plain_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store(path).close()

    assert "without encryption" in refusal(path, NotAStoreError, TEST_KEY)


def test_a_key_of_another_length_is_the_callers_fault(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Store(tmp_path / "store.db", key=b"short")


def test_an_encrypted_file_shows_neither_its_kind_nor_its_words(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path, key=TEST_KEY) as store:
        store.insert({"secret": "carriage bolt"})
        for file in tmp_path.iterdir():
            assert b"carriage" not in file.read_bytes()
    assert SQLITE not in path.read_bytes()
    assert b"carriage" not in path.read_bytes()


def test_the_salt_is_the_keys_own_and_stands_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store(path, key=TEST_KEY).close()

    assert path.read_bytes().startswith(salt_of(TEST_KEY))
    assert salt_of(TEST_KEY) != salt_of(bytes(32))


@KEYS
@pytest.mark.parametrize(
    "name",
    [
        "two words.db",
        "größe – 漢字 🔩.db",
        "per%20cent#and?mark.db",
        "'quote'.db",
        "x" * 240,
        "-dash.db",
    ],
)
def test_a_store_lives_under_any_name(name: str, key: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "a folder with spaces, ünïcode and #?%" / name
    path.parent.mkdir()
    with Store(path, key=key) as store:
        store.insert({"n": 1})
    with Store(path, key=key) as store:
        assert store.all() == [{"n": 1}]
    assert {file.name for file in path.parent.iterdir()} == {name, f"{name}-mark"}


def test_a_relative_path_is_the_same_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Store("store.db") as store:
        store.insert({"n": 1})
    with Store(tmp_path / "store.db") as store:
        assert len(store) == 1


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_network_drive_is_refused_before_anything_is_written(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = psutil._ntuples.sdiskpart("host:/share", str(tmp_path.resolve()), kind, "rw")
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: [part])

    with pytest.raises(NetworkDriveError) as caught:
        Store(tmp_path / "store.db")

    assert "lies on a network drive" in str(caught.value)
    assert "Nothing was written. Keep the store on a drive of this computer." in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_store_is_where_it_was_opened_whatever_folder_is_worked_in_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with Store("store.db") as store:
        store.insert_multiple({"name": f"bolt {n}"} for n in range(3_000))
        monkeypatch.chdir(tmp_path / "elsewhere")
        with Store("store.db") as other:
            other.insert({"name": "not this one"})

        assert len(store.search(where("name") != "")) == 3_000


def test_a_store_behind_a_link_keeps_all_its_files_together(tmp_path: Path) -> None:
    (tmp_path / "drive").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "drive" / "store.db")
    with Store(tmp_path / "link.db") as store:
        store.insert({"n": 1})
        beside = {file.name for file in (tmp_path / "drive").iterdir()}

    assert beside == {"store.db", "store.db-wal", "store.db-shm", "store.db-mark"}
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["link.db"]
