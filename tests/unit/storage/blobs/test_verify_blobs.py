"""`verify` reads every attachment to its end and names what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import Problem, Store
from tests.support.blobs import put, whole


def _flipped(file: Path, at: int) -> None:
    sealed = bytearray(file.read_bytes())
    sealed[at] ^= 1
    file.write_bytes(sealed)


DAMAGES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "missing": (Path.unlink, "missing_blob", "there is no such file"),
    "first chunk": (lambda file: _flipped(file, 5), "damaged_blob", "chunk 0 is not"),
    "last chunk": (lambda file: _flipped(file, 190_000), "damaged_blob", "chunk 2 is not"),
    "table": (lambda file: _flipped(file, -1), "damaged_blob", "the hashes of its chunks"),
    "shorter": (lambda file: os.truncate(file, 100_000), "wrong_blob_size", "100000 bytes, not"),
    "longer": (lambda file: file.open("ab").write(b"more"), "wrong_blob_size", "bytes, not"),
    "empty": (lambda file: os.truncate(file, 0), "wrong_blob_size", "0 bytes, not"),
    "a folder": (
        lambda file: (file.unlink(), file.mkdir()),
        "unreadable_blob",
        "directory",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("held_by", ["a record", "the trash", "history"])
def test_each_damage_is_named_with_the_record(
    store: Store, path: Path, damage: str, held_by: str
) -> None:
    record = store.table("t").insert({"file": put(store, os.urandom(190_000))})
    if held_by == "the trash":
        store.table("t").trash([record])
    elif held_by == "history":
        store.table("t").update({"file": "gone"}, doc_ids=[record])
    where = {"a record": "", "the trash": "trash/", "history": ""}[held_by]
    (file,) = whole(path)
    harm, kind, detail = DAMAGES[damage]
    harm(file)
    (problem,) = store.verify().problems
    assert problem.kind == kind
    assert problem.where == ("history" if held_by == "history" else f"{where}t/{record}")
    assert detail in problem.detail
    assert file.name in problem.detail


def test_every_attachment_is_counted_once(store: Store) -> None:
    one, two = put(store, os.urandom(200_000)), put(store, b"two")
    store.table("t").insert_multiple([{"a": one, "b": two}, {"a": one}, {"list": [one, two]}])
    report = store.verify()
    assert report.ok
    assert (report.checked["blobs"], report.checked["blob_chunks"]) == (2, 5)


def test_a_chunk_in_the_middle_is_told_by_its_number(store: Store, path: Path) -> None:
    store.table("t").insert({"file": put(store, os.urandom(1_000_000))})
    _flipped(whole(path)[0], 7 * 65_552 + 3)
    _flipped(whole(path)[0], 9 * 65_552 + 3)
    assert [each.detail.rsplit(": ")[-1] for each in store.verify().problems] == [
        "chunk 7 is not what was written",
        "chunk 9 is not what was written",
    ]


def test_a_check_of_a_long_attachment_can_be_stopped(store: Store) -> None:
    store.table("t").insert({"file": put(store, bytes(70_000_000))})
    report = store.verify(cancel=lambda: True)
    assert report.cancelled
    assert not report.ok


def test_a_store_without_attachments_has_none(store: Store) -> None:
    store.table("t").insert({"blob": "01", "text": "blob"})
    report = store.verify()
    assert report.ok
    assert report.checked["blobs"] == 0
    assert report.problems == tuple[Problem]()
