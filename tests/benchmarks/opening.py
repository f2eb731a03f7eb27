"""Rows about the start: a million records opened to the first sorted page and their count."""

from __future__ import annotations

from statistics import median

from tests.benchmarks.measure import Row, in_fresh_process
from tests.benchmarks.peers import RAW
from tests.benchmarks.stores import Pair


def rows(pair: Pair) -> list[Row]:
    """Seconds and memory, each the median of five fresh processes. The files are in the system's cache."""
    ours = [in_fresh_process("fresh", "first_page", str(pair.folder)) for _ in range(5)]
    raw = [in_fresh_process("fresh", "raw_first_page", str(pair.folder)) for _ in range(5)]
    count = ours[0]["count"]
    seconds = median(each["seconds"] for each in ours)
    memory = median(each["rss_mb"] for each in ours)
    what = f"open {count:,} records to the first sorted page and the count"
    return [
        Row(
            row=what,
            unit="s",
            ours=seconds,
            peers={RAW: median(each["seconds"] for each in raw)},
            reach="≤ 0.05",
            reached=seconds <= 0.05,
            note=f"after imports, key at hand; processor {median(each['processor'] for each in ours):.4f} s",
        ),
        Row(
            row=f"memory after that: {what}",
            unit="MB",
            ours=memory,
            peers={RAW: median(each["rss_mb"] for each in raw)},
            reach="≤ 60",
            reached=memory <= 60,
            note="the whole process, Python and all that is imported",
        ),
    ]
