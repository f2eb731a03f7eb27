"""The trash: what comes back finds its place, whatever happened to the table meanwhile."""

from __future__ import annotations

from storage import Store


def test_ids_go_on_after_one_that_came_back_into_an_emptied_table() -> None:
    with Store() as store:
        parts = store.table("parts")
        parts.insert_multiple([{"n": 1}, {"n": 2}])
        parts.trash([2])
        parts.truncate()

        assert parts.restore([2]) == [2]

        assert parts.insert_multiple([{"n": 3}, {"n": 4}]) == [3, 4]
        assert store.verify().ok
