"""Two programs on one file: each sees what the other wrote, ids never meet, neither harms the other."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tinydb import where

from storage import NeedsIdentityError, RecordIds, Store, StoreBusyError, StoreClosedError, Touched
from tests.support.founders import founder
from tests.support.project import ROOT
from tests.support.replays import Replay
from tests.support.stores import TEST_KEY

PRELUDE = """
import sys, time
from storage import NeedsIdentityError, RecordIds, Store
from tinydb import where
if sys.argv[3] == "True":
    from tests.support.founders import founder
else:
    def founder():
        return None
ids = RecordIds(time.time) if sys.argv[2] == "True" else None
store = Store(sys.argv[1], key=bytes(range(32)), ids=ids, identity=founder())
"""


is_seventy: Any = lambda n: n >= 70  # noqa: E731  # TinyDB types a test as one on documents


class Other:
    """Another program that runs a script over the same store; it can be told to go on, line by line."""

    def __init__(self, place: Place, script: str, *, global_ids: bool) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        more = [str(place.path), str(global_ids), str(place.changes)]
        command = [sys.executable, "-P", "-c", PRELUDE + script, *more]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self, line: str = "") -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> str:
        said, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0
        return said.strip()


@dataclass(frozen=True)
class Place:
    """One file that several use; with `changes` each write in it is a signed change."""

    path: Path
    changes: bool

    def store(self, ids: RecordIds | None = None) -> Store:
        """Open it here."""
        identity = founder() if self.changes else None
        return Store(self.path, key=TEST_KEY, ids=ids, identity=identity)

    def other(self, script: str, *, global_ids: bool = False) -> Other:
        """Open it in another program."""
        return Other(self, script, global_ids=global_ids)


@pytest.fixture(params=[False, True], ids=["plain", "changes"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A file; what its changes say at the end is what it holds."""
    place = Place(tmp_path / "store.db", request.param)
    yield place
    if place.changes:
        with place.store() as store:
            assert Replay().difference(store) == ""


INSERT = """
print("ready", flush=True); input()
ids = [store.insert({"who": "other", "n": n}) for n in range(40)]
print(*ids)
store.close()
"""


@pytest.mark.parametrize("global_ids", [False, True])
def test_two_programs_that_write_at_once_never_give_one_id_twice(
    global_ids: bool, place: Place
) -> None:
    with place.store(ids=RecordIds(time.time) if global_ids else None) as store:
        other = place.other(INSERT, global_ids=global_ids)
        assert other.hear() == "ready"
        other.tell()
        mine = [store.insert({"who": "me", "n": n}) for n in range(40)]
        theirs = [int(word) for word in other.end().split()]

        assert len({*mine, *theirs}) == 80
        assert len(store) == 80
        assert store.count(where("who") == "other") == 40
        assert sorted(store.table("_default").ids()) == sorted([*mine, *theirs])
        assert store.verify().ok


SEE = """
print(store.count(where("n") >= 0), flush=True); input()
print(len(store.search(where("n") >= 0)), store.get(doc_id=1)["n"], flush=True); input()
store.update({"n": 70}, doc_ids=[1]); print("done", flush=True); input()
store.close()
"""


def test_each_sees_what_the_other_wrote(place: Place) -> None:
    with place.store() as store:
        store.insert({"n": 1})
        assert store.search(where("n") >= 7) == []
        other = place.other(SEE)
        assert other.hear() == "1"
        store.update({"n": 7}, doc_ids=[1])
        store.insert({"n": 8})
        other.tell()
        assert other.hear() == "2 7"
        other.tell()
        assert other.hear() == "done"

        assert store.get(doc_id=1) == {"n": 70}
        assert len(store.search(where("n") >= 70)) == 1
        assert len(store.search(where("n").test(is_seventy))) == 1
        other.tell()
        other.end()
    with place.store() as store:
        assert store.losses == ()


CHANGE = """
input(); store.table("parts").insert({"n": 1}); print("done", flush=True)
input(); store.drop_table("parts"); print("done", flush=True)
input(); store.close()
"""


def test_watchers_hear_of_commits_elsewhere_without_being_asked(place: Place) -> None:
    with place.store() as store:
        heard: list[Touched] = []
        news = threading.Event()

        def hear(touched: Touched) -> None:
            heard.append(touched)
            news.set()

        stop = store.watch(hear)
        other = place.other(CHANGE)
        for _ in ("insert", "drop"):
            news.clear()
            other.tell()
            assert other.hear() == "done"
            assert news.wait(30)
        stop()
        other.tell()
        other.end()

        assert all(touched.elsewhere for touched in heard)
        assert any(touched.covers("parts") for touched in heard)
        assert heard[-1].covers("parts"), "a table that was dropped has changed as well"


def test_a_commit_elsewhere_is_not_missed_after_a_change_was_taken_back(place: Place) -> None:
    with place.store() as store, place.store() as other:
        heard: list[Touched] = []
        stop = store.watch(heard.append)
        store.insert({"n": 1})
        with pytest.raises(ValueError, match="nan"):
            store.insert({"n": float("nan")})
        other.insert({"n": 2})
        heard.clear()

        store.look()
        stop()

        assert any(touched.elsewhere for touched in heard)
        assert store.insert({"n": 3}) == 3


