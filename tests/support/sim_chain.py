"""The team of a simulation: real chain records, and what each device has heard of them.

In most simulations the keeper makes one chain, of which everybody knows a beginning, so that its records are folded
once. In some, each device has a team log of its own, hears records in any order, and takes over from whatever head it
knows, so that there are branches.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from typing import Protocol

from storage.changes.team import Folded
from sync import membership
from sync.errors import TeamLogError
from sync.keys import DeviceKeys, Keyring, SharedKey
from sync.membership import Act, Ends, Pen, Role, State, TeamLog, TeamView
from sync.team.fold import follow
from sync.team.records import Record
from tests.support.teams import SHEET, Chance, Machine, World, id_of, keys_of, take_over

PEOPLE: Sequence[tuple[str, str, Role]] = (
    ("Olga", "desk", "owner"),
    ("Bob", "desk", "editor"),
    ("Bob", "laptop", "editor"),
    ("Cid", "desk", "editor"),
    ("Dee", "desk", "editor"),
)


@functools.cache
def peopled() -> World:
    """The team that simulations begin with; never to be changed."""
    world = World("simulation")
    for member, name, role in PEOPLE:
        world.add(member, name, role)
    world.station("till")
    return world


class Hearing(Protocol):
    """What one database has heard of the team."""

    @property
    def view(self) -> TeamView:
        """The chain as it is followed."""
        ...

    @property
    def records(self) -> tuple[bytes, ...]:
        """Every record, in the order in which it came to count."""
        ...

    def hear(self, dice: random.Random, *, everything: bool = False) -> Sequence[bytes]:
        """Hear some more, or all there is; gives the records that are known since."""
        ...

    def teach(self, ring: Keyring) -> set[int]:
        """Tell a keyring of devices and keys; gives the epochs that it has the keys of."""
        ...

    def copy(self) -> Hearing:
        """The same, for a copy of the database."""
        ...


class Chain:
    """The records of one simulation."""

    def __init__(self, seed: object) -> None:
        world = peopled()
        self.chance = Chance(seed)
        self.machines: dict[bytes, Machine] = dict(world.machines)
        self.first = list(world.log.records)
        self.raws: list[bytes] = []
        self.places = {Record.parse(raw).hash: place for place, raw in enumerate(self.first)}
        self.views: list[TeamView] = [TeamView(world.log.state, self.places)]
        self.keys: dict[int, list[SharedKey]] = {epoch: [key] for epoch, key in world.keys.items()}
        self.genesis = world.keys[membership.GENESIS]
        self.sheets: dict[bytes, DeviceKeys] = {SHEET.public.sign: SHEET}
        self.founder = world.machines[world.state.keeper]
        self._folded: dict[tuple[bytes, ...], Folded] = {}

    @property
    def workspace(self) -> bytes:
        return self.views[0].state.workspace

    def pen(self, state: State, machine: Machine) -> Pen:
        return machine.pen(state, self.chance)

    def add(self, raw: bytes, before: State, machine: Machine) -> None:
        """Keep a record that a machine made, and the key that it brought."""
        self.raws.append(raw)
        record = Record.parse(raw)
        after = follow(before, record)
        if record.body.fresh is not None:
            opened = membership.open_as_device(after, machine.device, machine.keys).keys
            self.keys.setdefault(after.epoch, []).append(opened[after.epoch])
        if before is self.views[-1].state:
            self.places[record.hash] = after.place
            self.views.append(TeamView(after, self.places))

    def fold(self, records: Sequence[bytes]) -> Folded:
        """What the records of a store come to, told anew; the same records are folded once."""
        known = self._folded.get(tuple(records))
        if known is None:
            known = self._folded[tuple(records)] = Folded(self.log(records).team, ())
        return known

    def log(self, records: Sequence[bytes]) -> TeamLog:
        """A team log that has heard records."""
        log = TeamLog(records[0], workspace=self.workspace)
        for raw in records[1:]:
            log.receive(raw)
        return log

    def keyring(self, machine: Machine) -> Keyring:
        """The keyring of a device, still empty."""
        member = machine.whose or bytes(16)
        return Keyring(self.workspace, machine.device, member, machine.keys, self.genesis)

    def reader(self) -> Keyring:
        """Someone who can open everything that is ever made."""
        keys = DeviceKeys.derive(bytes(32))
        return Keyring(self.workspace, bytes(16), bytes(16), keys, self.genesis)

    # -- what is done in the team ------------------------------------------------------------------

    def act(self, what: str, state: State, device: bytes, ends: Ends) -> bytes | None:
        """A record of the keeper's about a device; None if it does not fit."""
        machine = self.machines[state.keeper]
        try:
            pen = self.pen(state, machine)
            raw = self._made(what, pen, device, ends)
        except TeamLogError:
            return None
        if raw is not None:
            self.add(raw, state, machine)
        return raw

    def _made(self, what: str, pen: Pen, device: bytes, ends: Ends) -> bytes | None:
        state = pen.state
        member = state.devices[device].card.member
        if what == "close":
            feeds = ends.get(device)
            return pen.append(pen.closing(device, feeds)) if feeds else None
        act = self._act(what, pen, device, member)
        if what != "propose":
            return pen.append(act, ends)
        asked = self.pen(state, self.machines[device]).propose(act)
        return pen.append_proposal(asked, ends)

    def _act(self, what: str, pen: Pen, device: bytes, member: bytes | None) -> Act:
        state, number = pen.state, f"{len(self.machines)} {len(self.raws)}"
        match what:
            case "role" | "propose":
                role: Role = "viewer" if state.may_write(device) else "editor"
                return membership.SetRole(member or device, role)
            case "remove" if member is not None:
                return membership.RemoveMember(member)
            case "rotate":
                return membership.Rotate()
            case "hand over":
                return membership.HandOver(device)
            case "recovery":
                sheet = keys_of(f"sheet {number}")
                self.sheets[sheet.public.sign] = sheet
                return membership.ReplaceRecovery(membership.recovery_of(sheet))
            case "rename":
                whose = member or device
                return membership.Rename(whose, pen.name(f"Name {number}", whose))
            case "person":
                new = self._machine(f"person {number}", None)
                return pen.adding_member("editor", "Person", new.card, "Desk")
            case "computer" if member is not None:
                return pen.adding_device(self._machine(None, member).card, "Laptop")
            case "station":
                return pen.adding_device(self._machine(None, None).card, "Till", "editor")
            case _:
                return membership.RemoveDevice(device)

    def _machine(self, person: str | None, member: bytes | None) -> Machine:
        name = f"computer {len(self.machines)} {len(self.raws)}"
        whose = id_of(person) if person else member
        new = Machine(id_of(name), whose, keys_of(name))
        self.machines[new.device] = new
        return new

    def take_over(self, state: State, device: bytes, *, by_vote: bool) -> bytes | None:
        """The record by which a device goes on as the keeper from a head; None if it may not."""
        owners = [one for one in sorted(state.devices) if state.role_of(one) == "owner"]
        machine = self.machines[device]
        try:
            raw = take_over(
                state,
                machine,
                self.chance,
                sheet=None if by_vote else self.sheets[state.recovery.sign],
                voters=tuple(self.machines[one] for one in owners) if by_vote else (),
            )
        except TeamLogError:
            return None
        self.add(raw, state, machine)
        return raw


