"""Whose stores they are that make changes in tests: one founder, the same in each process; a seat for each store."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache

from storage.crdt.show import Family
from storage.journal.identity import Identity, no_families
from sync.keys import DeviceKeys, Keyring
from sync.membership import GENESIS, TeamLog, learn, open_as_device
from sync.seat import Seat
from sync.vault import RecoveryCode
from tests.support.teams import Chance

Families = Callable[[str], Mapping[str, Family]]
NAMES = ("Ann", "Ann's laptop")


def founder(families: Families = no_families) -> Identity:
    """Who founded the workspace, on the founder's device."""
    keys, record = _founded()
    return Seat(keys, (record,), os.urandom).identity(families)


def onlooker(families: Families = no_families) -> Identity:
    """Who reads all that the founder writes, on a device that is not in the team."""
    keys, record = _founded()
    log = TeamLog(record)
    (device,) = log.state.known
    opened = open_as_device(log.state, device, keys)
    own = DeviceKeys.derive(b"onlooker".ljust(32))
    keyring = Keyring(log.workspace, b"onlooker".ljust(16), b"m" * 16, own, opened.keys[GENESIS])
    learn(keyring, log.state, opened)
    return Identity(keyring, log.team, os.urandom, families, (record,))


@cache
def _founded() -> tuple[DeviceKeys, bytes]:
    """The keys of the founder's device, and the genesis."""
    chance = Chance("founder")
    keys = DeviceKeys.derive(chance(32))
    recovery = RecoveryCode(chance(18)).public(chance(32))
    (record,) = Seat.founding(keys, NAMES, recovery, chance).identity(no_families).chain
    return keys, record
