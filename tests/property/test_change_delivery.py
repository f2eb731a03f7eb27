"""Whatever the order of delivery: replicas with the same changes and the same chain have the same state."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.changes.lanes import name_of
from tests.support.changes import Device
from tests.support.deliveries import History

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _agree(one: Device, other: Device) -> None:
    assert one.absorber.clipped() == other.absorber.clipped()
    assert one.state() == other.state()


@QUICK
@given(st.integers(0, 2**32), st.integers(0, 1000), st.integers(1001, 2000))
def test_order_means_nothing(seed, one, other):
    history = History(seed, forks=False, fences=False)
    first, second = history.replica(one), history.replica(other)
    _agree(first, second)
    assert len(first.state()) == len(history.sent)


@QUICK
@given(st.integers(0, 2**32), st.integers(0, 1000), st.integers(1001, 2000))
def test_order_means_nothing_when_fences_come_late(seed, one, other):
    history = History(seed, forks=False, fences=True)
    _agree(history.replica(one), history.replica(other))


@QUICK
@given(st.integers(0, 2**32), st.integers(0, 1000), st.integers(1001, 2000))
def test_order_means_nothing_when_feeds_fork(seed, one, other):
    history = History(seed, forks=True, fences=False)
    first, second = history.replica(one), history.replica(other)
    _agree(first, second)
    assert _names(first) == _names(second)


@QUICK
@given(st.integers(0, 2**32), st.integers(0, 1000), st.integers(1001, 2000))
def test_order_means_nothing_with_forks_and_fences(seed, one, other):
    history = History(seed, forks=True, fences=True)
    _agree(history.replica(one), history.replica(other))


def _not_sent_on(device: Device) -> frozenset[bytes]:
    """What is rejected, but for what leads to a change that a fence names: that tells where the fence lies."""
    team = device.absorber.team
    last: dict[int, int] = {}
    for row in device.log.lanes():
        for fence in team.fences(row.device, row.feed):
            at = device.log.find(fence.hash)
            if at is not None:
                last[at.lane] = max(at.number, last.get(at.lane, 0))
    return frozenset(
        device.log.raw(*at)
        for at, _ in device.absorber.set_aside()
        if at.number > last.get(at.lane, 0)
    )


@QUICK
@given(st.integers(0, 2**32), st.integers(0, 1000), st.integers(1001, 2000))
def test_what_is_rejected_need_not_come_at_all(seed, one, other):
    history = History(seed, forks=False, fences=True)
    first = history.replica(one)
    _agree(first, history.replica(other, without=_not_sent_on(first)))


@pytest.mark.full
@pytest.mark.timeout(600)
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(0, 1000), st.integers(1001, 2000))
def test_order_means_nothing_in_many_histories(seed, one, other):
    history = History(seed, forks=bool(seed & 1), fences=True)
    first, second = history.replica(one), history.replica(other)
    _agree(first, second)
    assert _names(first) == _names(second)
    if not seed & 1:
        _agree(first, history.replica(other, without=_not_sent_on(first)))


def _names(device: Device) -> dict[tuple[bytes, int], bytes]:
    """The change that each feed or branch name, and number, stands for: one only."""
    names: dict[tuple[bytes, int], bytes] = {}
    for row in device.log.lanes():
        for number in range(row.start + 1, row.extent + 1):
            named = name_of(device.log, row.lane, number), number
            assert named not in names
            names[named] = device.log.entry(row.lane, number).hash
    return names
