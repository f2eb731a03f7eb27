"""Contents go in and come out as they were, or not at all."""

from __future__ import annotations

import errno
import io
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import (
    BlobError,
    DamagedBlobError,
    DiskFullError,
    MissingBlobError,
    NoAttachmentError,
    ReadOnlyStoreError,
    Store,
    TooLargeError,
)
from storage.blobs.errors import NoBlobsError
from storage.blobs.layout import CHUNK_BYTES, Layout
from tests.support.blobs import Drops, content, files, open_store, put, whole
from tests.support.founders import founder

EDGES = [
    0,
    1,
    4095,
    4096,
    4097,
    CHUNK_BYTES - 1,
    CHUNK_BYTES,
    CHUNK_BYTES + 1,
    3 * CHUNK_BYTES,
    300_000,
]


@pytest.mark.parametrize("size", EDGES)
def test_a_content_comes_out_as_it_went_in(store: Store, path: Path, size: int) -> None:
    given_bytes = os.urandom(size)
    value = put(store, given_bytes)
    assert content(store, value) == given_bytes
    assert value["size"] == size
    (file,) = whole(path)
    assert file.stat().st_size == Layout(size).sealed
    assert not store.blobs.check(value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.integers(1, 2 * CHUNK_BYTES), max_size=6))
def test_it_does_not_matter_in_what_pieces_a_source_gives_it(
    store: Store, lengths: list[int]
) -> None:
    pieces = [os.urandom(each) for each in lengths]
    value = store.blobs.put(Drops(pieces), name="a")
    assert content(store, value) == b"".join(pieces)


def test_nothing_of_a_content_or_its_name_is_on_the_disk(store: Store, path: Path) -> None:
    put(store, b"SECRETMARKER" * 10_000, "SECRETMARKER.txt")
    (file,) = whole(path)
    assert b"SECRETMARKER" not in file.read_bytes()
    assert "SECRET" not in file.name
    assert file.stat().st_mode & 0o077 == 0


def test_sizes_that_are_padded_alike_look_alike(store: Store, path: Path) -> None:
    put(store, b"a" * 100_001)
    put(store, b"b" * 100_100)
    assert len({each.stat().st_size for each in whole(path)}) == 1


def test_equal_contents_are_kept_once_under_any_name(store: Store, path: Path) -> None:
    one, two = put(store, b"same" * 50_000, "a.txt"), put(store, b"same" * 50_000, "b.txt")
    assert one["blob"] == two["blob"]
    assert (one["name"], two["name"]) == ("a.txt", "b.txt")
    assert len(whole(path)) == 1
    assert put(store, b"other" * 50_000)["blob"] != one["blob"]


def test_an_equal_content_is_found_after_the_store_was_opened_again(path: Path) -> None:
    with open_store(path) as store:
        one = put(store, b"same")
        store.table("t").insert({"file": one})
    with open_store(path) as store:
        assert put(store, b"same")["blob"] == one["blob"]


def test_a_damaged_blob_is_not_taken_for_an_equal_one(store: Store, path: Path) -> None:
    one = put(store, b"same" * 50_000)
    (file,) = whole(path)
    _flip(file, 70_000)
    two = put(store, b"same" * 50_000)
    assert one["blob"] != two["blob"]
    assert content(store, two) == b"same" * 50_000


def test_a_missing_blob_is_not_taken_for_an_equal_one(store: Store, path: Path) -> None:
    put(store, b"same")
    whole(path)[0].unlink()
    assert content(store, put(store, b"same")) == b"same"


def test_a_missing_blob_is_named(store: Store, path: Path) -> None:
    value = put(store, b"content")
    whole(path)[0].unlink()
    with pytest.raises(MissingBlobError, match="not on this computer"):
        store.blobs.open(value)
    assert [each.kind for each in store.blobs.check(value)] == ["missing_blob"]


def test_what_is_no_attachment_opens_nothing(store: Store) -> None:
    with pytest.raises(NoAttachmentError):
        store.blobs.open({"name": "../../x", "size": 1, "blob": "../../etc/passwd"})


class _Mutations:
    """Ways to change the bytes of a sealed blob, drawn by chance."""

    def __init__(self, dice: random.Random, other: bytes) -> None:
        self._dice, self._other = dice, other

    def __call__(self, sealed: bytes) -> bytes:
        ways = (
            self._flip,
            self._cut,
            self._append,
            self._swap,
            self._foreign,
            self._drop,
            self._twice,
        )
        changed = self._dice.choice(ways)(sealed)
        return changed if changed != sealed else self._flip(sealed)

    def _flip(self, sealed: bytes) -> bytes:
        at = self._dice.randrange(len(sealed))
        return sealed[:at] + bytes([sealed[at] ^ 1 << self._dice.randrange(8)]) + sealed[at + 1 :]

    def _cut(self, sealed: bytes) -> bytes:
        at = self._dice.choice([self._dice.randrange(len(sealed)), CHUNK_BYTES + 16, 0])
        return sealed[:at]

    def _append(self, sealed: bytes) -> bytes:
        return sealed + self._dice.choice([b"\0", sealed, self._dice.randbytes(32)])

    def _swap(self, sealed: bytes) -> bytes:
        chunk = CHUNK_BYTES + 16
        return sealed[chunk : 2 * chunk] + sealed[:chunk] + sealed[2 * chunk :]

    def _foreign(self, sealed: bytes) -> bytes:
        """A chunk of another blob, with or without its hash."""
        chunk = (CHUNK_BYTES + 16) * self._dice.randrange(2)
        changed = sealed[:chunk] + self._other[chunk : chunk + CHUNK_BYTES + 16]
        changed += sealed[len(changed) :]
        return changed if self._dice.random() < 0.5 else changed[:-128] + self._other[-128:]

    def _drop(self, sealed: bytes) -> bytes:
        chunk = CHUNK_BYTES + 16
        return sealed[:chunk] + sealed[2 * chunk :]

    def _twice(self, sealed: bytes) -> bytes:
        chunk = CHUNK_BYTES + 16
        return sealed[:chunk] + sealed[:chunk] + sealed[2 * chunk :]


