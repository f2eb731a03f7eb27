"""What a device, or the recovery key, can open of what the chain holds: keys of epochs, and names (rules 37, 41).

A key counts only if it is the one its record committed to. Older ones are found by walking back: each epoch's key
wraps the one before it, and the first wraps the genesis secret, which stands here as epoch 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync.errors import EpochKeyError
from sync.keys import DeviceKeys, SealedKeyError, SharedKey
from sync.team.proof import NAME
from sync.team.state import Epoch, State
from sync.team.wire import Label

GENESIS = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """The keys that could be opened, by epoch (0: the genesis secret), and what is wrong with the others."""

    keys: Mapping[int, SharedKey]
    problems: tuple[EpochKeyError, ...]  # of epochs in which this device was in the team


def open_as_device(state: State, device: bytes, keys: DeviceKeys) -> Opened:
    """Every key that is there for a device of the team, or for one that was in it."""
    return _open(state, keys, {one.number: one.sealed.get(device) for one in state.epochs})


def open_by_recovery(state: State, keys: DeviceKeys) -> Opened:
    """Every key, for the holder of the recovery key in force."""
    box = keys.public.box
    sealed = {one.number: one.recovery if one.recovery_box == box else None for one in state.epochs}
    return _open(state, keys, sealed)


def _open(state: State, keys: DeviceKeys, sealed: Mapping[int, bytes | None]) -> Opened:
    opened: dict[int, SharedKey] = {}
    problems: list[EpochKeyError] = []
    wrapped: SharedKey | None = None  # as the epoch after it holds it
    for epoch in reversed(state.epochs):
        own = sealed[epoch.number]
        key = wrapped or (None if own is None else _unsealed(keys, own, epoch))
        if key is not None:
            opened[epoch.number] = key
        elif own is not None or epoch.number < max(opened, default=0):
            problems.append(EpochKeyError(epoch.number))
        wrapped = _unwrapped(state, epoch.number, key)
    return Opened(opened, tuple(problems))


def _unsealed(keys: DeviceKeys, sealed: bytes, epoch: Epoch) -> SharedKey | None:
    try:
        key = keys.open_key(sealed)
        key.check(epoch.number, epoch.commitment)
    except SealedKeyError:
        return None
    return key


def _unwrapped(state: State, epoch: int, key: SharedKey | None) -> SharedKey | None:
    """The key of the epoch before, if this one holds it."""
    if key is None or epoch == GENESIS:
        return None
    try:
        older = key.unwrap(state.epochs[epoch].older, epoch)
        older.check(epoch - 1, state.epochs[epoch - 1].commitment)
    except SealedKeyError:
        return None
    return older


def seal_name(name: str, whose: bytes, epoch: int, key: SharedKey, salt: bytes) -> Label:
    """A name of a person or a computer, for those who hold the epoch's key; `salt` is 24 random bytes."""
    return Label(epoch, salt, key.seal_text(name.encode(), NAME + whose, salt))


def open_name(label: Label, whose: bytes, keys: Mapping[int, SharedKey]) -> str | None:
    """The name; None if its epoch's key is not here, or does not open it."""
    key = keys.get(label.epoch)
    if key is None:
        return None
    try:
        return key.open_text(label.sealed, NAME + whose, label.salt).decode()
    except (SealedKeyError, UnicodeDecodeError):
        return None
