"""Idle work: counted like every other commit, and done only where there is some."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from tinydb import where

from storage import Store, commits_noted
from storage.mark import mark_beside
from storage.search import pruning
from tests.support.stores import TEST_KEY

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
            assert other._engine.commits == merged == commits_noted(mark_beside(path))
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


def dictionary(store: Store) -> set[str]:
    with store._engine.db.reading() as connection:
        return {row[0] for row in connection.execute("SELECT t FROM term")}


def test_words_that_no_record_has_any_more_leave_the_dictionary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "WORTH_COMMITS", 20)
    monkeypatch.setattr(pruning, "STRETCH", 7)
    with (
        Store(tmp_path / "store.db", key=TEST_KEY) as store,
        Store(tmp_path / "store.db", key=TEST_KEY) as other,
    ):
        parts, more = store.table("parts"), store.table("more")
        parts.insert_multiple({"name": f"bolt{n:03} walnut"} for n in range(50))
        other.table("parts").insert({"name": "another walnut"})
        more.insert_multiple({"name": f"bolt{n:03}"} for n in range(5))
        store.table("gone").insert({"name": "forgotten"})
        before = dictionary(store)
        while store.maintain(1):
            pass
        assert dictionary(store) == before  # so few commits are not worth a walk
        parts.remove(doc_ids=range(1, 41))
        for doc_id in range(41, 51):
            parts.update({"name": f"cherry{doc_id}"}, doc_ids=[doc_id])
        store.drop_table("gone")
        for n in range(20):
            store.info["n"] = n
        while store.maintain(1):
            pass
        kept = {f"bolt{n:03}" for n in range(5)} | {f"cherry{n}" for n in range(41, 51)}
        assert dictionary(store) == kept | {"another", "walnut"}
        for place in (store, other):
            place.table("parts").insert({"name": "bolt030 forgotten"})
            assert {"bolt030", "forgotten"} <= dictionary(store)
            assert place.find_text("forgoten").total
            assert place.find_text("bolt03").total
        assert store.verify().ok
        while store.maintain(1):
            pass
        walked = store._engine.commits
        assert store.maintain(1) is False
        assert store._engine.commits == walked


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
