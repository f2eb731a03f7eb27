"""Teams for tests: machines with keys, and a chain that grows by what its people do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

import msgspec

from sync import membership
from sync.errors import TeamLogError
from sync.keys import DeviceKeys, SharedKey
from sync.membership import Act, Ends, Pen, Recovery, Role, SignedCard, State, TeamLog
from sync.team import wire
from sync.team.proof import RECORD
from sync.team.records import Record


class Chance:
    """Random-looking bytes that are the same for the same seed."""

    def __init__(self, seed: object = 0) -> None:
        self._seed = repr(seed).encode()
        self._calls = count()

    def __call__(self, size: int) -> bytes:
        call = self._seed + next(self._calls).to_bytes(8, "big")
        return hashlib.shake_256(call).digest(size)


@dataclass(frozen=True)
class Machine:
    """A computer: its id, its keys and whose it is."""

    device: bytes
    whose: bytes | None  # None: a station
    keys: DeviceKeys

    @classmethod
    def of(cls, member: str | None, name: str) -> Machine:
        """The machine of that name; the same words give the same machine."""
        whose = id_of(member) if member is not None else None
        return cls(id_of(f"{member}/{name}"), whose, keys_of(f"{member}/{name}"))

    @property
    def member(self) -> bytes:
        assert self.whose is not None
        return self.whose

    @property
    def card(self) -> SignedCard:
        return membership.card_of(self.keys, self.device, self.whose)

    def pen(self, state: State, chance: Chance) -> Pen:
        """What this machine writes with at a head, with the keys that it can open there."""
        opened = membership.open_as_device(state, self.device, self.keys)
        return Pen(state, self.device, self.keys, opened.keys, chance)


def id_of(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


def hash_of(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=32).digest()


def keys_of(name: str) -> DeviceKeys:
    return DeviceKeys.derive(hash_of(name))


SHEET = keys_of("recovery sheet")
ANN = Machine.of("Ann", "desk")


class World:
    """A workspace that Ann founded, seen by one log."""

    def __init__(self, seed: object = 0) -> None:
        self.chance = Chance(seed)
        founded = membership.found(
            ANN.keys,
            ANN.card,
            ("Ann", "Desk"),
            membership.recovery_of(SHEET),
            self.chance,
            genesis_chance=hash_of(f"genesis {seed}"),
        )
        self.founded = founded
        self.log = TeamLog(founded.raw)
        self.machines = {ANN.device: ANN}

    @property
    def state(self) -> State:
        return self.log.state

    @property
    def keeper(self) -> Pen:
        return self.machines[self.state.keeper].pen(self.state, self.chance)

    @property
    def keys(self) -> Mapping[int, SharedKey]:
        return self.keeper.epochs

    def do(self, act: Act, ends: Ends | None = None) -> Record:
        """The keeper does something."""
        return self.take(self.keeper.append(act, ends or {}))

    def take(self, raw: bytes) -> Record:
        self.log.receive(raw)
        return Record.parse(raw)

    def add(self, member: str, name: str = "desk", role: Role = "editor") -> Machine:
        """A person's computer joins, with the person if that is not in the team."""
        machine = Machine.of(member, name)
        self.machines[machine.device] = machine
        pen = self.keeper
        if machine.whose in self.state.members:
            self.do(pen.adding_device(machine.card, name))
        else:
            self.do(pen.adding_member(role, member, machine.card, name))
        return machine

    def station(self, name: str, role: Role = "editor") -> Machine:
        machine = Machine.of(None, name)
        self.machines[machine.device] = machine
        self.do(self.keeper.adding_device(machine.card, name, role))
        return machine


def ends_of(machine: Machine, **feeds: int) -> Ends:
    """Fences for one machine: the name of a feed and the number of its last change that counts."""
    return {
        machine.device: {
            id_of(feed): [(number, hash_of(f"{feed}/{number}"))] for feed, number in feeds.items()
        }
    }


def recovery(name: str) -> Recovery:
    return membership.recovery_of(keys_of(name))


def take_over(
    state: State,
    machine: Machine,
    chance: Chance,
    *,
    sheet: DeviceKeys | None = None,
    voters: tuple[Machine, ...] = (),
) -> bytes:
    """The record by which a machine of the team takes over, by the sheet or by votes."""
    claim = membership.claim_of(state, machine.device)
    votes = tuple(membership.vote_for(claim, state, one.device, one.keys) for one in voters)
    return machine.pen(state, chance).take_over(claim, recovery=sheet, votes=votes)


def signed(machine: Machine, body: wire.Body) -> bytes:
    """A record with whatever in it, signed by a machine."""
    data = wire.encode(body)
    return wire.encode(wire.Envelope(data, machine.keys.sign(RECORD + data)))


def body_of(raw: bytes) -> wire.Body:
    return Record.parse(raw).body


def refusal_of(log: TeamLog, raw: bytes) -> str:
    """The words in which a log refuses a record; empty if it takes it, has it, or lets it wait."""
    try:
        log.receive(raw)
    except TeamLogError as problem:
        return str(problem)
    return ""


def fresh_of(raw: bytes) -> wire.FreshKey:
    fresh = body_of(raw).fresh
    assert fresh is not None
    return fresh


def twisted(machine: Machine, raw: bytes, **changes: object) -> bytes:
    """The record with other things in its body, properly signed by a machine."""
    return signed(machine, msgspec.structs.replace(body_of(raw), **changes))


def log_of(*raws: bytes) -> TeamLog:
    """A log that heard these, the genesis first."""
    log = TeamLog(raws[0])
    for raw in raws[1:]:
        log.receive(raw)
    return log
