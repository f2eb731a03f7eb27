"""Indexes that use asks for."""

from __future__ import annotations

from pathlib import Path

from tinydb import where

from storage import Store
from storage.indexes import USES, WORTH_ROWS


def test_a_wish_for_a_table_that_was_dropped_does_not_bring_it_back(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db") as store:
        parts = store.table("parts")
        parts.insert_multiple({"n": n} for n in range(WORTH_ROWS))
        for n in range(USES):
            parts.search(where("n") == n)
        store.drop_table("parts")

        store.maintain(5)

        assert store.tables() == set()


def test_what_is_asked_for_often_gets_an_index_in_idle_time(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db") as store:
        parts = store.table("parts")
        parts.insert_multiple({"n": n} for n in range(WORTH_ROWS))
        for n in range(USES):
            parts.search(where("n") == n)

        store.maintain(5)

        assert parts.indexes() == (("n",),)
        assert parts.explain(where("n") == 1) == "index"
