"""The bytes of chain records, proposals and cards: strict, bounded decoding, and the hash that links records.

1. Everything is a msgpack array in its shortest form: bytes that would be written otherwise are refused.
2. What is signed is kept as the bytes that came (``body``, ``act``, ``card``, ``claim``) and never encoded again.
3. Ids, keys and roles are in clear; names are sealed under the epoch (rule 41).
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from sync.errors import MalformedRecordError, NewerRecordError
from sync.keys import SEALED_KEY_BYTES, WRAPPED_KEY_BYTES

VERSION = 1
RECORD_BYTES = 128 * 1024
CARD_BYTES = 256
LABEL_BYTES = 512  # of a sealed name
DEVICES = 512  # in one team: a fresh key is sealed to each within one record
FEEDS = 640  # that one record can fence, over all its devices
ZERO = bytes(32)

Id = Annotated[bytes, Meta(min_length=16, max_length=16)]
Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
Key = Annotated[bytes, Meta(min_length=32, max_length=32)]
Signature = Annotated[bytes, Meta(min_length=64, max_length=64)]
SealedKey = Annotated[bytes, Meta(min_length=SEALED_KEY_BYTES, max_length=SEALED_KEY_BYTES)]
WrappedKey = Annotated[bytes, Meta(min_length=WRAPPED_KEY_BYTES, max_length=WRAPPED_KEY_BYTES)]
Salt = Annotated[bytes, Meta(min_length=24, max_length=24)]
Number = Annotated[int, Meta(ge=0, lt=2**53)]
Version = Annotated[int, Meta(ge=VERSION, le=VERSION)]
Role: TypeAlias = Literal["owner", "editor", "viewer"]


class Array(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A msgpack array with exactly the fields of its class, in their order."""


class Label(Array, frozen=True):
    """A name, sealed under the key of an epoch."""

    epoch: Number
    salt: Salt
    sealed: Annotated[bytes, Meta(min_length=16, max_length=LABEL_BYTES)]


class Recovery(Array, frozen=True):
    """The public halves of the recovery key: what verifies its takeovers, and what epoch keys are sealed to."""

    sign: Key
    box: Key


class CardBody(Array, frozen=True):
    """What a card binds together; a station has no member."""

    version: Version
    device: Id
    sign: Key  # Ed25519
    box: Key  # X25519: epoch keys are sealed to it
    curve: Key  # of the transport
    member: Id | None


class SignedCard(Array, frozen=True):
    """A card's bytes and their signature by the card's own key."""

    card: Annotated[bytes, Meta(max_length=CARD_BYTES)]
    signature: Signature


class SealedTo(Array, frozen=True):
    """An epoch's key for one device."""

    device: Id
    sealed: SealedKey


class FreshKey(Array, frozen=True):
    """A new epoch: its key for everybody who is left, its commitment, and the key before it under the new one."""

    epoch: Number
    commitment: Hash
    devices: Annotated[tuple[SealedTo, ...], Meta(max_length=DEVICES)]  # ascending by id
    recovery: SealedKey
    older: WrappedKey


class FeedEnd(Array, frozen=True):
    """The last change of a feed that counts, of each branch if it forked; of a feed without one nothing is written."""

    feed: Id
    number: Annotated[int, Meta(ge=1, lt=2**53)]
    hash: Hash


class Fences(Array, frozen=True):
    """The fences of one device; a feed that is not among them counts for nothing where write access ends."""

    device: Id
    feeds: Annotated[tuple[FeedEnd, ...], Meta(max_length=FEEDS)]  # ascending by id, number, hash


# -- what a record does ------------------------------------------------------------------------


class Genesis(Array, frozen=True, tag=0):
    """The first record: its hash is the workspace's id. Its fresh key wraps the genesis secret as the key before it."""

    chance: Hash
    card: SignedCard
    member_name: Label
    device_name: Label
    recovery: Recovery
    digest_commitment: Hash


class AddMember(Array, frozen=True, tag=1):
    """A person joins with a first device."""

    role: Role
    name: Label
    card: SignedCard
    device_name: Label


class AddDevice(Array, frozen=True, tag=2):
    """A device of a member, or a station with a role of its own, joins."""

    card: SignedCard
    name: Label
    role: Role | None


class SetRole(Array, frozen=True, tag=3):
    """A member or a station gets another role."""

    target: Id
    role: Role


class RemoveMember(Array, frozen=True, tag=4):
    """A person goes, with all devices."""

    member: Id


class RemoveDevice(Array, frozen=True, tag=5):
    """One device goes: lost, stolen, given up, or a station."""

    device: Id


class Rotate(Array, frozen=True, tag=6):
    """A fresh key for the same devices."""


class CloseFeeds(Array, frozen=True, tag=7):
    """Feeds of one device end, each with its last change."""

    ends: Fences


