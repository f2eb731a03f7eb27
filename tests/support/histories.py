"""Random histories of a team: each step does one valid thing, whatever the team is like then."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

from hypothesis import strategies as st

from sync import membership
from sync.errors import TeamLogError
from sync.keys import DeviceKeys
from sync.membership import (
    Ends,
    HandOver,
    RemoveDevice,
    RemoveMember,
    Rename,
    ReplaceRecovery,
    Role,
    Rotate,
    SetRole,
    State,
    TeamLog,
)
from tests.support.teams import SHEET, Chance, Machine, World, hash_of, id_of, keys_of, take_over

ROLES: Final[Sequence[Role]] = ("owner", "editor", "viewer")
FEEDS: Final = ("f", "g", "h")
DOINGS: Final = (
    *("person", "computer", "station", "role", "role", "role", "remove", "remove", "remove one"),
    *("rotate", "close", "hand over", "recovery", "rename", "propose", "sheet", "vote"),
)
FOUNDING: Final[Sequence[tuple[str, Role]]] = (
    ("Otto", "owner"),
    ("Olga", "owner"),
    ("Bob", "editor"),
    ("Viv", "viewer"),
)


class Step(NamedTuple):
    """What is done, and two numbers that choose to whom."""

    what: str
    one: int
    two: int


NUMBERS = st.integers(0, 11)
STEPS = st.lists(
    st.builds(Step, st.sampled_from(DOINGS), NUMBERS, NUMBERS), min_size=3, max_size=16
)


@functools.cache
def peopled() -> World:
    """The team that histories begin with; never to be changed."""
    world = World()
    for name, role in FOUNDING:
        world.add(name, role=role)
    world.add("Bob", "laptop")
    world.station("till")
    return world


class History(World):
    """A world with a few people that remembers its sheets and can do any step at any known head."""

    def __init__(self, seed: object = 0) -> None:
        founding = peopled()
        self.founded, self.machines = founding.founded, dict(founding.machines)
        self.chance = Chance(seed)
        self.sheets: dict[bytes, DeviceKeys] = {SHEET.public.sign: SHEET}
        self.log = TeamLog(founding.log.records[0])
        for raw in founding.log.records[1:]:
            self.log.receive(raw)

    def grow(self, steps: Sequence[Step]) -> History:
        """Do what can be done of the steps."""
        for step in steps:
            raw = self.make(self.state, step)
            if raw is not None:
                self.take(raw)
        return self

    def make(self, state: State, step: Step, chance: Chance | None = None) -> bytes | None:
        """A valid record after a head, or None if the step does not fit there."""
        try:
            return self._made(state, step, chance or self.chance)
        except TeamLogError:
            return None

    def _made(  # noqa: C901, PLR0911, PLR0912 - one case for each doing
        self, state: State, step: Step, chance: Chance
    ) -> bytes:
        what, one, two = step
        members, devices = sorted(state.members), sorted(state.devices)
        member, device = members[one % len(members)], devices[one % len(devices)]
        role = ROLES[two % 3]
        pen = self.machines[state.keeper].pen(state, chance)
        ends = self.ends(one, two)
        number = f"{len(state.known)} {chance(8).hex()}"
        match what:
            case "person":
                new = self.machine(f"person {number}", f"desk {number}")
                return pen.append(pen.adding_member(role, f"Person {number}", new.card, "Desk"))
            case "computer":
                new = self.machine(None, f"computer {number}", member)
                return pen.append(pen.adding_device(new.card, "Laptop"))
            case "station":
                new = self.machine(None, f"station {number}")
                return pen.append(pen.adding_device(new.card, "Till", role))
            case "role":
                return pen.append(SetRole(member if one % 2 else device, role), ends)
            case "remove":
                return pen.append(RemoveMember(member), ends)
            case "remove one":
                return pen.append(RemoveDevice(device), ends)
            case "close":
                return pen.append(pen.closing(device, ends[device]), ends)
            case "hand over":
                return pen.append(HandOver(device))
            case "recovery":
                sheet = keys_of(f"sheet {number}")
                self.sheets[sheet.public.sign] = sheet
                return pen.append(ReplaceRecovery(membership.recovery_of(sheet)))
            case "rename":
                return pen.append(Rename(member, pen.name(f"Name {number}", member)))
            case "propose":
                asked = self.machines[device].pen(state, chance).propose(SetRole(member, role))
                return pen.append_proposal(asked, ends)
            case "sheet":
                sheet = self.sheets[state.recovery.sign]
                return take_over(state, self.machines[device], chance, sheet=sheet)
            case "vote":
                owners = [self.machines[id_] for id_ in devices if state.role_of(id_) == "owner"]
                return take_over(state, self.machines[device], chance, voters=tuple(owners))
            case _:
                return pen.append(Rotate())

    def machine(self, person: str | None, name: str, member: bytes | None = None) -> Machine:
        """A new computer, remembered."""
        whose = id_of(person) if person else member
        new = Machine(id_of(name), whose, keys_of(name))
        self.machines[new.device] = new
        return new

    def ends(self, one: int, two: int) -> Ends:
        """Some feeds of every machine there is, with the numbers of their last changes."""
        return {
            device: {
                id_of(feed): [(number, hash_of(f"{feed}/{number}"))]
                for number, feed in enumerate(FEEDS[: one % 3], start=two)
                if number
            }
            for device in self.machines
        }


def histories() -> st.SearchStrategy[History]:
    """Worlds that random steps led to."""
    return STEPS.map(lambda steps: History().grow(steps))
