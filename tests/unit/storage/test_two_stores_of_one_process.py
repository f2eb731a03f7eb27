"""One process that opens a store twice: locks, keys, and tests in a query that write."""

from pathlib import Path

import pytest
from tinydb import where

from storage import Store, WrongKeyError, opening

KEY = bytes(range(32))


def test_a_file_that_is_open_here_is_not_opened_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Store(tmp_path / "a.db", key=KEY)
    first.insert({"n": 1})
    looked: list[object] = []

    def look(*asked: object, **_: object) -> bool:
        looked.append(asked)
        return True

    monkeypatch.setattr("storage.database.look_before", look)
    with Store(tmp_path / "a.db", key=KEY) as second:
        assert second.all() == [{"n": 1}]
        second.insert({"n": 2})
    assert not looked  # closing a descriptor would drop SQLite's locks on the file
    assert len(first) == 2
    monkeypatch.setattr("storage.database.look_before", opening.look_before)
    for wrong in (None, bytes(32)):
        with pytest.raises(WrongKeyError):
            Store(tmp_path / "a.db", key=wrong)
    first.close()
    Store(tmp_path / "a.db", key=KEY).close()


def test_a_test_inside_a_query_may_write() -> None:
    store = Store()
    store.insert({"n": 1})

    def note(value: object) -> bool:
        store.table("seen").insert({"value": value})
        return True

    assert store.search(where("n").test(note)) == [{"n": 1}]
    assert len(store.table("seen")) == 1


def test_what_writes_nothing_is_no_commit(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.db")
    store.insert({"n": 1})
    before = store._engine.commits
    store.update({"n": 1})
    store.table("_default").trash([])
    store.remove(where("n") == 7)
    assert store._engine.commits == before
    store.update({"n": 2})
    assert store._engine.commits == before + 1


def test_an_id_of_absurd_length_is_no_id() -> None:
    assert Store().get(doc_id="9" * 5000) is None
