"""Damage at known places of a store's files, and what is said about it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storage import DamagedStoreError, Store, WrongKeyError
from tests.crash.damage import PAGE
from tests.support.stores import TEST_KEY

OTHER_KEY = bytes(32)
RECORDS = 400


@pytest.fixture(params=[TEST_KEY, None], ids=["encrypted", "plain"])
def key(request: pytest.FixtureRequest) -> bytes | None:
    """A store of each sort."""
    return request.param


def filled(path: Path, key: bytes | None) -> Path:
    """A closed store of some hundred pages."""
    with Store(path, key=key) as store:
        store.insert_multiple({"n": n, "text": f"bolt {n} " * 40} for n in range(RECORDS))
    return path


def abandoned(path: Path, key: bytes | None, commits: int) -> Path:
    """A copy of a store as a kill leaves it: with a log, and a mark that knows of every commit."""
    live = path.with_name("live")
    live.mkdir()
    with Store(live / path.name, key=key) as store:
        for n in range(commits):
            store.insert({"n": n})
        for name in ("", "-wal", "-mark"):
            shutil.copy(live / (path.name + name), path.with_name(path.name + name))
    return path


def named(path: Path, key: bytes | None) -> bool:
    """Whether the damage is named, by opening or by `verify`."""
    try:
        with Store(path, key=key) as store:
            return not store.verify().ok
    except DamagedStoreError:
        return True


def overwrite(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def test_a_damaged_first_page_is_named_and_never_called_a_wrong_key(
    tmp_path: Path, key: bytes | None
) -> None:
    path = filled(tmp_path / "store.db", key)
    overwrite(path, 0, b"\xa5" * PAGE)
    before = path.read_bytes()

    with pytest.raises(
        DamagedStoreError,
        match=r"is damaged: bytes in it are not what was written.*Copy the folder",
    ):
        Store(path, key=key)

    assert path.read_bytes() == before


def test_an_encrypted_first_page_is_told_from_a_wrong_key_even_without_the_mark(
    tmp_path: Path,
) -> None:
    path = filled(tmp_path / "store.db", TEST_KEY)
    path.with_name("store.db-mark").unlink()
    overwrite(path, 0, b"\xa5" * 100)

    with pytest.raises(DamagedStoreError):
        Store(path, key=TEST_KEY)
    with pytest.raises(WrongKeyError):
        Store(path, key=OTHER_KEY)


def test_a_first_page_that_stands_in_the_log_heals(tmp_path: Path, key: bytes | None) -> None:
    path = abandoned(tmp_path / "store.db", key, 10)
    overwrite(path, 0, b"\xa5" * 512)

    with Store(path, key=key) as store:
        assert len(store) == 10
        assert store.losses == ()
        assert store.verify().problems == ()


def test_a_damaged_middle_page_is_named_by_reading_and_by_verify(tmp_path: Path) -> None:
    path = filled(tmp_path / "store.db", TEST_KEY)
    middle = path.stat().st_size // PAGE // 2 * PAGE
    overwrite(path, middle + 100, b"\xa5")

    with Store(path, key=TEST_KEY) as store:
        report = store.verify()
        assert not report.ok
        assert f"page {middle // PAGE + 1}" in "".join(
            problem.detail for problem in report.problems
        )
    with Store(path, key=TEST_KEY) as store, pytest.raises(DamagedStoreError, match="is damaged"):
        store.all()


def test_every_single_page_is_watched_over_when_encrypted(tmp_path: Path) -> None:
    path = filled(tmp_path / "store.db", TEST_KEY)
    whole = path.read_bytes()
    for page in range(1, len(whole) // PAGE, 7):
        overwrite(path, page * PAGE + 2000, bytes([whole[page * PAGE + 2000] ^ 4]))
        assert named(path, TEST_KEY), page
        path.write_bytes(whole)


def test_a_plain_store_with_a_page_of_garbage_is_named_by_verify(tmp_path: Path) -> None:
    path = filled(tmp_path / "store.db", None)
    middle = path.stat().st_size // PAGE // 2 * PAGE
    overwrite(path, middle, b"\xa5" * PAGE)

    with Store(path) as store:
        assert not store.verify().ok


def test_a_log_that_is_gone_is_a_named_loss(tmp_path: Path, key: bytes | None) -> None:
    path = abandoned(tmp_path / "store.db", key, 25)
    path.with_name("store.db-wal").unlink()

    with Store(path, key=key) as store:
        (sentence,) = store.losses
        assert sentence.startswith(
            "25 saved changes are missing: 25 were saved, 0 are in the file."
        )
        assert [problem.kind for problem in store.verify().problems] == ["lost_commits"]


def test_a_loss_is_still_named_after_going_on(tmp_path: Path, key: bytes | None) -> None:
    path = abandoned(tmp_path / "store.db", key, 25)
    log = path.with_name("store.db-wal")
    log.write_bytes(log.read_bytes()[: log.stat().st_size * 3 // 4])
    with Store(path, key=key) as store:
        said = store.losses
        store.insert({"n": -1})

    with Store(path, key=key) as store:
        assert store.losses == said
        assert len(said) == 1


def test_a_loss_is_named_to_who_may_only_read(tmp_path: Path, key: bytes | None) -> None:
    path = abandoned(tmp_path / "store.db", key, 25)
    log = path.with_name("store.db-wal")
    log.write_bytes(log.read_bytes()[: log.stat().st_size * 3 // 4])

    with Store(path, key=key, read_only=True) as store:
        assert len(store.losses) == 1
        assert not store.verify().ok


def test_a_database_cut_to_nothing_is_a_named_loss(tmp_path: Path, key: bytes | None) -> None:
    path = filled(tmp_path / "store.db", key)
    path.write_bytes(b"")

    with Store(path, key=key) as store:
        assert store.losses[0].startswith("1 saved changes are missing")


def test_a_wrong_key_leaves_the_files_as_they_are(tmp_path: Path) -> None:
    path = abandoned(tmp_path / "store.db", TEST_KEY, 25)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}

    for wrong in (OTHER_KEY, None):
        with pytest.raises(WrongKeyError, match=r"does not open the store.*The data is untouched"):
            Store(path, key=wrong)

    assert {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()} == before
    with Store(path, key=TEST_KEY) as store:
        assert len(store) == 25


@pytest.mark.parametrize("mark", [b"", b"CHmark01", b"\xa5" * 52])
def test_a_damaged_mark_harms_nothing(mark: bytes, tmp_path: Path, key: bytes | None) -> None:
    path = filled(tmp_path / "store.db", key)
    path.with_name("store.db-mark").write_bytes(mark)

    with Store(path, key=key) as store:
        assert len(store) == RECORDS
        assert store.losses == ()
        assert store.verify().ok


def test_a_store_with_another_ones_mark_misses_nothing(tmp_path: Path, key: bytes | None) -> None:
    path = filled(tmp_path / "store.db", key)
    other = abandoned(tmp_path / "other.db", key, 90)
    shutil.copy(other.with_name("other.db-mark"), path.with_name("store.db-mark"))

    with Store(path, key=key) as store:
        assert store.losses == ()


def test_a_cut_database_is_named(tmp_path: Path, key: bytes | None) -> None:
    path = filled(tmp_path / "store.db", key)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])

    assert named(path, key)
