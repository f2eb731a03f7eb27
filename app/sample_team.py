"""A second computer in the made-up workspace: somebody who works apart, and comes back with other ideas.

Its changes are real ones, made by a store of its own and taken in as those of any other computer are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.model.families import Families
from app.workspace import Workspace
from storage import RecordIds, Store
from sync.keys import DeviceKeys
from sync.membership import card_of
from sync.seat import Seat
from sync.vault import chance

ID_BYTES: Final = 16
SECRET_BYTES: Final = 32
PERSON: Final = "Chloé Martin"
COMPUTER: Final = "workshop"
Numbers = dict[bytes, int]  # of each feed, the last change that was handed over


class SecondComputer:
    """A computer of `person` that joins the team of a workspace; `workspace` is what it has, in memory."""

    def __init__(
        self, first: Workspace, person: str, computer: str, clock: Callable[[], float]
    ) -> None:
        if first.seat is None:
            raise ValueError("a workspace of no team has no second computer")
        self.first = first
        keys = DeviceKeys.derive(chance(SECRET_BYTES))
        card = card_of(keys, chance(ID_BYTES), chance(ID_BYTES))
        pen = first.seat.pen()
        record = pen.append(pen.adding_member("editor", person, card, computer))
        with first.store.transaction():
            first.store.journal.extend([record], first.seat.hear([record]))
        seat = Seat(keys, first.seat.log.records, chance)
        families = Families()
        store = Store(
            ids=RecordIds(clock=clock, device_number=seat.number),
            clock=clock,
            identity=seat.identity(families.of),
        )
        families.watch(store)
        self.workspace = Workspace(store, name=first.name, id=first.id, seat=seat)
        self._handed: dict[int, Numbers] = {id(first): {}, id(self.workspace): {}}

    def meet(self) -> None:
        """Hand over what the other does not have, both ways."""
        there = self._changes(self.first)
        self._take(self.first, self._changes(self.workspace))
        self._take(self.workspace, there)

    def close(self) -> None:
        """Close the store; what was not handed over is gone."""
        self.workspace.close()

    def _changes(self, workspace: Workspace) -> list[bytes]:
        journal, handed = workspace.store.journal, self._handed[id(workspace)]
        with journal.reading():
            found: list[bytes] = []
            for lane in journal.own_lanes():
                after = handed.get(lane.feed, 0)
                found += [journal.log.raw(lane.lane, n) for n in range(after + 1, lane.linked + 1)]
                handed[lane.feed] = lane.linked
            return found

    @staticmethod
    def _take(workspace: Workspace, changes: list[bytes]) -> None:
        with workspace.store.transaction():
            workspace.store.journal.receive(changes)


def work_apart(workspace: Workspace, clock: Callable[[], float]) -> None:
    """Let two people edit the sample's stock at once: most of it merges, and three things are left to decide."""
    table = workspace.table("Stock")
    belt, bearing, battery, lancet = (
        next(record.doc_id for record in table if record["Name"] == name)
        for name in ("Drive belt SPZ 987", "Bearing 6204-2RS", "Battery pack 18 V", "Blood lancet 28 G")
    )  # fmt: skip
    second = SecondComputer(workspace, PERSON, COMPUTER, clock)
    try:
        second.meet()
        _edit(
            workspace, {bearing: {"Quantity": 64, "Site": "Van 2"}, battery: {"State": "Reserved"}}
        )
        second.meet()
        _edit(second.workspace, {bearing: {"Price": "18.40", "Name": "Bearing 6204-2RS, sealed"}})
        _edit(workspace, {bearing: {"Name": "Bearing 6204-2RS C3"}, belt: {"Quantity": 12}})
        _edit(second.workspace, {belt: {"Quantity": 9}, lancet: {"Site": "Clinic"}})
        workspace.trash("Stock", [lancet])
        second.meet()
    finally:
        second.close()


def _edit(workspace: Workspace, changes: Mapping[int, Mapping[str, Any]]) -> None:
    for record, values in changes.items():
        workspace.change("Stock", [record], values)
