"""What counts, and what each author had seen, against the rules told the slow way, without lanes or any order."""

from __future__ import annotations

from functools import cached_property

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.changes import envelope
from storage.changes.envelope import Envelope
from storage.changes.opening import unseal
from tests.support.changes import Chain, Device
from tests.support.deliveries import History


class Slow:
    """The rules over a complete set of changes, each known by its hash."""

    def __init__(self, raws: list[bytes], chain: Chain, reader: Device) -> None:
        self.chain = chain
        self.all = {change.hash: change for change in map(envelope.decode, raws)}
        self.headers = {h: unseal(c, reader.keys).header for h, c in self.all.items()}

    @cached_property
    def followers(self) -> dict[bytes, list[Envelope]]:
        found: dict[bytes, list[Envelope]] = {}
        for change in self.all.values():
            found.setdefault(change.clear.previous + change.clear.feed, []).append(change)
        return found

    def back(self, change: Envelope) -> list[Envelope]:
        """The change and all before it in its feed, newest first."""
        path = [change]
        while path[-1].clear.number > 1:
            path.append(self.all[path[-1].clear.previous])
        return path

    def group(self, change: Envelope) -> list[Envelope] | None:
        """The transaction of a change, in order; None if it goes on in two ways."""
        group = [change]
        while group[0].clear.number > 1 and not self.all[group[0].clear.previous].clear.group_end:
            group.insert(0, self.all[group[0].clear.previous])
        while not group[-1].clear.group_end:
            after = self.followers.get(group[-1].hash + change.clear.feed, [])
            if len(after) != 1:
                return None
            group.append(after[0])
        inside = group[:-1]
        if any(len(self.followers[each.hash + change.clear.feed]) > 1 for each in inside):
            return None
        return group

    def counts(self, change: Envelope) -> bool:
        """Whether a change and all before it in its feed are accepted."""
        return all(self.accepted(each) for each in self.back(change))

    def accepted(self, change: Envelope) -> bool:
        group = self.group(change)
        device = self.back(change)[-1].clear.device
        if group is None or device is None:
            return False
        for each in group:
            clear = each.clear
            place = self.chain.place_of(clear.head)
            if place is None or not self.chain.may_write(place, device):
                return False
            if self.chain.epoch_at(place) != clear.epoch:
                return False
        return all(
            self.within(group, entries)
            for place, entries in self.fences(group[-1], device).items()
            if place > min(each.clear.place for each in group)
        )

    def fences(self, change: Envelope, device: bytes) -> dict[int, set[bytes]]:
        """For each chain record that fences a change's feed, the changes that it names."""
        found: dict[int, set[bytes]] = {}
        for fence in self.chain.fences(device, change.clear.feed):
            named = found.setdefault(fence.place, set())
            if fence.number:
                named.add(fence.hash)
        return found

    def within(self, group: list[Envelope], entries: set[bytes]) -> bool:
        end = group[-1].hash
        return any(end in {each.hash for each in self.back(self.all[entry])} for entry in entries)

    def seen(self, change: Envelope) -> set[bytes]:
        found = {each.hash for each in self.back(change)}
        for each in self.back(change):
            for need in self.headers[each.hash].dependencies:
                found |= {other.hash for other in self.back(self.all[need.hash])}
        return found

    def state(self) -> dict[bytes, frozenset[bytes]]:
        counting = {h for h, change in self.all.items() if self.counts(change)}
        return {h: frozenset(self.seen(self.all[h]) & counting) for h in counting}


def check(seed: int, order: int) -> None:
    history = History(seed, forks=bool(seed & 1), fences=bool(seed & 2))
    replica = history.replica(order)
    assert replica.state() == Slow(history.sent, history.chain, replica).state()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(0, 1000))
def test_a_replica_is_what_the_rules_say_of_its_changes(seed, order):
    check(seed, order)


@pytest.mark.full
@pytest.mark.timeout(600)
@settings(max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(0, 1000))
def test_many_replicas_are_what_the_rules_say_of_their_changes(seed, order):
    check(seed, order)
