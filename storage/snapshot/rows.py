"""What stands in the chunks of a snapshot: facts in the first one, rows in the others."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

ROWS: Final = 2_000  # in a chunk, or as many as have `CHUNK_BYTES`
CHUNK_BYTES: Final = 1 << 23
LARGEST_ID: Final = (1 << 63) - 1

Time = Annotated[int, Meta(ge=-LARGEST_ID - 1, le=LARGEST_ID)]
RecordId = Annotated[int, Meta(ge=-LARGEST_ID - 1, le=LARGEST_ID)]


class Collection(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """One collection: the number that rows name it by, its slug, the highest id given out, whether it was dropped."""

    number: int
    name: str
    last: RecordId
    dropped: bool


class Facts(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """What holds of all of it."""

    digest: Annotated[bytes, Meta(min_length=32, max_length=32)]
    collections: tuple[Collection, ...]


class SnapshotRow(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """One record, alive or in the trash; its state's lanes are those of the manifest."""

    collection: int
    id: RecordId
    document: str
    made: Time
    changed: Time
    trashed: Time | None
    purged: bool
    meta: bytes
