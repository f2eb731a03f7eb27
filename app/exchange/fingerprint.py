"""What a row is known by: a digest of its values, and compact bags of digests.

1. A digest is of what is stored, not of how a file writes it, and only of the fields that the file has:
   a field added to a collection later does not make old rows new.
2. Blank, null and missing are one, and so are 5 and 5.0: spreadsheets change those on saving.
3. A bag takes 16 bytes a row, whatever the rows hold.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec

from app.exchange.values import ABSENT

_DIGEST_BYTES: Final = 16
_ID_BYTES: Final = 8
_BUCKETS: Final = 4096
_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def canonical(value: Any) -> bytes:
    """A JSON value as bytes that are equal for equal values."""
    try:
        return _encode(value)
    except (UnicodeEncodeError, OverflowError):  # halves of surrogate pairs, integers of any size
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _alike(value: Any) -> Any:
    if value is None or value is ABSENT or value == "":
        return None
    if type(value) is float and value.is_integer():
        return int(value)
    return value


def row_digest(values: Sequence[Any]) -> bytes:
    """The digest of a row's values, in an order that is the same for all rows."""
    return blake2b(
        canonical([_alike(value) for value in values]), digest_size=_DIGEST_BYTES
    ).digest()


def document_digest(document: Mapping[str, Any], names: Sequence[str]) -> bytes:
    """The digest that a record has among rows with fields of these names."""
    return row_digest([document.get(name) for name in names])


def same(left: Any, right: Any) -> bool:
    """Whether two values are one to a person: as in a digest."""
    left, right = _alike(left), _alike(right)
    if type(left) is type(right) and not isinstance(left, list | dict):
        return bool(left == right)
    return canonical(left) == canonical(right)


class Bag:
    """Digests, each as often as it was put in."""

    def __init__(self) -> None:
        self._buckets = [bytearray() for _ in range(_BUCKETS)]

    def _bucket(self, digest: bytes) -> bytearray:
        return self._buckets[(digest[0] << 8 | digest[1]) % _BUCKETS]

    def put(self, digest: bytes) -> None:
        """Put one in."""
        self._bucket(digest).extend(digest)

    def take(self, digest: bytes) -> bool:
        """Take one out; False if there is none."""
        bucket = self._bucket(digest)
        at = _find(bucket, digest, _DIGEST_BYTES)
        if at < 0:
            return False
        bucket[at : at + _DIGEST_BYTES] = bucket[-_DIGEST_BYTES:]
        del bucket[-_DIGEST_BYTES:]
        return True


class Keys:
    """Digests of keys, each with the id of the record that has it."""

    def __init__(self) -> None:
        self._buckets = [bytearray() for _ in range(_BUCKETS)]

    def put(self, digest: bytes, record: int) -> bool:
        """Note a record's key; False if another has it already (which stays)."""
        if self.get(digest) is not None:
            return False
        bucket = self._buckets[(digest[0] << 8 | digest[1]) % _BUCKETS]
        bucket += digest + record.to_bytes(_ID_BYTES, "big", signed=True)
        return True

    def get(self, digest: bytes) -> int | None:
        """The record with a key."""
        bucket = self._buckets[(digest[0] << 8 | digest[1]) % _BUCKETS]
        at = _find(bucket, digest, _DIGEST_BYTES + _ID_BYTES)
        if at < 0:
            return None
        begin = at + _DIGEST_BYTES
        return int.from_bytes(bucket[begin : begin + _ID_BYTES], "big", signed=True)


def _find(bucket: bytearray, digest: bytes, width: int) -> int:
    at = bucket.find(digest)
    while at >= 0 and at % width:
        at = bucket.find(digest, at + 1)
    return at
