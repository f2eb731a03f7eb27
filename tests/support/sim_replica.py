"""A replica of a simulation: one database of one device, whatever it is made of, and all that came to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from storage.crdt.dots import Dot
from storage.crdt.past import Applied
from sync.keys import Keyring
from tests.support.sim_chain import Hearing
from tests.support.sim_core import Core
from tests.support.sim_library import Library
from tests.support.sim_store import StoreBody
from tests.support.sim_truth import Global
from tests.support.teams import Machine

NOWHERE = Dot(-1, 0, 0)
Action = list[tuple[Dot, list[Applied]]]  # what was done, record by record


class BrokenError(AssertionError):
    """A promise that a simulation found broken."""


@dataclass
class Replica:
    """One database."""

    name: str
    machine: Machine
    ring: Keyring
    hearing: Hearing
    body: Core | StoreBody
    skew_ms: int
    epochs: set[int]
    came: list[int] = field(
        default_factory=list
    )  # changes by index, in the order in which they came
    lost: bool = False  # another database took its place
    actions: list[Action] = field(default_factory=list)
    undone: list[Action] = field(default_factory=list)

    @property
    def here(self) -> int:
        """The changes that came, as bits."""
        return sum(1 << one for one in set(self.came))

    @property
    def in_team(self) -> bool:
        return self.machine.device in self.hearing.view.state.devices

    def to_global(self, dot: Dot) -> Global:
        """A dot as all replicas know it."""
        entry = self.body.log.entry(dot.lane, dot.number)
        return (b"nowhere" if entry is None else entry.hash), dot.at

    def to_local(self, library: Library, dot: tuple[int, int]) -> Dot:
        """A dot of the library as this replica knows it."""
        at = self.body.log.find(library.changes[dot[0]].hash)
        return NOWHERE if at is None else Dot(at.lane, at.number, dot[1])
