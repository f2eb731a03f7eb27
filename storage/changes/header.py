"""The sealed header of a change: who did it, in which action, when, and what the author had applied (rules 17, 18).

Owns its bytes and their bounds. A dot in a part names a feed by its index in the header's table of feeds: 16 bytes are
a feed's id, 32 bytes are the hash of the first change of a branch, for what lies beyond a fork that the author knew.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from storage.changes.envelope import Hash, Id, Number, Place
from storage.changes.errors import MalformedChangeError

ORDINARY: Final = 0
UNDO: Final = 1
REDO: Final = 2
MAX_DEPENDENCIES: Final = 2048
MAX_FEEDS: Final = 2048
FEED_NAME_BYTES: Final = 16
BRANCH_NAME_BYTES: Final = 32

Action = Annotated[bytes, Meta(min_length=8, max_length=8)]
Stamp = Annotated[int, Meta(gt=-(1 << 53), lt=1 << 53)]
FeedName = Annotated[bytes, Meta(min_length=FEED_NAME_BYTES, max_length=BRANCH_NAME_BYTES)]


class Dependency(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """How far one feed, or one branch of it, had come at the author."""

    feed: Id  # of a branch too: the hash says which one
    device: Id | None  # whose feed it is, when the author's feed names it for the first time
    number: Number
    hash: Hash
    place: Place  # of the chain head that this change names: which fences bear on it (rule 23)


class Header(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Part 0 of a change."""

    member: Id | None  # who acts at a station; None: the device's own member
    action: Action
    kind: Annotated[
        int, Meta(ge=0, le=255)
    ]  # ORDINARY, UNDO, REDO, or one that a later version knows
    of: Action | None  # the action that is undone or redone
    stamp: Stamp  # milliseconds since 1970 UTC by the author's clock
    dependencies: Annotated[tuple[Dependency, ...], Meta(max_length=MAX_DEPENDENCIES)] = ()
    feeds: Annotated[tuple[FeedName, ...], Meta(max_length=MAX_FEEDS)] = ()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Header).decode


def encode(header: Header) -> bytes:
    """The plain bytes of part 0."""
    return _encode(header)


def decode(plain: bytes) -> Header:
    """Read part 0. Raises MalformedChangeError."""
    try:
        header = _decode(plain)
    except (ValueError, RecursionError):
        raise MalformedChangeError("its header is missing something, or out of bounds") from None
    if _encode(header) != plain:
        raise MalformedChangeError("its header is not spelled in the one way that headers are")
    for name in header.feeds:
        if len(name) not in {FEED_NAME_BYTES, BRANCH_NAME_BYTES}:
            raise MalformedChangeError("its header names a feed by something that is no name")
    return header
