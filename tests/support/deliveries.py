"""Histories of a team by seed: devices that write, are copied, are fenced; replicas that get it all in any order."""

from __future__ import annotations

import random

from tests.support.changes import Chain, Device, meet

NAMES = ("ann", "bob", "cid")


class History:
    """A team that writes, forgets its last changes, is cloned and fenced, as a seed has it."""

    def __init__(self, seed: int, *, forks: bool, fences: bool) -> None:
        self.chance = random.Random(seed)
        self.devices = meet(*NAMES)
        self.chain = Chain.of(*NAMES)
        self.sent: list[bytes] = []
        for _ in range(self.chance.choice([8, 16, 30])):
            self._step(forks=forks, fences=fences)

    def _step(self, *, forks: bool, fences: bool) -> None:
        device = self.chance.choice(self.devices)
        what = self.chance.random()
        if forks and what < 0.15:
            self._clone(device)
        elif fences and what < 0.25:
            self._fence(device)
        elif what < 0.45:
            device.take(*self.chance.sample(self.sent, self.chance.randrange(len(self.sent) + 1)))
        elif what < 0.5:
            device.absorber.extend(self.chain)
        elif self.chain.may_write(device.absorber.team.head[0], device.id):
            self._write(device)

    def _write(self, device: Device) -> None:
        records = [part.record for change in device.book.applied for part in change.parts]
        if records and self.chance.random() < 0.6:
            record = self.chance.choice(records)
            text = "x" * self.chance.choice([1, 1, 1, 1, 70_000])
            self.sent += device.set(record, a=self.chance.random(), text=text)
        else:
            self.sent += device.create(n=self.chance.random())[0]

    def _clone(self, device: Device) -> None:
        """Another machine goes on from a copy of the device's database as it was some changes ago."""
        if device.author.feed is None:
            return
        copy = Device(device.name, self.chain).knows(*self.devices)
        keep = [raw for raw in self.sent if self.chance.random() < 0.7]
        copy.take(*keep)
        copy.author.feed = device.author.feed
        copy._count = self.chance.randrange(1000, 100_000)
        self.devices.append(copy)

    def _fence(self, device: Device) -> None:
        """The keeper, who is at some state of knowledge, ends the device's write access, or gives it back."""
        keeper = self.chance.choice(self.devices)
        if device.name in {"ann", keeper.name}:
            return
        place = self.chain.head[0]
        if not self.chain.may_write(place, device.id):
            self.chain = self.chain.then(add=[device.name])
            return
        fences = []
        for row in keeper.log.lanes_of(device.id):
            number = self.chance.choice([row.extent, row.extent - 1])
            entry = keeper.log.entry(row.lane, number)
            if entry is not None and self.chance.random() < 0.8:
                fences.append((device.name, row.feed, number, entry.hash))
        self.chain = self.chain.then(remove=[device.name], fences=fences)

    def replica(self, order: int, *, without: frozenset[bytes] = frozenset()) -> Device:
        """A device that gets everything in an order of its own, some twice, the chain at any time.

        What is left out never comes: nobody sends on what is rejected (rule 29).
        """
        chance = random.Random(order)
        device = Device("ann", Chain.of(*NAMES)).knows(*self.devices)
        sent = [raw for raw in self.sent if raw not in without]
        mail = [*sent, *chance.sample(sent, len(sent) // 3)]
        if chance.random() < 0.8:
            chance.shuffle(mail)
        cut = chance.choice([0, len(mail), chance.randrange(len(mail) + 1)])
        self._deliver(chance, device, mail[:cut])
        device.absorber.extend(self.chain)
        self._deliver(chance, device, mail[cut:])
        return device

    @staticmethod
    def _deliver(chance: random.Random, device: Device, mail: list[bytes]) -> None:
        at = 0
        while at < len(mail):
            many = chance.choice([1, 2, 5, 50])
            device.take(*mail[at : at + many])
            at += many
