"""One store, several threads: nobody reads half a commit, nobody waits for a long one, nothing is lost."""

from __future__ import annotations

import operator
import random
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tinydb import where

from storage import Order, Store, StoreClosedError, Touched
from tests.support.stores import OURS, TEST_KEY, StoreKind, StorePlace

THREADS = 8


@pytest.fixture(params=OURS, ids=str)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """An empty store of each of our kinds."""
    kind: StoreKind = request.param
    place = StorePlace(kind, tmp_path / "store.db")
    yield place.open()
    place.close()


@pytest.fixture
def on_file(tmp_path: Path) -> Iterator[Store]:
    """An encrypted store on file."""
    with Store(tmp_path / "store.db", key=TEST_KEY) as store:
        yield store


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads change places as often as Python lets them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


is_odd: Any = lambda n: n % 2 == 1  # noqa: E731  # TinyDB types a test as one on documents
is_no_loss: Any = lambda n: n >= 0  # noqa: E731


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run all at once; the first failure is raised."""
    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(timeout=100) for future in [pool.submit(work) for work in works]]


def test_eight_threads_that_write_lose_nothing(store: Store, hasty: None) -> None:
    def write(thread: int) -> list[int]:
        table = store.table(f"t{thread % 3}")
        ids = [table.insert({"thread": thread, "n": n}) for n in range(20)]
        table.update({"seen": True}, doc_ids=ids[::2])
        table.remove(doc_ids=ids[15:])
        return ids[:15]

    kept = together(*[lambda thread=thread: write(thread) for thread in range(THREADS)])

    for thread, ids in enumerate(kept):
        table = store.table(f"t{thread % 3}")
        assert [document["n"] for document in table.get(doc_ids=ids)] == list(range(15))
    assert sum(len(store.table(name)) for name in store.tables()) == THREADS * 15
    assert store.verify().ok


def test_no_reader_sees_half_a_commit(store: Store, hasty: None) -> None:
    """A transfer keeps the sum; whoever reads adds up to it, whichever way he reads."""
    accounts = store.table("accounts")
    accounts.insert_multiple({"amount": 100, "name": f"account {n}"} for n in range(10))
    over = threading.Event()

    def transfer() -> None:
        dice = random.Random(7)
        try:
            for _ in range(60):
                one, other = dice.sample(range(1, 11), 2)
                with store.transaction():
                    accounts.update(lambda d: d.update(amount=d["amount"] - 7), doc_ids=[one])
                    accounts.update(lambda d: d.update(amount=d["amount"] + 7), doc_ids=[other])
        finally:
            over.set()

    def add_up(read: Callable[[], list[Any]]) -> int:
        reads = 0
        while not over.is_set() or not reads:
            assert sum(document["amount"] for document in read()) == 1000
            reads += 1
        return reads

    reads: list[Callable[[], list[Any]]] = [
        lambda: accounts.search(where("amount").exists()),
        lambda: accounts.get(doc_ids=list(range(1, 11))),
        lambda: accounts.page(limit=20),
        lambda: [d for d in accounts.fetch(list(range(1, 11))) if d is not None],
    ]
    done = together(transfer, transfer, *[lambda read=read: add_up(read) for read in reads])

    assert all(count > 0 for count in done[2:])
    assert sum(document["amount"] for document in accounts) == 1000


def test_a_test_in_python_finds_what_one_commit_holds(store: Store, hasty: None) -> None:
    """A baton is passed on; whoever looks finds it in one hand, and never in a hand that does not hold it."""
    runners = store.table("runners")
    runners.insert_multiple({"baton": n == 0} for n in range(12))
    over = threading.Event()

    def pass_on() -> None:
        try:
            for turn in range(1, 150):
                with store.transaction():
                    runners.update({"baton": False}, doc_ids=[(turn - 1) % 12 + 1])
                    runners.update({"baton": True}, doc_ids=[turn % 12 + 1])
        finally:
            over.set()

    def look() -> None:
        while not over.is_set():
            found = runners.search(where("baton").test(operator.truth))
            assert [document["baton"] for document in found] == [True]

    together(pass_on, look, look, look)


def test_a_write_is_seen_by_every_search_that_begins_after_it(store: Store, hasty: None) -> None:
    """Cached results and kept columns follow every commit, whoever made it."""
    table = store.table("t")
    table.insert({"who": "nobody", "n": -1})

    def write_and_look(thread: int) -> None:
        for n in range(25):
            table.insert({"who": thread, "n": n})
            assert len(table.search(where("who") == thread)) == n + 1
            assert table.count(where("who") == thread) == n + 1
            assert len(table.search(where("who").test(partial(operator.eq, thread)))) == n + 1

    together(*[lambda thread=thread: write_and_look(thread) for thread in range(6)])
    assert len(table) == 151


def test_a_reader_does_not_wait_for_a_long_transaction(on_file: Store) -> None:
    on_file.insert_multiple({"n": n} for n in range(50))
    begun, end = threading.Event(), threading.Event()

    def write() -> None:
        with on_file.transaction():
            on_file.insert({"n": 50})
            on_file.update({"n": -1}, doc_ids=[1])
            begun.set()
            assert end.wait(60)

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(60)
    try:
        assert (
            len(on_file) == 50
        )  # the transaction is still open: a reader that waited for it would never come back
        assert on_file.get(doc_id=1) == {"n": 0}
        assert on_file.count(where("n") >= 0) == 50
        assert len(on_file.search(where("n").test(is_no_loss))) == 50
        assert [
            document["n"]
            for document in on_file.table("_default").page(order=[Order(("n",))], limit=2)
        ] == [0, 1]
        assert on_file.find_text("nothing").hits == ()
        assert dict(on_file.info) == {}
        assert on_file.tables() == {"_default"}
        assert on_file.verify().ok
        assert on_file.look() is False
    finally:
        end.set()
        writer.join()
    assert len(on_file) == 51


def test_a_long_read_keeps_no_writer_out(on_file: Store) -> None:
    on_file.insert_multiple({"n": n} for n in range(600))
    reading, written = threading.Event(), threading.Event()

    def wait_at_the_first(_: Any) -> bool:
        reading.set()
        return written.wait(60)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(on_file.search, where("n").test(wait_at_the_first))
        assert reading.wait(60)
        on_file.insert({"n": 600})
        written.set()
        assert len(slow.result(60)) == 600  # the commit of its beginning
    assert len(on_file) == 601


def test_verify_beside_writers_finds_nothing_wrong(on_file: Store, hasty: None) -> None:
    over = threading.Event()

    def write() -> None:
        try:
            for n in range(40):
                on_file.insert_multiple({"n": i, "text": f"bolt {i} " * 30} for i in range(40))
                on_file.remove(where("n") < 20)
                if n % 5 == 0:
                    on_file._engine.db.writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        finally:
            over.set()

    def look() -> int:
        looks = 0
        while not over.is_set() or not looks:
            report = on_file.verify()
            assert report.problems == ()
            looks += 1
        return looks

    assert together(write, look)[1] > 0


def test_closing_while_others_read_and_write_ends_them_with_one_sentence(tmp_path: Path) -> None:
    for turn in range(10):
        store = Store(tmp_path / "store.db", key=TEST_KEY)
        store.insert_multiple({"n": n} for n in range(300))
        going = threading.Barrier(5)

        def use(work: Callable[[], Any], going: threading.Barrier = going) -> str:
            going.wait(30)
            try:
                while True:
                    work()
            except StoreClosedError as error:
                return str(error)

        def close(store: Store = store, going: threading.Barrier = going) -> None:
            going.wait(30)
            store.close()

        works: list[Callable[[], Any]] = [
            partial(store.search, where("n").test(is_odd)),
            partial(store.get, doc_id=7),
            partial(store.insert, {"n": 1}),
            partial(store.table("_default").ids, order=[Order(("n",))]),
        ]
        said = together(*[partial(use, work) for work in works], close)
        assert set(said[:4]) == {StoreClosedError.__doc__}, turn
        assert not (tmp_path / "store.db-wal").exists()
    with Store(tmp_path / "store.db", key=TEST_KEY) as store:
        assert store.verify().ok


def test_watchers_hear_of_every_commit_of_every_thread(store: Store, hasty: None) -> None:
    heard: list[Touched] = []
    stop = store.watch(heard.append)

    ids = together(*[lambda: [store.insert({"n": n}) for n in range(10)] for _ in range(THREADS)])
    stop()

    touched = [next(iter(one.ids("_default") or ())) for one in heard]
    assert sorted(touched) == sorted(doc_id for mine in ids for doc_id in mine)


def test_a_watcher_that_fails_does_not_make_a_commit_look_failed(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Touched) -> None:
        raise ZeroDivisionError

    heard: list[Touched] = []
    stops = [store.watch(fail), store.watch(heard.append)]

    assert store.insert({"n": 1}) == 1
    assert len(heard) == 1
    assert "a watcher failed" in caplog.text
    for stop in stops:
        stop()


def test_a_watcher_may_write(store: Store) -> None:
    log = store.table("log")

    def note(touched: Touched) -> None:
        if touched.covers("_default"):
            log.insert({"about": sorted(touched.ids("_default") or ())})

    stop = store.watch(note)
    store.insert({"n": 1})
    stop()

    assert log.all() == [{"about": [1]}]


def test_threads_that_ask_while_results_are_forgotten_get_their_answers(
    store: Store, hasty: None
) -> None:
    parts = store.table("parts")
    parts.insert_multiple({"n": n} for n in range(50))
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            assert len(parts.search(where("n") == 3)) == 1

    def forget() -> None:
        for _ in range(20_000):
            parts.clear_cache()
        ended.set()

    together(ask, ask, ask, forget)


def test_an_answer_from_before_a_commit_elsewhere_is_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path, key=TEST_KEY) as store, Store(path, key=TEST_KEY) as other:
        parts, question = store.table("parts"), where("n") == 1
        parts.insert({"n": 1})
        version = parts._fresh_cache()
        old = parts._reads.rows(question)

        other.table("parts").insert({"n": 1})
        assert len(parts.search(where("n") >= 0)) == 2  # this thread has noticed
        parts._remember(question, old, version, parts._writes)

        assert len(parts.search(question)) == 2
