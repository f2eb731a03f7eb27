"""The mark outside the database: what it says, when it is synced, and that it proves nothing when it is damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage import Store
from storage.mark import Mark, Marked
from tests.support.stores import TEST_KEY

MARKED = Marked(bytes(range(16)), 7, bytes(16))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mark"


def test_what_was_written_is_read(path: Path) -> None:
    mark = Mark(path)
    mark.write(MARKED)
    later = Marked(MARKED.store, 2**63, MARKED.key_check)
    mark.write(later)
    mark.close()

    assert Mark(path).read() == later
    assert path.stat().st_size == 52


@pytest.mark.parametrize("at", [0, 10, 25, 40, 51])
def test_a_turned_bit_makes_it_worthless(at: int, path: Path) -> None:
    mark = Mark(path)
    mark.write(MARKED)
    mark.close()
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)

    assert Mark(path).read() is None


@pytest.mark.parametrize("data", [b"", b"CHmark01", bytes(52)])
def test_a_cut_or_empty_mark_says_nothing(data: bytes, path: Path) -> None:
    path.write_bytes(data)

    assert Mark(path).read() is None


def test_no_mark_says_nothing(path: Path) -> None:
    assert Mark(path).read() is None


def test_it_is_synced_at_most_once_a_second_and_at_the_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[float] = []
    clock = [100.0]
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(clock[0]))
    mark = Mark(path, monotonic=lambda: clock[0])
    for clock[0] in (100.0, 100.4, 101.0, 101.1, 101.9, 102.5):
        mark.write(MARKED)
    mark.close()

    assert synced == [101.0, 102.5, 102.5]


def test_a_mark_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.with_name("store.db-mark").mkdir()
    with Store(path) as store:
        store.insert({"n": 1})
    with Store(path) as store:
        assert store.all() == [{"n": 1}]


def test_it_names_the_last_commit_of_a_store(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", key=TEST_KEY) as store:
        for n in range(5):
            store.insert({"n": n})
            marked = Mark(tmp_path / "store.db-mark").read()
            assert marked is not None
            assert marked.commits == store._engine.commits


def test_a_change_taken_back_does_not_move_it(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db") as store:
        store.insert({"n": 1})
        before = Mark(tmp_path / "store.db-mark").read()
        with pytest.raises(ValueError, match="nan"):
            store.insert({"n": float("nan")})

        assert Mark(tmp_path / "store.db-mark").read() == before


def test_it_holds_nothing_of_the_key(tmp_path: Path) -> None:
    Store(tmp_path / "store.db", key=TEST_KEY).close()

    data = (tmp_path / "store.db-mark").read_bytes()

    assert not any(TEST_KEY[i : i + 8] in data for i in range(25))
