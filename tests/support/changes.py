"""Devices that write changes and take each other's in, over a chain that a test lays down by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from storage.changes import envelope, header
from storage.changes.absorb import USUAL_QUOTA, Absorber, Outcome, Quota, Standing
from storage.changes.author import Author, Draft, Written
from storage.changes.coalesce import Edit, own
from storage.changes.envelope import NO_HASH, Clear
from storage.changes.header import Header
from storage.changes.opening import OpenedChange
from storage.changes.rules import IN_FORCE, ChangeRules
from storage.changes.team import Fence
from storage.crdt.dots import Dot, Ref
from storage.crdt.operations import Create, Operation, Set
from sync.keys import DeviceKeys, Keyring, SharedKey
from tests.support.memory_log import MemoryLog

WORKSPACE = bytes(range(32))
OTHERS = 1 << 16  # the index of the first operation of part 1
GENESIS = SharedKey(b"g" * 32)


def device_id(name: str) -> bytes:
    return name.encode().ljust(16, b".")


def place_hash(place: int, branch: str = "") -> bytes:
    return hashlib.blake2b(f"{branch}{place}".encode(), digest_size=32).digest()


class Record(NamedTuple):
    """What one chain record leaves behind."""

    writers: frozenset[str]
    epoch: int
    fences: tuple[tuple[str, bytes, Fence], ...]  # device, feed, fence
    ended: frozenset[str]  # devices whose write access ends here


class Chain:
    """A team that grows by hand: each `then` is a longer chain, and leaves the one before as it is."""

    def __init__(self, records: Sequence[Record], hashes: Sequence[bytes]) -> None:
        self._records, self._hashes = tuple(records), tuple(hashes)
        self._places = {value: place for place, value in enumerate(hashes)}

    @classmethod
    def of(cls, *names: str) -> Chain:
        return cls([Record(frozenset(names), 0, (), frozenset())], [place_hash(0)])

    def then(
        self,
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        fences: Sequence[tuple[str, bytes, int, bytes]] = (),
        branch: str = "",
    ) -> Chain:
        last, place = self._records[-1], len(self._records)
        writers = last.writers - set(remove) | set(add)
        made = tuple((name, feed, Fence(place, n, h)) for name, feed, n, h in fences)
        epoch = last.epoch + bool(remove)
        record = Record(writers, epoch, made, frozenset(remove))
        return Chain([*self._records, record], [*self._hashes, place_hash(place, branch)])

    @property
    def head(self) -> tuple[int, bytes]:
        return len(self._records) - 1, self._hashes[-1]

    def place_of(self, head: bytes) -> int | None:
        return self._places.get(head)

    def may_write(self, place: int, device: bytes) -> bool:
        return any(device_id(name) == device for name in self._records[place].writers)

    def epoch_at(self, place: int) -> int:
        return self._records[place].epoch

    def device_number(self, device: bytes) -> int:
        return 0

    def fences(self, device: bytes, feed: bytes) -> tuple[Fence, ...]:
        found = []
        for place, record in enumerate(self._records):
            named = [f for name, fenced, f in record.fences if fenced == feed]
            ended = any(device_id(name) == device for name in record.ended)
            found += named or ([Fence(place, 0, bytes(32))] if ended else [])
        return tuple(found)

    def fenced_after(self, place: int) -> frozenset[bytes]:
        return frozenset(
            device_id(name)
            for record in self._records[place + 1 :]
            for name in (*record.ended, *(each[0] for each in record.fences))
        )


class Book:
    """A state simple enough to know what it must be: per record all accepted operations with what they saw."""

    def __init__(self) -> None:
        self.applied: list[OpenedChange] = []
        self.recomputed: list[set[Dot]] = []
        self.cleared = 0

    def apply(self, change: OpenedChange) -> None:
        self.applied.append(change)

    def recompute(self, records: set[Dot]) -> None:
        self.recomputed.append(set(records))

    def clear(self) -> None:
        self.applied.clear()
        self.cleared += 1


class Device:
    """One device of the team with its log, keys and state."""

    def __init__(
        self,
        name: str,
        team: Chain,
        *,
        rules: ChangeRules = IN_FORCE,
        quota: Quota = USUAL_QUOTA,
        log: MemoryLog | None = None,
    ) -> None:
        self.name, self.id = name, device_id(name)
        self.log = log or MemoryLog()
        self.book = Book()
        self.keys = Keyring(WORKSPACE, self.id, b"m" * 16, DeviceKeys.derive(_seed(name)), GENESIS)
        for epoch in range(8):
            self.keys.learn_epoch(epoch, SharedKey(bytes([epoch + 1]) * 32))
        self.absorber = Absorber(self.log, self.book, self.keys, team, rules=rules, quota=quota)
        self._count = 0
        self.author = Author(
            self.log, self.keys, self.absorber.settling.vectors, self._random, rules=rules
        )
        self.sent: list[bytes] = []
        self.stamp = 1_700_000_000_000

    def knows(self, *others: Device) -> Device:
        for other in others:
            self.keys.learn_device(other.id, other.keys._keys.public.sign)
        return self

    def compose(self, *edits: Edit) -> list[Written]:
        self.stamp += 1
        draft = Draft(edits, self._random(8), self.stamp)
        return self.author.compose(draft, self.absorber.team)

    def write(self, *edits: Edit) -> list[bytes]:
        """Write one transaction; returns the bytes to send."""
        written = self.compose(*edits)
        self.absorber.write(written)
        raw = [each.change.raw for each in written]
        self.sent += raw
        return raw

    def create(self, collection: str = "people", **values: object) -> tuple[list[bytes], Dot]:
        """Create a record with values; returns what to send, and its dot."""
        self._count += 1
        operations: list[Operation] = [Create(self._count)]
        edits = [Edit(collection, None, operations[0])]
        if values:
            edits.append(Edit(collection, own(0), Set(dict(values))))
        raw = self.write(*edits)
        return raw, self.book.applied[-1].parts[0].record

    def set(self, record: Dot, **values: object) -> list[bytes]:
        return self.write(Edit("people", record, Set(dict(values))))

    def take(self, *raw: bytes) -> list[Outcome]:
        return self.absorber.receive(raw)

    def state(self) -> dict[bytes, frozenset[bytes]]:
        """What counts, by hash, each with all of what counts that its author had seen: told without lanes."""
        told: dict[bytes, frozenset[bytes]] = {}
        for row in self.log.lanes():
            for number in range(row.start + 1, row.extent + 1):
                cause = self.absorber.settling.vectors.cause(Ref(row.lane, number))
                told[cause.hash] = frozenset(self._counting({**cause.seen, row.lane: number}))
        return told

    def _counting(self, upto: Mapping[int, int]) -> Iterator[bytes]:
        for lane, last in upto.items():
            row = self.log.lane(lane)
            for number in range(row.start + 1, min(last, row.extent) + 1):
                entry = self.log.entry(lane, number)
                if entry is not None:
                    yield entry.hash

    def _random(self, size: int) -> bytes:
        self._count += 1
        seed = f"{self.name}/{self._count}".encode()
        return hashlib.shake_256(seed).digest(size)


def meet(*names: str, rules: ChangeRules = IN_FORCE) -> list[Device]:
    """Devices of one team, each of which knows the others' keys."""
    team = Chain.of(*names)
    devices = [Device(name, team, rules=rules) for name in names]
    for device in devices:
        device.knows(*devices)
    return devices


