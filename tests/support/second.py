"""A second person's computer in a workspace, in memory, and what goes between the two."""

from __future__ import annotations

import os
import time

from app.workspace import Workspace
from storage import RecordIds, Store
from sync.keys import DeviceKeys
from sync.membership import Role, card_of
from sync.seat import Seat


def joined(
    workspace: Workspace, person: str = "Ben", computer: str = "Desk", role: Role = "editor"
) -> Workspace:
    """The workspace as another person's computer has it that has just joined; its store is in memory."""
    seat = workspace.seat
    assert seat is not None
    keys = DeviceKeys.derive(os.urandom(32))
    pen = seat.pen()
    act = pen.adding_member(role, person, card_of(keys, os.urandom(16), os.urandom(16)), computer)
    record = pen.append(act)
    team = seat.hear([record])
    with workspace.store.transaction():
        workspace.store.journal.extend([record], team)
    other = Seat(keys, seat.log.records, os.urandom)
    ids = RecordIds(clock=time.time, device_number=other.number)
    store = Store(ids=ids, identity=other.identity(lambda _collection: {}))
    there = Workspace(store, name=workspace.name, id=workspace.id, seat=other)
    exchange(workspace, there)
    return there


def exchange(one: Workspace, other: Workspace) -> None:
    """Let each have all that the other has."""
    for giver, taker in ((one, other), (other, one)):
        log = giver.store.journal.log
        with giver.store.journal.reading():
            changes = [
                log.raw(row.lane, number)
                for row in log.lanes()
                for number in range(row.start + 1, row.linked + 1)
            ]
        with taker.store.transaction():
            taker.store.journal.receive(changes)
