"""This device's seat in one workspace: its keys, the team log as it was heard, and what storage asks of both.

Pure but for the chance that is handed in. Records that come are kept by whoever calls, in the order in which they came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from storage.blobs.sealer import BlobSealer
from storage.changes.team import Folded, Team
from storage.crdt.show import Family
from storage.journal.identity import Identity
from sync.errors import NoSeatError, TeamLogError
from sync.keys import DeviceKeys, Keyring
from sync.membership import (
    GENESIS,
    Opened,
    Pen,
    Recovery,
    TeamLog,
    card_of,
    found,
    learn,
    open_as_device,
    open_name,
)
from sync.team.making import Chance
from sync.vault import RecoveryKeys

ID_BYTES = 16


class Seat:
    """One device in one workspace. For the thread that has the store's transaction."""

    def __init__(self, keys: DeviceKeys, records: Sequence[bytes], chance: Chance) -> None:
        """Take the seat that the records give to the device with these keys.

        Raises TeamLogError for records that are no team log, NoSeatError if the device is in none of them.
        """
        self._keys, self._chance = keys, chance
        self.log = TeamLog(records[0])
        for record in records[1:]:
            self.log.receive(record)
        self._records = tuple(records)
        self.device = self._own_device()
        self._keyring = self._new_keyring()

    @classmethod
    def founding(
        cls, keys: DeviceKeys, names: tuple[str, str], recovery: RecoveryKeys, chance: Chance
    ) -> Seat:
        """Found a workspace; `names` are the person's and the computer's. Its ids are new and random."""
        card = card_of(keys, chance(ID_BYTES), chance(ID_BYTES))
        halves = Recovery(recovery.sign, recovery.box)
        founded = found(keys, card, names, halves, chance, genesis_chance=recovery.chance)
        return cls(keys, (founded.raw,), chance)

    def identity(
        self, families: Callable[[str], Mapping[str, Family]], blobs: BlobSealer | None = None
    ) -> Identity:
        """What a store needs to make changes of its writes, and to hold attachments if `blobs` is given."""
        return Identity(
            sealer=self._keyring,
            team=self.log.team,
            random=self._chance,
            families=families,
            chain=self._records,
            follow=self._follow,
            fold=self._fold,
            blobs=blobs,
        )

    @property
    def number(self) -> int:
        """The device's ordinal in the team, which is in the ids of its records."""
        return self.log.team.device_number(self.device)

    @property
    def role(self) -> str:
        """What this device may do: "owner", "editor" or "viewer"; "removed" when it is in the team no more."""
        return self.log.state.role_of(self.device) or "removed"

    def pen(self) -> Pen:
        """What this device makes records of the team with, at the head that it follows."""
        return Pen(self.log.state, self.device, self._keys, self._opened().keys, self._chance)

    def hear(self, records: Sequence[bytes]) -> Team:
        """Take in records, which the caller keeps (`Journal.extend`); gives the new team. Raises TeamLogError."""
        return self._follow(records)

    def names(self) -> dict[bytes, tuple[str, str]]:
        """For every device that ever was, the names of its person and of itself; empty where they cannot be read."""
        state = self.log.state
        keys = open_as_device(state, self.device, self._keys).keys
        told: dict[bytes, tuple[str, str]] = {}
        for device in state.known.values():
            member = state.members.get(device.card.member or b"")
            person = "" if member is None else open_name(member.name, member.id, keys) or ""
            told[device.id] = (person, open_name(device.name, device.id, keys) or "")
        return told

    def _follow(self, records: Sequence[bytes]) -> Team:
        """Records that another process has taken in."""
        for record in records:
            self.log.receive(record)
        self._records += tuple(records)
        learn(self._keyring, self.log.state, self._opened())
        return self.log.team

    def _fold(self, records: Sequence[bytes]) -> Folded:
        """The records as a log that hears them for the first time has them; for whoever checks what is stored."""
        if not records:
            return Folded(None, ((0, "There are no records."),))
        try:
            log = TeamLog(records[0], workspace=self.log.workspace)
        except TeamLogError as error:
            return Folded(None, ((0, str(error)),))
        wrong: list[tuple[int, str]] = []
        for at, record in enumerate(records[1:], 1):
            try:
                if log.receive(record).standing != "new":
                    wrong.append((at, "It is there twice, or the record before it is missing."))
            except TeamLogError as error:
                wrong.append((at, str(error)))
        return Folded(log.team, tuple(wrong))

    def _opened(self) -> Opened:
        return open_as_device(self.log.state, self.device, self._keys)

    def _own_device(self) -> bytes:
        sign = self._keys.public.sign
        for device in self.log.state.known.values():
            if device.card.sign == sign:
                return device.id
        raise NoSeatError

    def _new_keyring(self) -> Keyring:
        state, opened = self.log.state, self._opened()
        if GENESIS not in opened.keys:
            raise NoSeatError
        device = state.known[self.device]
        keyring = Keyring(
            state.workspace,
            self.device,
            device.card.member or bytes(ID_BYTES),
            self._keys,
            opened.keys[GENESIS],
        )
        learn(keyring, state, opened)
        return keyring