def test_no_byte_comes_out_of_five_hundred_changed_blobs_that_did_not_go_in(
    store: Store, path: Path
) -> None:
    dice = random.Random(7)
    given_bytes = dice.randbytes(200_000)
    value = put(store, given_bytes)
    (file,) = whole(path)
    sealed = file.read_bytes()
    put(store, dice.randbytes(200_000))
    (other,) = (each for each in whole(path) if each != file)
    mutated = _Mutations(dice, other.read_bytes())
    for _ in range(500):
        file.write_bytes(mutated(sealed))
        assert given_bytes.startswith(_until_it_is_refused(store, value))
        assert store.blobs.check(value)
    file.write_bytes(sealed)
    assert content(store, value) == given_bytes


@pytest.mark.parametrize("what", ["id", "key", "size", "content", "table"])
def test_a_reference_that_was_altered_opens_nothing(store: Store, what: str) -> None:
    places = {"id": 5, "key": 20, "size": 56, "content": 70, "table": 100}
    value = put(store, b"x" * 100_000)
    raw = bytearray.fromhex(value["blob"])
    raw[places[what]] ^= 1
    size = int.from_bytes(raw[49:57])
    altered = {"name": "a", "size": size, "blob": raw.hex()}
    with pytest.raises(BlobError):
        content(store, altered)


def test_a_source_that_fails_leaves_nothing_behind(store: Store, path: Path) -> None:
    def pieces() -> Any:
        yield b"x" * 100_000
        raise OSError(errno.EIO, "the drive is gone")

    with pytest.raises(OSError, match="the drive is gone"):
        store.blobs.put(Drops(pieces()), name="a")
    assert [each.suffix for each in files(path)] == [".lease"]


def test_a_full_disk_is_told_and_leaves_nothing_behind(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr("storage.blobs.blobs.sync_file", full)
    with pytest.raises(DiskFullError, match="full"):
        put(store, b"x" * 100_000)
    assert [each.suffix for each in files(path)] == [".lease"]
    monkeypatch.undo()
    assert content(store, put(store, b"x")) == b"x"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_disk_that_fills_up_in_the_middle_is_told(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def opened(self: Path, mode: str = "r") -> Any:
        return real(Path("/dev/full"), "wb") if self.suffix == ".part" else real(self, mode)

    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr(Path, "chmod", lambda _self, _mode: None)
    with pytest.raises(DiskFullError):
        put(store, os.urandom(10 * CHUNK_BYTES))
    monkeypatch.undo()
    assert not whole(path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights that bind nobody")
def test_a_folder_that_may_not_be_written_to_is_told(store: Store, path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        with pytest.raises(ReadOnlyStoreError):
            put(store, b"x")
    finally:
        path.parent.chmod(0o700)


def test_a_content_beyond_the_bound_is_refused(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.blobs.sealing.MOST_BYTES", 100_000)
    with pytest.raises(TooLargeError):
        put(store, b"x" * 100_001)
    assert not whole(path)
    put(store, b"x" * 100_000)


def test_no_blob_is_put_inside_a_transaction(store: Store) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="transaction"):
        put(store, b"x")


def test_a_store_in_memory_holds_none() -> None:
    with Store(identity=founder()) as store, pytest.raises(NoBlobsError, match="in memory"):
        store.blobs.put(io.BytesIO(b"x"), name="a")


def test_undo_and_redo_of_a_record_s_file_need_nothing_more(store: Store) -> None:
    record = store.table("t").insert({"file": put(store, b"one")})
    value = put(store, b"two")
    store.table("t").update({"file": value}, doc_ids=[record])
    store.past.undo()
    assert content(store, store.table("t").get(doc_id=record)["file"]) == b"one"
    store.past.redo()
    assert content(store, store.table("t").get(doc_id=record)["file"]) == b"two"


def _until_it_is_refused(store: Store, value: object) -> bytes:
    out: list[bytes] = []
    with pytest.raises(DamagedBlobError), store.blobs.open(value) as reader:
        out.extend(reader)
    return b"".join(out)


def _flip(file: Path, at: int) -> None:
    sealed = bytearray(file.read_bytes())
    sealed[at] ^= 1
    file.write_bytes(sealed)
