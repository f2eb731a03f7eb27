"""Workspaces in memory that make changes, for tests: one that somebody founded, and its second computer."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from app.model.families import Families
from app.sample_team import SecondComputer
from app.workspace import Workspace
from storage import RecordIds, Store
from sync.keys import DeviceKeys
from sync.seat import Seat
from sync.vault import RecoveryCode
from tests.support.teams import Chance

__all__ = ["SecondComputer", "founded"]

NAME, PERSON, COMPUTER = "Northside Clinic", "Ann", "front desk"


def founded(clock: Callable[[], float]) -> Workspace:
    """A workspace of Ann's, on her computer."""
    keys, record = _genesis()
    seat = Seat(keys, (record,), Chance("acting"))
    families = Families()
    store = Store(
        ids=RecordIds(clock=clock, device_number=seat.number),
        clock=clock,
        identity=seat.identity(families.of),
    )
    families.watch(store)
    return Workspace(store, name=NAME, id=seat.log.workspace.hex(), seat=seat)


@cache
def _genesis() -> tuple[DeviceKeys, bytes]:
    chance = Chance("founding")
    keys = DeviceKeys.derive(chance(32))
    recovery = RecoveryCode(chance(18)).public(chance(32))
    seat = Seat.founding(keys, (PERSON, COMPUTER), recovery, chance)
    return keys, seat.log.records[0]
