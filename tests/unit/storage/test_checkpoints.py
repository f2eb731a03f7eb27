"""The log is folded and begun anew in one breath, and nobody waits for it."""

import shutil
import time
from pathlib import Path

import pytest

from storage import Store
from storage import checkpoints as module
from storage.log import frames_in_log

PAGE = 4120


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "FOLD_PAGES", 60)
    monkeypatch.setattr(module, "TRY_AGAIN", 3)
    return tmp_path / "a.db"


def log_of(place: Path) -> Path:
    return place.with_name(place.name + "-wal")


def pages(place: Path) -> int:
    """How many pages count that are in the log."""
    return sum(1 for _ in frames_in_log(place))


def test_a_long_log_begins_anew_after_the_commit_that_made_it_long(place: Path) -> None:
    store = Store(place)
    lengths = []
    for n in range(60):
        store.insert({"n": n, "text": "x" * 5000})
        lengths.append(pages(place))
    assert max(lengths) < 80
    assert lengths.count(1) > 1
    assert len(store) == 60
    assert store.verify().ok


def test_the_file_of_the_log_keeps_its_length(place: Path) -> None:
    """Each sync of a file that grows writes its length as well."""
    store = Store(place)
    while pages(place) != 1:
        store.insert({"text": "x" * 5000})
    before = log_of(place).stat().st_size
    assert before > 60 * PAGE
    store.insert({"text": "x" * 5000})
    assert 1 < pages(place) < 60
    assert log_of(place).stat().st_size == before


def test_the_file_of_the_log_grows_by_pieces_ahead_of_what_is_written(tmp_path: Path) -> None:
    place = tmp_path / "a.db"
    store = Store(place)
    lengths = []
    for n in range(100):
        store.insert({"n": n})
        lengths.append(log_of(place).stat().st_size)
        assert lengths[-1] >= pages(place) * PAGE
    pieces = len(set(lengths))
    assert 1 < pieces < 20
    copy = tmp_path / "copy.db"
    for ending in ("", "-wal", "-mark"):
        shutil.copy(place.with_name(place.name + ending), copy.with_name(copy.name + ending))
    with Store(copy) as again:
        assert len(again) == 100
        assert not again.losses
        assert again.verify().ok


def test_a_log_that_cannot_be_made_longer_is_written_all_the_same(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(place)
    tries = []

    def refuse(path: Path, *_: object, **__: object) -> None:
        tries.append(path)
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        store.insert_multiple({"n": n, "text": "x" * 5000} for n in range(80))
        store.insert({"n": 80})
    assert tries
    assert len(store) == 81
    assert store.verify().ok


def test_a_long_transaction_leaves_no_long_file(place: Path) -> None:
    store = Store(place)
    store.insert_multiple({"text": "x" * 40_000} for _ in range(300))
    store.insert({"n": 1})
    assert log_of(place).stat().st_size == module.LEFT_BYTES
    assert len(store) == 301


def test_bits_that_turn_in_a_folded_log_change_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If it still counted, what is before them would be laid over what is newer."""
    monkeypatch.setattr(module, "FOLD_PAGES", 10_000)
    with Store(place) as store:
        for n in range(40):
            store.insert({"n": n, "text": f"{n}" * 3000})
        store._engine.db.fold()
        for n in range(40):
            store.update({"n": n + 1}, doc_ids=[n % 3 + 1])
        store._engine.db.fold()
        assert pages(place) == 1
        expected = store.all()
        copy = place.with_name("copy.db")
        for ending in ("", "-wal", "-mark"):
            shutil.copy(place.with_name(place.name + ending), copy.with_name(copy.name + ending))
    log = bytearray(log_of(copy).read_bytes())
    assert len(log) > 60 * PAGE
    for at in range(30 * PAGE, len(log), 997):
        log[at] ^= 4
    log_of(copy).write_bytes(log)
    with Store(copy) as store:
        assert store.all() == expected
        assert not store.losses
        assert store.verify().ok


def test_a_long_read_keeps_the_log_and_nobody_waits(place: Path) -> None:
    store = Store(place)
    store.insert({"n": 0})
    second = Store(place)
    with second._engine.db.reading(long=True) as connection, second._engine.db.snapshot(connection):
        connection.execute("SELECT count(*) FROM collection").fetchone()
        before = time.monotonic()
        for n in range(60):
            store.insert({"n": n, "text": "x" * 5000})
        assert time.monotonic() - before < one_wait(store)
        assert pages(place) > 60
    for n in range(5):
        store.insert({"n": n})
    assert pages(place) < 60
    assert len(store) == 66


def one_wait(store: Store) -> float:
    """What one wait for the reader would have cost: far more than sixty small commits."""
    milliseconds = store._engine.db.writer.execute("PRAGMA busy_timeout").fetchone()[0]
    return float(milliseconds) / 1000


def test_a_log_that_another_one_writes_to_is_left_alone(place: Path) -> None:
    store, second = Store(place), Store(place)
    store.insert({"n": 0})
    with second.transaction():
        second.insert({"n": 1})
        assert not store._engine.db.fold()
    assert store._engine.db.fold()
    assert pages(place) == 1
    assert len(store) == 2


def test_what_cannot_be_folded_leaves_the_commit_standing(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(place)
    tries = []

    def refuse(*_: object) -> bool:
        tries.append(len(store))
        raise fault("disk I/O error")

    monkeypatch.setattr(module.Checkpoints, "fold", refuse)
    store.insert_multiple({"n": n, "text": "x" * 5000} for n in range(80))
    for n in range(8):
        store.insert({"n": n})
    assert len(store) == 88
    assert tries == [80, 84, 88]


def fault(text: str) -> Exception:
    """SQLite's own exception."""
    from storage.database import DatabaseFault

    return DatabaseFault(text)
