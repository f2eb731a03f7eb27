"""A sealed chunk opens in its place only."""

from __future__ import annotations

import copy
import os
import pickle

import pytest

from storage.blobs.sealer import ID_BYTES, KEY_BYTES, TAG_BYTES, Fresh
from sync.blobs import BlobSeals

SEALS = BlobSeals(b"s" * 32, os.urandom)
BLOB = Fresh(b"i" * 16, b"k" * 32)
PLAIN = b"plain" * 100


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("plain", [b"", PLAIN])
def test_a_chunk_opens_where_it_was_sealed_for(plain: bytes, last: bool) -> None:
    sealed = SEALS.seal(BLOB, 3, plain, last=last)
    assert len(sealed) == len(plain) + TAG_BYTES
    assert SEALS.open(BLOB, 3, sealed, last=last) == plain


def test_it_opens_nowhere_else() -> None:
    sealed = SEALS.seal(BLOB, 3, PLAIN, last=False)
    assert SEALS.open(BLOB, 2, sealed, last=False) is None
    assert SEALS.open(BLOB, 3, sealed, last=True) is None
    assert SEALS.open(Fresh(b"j" * 16, BLOB.key), 3, sealed, last=False) is None
    assert SEALS.open(Fresh(BLOB.id, b"l" * 32), 3, sealed, last=False) is None


def test_a_bit_more_or_less_or_another_opens_nothing() -> None:
    sealed = SEALS.seal(BLOB, 0, PLAIN, last=True)
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 128]) + sealed[at + 1 :]
        assert SEALS.open(BLOB, 0, changed, last=True) is None
    for changed in (sealed[:-1], sealed + b"\0", b"", sealed[:15]):
        assert SEALS.open(BLOB, 0, changed, last=True) is None


def test_each_blob_has_an_id_and_a_key_of_its_own() -> None:
    made = [SEALS.fresh() for _ in range(100)]
    assert {(len(each.id), len(each.key)) for each in made} == {(ID_BYTES, KEY_BYTES)}
    assert len({each.id for each in made}) == len({each.key for each in made}) == 100


def test_the_hash_of_a_content_depends_on_the_secret() -> None:
    other = BlobSeals(b"t" * 32, os.urandom)
    assert SEALS.content(b"h" * 32) == SEALS.content(b"h" * 32)
    assert SEALS.content(b"h" * 32) != other.content(b"h" * 32)


def test_the_secret_is_shown_nowhere() -> None:
    assert repr(SEALS) == "<BlobSeals>"
    for escape in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="never written"):
            escape(SEALS)
