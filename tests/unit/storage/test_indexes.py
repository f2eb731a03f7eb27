"""Field indexes: those that use asks for, and that they hold what the records hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tinydb import where
from tinydb.operations import delete

from storage import Order, Store
from storage.indexes import USES, WORTH_ROWS
from storage.kinds import MAX_CHILDREN


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


def test_an_index_holds_what_the_records_hold_whenever_it_is_made(tmp_path: Path) -> None:
    """Before the records come, in the middle of them, and after; and so it stays while they change."""
    with Store(tmp_path / "store.db") as store:
        parts = store.table("parts")
        parts.index("n")

        def some() -> Iterator[dict[str, Any]]:
            for n in range(250):
                if n == 130:
                    parts.index("name", sort=True)
                yield {
                    "n": n,
                    "name": f"Bolt {n}",
                    "who": {"tags": ["steel", n]},
                    "paid": n % 2 == 0,
                }

        parts.insert_multiple(some())
        parts.index("who", "tags")
        parts.index("paid")
        parts.index("who", "tags", sort=True)
        parts.update({"n": 1000, "name": None}, doc_ids=[3])
        parts.update(delete("who"), doc_ids=[4])
        parts.update({"who": "nobody"}, doc_ids=[5])
        parts.remove(doc_ids=[6])
        parts.trash([7, 8])
        parts.restore([8])

        assert store.verify().problems == ()
        assert parts.explain(where("n") == 1000) == "index"
        assert [found.doc_id for found in parts.search(where("n") == 1000)] == [3]
        assert parts.count(where("paid") == True) == 124  # noqa: E712  # a query
        assert list(parts.ids(None, [Order(("name",))]))[-1] == 3

        parts.truncate()
        parts.insert({"n": 1})

        assert store.verify().problems == ()


def test_a_change_of_another_field_does_not_touch_the_indexed_values(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db") as store:
        parts = store.table("parts")
        parts.index("n")
        parts.insert_multiple({"n": n, "text": "x", "deep": {"a": n}} for n in range(5))
        parts.index("deep", "a")
        told: list[str] = []
        store._engine.db.writer.set_trace_callback(told.append)
        parts.update({"text": "y", "deep": {"a": 2, "b": 1}}, doc_ids=[3])
        assert not [sql for sql in told if "v_1" in sql]
        parts.update({"text": "z", "n": 9}, doc_ids=[3])
        assert [sql for sql in told if "v_1" in sql] == ["UPDATE v_1 SET ix_1 = 9 WHERE id = 3"]


@pytest.mark.parametrize("odd", [2**70, "\0", "\ud800", 2.0**60])
def test_an_index_goes_when_its_path_holds_what_sql_cannot_compare(
    tmp_path: Path, odd: object
) -> None:
    with Store(tmp_path / "store.db") as store:
        parts = store.table("parts")
        parts.insert_multiple({"n": n, "m": {"k": n}} for n in range(5))
        parts.index("n")
        parts.index("m", "k", sort=True)
        parts.index("m", "k")
        parts.update({"m": {"k": odd}}, doc_ids=[2])
        assert parts.indexes() == (("n",),)
        assert not parts.index("m", "k")
        assert store.verify().problems == ()
        parts.insert_multiple([{"n": 7}, {"n": odd}, {"n": 8}])
        assert parts.indexes() == ()
        assert [found["n"] for found in parts.search(where("n") == 7)] == [7]
        assert store.verify().problems == ()
        assert parts.index("other")
        assert store.verify().problems == ()


def test_an_index_goes_when_a_record_has_more_fields_than_are_followed(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db") as store:
        parts = store.table("parts")
        parts.insert({"n": 1})
        parts.index("n")
        parts.index("later")
        parts.insert({**{f"f{n}": n for n in range(MAX_CHILDREN + 5)}, "n": 2, "later": 2**90})
        parts.insert({"later": "\ud800"})
        assert parts.indexes() == ()
        assert [found.doc_id for found in parts.search(where("later") == 2**90)] == [2]
        assert store.verify().problems == ()


def test_lists_beside_a_lone_surrogate_are_indexed_as_they_are_spelled_alone(
    tmp_path: Path,
) -> None:
    with Store(tmp_path / "store.db") as store:
        parts = store.table("parts")
        parts.insert({"tags": ["grün"], "text": "\ud800"})
        parts.insert({"tags": ["grün"], "text": "plain"})
        parts.index("tags", sort=True)
        parts.insert({"tags": ["grün"], "text": "\ud800"})
        parts.update({"text": "\ud800"}, doc_ids=[2])
        assert store.verify().problems == ()
        assert list(parts.ids(None, [Order(("tags",), descending=True)])) == [3, 2, 1]


def test_an_index_that_another_handle_has_dropped_is_not_missed(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db") as store, Store(tmp_path / "store.db") as other:
        parts = store.table("parts")
        parts.insert_multiple({"n": n} for n in range(10))
        parts.index("n")
        assert parts.count(where("n") == 3) == 1
        assert len(parts.search(where("n") == 3)) == 1
        other.table("parts").insert({"n": 2**70})
        assert len(parts.search(where("n") == 4)) == 1
        assert parts.indexes() == ()


def test_an_index_that_was_taken_back_leaves_nothing(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db") as store:
        parts = store.table("parts")
        parts.insert_multiple({"n": n, "m": n} for n in range(10))
        parts.index("n")

        def in_vain() -> None:
            with store.transaction():
                parts.index("m")
                parts.insert({"n": 3, "m": 3})
                raise KeyError

        with pytest.raises(KeyError):
            in_vain()
        with store.transaction():
            with pytest.raises(KeyError):
                in_vain()
            parts.insert({"n": 11, "m": 11})
        assert parts.indexes() == (("n",),)
        assert parts.count(where("n") == 11) == 1
        assert store.verify().problems == ()
