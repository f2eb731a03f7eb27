"""Reading SQLite's log: just the pages that SQLite itself would take from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storage import Store
from storage.log import pages_in_log
from tests.support.stores import TEST_KEY

PAGE = 4096


def with_log(folder: Path) -> Path:
    """A copy of a store whose last commits are only in its log."""
    live, path = folder / "live.db", folder / "store.db"
    with Store(live, key=TEST_KEY) as store:
        store.insert_multiple({"n": n, "text": f"bolt {n}"} for n in range(300))
        store._engine.db.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        store.update({"n": -1}, doc_ids=[7, 150])
        store.insert({"n": 300})
        shutil.copy(live, path)
        shutil.copy(live.with_name("live.db-wal"), path.with_name("store.db-wal"))
    return path


def test_what_is_in_the_log_is_not_read_from_the_file(tmp_path: Path) -> None:
    path = with_log(tmp_path)
    image = bytearray(path.read_bytes())
    for page in pages_in_log(path):
        image[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    path.write_bytes(image)

    with Store(path, key=TEST_KEY) as store:
        assert len(store) == 301
        assert store.verify().problems == ()


def test_a_page_that_is_not_in_the_log_is_needed(tmp_path: Path) -> None:
    path = with_log(tmp_path)
    image = bytearray(path.read_bytes())
    page = max(set(range(2, len(image) // PAGE + 1)) - pages_in_log(path))
    image[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    path.write_bytes(image)

    with Store(path, key=TEST_KEY) as store:
        assert not store.verify().ok


def test_nothing_counts_after_a_wrong_checksum(tmp_path: Path) -> None:
    path = with_log(tmp_path)
    log = path.with_name("store.db-wal")
    whole, all_pages = log.read_bytes(), pages_in_log(path)
    assert all_pages

    log.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])

    assert pages_in_log(path) == set()


@pytest.mark.parametrize("length", [0, 10, 32, 33, 32 + 24 + PAGE - 1])
def test_a_cut_log_has_no_whole_commit(length: int, tmp_path: Path) -> None:
    path = with_log(tmp_path)
    log = path.with_name("store.db-wal")
    log.write_bytes(log.read_bytes()[:length])

    assert pages_in_log(path) == set()


def test_a_file_that_is_no_log_has_no_pages(tmp_path: Path) -> None:
    path = with_log(tmp_path)
    path.with_name("store.db-wal").write_bytes(b"\xa5" * 9000)

    assert pages_in_log(path) == set()


def test_no_log_has_no_pages(tmp_path: Path) -> None:
    assert pages_in_log(tmp_path / "store.db") == set()
