"""What absorbing asks of whoever keeps the changes: the store in SQL, a simulation in dicts.

Every question is answered by a key: a hash, a lane and number, what something waits for. None reads all changes.
A *lane* is this store's own small number for a feed, or for a branch of a forked feed (rule 31): the branch seen first
keeps the feed's lane, another one gets a lane whose parent is the last change that both share, and its numbers go on
from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from msgspec import Struct

from storage.changes.accept import Verdict
from storage.changes.envelope import MAX_NUMBER, Envelope
from storage.crdt.dots import Ref

NOWHERE: Final = -1  # the lane of a dot that is not in its author's past as far as it is known here


class Why(StrEnum):
    """What a change that is held waits for."""

    LINK = "link"  # the change before it in its feed
    HEAD = "head"  # the chain record that its author knew
    DEPENDENCY = "dependency"  # a change that its author had applied
    GROUP = "group"  # the rest of its transaction
    KEY = "key"  # the key of its epoch
    PART = "part"  # a part that was left out on the way: the whole change must come again


class Cut(NamedTuple):
    """From which place of the chain on, and behind which number, a lane does not count, and why."""

    place: int  # 0 if it never counted
    number: int
    verdict: Verdict


class Lane(Struct, gc=False):
    """How far one lane has come. Absorbing changes it and then calls `Log.save`."""

    lane: int
    feed: bytes
    device: bytes
    parent: Ref | None
    first: bytes  # the hash of the first change of its own
    linked: int  # the last number here, applied or not
    tip: bytes  # its hash
    place: int  # of the chain head that it names
    applied: int  # the last number that was decided: accepted or rejected
    limit: int = MAX_NUMBER  # the last number that counts: the least of all cuts
    cuts: tuple[Cut, ...] = ()

    @property
    def start(self) -> int:
        """The number before the first of its own."""
        return 0 if self.parent is None else self.parent.number

    @property
    def extent(self) -> int:
        """The last number that counts in the state now."""
        return min(self.applied, self.limit)


class Entry(NamedTuple):
    """What the clear part of a kept change says."""

    hash: bytes
    place: int
    group_end: bool


class Log(Protocol):
    """The changes that are kept, each once, with what is known of them."""

    # Lanes: few (one for each life of a device's database), so an implementation may hold them all. Whoever asks for a
    # lane twice gets one object, until the log was changed by another process.

    def lane(self, lane: int) -> Lane:
        """One lane. Raises KeyError."""

    def lanes(self) -> Iterable[Lane]:
        """All of them."""

    def family(self, feed: bytes) -> Sequence[Lane]:
        """The lanes of one feed; empty for a feed that nothing is here of."""

    def lanes_of(self, device: bytes) -> Sequence[Lane]:
        """The lanes of all feeds of a device."""

    def add_lane(self, feed: bytes, device: bytes, parent: Ref | None, first: Envelope) -> Lane:
        """A new lane that begins with this change, which is not yet appended; `linked` is the number before it."""

    def save(self, lane: Lane) -> None:
        """Keep what was changed in a lane."""

    def claim(self, feed: bytes, device: bytes) -> None:
        """Keep that a dependency said whose feed this is, for a feed that nothing is here of."""

    def claimed(self, feed: bytes) -> bytes | None:
        """What `claim` kept."""

    # Changes: linked ones, accepted or not.

    def find(self, change: bytes) -> Ref | None:
        """Where the change with this hash stands."""

    def entry(self, lane: int, number: int) -> Entry | None:
        """The change with this number of the lane's own; None below its start and beyond its end."""

    def raw(self, lane: int, number: int) -> bytes:
        """Its bytes. Raises KeyError."""

    def append(self, lane: int, change: Envelope) -> None:
        """Keep a change at the end of a lane."""

    def group_start(self, lane: int, number: int) -> int:
        """The first number of the group that this number of the lane's own is in, not below the lane's first own."""

    # What applied changes said, for the vectors of rule 18.

    def note(self, lane: int, number: int, stamp: int, advances: Mapping[int, int]) -> None:
        """Keep an applied change's stamp, and how far other lanes had come at its author, where it says so."""

    def stamp(self, lane: int, number: int) -> int:
        """The stamp of an applied change. Raises KeyError."""

    def advances(self, lane: int, number: int) -> Mapping[int, int]:
        """For each other lane the furthest that any change of the lane's own, up to this number, has noted."""

    # What waits.

    def wait(self, lane: int, key: bytes | None) -> None:
        """Let a lane wait for one key instead of the one before; None: for nothing."""

    def waiting(self, key: bytes) -> Sequence[int]:
        """The lanes that wait for it."""

    def anybody_waits(self) -> bool:
        """Whether any lane waits for anything."""

    def waits_for(self, lane: int) -> bytes | None:
        """The key that a lane waits for."""

    def waive(self, change: bytes, by: Ref) -> None:
        """Keep that an applied change did not wait for the one with this hash (rule 23)."""

    def waived(self, change: bytes) -> Sequence[Ref]:
        """Who did not wait for it."""

    def anything_waived(self) -> bool:
        """Whether anything was not waited for."""

    def unwaive(self, change: bytes) -> None:
        """Forget who did not wait for it: it is here."""

    # What is held unlinked and unproved, bounded by whoever calls.

    def hold(self, change: Envelope, why: Why, key: bytes) -> None:
        """Keep a change until the key comes; one that is held already waits for the new key."""

    def held(self, key: bytes) -> Sequence[bytes]:
        """The bytes of the changes that wait for a key."""

    def is_held(self, change: bytes) -> Why | None:
        """What the change with this hash is held for."""

    def release(self, change: bytes) -> None:
        """Forget a held change, if it is one."""

    def held_keys(self, why: Why) -> Sequence[bytes]:
        """The different keys that are waited for."""

    def held_room(self) -> tuple[int, int]:
        """How many changes are held, and how many bytes they have."""
