"""How things are measured: calls in turn, medians, processor time beside the clock's, fresh processes."""

from __future__ import annotations

import gc
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass
class Row:
    """One line of the table: our figure, the peers', what is asked, and whether it is reached (None: cannot be told).

    `note` says how it was measured, or the largest costs where it was missed.
    """

    row: str
    unit: str
    ours: float | None
    reach: str
    reached: bool | None
    peers: dict[str, float | str] = field(default_factory=dict)
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it stands in build/bench.json."""
        peers = {name: _rounded(value) for name, value in self.peers.items()}
        return {
            "row": self.row,
            "unit": self.unit,
            "ours": _rounded(self.ours),
            "peers": peers,
            "reach": self.reach,
            "reached": self.reached,
            "note": self.note,
        }


def _rounded(value: Any) -> Any:
    if not isinstance(value, float) or not value or not math.isfinite(value):
        return value
    return round(value, max(0, 3 - math.floor(math.log10(abs(value)))))


@dataclass
class Times:
    """Seconds of many calls of one thing: by the clock, and of this thread's processor."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def take(self, call: Callable[[], Any]) -> Any:
        """Measure one call."""
        processor, clock = time.thread_time(), time.perf_counter()
        result = call()
        self.clock.append(time.perf_counter() - clock)
        self.processor.append(time.thread_time() - processor)
        return result


def middle(values: Sequence[float]) -> float:
    """The median."""
    return share(values, 0.5)


def share(values: Sequence[float], part: float) -> float:
    """The value that `part` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def in_turn(calls: Mapping[str, Callable[[int], Any]], rounds: int) -> dict[str, Times]:
    """Each call `rounds` times, in turn, another one first in each round: what disturbs one disturbs all."""
    times = {name: Times() for name in calls}
    names = list(calls)
    gc.collect()
    gc.disable()
    try:
        for turn in range(rounds):
            first = turn % len(names)
            for name in (*names[first:], *names[:first]):
                times[name].take(partial(calls[name], turn))
    finally:
        gc.enable()
    return times


def beside(
    ours: Callable[[int], Any],
    theirs: Callable[[int], Any],
    rounds: int,
    block: int,
    before: Callable[[], Any] | None = None,
) -> tuple[Times, Times]:
    """Our call `block` times, then a peer's once, and again; `before` runs unmeasured ahead of each block.

    A peer that walks all its records empties the processor's caches, which a single call after it would pay for.
    """
    mine, peer = Times(), Times()
    gc.collect()
    gc.disable()
    try:
        for turn in range(rounds):
            if before is not None:
                before()
            for call in range(turn * block, turn * block + block):
                mine.take(partial(ours, call))
            peer.take(partial(theirs, turn * block))
    finally:
        gc.enable()
    return mine, peer


def processor_seconds(call: Callable[[], Any]) -> float:
    """Processor time that this process spends in a call, all threads."""
    gc.collect()
    before = time.process_time()
    call()
    return time.process_time() - before


def in_fresh_process(module: str, *arguments: str, timeout: float = 600) -> Any:
    """What a module of this package prints as JSON in its last line, run in a process of its own."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False
    )
    if done.returncode:
        last = done.stderr.strip().splitlines() or ["no message"]
        raise RuntimeError(f"{module} failed: {last[-1]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def no_more(ours: float, peer: float, times: float) -> bool:
    """Whether ours takes at most `times` as long as the peer."""
    return ours <= peer * times


def milliseconds(seconds: float) -> float:
    """For the table."""
    return seconds * 1e3


def microseconds(seconds: float) -> float:
    """For the table."""
    return seconds * 1e6
