"""The team at one head: who is in it, with which role and keys, who keeps the chain. A frozen value.

Mappings in it are shared between states and never written to once made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storage.changes.team import Fence
from sync.team.records import Card
from sync.team.wire import Label, Recovery, Role

WRITERS = ("owner", "editor")


@dataclass(frozen=True, slots=True)
class Member:
    """A person."""

    id: bytes
    role: Role
    name: Label


@dataclass(frozen=True, slots=True)
class Device:
    """A computer of a member, or a station (`role` is its own, the card has no member)."""

    card: Card
    name: Label
    number: int  # ordinal of its record in the chain, the founder's 0
    role: Role | None

    @property
    def id(self) -> bytes:
        """The device's id."""
        return self.card.device


@dataclass(frozen=True, slots=True)
class Epoch:
    """What the chain holds of one epoch's key. Epoch 0 is the genesis secret, wrapped under the first key."""

    number: int
    place: int  # of the record that began it
    commitment: bytes
    sealed: Mapping[bytes, bytes]  # device -> the key, sealed to it
    recovery: bytes  # the key, sealed to the recovery key then in force; empty in epoch 0
    recovery_box: bytes  # the public half that it is sealed to
    older: bytes  # the key of the epoch before, wrapped under this one; empty in epoch 0


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A takeover on the path."""

    hash: bytes
    place: int
    recovery: bytes | None  # the public recovery key that signed it; None: owners did
    voters: tuple[tuple[bytes, bytes], ...]  # (device, its public signing key)


@dataclass(frozen=True, slots=True)
class State:
    """The fold of a path up to its head (rule 33)."""

    workspace: bytes
    chance: bytes  # the random part of the genesis, from which the sheet derives the recovery key
    place: int
    head: bytes
    term: int
    keeper: bytes
    recovery: Recovery
    members: Mapping[bytes, Member]
    devices: Mapping[bytes, Device]  # in the team now
    known: Mapping[bytes, Device]  # every device that ever was
    epochs: tuple[Epoch, ...]  # ascending from 0
    takeovers: tuple[TakenOver, ...]
    done: frozenset[bytes]  # hashes of the proposals that were appended
    writing: Mapping[
        bytes, tuple[tuple[int, bool], ...]
    ]  # device -> (place, whether it may write from there on)
    ended: Mapping[bytes, tuple[int, ...]]  # device -> places where its write access ended
    fences: Mapping[tuple[bytes, bytes], tuple[Fence, ...]]  # (device, feed) -> what lists it

    @property
    def epoch(self) -> int:
        """The epoch that is in force."""
        return self.epochs[-1].number

    @property
    def owners(self) -> frozenset[bytes]:
        """The members who own the workspace."""
        return frozenset(one.id for one in self.members.values() if one.role == "owner")

    def role_of(self, device: bytes) -> Role | None:
        """The role of a device's member, or the station's own; None for one that is not in the team."""
        return role_of(self.devices.get(device), self.members)

    def may_write(self, device: bytes) -> bool:
        """Whether the device is in the team with a role that writes."""
        return self.role_of(device) in WRITERS

    def devices_of(self, member: bytes) -> tuple[bytes, ...]:
        """The member's devices that are in the team, ascending by id."""
        return tuple(sorted(one.id for one in self.devices.values() if one.card.member == member))


def role_of(device: Device | None, members: Mapping[bytes, Member]) -> Role | None:
    """The role that a device has through its member or by itself."""
    if device is None:
        return None
    member = members.get(device.card.member) if device.card.member else None
    return member.role if member else device.role


def short(id_: bytes) -> str:
    """An id as people compare it."""
    return id_[:4].hex()
