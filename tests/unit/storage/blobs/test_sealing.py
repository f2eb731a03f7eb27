"""What the seal itself refuses, where the hashes in the record would not: a record made to fit an altered file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from storage import DamagedBlobError, Store
from storage.blobs.layout import CHUNK_BYTES, Layout, chunk_hash, table_hash
from storage.blobs.reading import BlobReader
from storage.blobs.value import Reference, reference
from sync.blobs import BlobSeals
from tests.support.blobs import SECRET, put, whole

SEALED = CHUNK_BYTES + 16
SEALS = BlobSeals(SECRET, os.urandom)


@pytest.fixture
def blob(store: Store) -> Reference:
    return reference(put(store, os.urandom(4 * CHUNK_BYTES)))


def _read(path: Path, blob: Reference, chunks: list[bytes]) -> bytes:
    """Read these chunks as a blob, whose record has the hashes of just these."""
    table = b"".join(map(chunk_hash, chunks))
    (file,) = whole(path)
    file.write_bytes(b"".join(chunks) + table)
    size = sum(map(len, chunks)) - 16 * len(chunks)
    assert Layout(size).sealed == file.stat().st_size
    with BlobReader(file, replace(blob, size=size, table=table_hash(table)), SEALS) as reader:
        return b"".join(reader)


def _chunks(path: Path) -> list[bytes]:
    (file,) = whole(path)
    sealed = file.read_bytes()
    return [sealed[at : at + SEALED] for at in range(0, 4 * SEALED, SEALED)]


def test_unaltered_it_opens(path: Path, blob: Reference) -> None:
    assert len(_read(path, blob, _chunks(path))) == 4 * CHUNK_BYTES


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (0, 0, 2, 3), (0, 1, 3, 2), (3, 1, 2, 0)])
def test_chunks_in_another_order_do_not_open(
    path: Path, blob: Reference, order: tuple[int, ...]
) -> None:
    chunks = _chunks(path)
    with pytest.raises(DamagedBlobError, match="does not open"):
        _read(path, blob, [chunks[at] for at in order])


def test_a_blob_that_ends_early_does_not_open(path: Path, blob: Reference) -> None:
    with pytest.raises(DamagedBlobError, match="chunk 1 does not open"):
        _read(path, blob, _chunks(path)[:2])


def test_a_blob_that_goes_on_does_not_open(path: Path, blob: Reference) -> None:
    more = [SEALS.seal(blob.fresh, at, bytes(CHUNK_BYTES), last=at == 7) for at in range(4, 8)]
    with pytest.raises(DamagedBlobError, match="chunk 3 does not open"):
        _read(path, blob, _chunks(path) + more)


def test_another_blob_s_chunk_does_not_open(path: Path, blob: Reference) -> None:
    foreign = SEALS.seal(SEALS.fresh(), 1, bytes(CHUNK_BYTES), last=False)
    chunks = _chunks(path)
    with pytest.raises(DamagedBlobError, match="chunk 1 does not open"):
        _read(path, blob, [chunks[0], foreign, *chunks[2:]])


def test_another_content_under_the_same_key_is_refused_at_its_end(
    path: Path, blob: Reference
) -> None:
    chunks = _chunks(path)
    chunks[1] = SEALS.seal(blob.fresh, 1, b"x" * CHUNK_BYTES, last=False)
    with pytest.raises(DamagedBlobError, match="not the content that was attached"):
        _read(path, blob, chunks)


def test_a_padding_that_says_something_is_refused(store: Store, path: Path) -> None:
    blob = reference(put(store, b"short"))
    sealed = SEALS.seal(blob.fresh, 0, b"short" + b"\0" * 100 + b"x" + b"\0" * 3990, last=True)
    table = chunk_hash(sealed)
    (file,) = whole(path)
    file.write_bytes(sealed + table)
    reader = BlobReader(file, replace(blob, table=table_hash(table)), SEALS)
    with reader, pytest.raises(DamagedBlobError, match="behind its end"):
        list(reader)
