"""The chain of a simulation: real records, made by the keeper from what its own computer knows of feeds."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from storage.changes.team import Folded
from sync import membership
from sync.errors import TeamLogError
from sync.keys import DeviceKeys, Keyring, SharedKey
from sync.membership import Act, Role, State, TeamLog, TeamView
from sync.team.fold import follow
from sync.team.records import Record
from tests.support.teams import SHEET, Chance, Machine, World, take_over

Ends = Mapping[bytes, Mapping[bytes, tuple[int, bytes]]]
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


class Chain:
    """The records of one simulation, and the state after each. `trunk` is the branch that the first keeper made."""

    def __init__(self, seed: object) -> None:
        world = peopled()
        self.chance = Chance(seed)
        self.machines: dict[bytes, Machine] = dict(world.machines)
        self.first = list(world.log.records)
        self._places = {Record.parse(raw).hash: place for place, raw in enumerate(self.first)}
        self.raws: list[bytes] = []
        self._folded: dict[tuple[bytes, ...], Folded] = {}
        self.views: list[TeamView] = [TeamView(world.log.state, self._places)]
        self.keys: dict[int, list[SharedKey]] = {epoch: [key] for epoch, key in world.keys.items()}
        self.genesis = world.keys[membership.GENESIS]

    @property
    def state(self) -> State:
        return self.views[-1].state

    @property
    def workspace(self) -> bytes:
        return self.state.workspace

    def keeper(self) -> Machine:
        return self.machines[self.state.keeper]

    def append(self, act: Act, ends: Ends) -> bool:
        """The keeper's next record; False if the act does not fit now."""
        pen = self.keeper().pen(self.state, self.chance)
        try:
            raw = pen.append(act, ends)
        except TeamLogError:
            return False
        self._grow(raw)
        return True

    def _grow(self, raw: bytes) -> None:
        record = Record.parse(raw)
        state = follow(self.state, record)
        self._places[record.hash] = state.place
        self.raws.append(raw)
        self.views.append(TeamView(state, self._places))
        if record.body.fresh is not None:
            opened = membership.open_as_device(state, state.keeper, self.keeper().keys).keys
            self.keys.setdefault(state.epoch, []).append(opened[state.epoch])

    def taken_over(self, state: State, device: bytes, voters: Sequence[bytes] = ()) -> bytes | None:
        """The record by which a device goes on from some head, by the sheet or with votes; it is on another branch."""
        machines = tuple(self.machines[one] for one in voters)
        sheet = None if voters else SHEET
        try:
            return take_over(
                state, self.machines[device], self.chance, sheet=sheet, voters=machines
            )
        except TeamLogError:
            return None

    def log(self) -> TeamLog:
        """What a device has heard at first: the founding."""
        log = TeamLog(self.first[0], workspace=self.workspace)
        for raw in self.first[1:]:
            log.receive(raw)
        return log

    def records(self, place: int) -> tuple[bytes, ...]:
        """The founding, and the records up to the view at this place of `views`."""
        return (*self.first, *self.raws[:place])

    def fold(self, records: Sequence[bytes]) -> Folded:
        """What the records of a store come to, told anew; the same records are folded once."""
        known = self._folded.get(tuple(records))
        if known is None:
            log = TeamLog(records[0], workspace=self.workspace)
            for raw in records[1:]:
                log.receive(raw)
            known = self._folded[tuple(records)] = Folded(log.team, ())
        return known

    def keyring(self, machine: Machine) -> Keyring:
        """The keyring of a device, still empty."""
        member = machine.whose or bytes(16)
        return Keyring(self.workspace, machine.device, member, machine.keys, self.genesis)

    def teach(self, ring: Keyring, state: State) -> set[int]:
        """Tell a device what the records up to a state hold for it, as opening them would; gives its epochs."""
        for device in state.known.values():
            ring.learn_device(device.id, device.card.sign)
        last = max((one.number for one in state.epochs if ring.device in one.sealed), default=0)
        learnt = set()
        for epoch in state.epochs[1 : last + 1]:
            for key in self.keys.get(epoch.number, ()):
                if key.commitment(epoch.number) == epoch.commitment:
                    ring.learn_epoch(epoch.number, key)
                    learnt.add(epoch.number)
        return learnt

    def reader(self) -> Keyring:
        """Someone who can open everything that is ever made."""
        return Keyring(
            self.workspace, bytes(16), bytes(16), DeviceKeys.derive(bytes(32)), self.genesis
        )