def test_ones_own_commits_are_not_taken_for_those_of_others(place: Place) -> None:
    with place.store() as store:
        heard: list[Touched] = []
        stop = store.watch(heard.append)
        store.insert({"n": 1})
        store.table("_default").ids(lambda _: True)
        store.maintain()
        store.look()
        stop()

        assert [touched.elsewhere for touched in heard] == [False]


HOLD = """
with store.transaction():
    store.insert({"n": 2}); print("inside", flush=True); input()
store.close()
"""


def test_a_program_that_holds_the_store_too_long_is_named(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.store() as store:
        store.insert({"n": 1})
        store._engine.db.writer.execute("PRAGMA busy_timeout=200")
        other = place.other(HOLD)
        assert other.hear() == "inside"

        with pytest.raises(
            StoreBusyError, match=r"did not finish in time\. Nothing was written; try again"
        ):
            store.insert({"n": 3})
        assert store.all() == [{"n": 1}]

        other.tell()
        other.end()
        store.insert({"n": 3})
        assert [document["n"] for document in store] == [1, 2, 3]


def test_a_program_killed_inside_a_transaction_keeps_nobody_out(place: Place) -> None:
    with place.store() as store:
        store.insert({"n": 1})
        other = place.other(HOLD)
        assert other.hear() == "inside"
        other.process.kill()
        other.process.communicate()

        store.insert({"n": 3})

        assert [document["n"] for document in store] == [1, 3]
        assert store.verify().ok


MAKE = """
store.insert({"n": 1}); print(len(store.losses)); store.close()
"""


def test_a_store_made_by_several_programs_at_once_is_one_store(place: Place) -> None:
    others = [place.other(MAKE) for _ in range(6)]

    assert [other.end() for other in others] == ["0"] * 6
    with place.store() as store:
        assert sorted(store.table("_default").ids()) == [1, 2, 3, 4, 5, 6]
        assert store.losses == ()
        assert store.verify().ok


def test_a_second_handle_in_this_program_does_not_let_another_take_the_log_away(
    place: Place,
) -> None:
    """Opening and closing a file drops a process's POSIX locks on it; SQLite must notice, or commits would be lost."""
    first = place.store()
    first.insert({"n": 1})
    place.store().close()
    place.other('store.insert({"n": 2}); store.close()').end()
    first.insert({"n": 3})
    place.other('store.insert({"n": 4}); store.close()').end()

    assert [document["n"] for document in first] == [1, 2, 3, 4]
    first.close()
    with place.store() as store:
        assert [document["n"] for document in store] == [1, 2, 3, 4]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_has_no_store_and_harms_none(place: Place) -> None:
    script = """
import os
from storage import StoreClosedError
from tinydb import where
store.insert({"n": 1})
child = os.fork()
if not child:
    refused = 0
    for use in (
        lambda: store.insert({"n": 2}), store.look, store.maintain, store.all, store.verify,
        lambda: store.search(where("n") == 1), lambda: store.get(doc_id=1), lambda: store.find_text("a"),
    ):
        try:
            use()
        except StoreClosedError:
            refused += 1
    os._exit(8 - refused)
_, status = os.waitpid(child, 0)
store.insert({"n": 3})
print(os.waitstatus_to_exitcode(status), [document["n"] for document in store], store.verify().ok)
store.close()
"""
    assert place.other(script).end() == "0 [1, 3] True"


def test_a_closed_store_says_so(place: Place) -> None:
    store = place.store()
    store.close()
    for use in (
        store.all,
        store.tables,
        store.verify,
        store.look,
        lambda: store.insert({}),
        lambda: store.info["k"],
    ):
        with pytest.raises(StoreClosedError, match="open it again to go on"):
            use()


def test_a_table_that_another_program_dropped_reads_as_empty(place: Place) -> None:
    with place.store() as store, place.store() as other:
        parts = store.table("parts")
        parts.insert({"n": 1})
        parts.index("n")
        assert parts.get(where("n") == 1) == parts.get(doc_id=1) == {"n": 1}

        other.drop_table("parts")

        assert parts.get(where("n") == 1) is None
        assert parts.get(doc_id=1) is None


def test_watchers_hear_first_of_all_that_a_table_was_dropped(place: Place) -> None:
    with place.store() as store, place.store() as other:
        store.table("parts").insert({"n": 1})
        heard: list[Touched] = []
        stop = store.watch(heard.append)
        store.table("more").insert({"n": 1})

        other.drop_tables()
        store.look()
        stop()

        assert any(touched.elsewhere and touched.covers("parts") for touched in heard)
        assert any(touched.elsewhere and touched.covers("more") for touched in heard)


def test_who_opened_a_store_before_its_writes_were_changes_writes_no_more(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store(path) as plain:
        plain.insert({"n": 1})
        with Store(path, identity=founder()) as signed:
            signed.insert({"n": 2})
            for _ in range(2):
                with pytest.raises(NeedsIdentityError, match="Nothing was changed"):
                    plain.insert({"n": 3})

            assert plain.all() == signed.all() == [{"n": 1}, {"n": 2}]
            assert Replay().difference(signed) == ""
