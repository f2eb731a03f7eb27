"""The books: what counts as a commit, what is told of it, and what is said when commits are missing."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from storage import DriveGoneError, Store, Touched
from storage.books import Books
from storage.mark import Mark
from tests.support.stores import TEST_KEY


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def announce(path: Path, more: int) -> int:
    """Make the mark say that there were more commits than there are; returns how many there are."""
    mark = Mark(path.with_name("store.db-mark"))
    (kept,) = mark.read()
    mark.write(replace(kept, commits=kept.commits + more))
    mark.close()
    return kept.commits


def test_every_write_is_one_commit_and_reading_is_none(path: Path) -> None:
    with Store(path) as store:
        counts = [store._engine.commits]
        for act in (
            lambda: store.insert({"n": 1}),
            lambda: store.insert_multiple({"n": n} for n in range(300)),
            lambda: store.update({"n": 2}),
            lambda: store.table("_default").trash([1]),
            lambda: store.info.__setitem__("k", 1),
            lambda: store.drop_table("_default"),
        ):
            act()
            counts.append(store._engine.commits)
        store.all()
        store.verify()
        store.tables()

        assert counts == list(range(counts[0], counts[0] + 7))
        assert store._engine.commits == counts[-1]


def test_the_count_outlives_closing(path: Path) -> None:
    with Store(path) as store:
        store.insert({"n": 1})
        before = store._engine.commits
    with Store(path) as store:
        assert store._engine.commits == before
        store.insert({"n": 2})
        assert store._engine.commits == before + 1


def test_missing_commits_are_told_once_in_a_sentence(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Store(path) as store:
        store.insert({"n": 1})
    there = announce(path, 3)

    with caplog.at_level(logging.ERROR), Store(path) as store:
        (said,) = store.losses
    assert said.startswith(
        f"3 saved changes are missing: {there + 3} were saved, {there} are in the file."
    )
    assert said.endswith("Compare with a backup or another computer.")
    assert "commits are missing" in caplog.text

    with Store(path) as store:
        assert store.losses == (said,)


def test_a_loss_noted_before_the_mark_was_set_back_is_noted_once(path: Path) -> None:
    with Store(path) as store:
        store.insert({"n": 1})
    for _ in range(2):
        announce(path, 3)
        with Store(path) as store:
            assert len(store.losses) == 1


def test_two_losses_are_two(path: Path) -> None:
    with Store(path) as store:
        store.insert({"n": 1})
    announce(path, 3)
    with Store(path) as store:
        store.insert({"n": 2})
    announce(path, 3)
    with Store(path) as store:
        assert len(store.losses) == 2


def test_a_mark_that_lags_is_no_loss(path: Path) -> None:
    with Store(path) as store:
        for n in range(4):
            store.insert({"n": n})
    announce(path, -2)

    with Store(path) as store:
        assert store.losses == ()
    assert announce(path, 0) == 4


def test_a_store_in_memory_has_books_and_no_mark() -> None:
    with Store() as store:
        store.insert({"n": 1})
        assert store._engine.commits == 1
        assert store.losses == ()


def test_a_file_that_cannot_be_read_through_is_let_go(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise DriveGoneError(path)

    Store(path).close()
    with monkeypatch.context() as patch:
        patch.setattr(Books, "open", fail)
        with pytest.raises(DriveGoneError):
            Store(path)

    with Store(path) as store:
        store.insert({"n": 1})
    assert not path.with_name("store.db-wal").exists()


def test_news_that_cannot_be_gathered_just_now_is_told_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(path) as store, Store(path) as other:
        heard: list[Touched] = []
        store.insert({"n": 1})
        other.table("parts").insert({"n": 2})
        store._engine.news._watchers.append(heard.append)

        def fail(*_: Any) -> list[str]:
            raise DriveGoneError(path)

        with monkeypatch.context() as patch:
            patch.setattr(store._engine.news, "_names", fail)
            assert store.insert({"n": 3}) == 2
        assert heard == []
        store.insert({"n": 4})

        assert [touched.elsewhere for touched in heard] == [True, False]
        assert heard[0].covers("parts")
        assert heard[1].tables["_default"] == frozenset({2, 3})


def test_a_watcher_that_was_stopped_hears_nothing(path: Path) -> None:
    with Store(path, key=TEST_KEY) as store:
        heard: list[Touched] = []
        stop = store.watch(heard.append)
        stop()
        stop()
        store.insert({"n": 1})

        assert heard == []


def test_a_write_that_changes_nothing_touches_nothing(path: Path) -> None:
    with Store(path) as store:
        store.insert({"n": 1})
        heard: list[Touched] = []
        stop = store.watch(heard.append)
        store.update({"n": 1})
        store.remove(doc_ids=[])
        stop()

        assert heard == []
