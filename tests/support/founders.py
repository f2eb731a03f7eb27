"""Whose stores they are that make changes in tests: one founder, the same in each process; a seat for each store."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache

from storage.crdt.show import Family
from storage.journal.identity import Identity, no_families
from sync.keys import DeviceKeys, Keyring, SharedKey
from sync.membership import GENESIS, TeamLog, learn, open_as_device
from sync.seat import Seat
from sync.vault import RecoveryCode
from tests.support.changes import WORKSPACE, Chain, device_id
from tests.support.teams import Chance, keys_of

Families = Callable[[str], Mapping[str, Family]]
NAMES = ("Ann", "Ann's laptop")
MEMBERS = ("ann", "ben")


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


def member(name: str, families: Families = no_families) -> Identity:
    """One of two, "ann" and "ben", in a workspace without a team log: each knows the other, and may write."""
    keyring = Keyring(WORKSPACE, device_id(name), b"m" * 16, keys_of(name), SharedKey(b"g" * 32))
    keyring.learn_epoch(0, SharedKey(b"e" * 32))
    for other in MEMBERS:
        keyring.learn_device(device_id(other), keys_of(other).public.sign)
    return Identity(keyring, Chain.of(*MEMBERS), os.urandom, families)


@cache
def _founded() -> tuple[DeviceKeys, bytes]:
    """The keys of the founder's device, and the genesis."""
    chance = Chance("founder")
    keys = DeviceKeys.derive(chance(32))
    recovery = RecoveryCode(chance(18)).public(chance(32))
    (record,) = Seat.founding(keys, NAMES, recovery, chance).identity(no_families).chain
    return keys, record
