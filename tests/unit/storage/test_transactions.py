"""Transactions: all or nothing, whatever ends them."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tinydb import where

from storage import StorageError, Store, StoreClosedError, TransactionLostError
from tests.support.stores import OURS, StoreKind, StorePlace


@pytest.fixture(params=OURS, ids=str)
def store(request: pytest.FixtureRequest, tmp_path: Path):
    """A store of each of our kinds, with three documents."""
    kind: StoreKind = request.param
    place = StorePlace(kind, tmp_path / "store.db")
    opened = place.open()
    opened.insert_multiple({"n": n} for n in range(3))
    yield opened
    place.close()


def numbers(store: Store) -> list[int]:
    return [document["n"] for document in store]


def fail_in(store: Store, error: BaseException) -> None:
    """Write inside a transaction and let it end with an exception."""
    with store.transaction():
        store.insert({"n": 3})
        store.update({"n": -1}, doc_ids=[1])
        store.table("new").insert({"n": 0})
        store.info["k"] = 1
        raise error


@pytest.mark.parametrize(
    "error", [RuntimeError("x"), KeyboardInterrupt(), SystemExit(1), GeneratorExit()]
)
def test_whatever_is_raised_takes_all_of_it_back(store: Store, error: BaseException) -> None:
    with pytest.raises(type(error)):
        fail_in(store, error)

    assert numbers(store) == [0, 1, 2]
    assert store.tables() == {"_default"}
    assert dict(store.info) == {}
    assert store.insert({"n": 3}) == 4
    assert store.verify().ok


def test_what_is_written_is_seen_inside_and_kept_at_the_end(store: Store) -> None:
    with store.transaction():
        store.insert({"n": 3})
        assert numbers(store) == [0, 1, 2, 3]
        assert store.count(where("n") > 1) == 2
        assert [hit.doc_id for hit in store.find_text("nothing").hits] == []

    assert numbers(store) == [0, 1, 2, 3]


def test_one_commit_for_all_of_it(store: Store) -> None:
    before, told = store._engine.commits, []
    stop = store.watch(told.append)
    with store.transaction():
        store.insert({"n": 3})
        with store.transaction():
            store.insert({"n": 4})
    stop()

    assert store._engine.commits == before + 1
    assert [touched.tables["_default"] for touched in told] == [frozenset({4, 5})]


def test_an_inner_failure_that_is_caught_leaves_nothing_of_the_inner_part(store: Store) -> None:
    with store.transaction():
        store.insert({"n": 3})
        with pytest.raises(ValueError, match="nan"):
            store.insert_multiple([*({"n": n} for n in range(10, 250)), {"n": float("nan")}])
        store.insert({"n": 4})

    assert numbers(store) == [0, 1, 2, 3, 4]
    assert store.verify().ok


def test_an_inner_failure_that_is_not_caught_takes_all_back(store: Store) -> None:
    def nested() -> None:
        with store.transaction():
            store.insert({"n": 3})
            with store.transaction():
                store.insert({"n": 4})
                raise LookupError

    with pytest.raises(LookupError):
        nested()
    assert numbers(store) == [0, 1, 2]


def test_a_write_after_sqlite_took_the_transaction_back_is_refused(store: Store) -> None:
    def go_on() -> None:
        with store.transaction():
            store.insert({"n": 3})
            store._engine.db.writer.execute(
                "ROLLBACK"
            )  # what SQLite does by itself when the disk is full
            store.insert({"n": 4})

    with pytest.raises(TransactionLostError, match="Nothing of it was saved; do all of it again"):
        go_on()
    assert numbers(store) == [0, 1, 2]
    assert store.insert({"n": 5}) > 3


def test_a_transaction_that_sqlite_took_back_does_not_end_well(store: Store) -> None:
    def end() -> None:
        with store.transaction():
            store.insert({"n": 3})
            store._engine.db.writer.execute("ROLLBACK")

    with pytest.raises(TransactionLostError):
        end()
    assert numbers(store) == [0, 1, 2]


def test_a_transaction_left_half_way_by_a_generator_is_taken_back(store: Store) -> None:
    def half_way():
        with store.transaction():
            store.insert({"n": 3})
            yield
            store.insert({"n": 4})

    running = half_way()
    next(running)
    del running
    gc.collect()

    assert numbers(store) == [0, 1, 2]
    assert store.insert({"n": 5}) == 4


def test_a_thread_that_ends_inside_a_transaction_takes_it_back_and_keeps_nobody_out(
    store: Store,
) -> None:
    def begin_and_end() -> None:
        around = store.transaction()
        around.__enter__()
        store.insert({"n": 3})

    thread = threading.Thread(target=begin_and_end)
    thread.start()
    thread.join()
    gc.collect()

    assert numbers(store) == [0, 1, 2]
    assert store.insert({"n": 5}) == 4


def test_a_thread_killed_inside_a_transaction_takes_it_back_and_keeps_nobody_out(
    store: Store,
) -> None:
    inside = threading.Event()

    def insert_for_ever() -> None:
        try:
            with store.transaction():
                while True:
                    store.insert({"n": 3})
                    inside.set()
        except SystemExit:
            pass

    thread = threading.Thread(target=insert_for_ever)
    thread.start()
    assert inside.wait(30)
    while (
        thread.is_alive()
    ):  # an exception set just when the thread waits in SQLite may be replaced by another
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit)
        )
        thread.join(0.2)

    assert numbers(store) == [0, 1, 2]
    assert store.insert({"n": 5}) == 4
    assert store.verify().ok


@pytest.mark.parametrize("kept", [True, False])
def test_a_stream_that_is_not_read_to_its_end_keeps_nobody_out(store: Store, kept: bool) -> None:
    table = store.table("_default")
    with store.transaction():
        stream = table.insert_stream({"n": n} for n in range(10, 500))
        next(stream)
        if not kept:
            del stream
            gc.collect()

    done = threading.Thread(target=store.insert, args=({"n": 5},))
    done.start()
    done.join(30)
    assert not done.is_alive()
    before = store._engine.commits
    store.insert({"n": 6})
    assert store._engine.commits == before + 1
    assert numbers(store) == [0, 1, 2, *range(10, 110), 5, 6]  # what was read of it, in hundreds
    assert store.verify().ok


def test_a_stream_ends_with_its_transaction_and_says_so(store: Store) -> None:
    table = store.table("_default")
    told: list[int] = []
    with store.transaction():
        first, second = (
            table.insert_stream(({"n": n} for n in range(250)), told.append) for _ in range(2)
        )
        ids = [next(stream) for stream in (first, second) for _ in range(100)]
    with pytest.raises(TransactionLostError, match="has ended"):
        next(first)
    with store.transaction(), pytest.raises(TransactionLostError, match="has ended"):
        next(second)
    with pytest.raises(TransactionLostError, match="begin one before"):
        next(table.insert_stream([{"n": 1}]))
    assert (len(set(ids)), told) == (200, [100, 100])
    assert len(store) == 203


def test_what_is_written_beside_a_stream_stays_when_the_stream_is_refused(store: Store) -> None:
    table = store.table("_default")
    documents: list[dict[str, Any]] = [*({"n": n} for n in range(150)), {"n": {1, 2}}]
    with store.transaction():
        stream = table.insert_stream(documents)
        next(stream)
        store.insert({"n": -1})
        with pytest.raises(TypeError, match="set"):
            list(stream)
    assert numbers(store) == [0, 1, 2, *range(100), -1]
    assert store.verify().ok


class InterruptedMapping(dict[str, Any]):
    """A document whose reader is interrupted."""

    def __iter__(self) -> Iterator[str]:
        raise KeyboardInterrupt

    items = __iter__  # type: ignore[assignment]


def insert_interrupted(store: Store) -> None:
    """Insert in a transaction, and go on after an interrupt of it."""
    with store.transaction():
        store.insert({"n": 3})
        with contextlib.suppress(KeyboardInterrupt):
            store.insert(InterruptedMapping(n=4))
        with pytest.raises(TransactionLostError):
            store.insert({"n": 5})


def test_an_insert_that_was_interrupted_is_never_half_saved(store: Store) -> None:
    with pytest.raises(TransactionLostError):
        insert_interrupted(store)

    assert numbers(store) == [0, 1, 2]
    assert store.insert({"n": 3}) == 4
    assert store.verify().ok


def test_closing_inside_a_transaction_saves_nothing_of_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db")
    store.insert({"n": 0})

    def close_inside() -> None:
        with store.transaction():
            store.insert({"n": 1})
            store.close()

    with pytest.raises(StoreClosedError, match="What it held is safe on disk"):
        close_inside()
    with Store(tmp_path / "store.db") as again:
        assert numbers(again) == [0]


def test_a_condition_that_writes_is_refused_or_done_but_never_half(store: Store) -> None:
    def meddle(value: Any) -> bool:
        store.insert({"n": value + 100})
        return True

    before = numbers(store)
    try:
        found = store.search(where("n").test(meddle))
    except StorageError:
        assert numbers(store) == before
    else:
        assert len(found) == 3
        assert numbers(store) == [*before, 100, 101, 102]
    assert store.verify().ok


def test_what_was_searched_in_an_inner_transaction_is_forgotten_with_it() -> None:
    store = Store()
    table = store.table("t")
    table.insert({"n": 1})

    def inner() -> None:
        with store.transaction():
            table.insert({"n": 2})
            assert len(table.search(where("n") > 0)) == 2
            raise LookupError("inner")

    with store.transaction():
        with pytest.raises(LookupError, match="inner"):
            inner()
        assert [document["n"] for document in table.search(where("n") > 0)] == [1]
