"""The simulation would notice: with any one of these rules switched off, a seed fails, and fails by what it shows."""

from __future__ import annotations

import pytest

from storage.changes.rules import IN_FORCE as CHANGES_IN_FORCE
from storage.changes.rules import ChangeRules
from storage.crdt.rules import IN_FORCE, Rules
from tests.support.sim import BrokenError, Simulation

SEEDS = range(300)  # the first of `test_simulation`, none of which fails with all rules in force


def noticed(*, rules: ChangeRules = CHANGES_IN_FORCE, merging: Rules = IN_FORCE) -> str:
    """What the first seed that fails says; nothing if none does."""
    for seed in SEEDS:
        try:
            Simulation(seed, rules=rules, merging=merging).run()
        except BrokenError as broken:
            return str(broken)
    return ""


@pytest.mark.parametrize(
    ("rule", "without"),
    [
        (4, Rules(seen_by_vector=False)),
        (7, Rules(counts_keep_unseen=False)),
        (12, Rules(dead_spares_unseen=False)),
    ],
)
def test_without_a_rule_of_merging_a_seed_fails(rule: int, without: Rules) -> None:
    assert noticed(merging=without), f"nobody misses rule {rule}"


@pytest.mark.parametrize(
    ("rule", "without"),
    [
        (18, ChangeRules(all_advances_named=False)),
        (23, ChangeRules(fenced_not_awaited=False)),
        (26, ChangeRules(fences_recompute=False)),
        (31, ChangeRules(branches_count=False)),
    ],
)
def test_without_a_rule_of_changes_a_seed_fails(rule: int, without: ChangeRules) -> None:
    assert noticed(rules=without), f"nobody misses rule {rule}"
