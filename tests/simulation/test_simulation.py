"""Replicas in memory, by seed: whatever comes in whatever order, each is the pure function over its own changes.

What happens in them stands in `tests.support.sim`, what is checked in `sim_check`, the pure function in `sim_truth`.
"""

from __future__ import annotations

import pytest

from tests.support.sim import Simulation
from tests.support.sim_run import Failure, failures


def told(found: list[Failure]) -> str:
    return "\n\n".join(map(str, found[:3]))


@pytest.mark.timeout(600)
def test_replicas_of_the_pure_core_are_the_pure_function_over_their_changes() -> None:
    found = failures("core", range(3_000))
    assert not found, told(found)


@pytest.mark.timeout(600)
def test_stores_are_the_pure_function_over_their_changes() -> None:
    found = failures("store", range(300))
    assert not found, told(found)


@pytest.mark.full
@pytest.mark.timeout(1_800)
def test_many_replicas_of_the_pure_core() -> None:
    found = failures("core", range(3_000, 9_000))
    assert not found, told(found)


@pytest.mark.full
@pytest.mark.timeout(1_800)
def test_many_stores() -> None:
    found = failures("store", range(300, 1_300))
    assert not found, told(found)


@pytest.mark.parametrize("seed", [7152])
def test_what_a_store_once_failed_at(seed: int) -> None:
    Simulation(seed, "store").run()
