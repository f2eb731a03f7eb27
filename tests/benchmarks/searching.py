"""Rows about search as one types, at a million records: 200 fixed queries, each asked again at each key."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tests.benchmarks.measure import Row, Times, middle, milliseconds, share
from tests.benchmarks.records import vocabulary
from tests.benchmarks.stores import Pair

QUERIES = 200


def queries() -> list[str]:
    """200 queries, one or two words each, as frequent words as the records have."""
    words, weights = vocabulary()
    chance = random.Random(200)
    return [
        " ".join(chance.choices(words, cum_weights=weights, k=1 + i % 2)) for i in range(QUERIES)
    ]


def typed(asked: Sequence[str]) -> list[str]:
    """What stands in the field after each key."""
    return [
        query[:end] for query in asked for end in range(1, len(query) + 1) if query[end - 1] != " "
    ]


def rows(pair: Pair) -> list[Row]:
    """Percentiles over all keys, of processor time; and of one-word queries alone."""
    every, one_word = typed(queries()), typed([query for query in queries() if " " not in query])
    pair.store.find_text("warm")
    times = Times()
    for text in every:
        times.take(lambda text=text: pair.store.find_text(text))  # type: ignore[misc]
    ninety_five, ninety_nine = (milliseconds(share(times.processor, part)) for part in (0.95, 0.99))
    clock = (
        f"{len(every):,} keys; p50 {milliseconds(middle(times.processor)):.1f}; by the clock "
        + ", ".join(
            f"p{part * 100:.0f} {milliseconds(share(times.clock, part)):.1f}"
            for part in (0.5, 0.95, 0.99)
        )
    )
    one = [seconds for seconds, text in zip(times.processor, every, strict=True) if " " not in text]
    alone = milliseconds(share(one, 0.95))
    peer = _bare(pair, one_word[:120])
    what = "search as you type, 1,000,000 records"
    return [
        Row(f"{what}, p95", "ms of processor", ninety_five, "≤ 15", ninety_five <= 15, {}, clock),
        Row(f"{what}, p99", "ms of processor", ninety_nine, "≤ 50", ninety_nine <= 50, {}, clock),
        Row(
            f"{what}, one word, p95",
            "ms of processor",
            alone,
            "≤ 15",
            alone <= 15,
            {"the index alone: newest 50 ids, unchecked, unranked": peer},
            f"{len(one):,} keys",
        ),
    ]


def _bare(pair: Pair, asked: Sequence[str]) -> float:
    """What the bare index takes for its newest 50 ids, so that one sees what checking and ranking add."""
    times = Times()
    with pair.store._engine.db.reading(long=True) as reader:
        (cid,) = reader.execute("SELECT cid FROM collection WHERE name = 'records'").fetchone()
        sql = f"SELECT rowid FROM f_{cid} WHERE f_{cid} MATCH ? ORDER BY rowid DESC LIMIT 50"
        for text in asked:
            times.take(lambda text=text: reader.execute(sql, (f'"{text}"*',)).fetchall())  # type: ignore[misc]
    return milliseconds(share(times.processor, 0.95))