class HandOver(Array, frozen=True, tag=8):
    """Another owner's device becomes the keeper."""

    keeper: Id


class Joining(Array, frozen=True):
    """A device that comes in by a takeover; with a member's name it comes with a new owner."""

    card: SignedCard
    name: Label
    member_name: Label | None


class Claim(Array, frozen=True):
    """What a recovery key or the owners sign: which head the takeover continues, and who keeps the chain from there."""

    version: Version
    workspace: Hash
    place: Number
    previous: Hash
    term: Number
    keeper: Id
    joining: Joining | None


class Vote(Array, frozen=True):
    """An owner's signature of a claim, by one of the owner's devices."""

    device: Id
    signature: Signature


class Takeover(Array, frozen=True, tag=9):
    """The chain gets a new keeper without the old one: by the recovery key, or by the owners."""

    claim: Annotated[bytes, Meta(max_length=4096)]
    recovery: Signature | None
    votes: Annotated[tuple[Vote, ...], Meta(max_length=DEVICES)]  # ascending by device


class ReplaceRecovery(Array, frozen=True, tag=10):
    """A new recovery key; the sheet of the old one opens nothing that comes after."""

    recovery: Recovery


class Rename(Array, frozen=True, tag=11):
    """A member or a device gets another name."""

    target: Id
    name: Label


Act: TypeAlias = (
    Genesis
    | AddMember
    | AddDevice
    | SetRole
    | RemoveMember
    | RemoveDevice
    | Rotate
    | CloseFeeds
    | HandOver
    | Takeover
    | ReplaceRecovery
    | Rename
)


class ProposalBody(Array, frozen=True):
    """What an owner who is not the keeper asks the keeper to append."""

    version: Version
    workspace: Hash
    term: Number
    device: Id
    chance: Id
    act: Annotated[bytes, Meta(max_length=RECORD_BYTES)]


class SignedProposal(Array, frozen=True):
    """A proposal's bytes and their signature by its device."""

    body: Annotated[bytes, Meta(max_length=RECORD_BYTES)]
    signature: Signature


class Body(Array, frozen=True):
    """What a record says. The act is its own, or that of the proposal in it; the rest is what its author adds."""

    version: Version
    workspace: Hash  # zeros in the genesis
    place: Number
    previous: Hash
    term: Number
    author: Id
    act: Annotated[bytes, Meta(max_length=RECORD_BYTES)] | None
    proposal: SignedProposal | None
    leaving: Annotated[tuple[Id, ...], Meta(max_length=DEVICES)]  # ascending
    fences: Annotated[tuple[Fences, ...], Meta(max_length=DEVICES)]  # ascending by device
    fresh: FreshKey | None
    welcome: SealedKey | None  # the epoch's key for the device that joins


class Envelope(Array, frozen=True):
    """A record as it travels."""

    body: Annotated[bytes, Meta(max_length=RECORD_BYTES)]
    signature: Signature


# -- to and from bytes -------------------------------------------------------------------------

VERSIONED = (Body, ProposalBody, Claim, CardBody)
NEWEST_ACT = 11
ENCODER = msgspec.msgpack.Encoder()
HOSTILE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)  # what hostile bytes raise
ArrayT = TypeVar("ArrayT", bound=Array)


def encode(value: Array) -> bytes:
    """The value's one form as bytes."""
    return ENCODER.encode(value)


def decode(kind: type[ArrayT], data: bytes, what: str) -> ArrayT:
    """Read bytes as what they should be. Raises MalformedRecordError, or NewerRecordError by their version."""
    if kind in VERSIONED and first_number(data) > VERSION:
        raise NewerRecordError(what)
    try:
        value = msgspec.msgpack.decode(data, type=kind)
    except HOSTILE as problem:
        raise MalformedRecordError(what, str(problem)) from problem
    if encode(value) != data:
        raise MalformedRecordError(what, "it is not in its shortest form")
    return value


def decode_act(data: bytes) -> Act:
    """Read what a record does. Raises MalformedRecordError, or NewerRecordError for an act of later versions."""
    if first_number(data) > NEWEST_ACT:
        raise NewerRecordError("act")
    try:
        act: Act = msgspec.msgpack.decode(data, type=Act)
    except HOSTILE as problem:
        raise MalformedRecordError("act", str(problem)) from problem
    if encode(act) != data:
        raise MalformedRecordError("act", "it is not in its shortest form")
    return act


def first_number(data: bytes) -> int:
    """The number that a short msgpack array begins with; -1 if it begins otherwise."""
    if len(data) > 1 and 0x90 <= data[0] <= 0x9F and data[1] < 0x80:  # noqa: PLR2004 - msgpack's fixarray and fixint
        return data[1]
    return -1


def digest(data: bytes) -> bytes:
    """The hash by which a record is named."""
    return hashlib.blake2b(data, digest_size=32, person=b"CHrecord").digest()
