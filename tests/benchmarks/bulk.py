"""Rows about many records at once: inserted, and changed in one call."""

from __future__ import annotations

from tests.benchmarks.measure import Row
from tests.benchmarks.peers import RAW
from tests.benchmarks.stores import CALL, UPDATED, Making


def inserted(making: Making, *, kept: bool) -> Row:
    """Inserts a processor second, with the search index and three field indexes."""
    wanted = 20_000 if making.records <= 100_000 else 15_000
    return Row(
        row=f"bulk insert, {making.records:,} records",
        unit="records a processor second",
        ours=making.rate,
        peers={f"{RAW}, no search index": making.raw_rate},
        reach=f"≥ {wanted:,}",
        reached=making.rate >= wanted,
        note=f"{CALL:,} a call, each durable; {making.ours_s / making.raw_s:.1f}× raw's processor time"
        + _when(kept),
    )


def updated(making: Making, *, kept: bool) -> Row:
    """One call that sets a field of 10,000 records that were made one after another."""
    rate = UPDATED / making.ours_update_s
    return Row(
        row=f"one update over 10,000 of {making.records:,} records",
        unit="records a processor second",
        ours=rate,
        peers={RAW: UPDATED / making.raw_update_s},
        reach="≥ 30,000",
        reached=rate >= 30_000,
        note=f"a field that is no text, three field indexes{_when(kept)}",
    )


def _when(kept: bool) -> str:
    return "; measured when the kept store was made" if kept else ""
