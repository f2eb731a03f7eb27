"""The mark outside the database: what it says, when it is synced, and that it proves nothing when it is damaged."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from storage import Store
from storage.mark import (
    ENTRIES,
    ENTRY_BYTES,
    NOBODY,
    Mark,
    Marked,
    Own,
    commits_noted,
    mark_beside,
    replacing,
)
from tests.support.stores import TEST_KEY

OWN = Own(b"l" * 16, b"f" * 16, 2**60, b"h" * 32)
MARKED = Marked(bytes(range(16)), 7, bytes(16), b"file".ljust(16), OWN)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mark"


def written(path: Path, *entries: Marked) -> Path:
    for marked in entries:
        mark = Mark(path)
        mark.write(marked)
        mark.close()
    return path


def of_file(number: int) -> Marked:
    return replace(MARKED, file=bytes([number]) * 16, commits=number)


def test_what_was_written_is_read(path: Path) -> None:
    mark = Mark(path)
    mark.write(MARKED)
    later = replace(MARKED, commits=2**63)
    mark.write(later)
    mark.close()

    assert Mark(path).read() == (later,)
    assert path.stat().st_size <= ENTRY_BYTES


@pytest.mark.parametrize("at", [0, 10, 25, 40, 51, 100, 139])
def test_a_turned_bit_makes_it_worthless(at: int, path: Path) -> None:
    data = bytearray(written(path, MARKED).read_bytes())
    data[at] ^= 1
    path.write_bytes(data)

    assert Mark(path).read() == ()


@pytest.mark.parametrize("data", [b"", b"CHmark02", bytes(140), bytes(5000), b"\xff" * 5000])
def test_a_cut_or_empty_mark_says_nothing(data: bytes, path: Path) -> None:
    path.write_bytes(data)

    assert Mark(path).read() == ()


def test_no_mark_says_nothing(path: Path) -> None:
    assert Mark(path).read() == ()
    assert commits_noted(path) == 0


def test_each_file_has_an_entry_of_its_own(path: Path) -> None:
    written(path, of_file(1), of_file(2), replace(of_file(1), commits=9))

    assert Mark(path).read() == (replace(of_file(1), commits=9), of_file(2))
    assert commits_noted(path) == 9


def test_a_damaged_entry_takes_no_other_one_with_it(path: Path) -> None:
    data = bytearray(written(path, of_file(1), of_file(2), of_file(3)).read_bytes())
    data[ENTRY_BYTES + 20] ^= 4
    path.write_bytes(data)
    assert Mark(path).read() == (of_file(1), of_file(3))

    written(path, of_file(4))
    assert Mark(path).read() == (of_file(1), of_file(4), of_file(3))


def test_it_stays_small_however_many_files_there_were(path: Path) -> None:
    written(path, *map(of_file, range(1, 3 * ENTRIES)))

    found = Mark(path).read()
    assert len(found) == ENTRIES
    assert of_file(3 * ENTRIES - 1) in found


def test_no_entry_lies_across_two_sectors() -> None:
    assert 512 % ENTRY_BYTES == 0


def test_it_is_synced_at_most_once_a_second_and_at_the_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[float] = []
    clock = [100.0]
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(clock[0]))
    mark = Mark(path, monotonic=lambda: clock[0])
    for clock[0] in (100.0, 100.4, 101.0, 101.1, 101.9, 102.5):
        mark.write(MARKED)
    mark.write(MARKED, synced=True)
    mark.close()

    assert synced == [101.0, 102.5, 102.5, 102.5]


def test_a_mark_that_was_deleted_is_there_again_within_a_second(path: Path) -> None:
    clock = [100.0]
    mark = Mark(path, monotonic=lambda: clock[0])
    mark.write(MARKED)
    path.unlink()
    clock[0] += 1
    mark.write(replace(MARKED, commits=8))
    mark.close()

    assert commits_noted(path) == 8


def test_a_mark_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    mark_beside(path).mkdir()
    with Store(path) as store:
        store.insert({"n": 1})
    with Store(path) as store:
        assert store.all() == [{"n": 1}]


def test_it_names_the_last_commit_of_a_store(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", key=TEST_KEY) as store:
        for n in range(5):
            store.insert({"n": n})
            (marked,) = Mark(tmp_path / "store.db-mark").read()
            assert marked.commits == store._engine.commits
            assert marked.own == NOBODY


def test_it_lies_where_it_is_told_to(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    with Store(tmp_path / "store.db", mark=elsewhere) as store:
        store.insert({"n": 1})
        there = store._engine.commits

    assert commits_noted(elsewhere) == there
    assert not mark_beside(tmp_path / "store.db").exists()


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


def test_it_goes_along_when_the_program_replaces_the_file_itself(tmp_path: Path) -> None:
    path, other = tmp_path / "store.db", tmp_path / "other.db"
    with Store(path) as store:
        store.insert({"n": 1})
    (before,) = Mark(mark_beside(path)).read()
    shutil.copy(path, other)
    with replacing(path):
        other.replace(path)

    (after,) = Mark(mark_beside(path)).read()
    assert after.file != before.file
    assert replace(after, file=before.file) == before


def test_it_stays_when_replacing_fails(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store(path).close()
    before = Mark(mark_beside(path)).read()
    with pytest.raises(KeyError), replacing(path):
        raise KeyError

    assert Mark(mark_beside(path)).read() == before
