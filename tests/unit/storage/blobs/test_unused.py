"""What is taken away: what nothing ever referred to, once its maker has ended; and nothing else."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from storage import Store
from storage.blobs.layout import CHUNK_BYTES
from tests.support.blobs import content, files, open_store, problems, put, whole


def _reopened_and_tidied(path: Path) -> list[Path]:
    with open_store(path) as store:
        store.blobs.tidy()
        assert not problems(store)
    return whole(path)


def test_what_nothing_refers_to_goes_once_its_store_was_closed(path: Path) -> None:
    with open_store(path) as store:
        put(store, b"never used")
        store.blobs.tidy()
        assert len(whole(path)) == 1
        assert not problems(store)
        assert store.verify().checked["unused_blobs"] == 1
    assert _reopened_and_tidied(path) == []
    assert files(path) == []


def test_what_a_record_refers_to_stays(path: Path) -> None:
    with open_store(path) as store:
        record = store.table("t").insert({"deep": [{"er": put(store, b"used")}]})
    assert len(_reopened_and_tidied(path)) == 1
    with open_store(path) as store:
        value = store.table("t").get(doc_id=record)["deep"][0]["er"]
        assert content(store, value) == b"used"


@pytest.mark.parametrize("way", ["replaced", "undone", "trashed", "purged", "removed", "dropped"])
def test_what_anything_ever_referred_to_stays(path: Path, way: str) -> None:
    with open_store(path) as store:
        table = store.table("t")
        record = table.insert({"file": put(store, b"used once")})
        match way:
            case "replaced":
                table.update({"file": None}, doc_ids=[record])
            case "undone":
                store.past.undo()
            case "trashed":
                table.trash([record])
            case "purged":
                store.past.purge("t", [record])
            case "removed":
                table.remove(doc_ids=[record])
            case _:
                store.drop_table("t")
    assert len(_reopened_and_tidied(path)) == 1


def test_what_only_a_very_long_value_refers_to_stays(path: Path) -> None:
    """Such a value comes in pieces, and the reference may lie across two of them."""
    for shift in range(0, 250, 50):
        with open_store(path) as store:
            value = put(store, b"far out %d" % shift)
            padding = "x" * (61_150 + shift)
            store.table("t").insert({"long": [padding, value, "y" * 70_000]})
    assert len(_reopened_and_tidied(path)) == 5
    with open_store(path) as store:
        assert store.verify().checked["blobs"] == 5


def test_what_another_process_has_put_stays_while_it_lives(path: Path) -> None:
    there, go = multiprocessing.get_context("spawn").Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_put_and_wait, args=(path, go))
    child.start()
    assert there.recv() == "put"
    assert len(_reopened_and_tidied(path)) == 1
    child.kill()
    child.join()
    assert _reopened_and_tidied(path) == []


def _put_and_wait(path: Path, go: multiprocessing.connection.Connection) -> None:
    with open_store(path) as store:
        put(store, b"about to be used")
        go.send("put")
        go.recv()


def test_what_was_left_over_and_is_put_again_stays(path: Path) -> None:
    with open_store(path) as store:
        put(store, b"wanted after all")
    with open_store(path) as store:
        value = put(store, b"wanted after all")
        with open_store(path) as other:
            other.blobs.tidy()
        assert content(store, value) == b"wanted after all"


def test_a_change_that_cannot_be_read_keeps_everything(path: Path) -> None:
    with open_store(path) as store:
        put(store, b"who knows")
        store.table("t").insert({"a": 1})
        with store._engine.writing() as connection:
            connection.execute("UPDATE change SET body = zeroblob(200)")
    with open_store(path) as store:
        store.blobs.tidy()
    assert len(whole(path)) == 1


def test_a_file_that_no_table_knows_is_left_alone_and_named(path: Path) -> None:
    with open_store(path) as store:
        put(store, b"x")
        stranger = path.parent / "blobs" / ("ab" * 16)
        stranger.write_bytes(b"from another time")
    with open_store(path) as store:
        store.blobs.tidy()
        (problem,) = store.verify().problems
        assert (problem.kind, problem.where) == ("stray_blob", f"blobs/{'ab' * 16}")
    assert whole(path) == [stranger]


def test_idle_work_takes_it_away_too(path: Path) -> None:
    with open_store(path) as store:
        put(store, b"never used")
    with open_store(path) as store:
        while store.maintain():
            pass
        assert whole(path) == []


def test_thousands_of_changes_are_looked_through_step_by_step(path: Path) -> None:
    with open_store(path) as store:
        kept = put(store, b"kept")
        put(store, b"unused")
        for n in range(450):
            store.table("t").insert({"n": n})
        store.table("t").insert({"file": kept})
    assert len(_reopened_and_tidied(path)) == 1


def test_a_store_that_is_only_read_takes_nothing_away(path: Path) -> None:
    with open_store(path) as store:
        put(store, b"never used")
    with open_store(path, read_only=True) as store:
        store.blobs.tidy()
    assert len(whole(path)) == 1


def test_a_reference_may_cross_to_a_store_opened_anew(store: Store, path: Path) -> None:
    value = put(store, os.urandom(CHUNK_BYTES))
    with open_store(path) as other:
        other.table("t").insert({"file": value})
        other.blobs.tidy()
        assert not problems(other)
        assert "unused_blobs" not in other.verify().checked
