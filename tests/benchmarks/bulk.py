"""Rows about many records at once: inserted, and changed in one call."""

from __future__ import annotations

from functools import partial
from statistics import median

from tests.benchmarks.measure import Row, processor_seconds
from tests.benchmarks.peers import RAW
from tests.benchmarks.stores import CALL, Making, Pair

UPDATED = 10_000


def inserted(making: Making, *, kept: bool) -> Row:
    """Inserts a processor second, with the search index and three field indexes."""
    wanted = 20_000 if making.records <= 100_000 else 15_000
    when = "; measured when the kept store was made" if kept else ""
    return Row(
        row=f"bulk insert, {making.records:,} records",
        unit="records a processor second",
        ours=making.rate,
        peers={f"{RAW}, no search index": making.raw_rate},
        reach=f"≥ {wanted:,}",
        reached=making.rate >= wanted,
        note=f"{CALL:,} a call, each call durable; {making.ours_s / making.raw_s:.1f}× raw's processor time{when}",
    )


def updated(pair: Pair, size: str) -> Row:
    """One call that sets a field of 10,000 records that were made one after another."""
    ids = pair.table.ids()
    start = (len(ids) - UPDATED) // 2
    chosen = list(ids[start : start + UPDATED])
    seconds = median(processor_seconds(partial(_ours, pair, chosen, turn)) for turn in range(5))
    raw = median(processor_seconds(partial(_raw, pair, chosen, turn)) for turn in range(5))
    rate = UPDATED / seconds
    return Row(
        row=f"one update over 10,000 of {size} records",
        unit="records a processor second",
        ours=rate,
        peers={RAW: UPDATED / raw},
        reach="≥ 30,000",
        reached=rate >= 30_000,
        note="a field that is no text",
    )


def _ours(pair: Pair, ids: list[int], turn: int) -> None:
    pair.table.update({"rating": turn / 3}, doc_ids=ids)


def _raw(pair: Pair, ids: list[int], turn: int) -> None:
    """The same by hand, in SQL alone."""
    execute = pair.raw.connection.execute
    execute("BEGIN IMMEDIATE")
    pair.raw.connection.executemany(
        "UPDATE r SET doc = json_set(doc, '$.rating', ?) WHERE id = ?", [(turn / 3, i) for i in ids]
    )
    execute("COMMIT")
