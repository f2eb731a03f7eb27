"""The signed head of a snapshot, and the seal of its chunks. Strict and bounded, as everything that comes from others.

    snapshot = [manifest bytes, signature over the label "commonhold/snapshot/1", a zero byte, and them]
    manifest = [1, workspace, device, place, head, epoch, salt, [lane, ...], [hash of each sealed chunk]]
    lane     = [its number in the states of the records, feed, device, number, hash, [[above, name], ...]]

A lane's names are those of its changes with numbers above another: its feed's, and beyond a fork its branch's. Chunk i
is sealed as part 0 of a change with the salt BLAKE2b-192(salt, i), person "CHsnapsalt": [b"CHsnapshot", i, zlib data].
"""

from __future__ import annotations

import hashlib
import zlib
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from storage.changes.envelope import Hash, Id, Number, Place, Salt, Signature
from storage.changes.errors import SealError
from storage.changes.sealer import SALT_BYTES, Sealer
from storage.journal.identity import Identity
from storage.snapshot.errors import UnfitSnapshotError

LABEL: Final = b"commonhold/snapshot/1\0"
MAX_LANES: Final = 1 << 16
MAX_CHUNKS: Final = 1 << 16
MAX_CHUNK_BYTES: Final = 1 << 26  # unpacked
_TAG: Final = b"CHsnapshot"
_LEVEL: Final = 3


class _Array(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    pass


class LaneEnd(_Array, frozen=True):
    """How far one lane counts in the snapshot."""

    lane: Annotated[int, Meta(ge=0, lt=1 << 53)]
    feed: Id
    device: Id
    number: Number
    hash: Hash
    names: tuple[tuple[Annotated[int, Meta(ge=0, lt=1 << 53)], Id], ...]  # ascending


class Manifest(_Array, frozen=True):
    """What a snapshot is of, and what it consists of."""

    version: Literal[1]
    workspace: Hash
    device: Id
    place: Place
    head: Hash
    epoch: Place
    salt: Salt
    lanes: Annotated[tuple[LaneEnd, ...], Meta(max_length=MAX_LANES)]
    chunks: Annotated[tuple[Hash, ...], Meta(min_length=1, max_length=MAX_CHUNKS)]

    def name_of(self, lane: int, number: int) -> bytes:
        """The name of a change's feed or branch. Raises KeyError."""
        for end in self.lanes:
            if end.lane == lane:
                fitting = [name for above, name in end.names if above < number]
                if fitting:
                    return fitting[-1]
        raise KeyError((lane, number))


class _Signed(_Array, frozen=True):
    manifest: bytes
    signature: Signature


class Told(NamedTuple):
    """A manifest that was read, and the hash that names the snapshot."""

    manifest: Manifest
    root: bytes


_encode = msgspec.msgpack.Encoder().encode


def write(manifest: Manifest, sealer: Sealer) -> bytes:
    """The bytes of a manifest, signed by this device."""
    body = _encode(manifest)
    return _encode((body, sealer.sign(LABEL + body)))


def read(raw: bytes, identity: Identity) -> Told:
    """Read a manifest and check who made it. Raises UnfitSnapshotError."""
    try:
        outer = msgspec.msgpack.decode(raw, type=_Signed)
        manifest = msgspec.msgpack.decode(outer.manifest, type=Manifest)
    except (ValueError, RecursionError) as error:
        raise UnfitSnapshotError("its head cannot be read") from error
    if _encode(outer) != raw or _encode(manifest) != outer.manifest:
        raise UnfitSnapshotError("its head is not spelled in the one way that heads are")
    sealer, team = identity.sealer, identity.team
    if manifest.workspace != sealer.workspace:
        raise UnfitSnapshotError("it is of another workspace")
    if not sealer.verify(manifest.device, LABEL + outer.manifest, outer.signature):
        raise UnfitSnapshotError("it is not signed by a device of this team")
    if team.place_of(manifest.head) != manifest.place:
        raise UnfitSnapshotError("it was made in a state of the team that is not known here")
    if team.epoch_at(manifest.place) != manifest.epoch:
        raise UnfitSnapshotError("it was sealed with the key of another epoch")
    root = hashlib.blake2b(raw, digest_size=32, person=_TAG).digest()
    return Told(manifest, root)


def chunk_hash(sealed: bytes) -> bytes:
    """The hash of a sealed chunk, as the manifest lists it."""
    return hashlib.blake2b(sealed, digest_size=32, person=b"CHsnapchunk").digest()


def seal(sealer: Sealer, epoch: int, salt: bytes, i: int, value: Any) -> bytes:
    """Chunk number `i`."""
    plain = _encode((_TAG, i, zlib.compress(_encode(value), _LEVEL)))
    return sealer.seal_all(epoch, _salt(salt, i), (plain,))[0]


def unseal(sealer: Sealer, manifest: Manifest, i: int, sealed: bytes, kind: Any) -> Any:
    """What is in chunk number `i`, which is what the manifest says. Raises UnfitSnapshotError."""
    if chunk_hash(sealed) != manifest.chunks[i]:
        raise UnfitSnapshotError(f"piece {i} of it was altered on the way")
    try:
        (plain,) = sealer.open_all(manifest.epoch, _salt(manifest.salt, i), (sealed,))
        tag, number, packed = msgspec.msgpack.decode(plain or b"", type=tuple[bytes, int, bytes])
        unpacker = zlib.decompressobj()
        value = unpacker.decompress(packed, MAX_CHUNK_BYTES)
        if (tag, number) != (_TAG, i) or not unpacker.eof or unpacker.unused_data:
            raise UnfitSnapshotError(f"piece {i} of it is another one, or too large")
        return msgspec.msgpack.decode(value, type=kind)
    except (SealError, ValueError, RecursionError, zlib.error) as error:
        raise UnfitSnapshotError(f"piece {i} of it cannot be read") from error


def _salt(salt: bytes, i: int) -> bytes:
    return hashlib.blake2b(
        salt + i.to_bytes(8, "big"), digest_size=SALT_BYTES, person=b"CHsnapsalt"
    ).digest()