def _seed(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=32).digest()


def standings(outcomes: Sequence[Outcome]) -> list[Standing]:
    return [outcome.standing for outcome in outcomes]


def forge(signer: Device, /, *plains: bytes, **different: object) -> bytes:
    """A change that this device signs, whatever its content; by default the first of a feed."""
    told = plains or (header.encode(Header(None, b"a" * 8, 0, None, 1)),)
    salt = b"s" * 24
    sealed = signer.keys.seal_all(int(str(different.get("epoch", 0))), salt, told)
    clear = Clear(
        version=1,
        workspace=WORKSPACE,
        feed=b"F" * 16,
        number=1,
        device=signer.id,
        previous=NO_HASH,
        place=0,
        head=place_hash(0),
        epoch=0,
        compartment=0,
        salt=salt,
        group_end=True,
        part_hashes=tuple(map(envelope.part_hash, sealed)),
    )
    clear = msgspec.structs.replace(clear, **different)
    signed = envelope.encode_clear(clear)
    return envelope.assemble(clear, signed, signer.keys.sign(signed), sealed).raw


def head(**different: object) -> bytes:
    return header.encode(msgspec.structs.replace(Header(None, b"a" * 8, 0, None, 1), **different))


def one_part(*operations: object, record: object = (-1, 1, OTHERS)) -> bytes:
    return msgspec.msgpack.encode(["people", record, list(operations)])