class Beginning:
    """A beginning of the one chain there is."""

    def __init__(self, chain: Chain, place: int = 0) -> None:
        self._chain, self._place = chain, place

    @property
    def view(self) -> TeamView:
        return self._chain.views[self._place]

    @property
    def records(self) -> tuple[bytes, ...]:
        return (*self._chain.first, *self._chain.raws[: self._place])

    def hear(self, dice: random.Random, *, everything: bool = False) -> Sequence[bytes]:
        before, last = self._place, len(self._chain.raws)
        self._place = last if everything else dice.randint(before, last)
        return self._chain.raws[before : self._place]

    def teach(self, ring: Keyring) -> set[int]:
        state = self.view.state
        for device in state.known.values():
            ring.learn_device(device.id, device.card.sign)
        last = max((one.number for one in state.epochs if ring.device in one.sealed), default=0)
        learnt = set()
        for epoch in state.epochs[1 : last + 1]:
            for key in self._chain.keys.get(epoch.number, ()):
                if key.commitment(epoch.number) == epoch.commitment:
                    ring.learn_epoch(epoch.number, key)
                    learnt.add(epoch.number)
        return learnt

    def copy(self) -> Hearing:
        return Beginning(self._chain, self._place)


class Heard:
    """A team log of its own, which hears records in any order."""

    def __init__(self, chain: Chain, records: Sequence[bytes] = ()) -> None:
        self._chain = chain
        self._records = list(records or chain.first)
        self._log = chain.log(self._records)

    @property
    def view(self) -> TeamView:
        return self._log.team

    @property
    def records(self) -> tuple[bytes, ...]:
        return tuple(self._records)

    def hear(self, dice: random.Random, *, everything: bool = False) -> Sequence[bytes]:
        pool = self._chain.raws
        many = len(pool) if everything else dice.randint(0, len(pool))
        added: list[bytes] = []
        for raw in dice.sample(pool, many):
            added += self._log.receive(raw).added
        self._records += added
        return added

    def teach(self, ring: Keyring) -> set[int]:
        state = self.view.state
        keys = self._chain.machines[ring.device].keys
        opened = membership.open_as_device(state, ring.device, keys)
        membership.learn(ring, state, opened)
        return set(opened.keys) - {membership.GENESIS}

    def copy(self) -> Hearing:
        return Heard(self._chain, self._records)
