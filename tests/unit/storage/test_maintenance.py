"""Idle work: counted like every other commit, and done only where there is some."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from tinydb import where

from storage import Store, commits_noted

MEGA = 1_000_000


def test_merging_is_counted_like_every_commit_and_ends(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path) as store:
        for n in range(30):
            store.insert({"n": f"word{n} other{n}"})
        before = store._engine.commits
        while store.maintain(1):
            pass
        merged = store._engine.commits
        assert merged > before
        assert store.maintain(1) is False
        assert store._engine.commits == merged
        with Store(path) as other:
            assert other._engine.commits == merged == commits_noted(path)
        assert store.find_text("word17").hits[0].document["n"] == "word17 other17"
        assert store.verify().ok
    with Store(path) as store:
        assert store.losses == ()


def test_idle_work_inside_a_transaction_is_part_of_it() -> None:
    store = Store()
    for n in range(30):
        store.insert({"n": f"word{n}"})
    before = store._engine.commits
    with store.transaction():
        store.insert({"n": "last"})
        store.maintain(1)
    assert store._engine.commits == before + 1
    assert store.verify().ok


def test_a_condition_that_sql_answers_reads_no_text_to_find_what_is_removed() -> None:
    store = Store()
    store.insert_multiple({"n": n, "text": "x" * 200_000} for n in range(100))
    tracemalloc.start()
    try:
        removed = store.remove(where("n") >= 10)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert removed == list(range(11, 101))
    assert peak < 4 * MEGA
    assert len(store) == 10
