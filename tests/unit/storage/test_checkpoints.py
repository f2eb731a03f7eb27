"""The log is folded and emptied in one breath, and nobody waits for it."""

import time
from pathlib import Path

import pytest

from storage import Store
from storage import checkpoints as module

PAGE = 4120


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "FOLD_BYTES", 60 * PAGE)
    monkeypatch.setattr(module, "TRY_AGAIN", 3)
    return tmp_path / "a.db"


def log_of(place: Path) -> Path:
    return place.with_name(place.name + "-wal")


def test_a_long_log_is_emptied_after_the_commit_that_made_it_long(place: Path) -> None:
    store = Store(place)
    sizes = []
    for n in range(60):
        store.insert({"n": n, "text": "x" * 5000})
        sizes.append(log_of(place).stat().st_size)
    assert max(sizes) < 80 * PAGE
    assert 0 in sizes
    assert len(store) == 60
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
        assert log_of(place).stat().st_size > 60 * PAGE
    for n in range(5):
        store.insert({"n": n})
    assert log_of(place).stat().st_size < 60 * PAGE
    assert len(store) == 66


def one_wait(store: Store) -> float:
    """What one wait for the reader would have cost: far more than sixty small commits."""
    milliseconds = store._engine.db.writer.execute("PRAGMA busy_timeout").fetchone()[0]
    return float(milliseconds) / 1000


def test_what_cannot_be_folded_leaves_the_commit_standing(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(place)

    def refuse(*_: object) -> bool:
        raise fault("disk I/O error")

    monkeypatch.setattr(module.Checkpoints, "fold", refuse)
    store.insert_multiple({"n": n, "text": "x" * 5000} for n in range(80))
    assert len(store) == 80


def fault(text: str) -> Exception:
    """SQLite's own exception."""
    from storage.database import DatabaseFault

    return DatabaseFault(text)
