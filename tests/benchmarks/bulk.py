"""Rows about many records at once: inserted, and changed in one call."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.measure import Row
from tests.benchmarks.peers import RAW
from tests.benchmarks.stores import CALL, UPDATED, Making, Pair


def inserted(pair: Pair, *, kept: bool) -> Row:
    """Inserts a processor second, with the search index and three field indexes."""
    making = _making(pair)
    wanted = 20_000 if making.records <= 100_000 else 15_000
    return Row(
        row=f"bulk insert{pair.label}, {making.records:,} records",
        unit="records a processor second",
        ours=making.rate,
        peers={f"{RAW}, no search index": making.raw_rate},
        reach=f"≥ {wanted:,}",
        reached=making.rate >= wanted,
        note=f"{CALL:,} a call, each durable; {making.ours_s / making.raw_s:.1f}× raw's processor time"
        + _when(kept),
    )


def updated(pair: Pair, *, kept: bool) -> Iterator[Row]:
    """One call that sets a field of 10,000 records that were made one after another: to fractions, to whole numbers."""
    making = _making(pair)
    for to, ours, raw in (
        ("a fraction", making.ours_update_s, making.raw_update_s),
        ("a whole number, which search finds", making.ours_whole_s, making.raw_whole_s),
    ):
        rate = UPDATED / ours
        yield Row(
            row=f"one update over 10,000 of {making.records:,} records{pair.label}, to {to}",
            unit="records a processor second",
            ours=rate,
            peers={RAW: UPDATED / raw},
            reach="≥ 30,000",
            reached=rate >= 30_000,
            note=f"three field indexes{_when(kept)}",
        )


def _making(pair: Pair) -> Making:
    assert pair.making is not None
    return pair.making


def _when(kept: bool) -> str:
    return "; measured when the kept store was made" if kept else ""
