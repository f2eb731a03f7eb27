"""The bytes of one change as they travel and lie on disk: a signed clear part over sealed parts (rule 17).

Owns encoding, strict and bounded decoding, and the hashes. Knows no keys: who signed and what is sealed is the
business of others, so that a hub can use this module alone.

1. Signature and hashes are over the bytes received; nothing is encoded anew before it is checked.
2. Every array has one encoding: bytes that this module would not write are refused.
3. A part may be absent; the change still verifies, for the clear part holds the hashes of all parts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from storage.changes.errors import AlteredPartError, MalformedChangeError, NewerChangeError

VERSION: Final = 1
MAX_PARTS: Final = 512  # the header among them
MAX_PART_BYTES: Final = 1 << 18
MAX_CHANGE_BYTES: Final = 1 << 19
MAX_CLEAR_BYTES: Final = 1 << 15
MAX_NUMBER: Final = 1 << 53
NO_HASH: Final = bytes(32)
SIGNED_LABEL: Final = b"commonhold/change/1\0"

Id = Annotated[bytes, Meta(min_length=16, max_length=16)]
Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
Number = Annotated[int, Meta(ge=1, lt=MAX_NUMBER)]
Place = Annotated[int, Meta(ge=0, lt=MAX_NUMBER)]
Salt = Annotated[bytes, Meta(min_length=24, max_length=24)]
Signature = Annotated[bytes, Meta(min_length=64, max_length=64)]
Part = Annotated[bytes, Meta(min_length=16, max_length=MAX_PART_BYTES)]


class Clear(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """What a hub may see of a change, and what its author signed."""

    version: Literal[1]
    workspace: Hash
    feed: Id
    number: Number
    device: Id | None  # number 1 only: whose feed it is
    previous: Hash  # the hash of the change before it in the feed; zeros with number 1
    place: Place  # of the chain's head as the author knew it
    head: Hash
    epoch: Place
    compartment: Literal[0]
    salt: Salt
    group_end: bool
    part_hashes: Annotated[tuple[Hash, ...], Meta(min_length=1, max_length=MAX_PARTS)]


class _Outer(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    clear: Annotated[bytes, Meta(max_length=MAX_CLEAR_BYTES)]
    signature: Signature
    parts: Annotated[tuple[Part | None, ...], Meta(min_length=1, max_length=MAX_PARTS)]


class Envelope(Struct, frozen=True, gc=False):
    """One change, well formed; nothing says yet that it is genuine."""

    raw: bytes
    clear: Clear
    signed: bytes  # the clear part's own bytes
    signature: bytes
    parts: tuple[bytes | None, ...]
    hash: bytes

    @property
    def whole(self) -> bool:
        """Whether no part was dropped."""
        return None not in self.parts


class _VersionOnly(Struct, array_like=True):
    version: int


_encode = msgspec.msgpack.Encoder().encode
_decode_outer = msgspec.msgpack.Decoder(_Outer).decode
_decode_clear = msgspec.msgpack.Decoder(Clear).decode
_decode_version = msgspec.msgpack.Decoder(_VersionOnly).decode
# What decoding hostile bytes can raise: msgspec's and Unicode's errors are ValueErrors.
_BAD = (ValueError, RecursionError)


def part_hash(sealed: bytes) -> bytes:
    """The hash of one sealed part, as the clear part lists it."""
    return hashlib.blake2b(sealed, digest_size=32, person=b"CHpart").digest()


def change_hash(signed: bytes, signature: bytes) -> bytes:
    """The hash that identifies a change."""
    return hashlib.blake2b(signed + signature, digest_size=32, person=b"CHchange").digest()


def encode_clear(clear: Clear) -> bytes:
    """The bytes to sign."""
    return _encode(clear)


def assemble(
    clear: Clear, signed: bytes, signature: bytes, parts: Sequence[bytes | None]
) -> Envelope:
    """The change of its pieces; `signed` is what `encode_clear` made of `clear`."""
    kept = tuple(parts)
    raw = _encode((signed, signature, kept))
    return Envelope(raw, clear, signed, signature, kept, change_hash(signed, signature))


def without_parts(change: Envelope, dropped: frozenset[int]) -> bytes:
    """The bytes of the change with some of its parts left out; it keeps its hash."""
    parts = tuple(None if i in dropped else part for i, part in enumerate(change.parts))
    return _encode((change.signed, change.signature, parts))


def decode(raw: bytes) -> Envelope:
    """Read a change.

    Raises MalformedChangeError for bytes that are none; NewerChangeError for a later format, AlteredPartError.
    """
    if len(raw) > MAX_CHANGE_BYTES:
        raise MalformedChangeError(
            f"{len(raw)} bytes are more than a change has ({MAX_CHANGE_BYTES})"
        )
    try:
        outer = _decode_outer(raw)
        clear = _decode_clear(outer.clear)
    except _BAD:
        _refuse_newer(raw)
        raise MalformedChangeError(
            "a field is missing, of another kind, or out of bounds"
        ) from None
    if _encode(outer) != raw or _encode(clear) != outer.clear:
        raise MalformedChangeError("it is not spelled in the one way that changes are")
    _check_sense(clear)
    if len(outer.parts) != len(clear.part_hashes):
        raise MalformedChangeError("it has not as many parts as hashes of parts")
    for i, (part, expected) in enumerate(zip(outer.parts, clear.part_hashes, strict=True)):
        if part is not None and part_hash(part) != expected:
            raise AlteredPartError(i)
    signature = outer.signature
    return Envelope(
        raw, clear, outer.clear, signature, outer.parts, change_hash(outer.clear, signature)
    )


def _check_sense(clear: Clear) -> None:
    first = clear.number == 1
    if first != (clear.device is not None):
        raise MalformedChangeError("the first change of a feed, and no other, names its device")
    if first != (clear.previous == NO_HASH):
        raise MalformedChangeError("the first change of a feed, and no other, follows nothing")


def _refuse_newer(raw: bytes) -> None:
    """Raise NewerChangeError if the bytes begin as a change of a later format does."""
    try:
        outer = msgspec.msgpack.decode(raw, type=tuple[msgspec.Raw, ...])
        signed = msgspec.msgpack.decode(outer[0], type=bytes)
        version = _decode_version(signed).version
    except (*_BAD, IndexError):
        return
    if version > VERSION:
        raise NewerChangeError(version)
