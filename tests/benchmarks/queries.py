"""Rows about queries at 100,000 records, indexed ones and those for Python alone, beside TinyDB in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tinydb import TinyDB, where

from tests.benchmarks.measure import (
    Row,
    beside,
    in_fresh_process,
    microseconds,
    middle,
    milliseconds,
)
from tests.benchmarks.peers import TINYDB_MEMORY, tinydb_memory
from tests.benchmarks.records import PRIME, records
from tests.benchmarks.stores import Pair

COUNT = 100_000
ROUNDS = 7
BLOCK = 10  # our calls for each of TinyDB's
Ask = Callable[[Any], Any]


@dataclass(frozen=True)
class Kind:
    """A query with a known number of hits: made from a record, and how much faster it must be, cold and warm.

    Where nothing is asked of the cold one (0) its row only tells.
    """

    name: str
    hits: int
    ask: Ask
    cold: int
    warm: int


def _amounts(count: int) -> Ask:
    width = count * PRIME // COUNT

    def ask(document: Any) -> Any:
        low = min(document["amount"], PRIME - width)
        return (where("amount") >= low) & (where("amount") < low + width)

    return ask


KINDS = (
    Kind("equality", 1, lambda document: where("amount") == document["amount"], 0, 1_000),
    Kind("equality", 10, lambda document: where("customer") == document["customer"], 0, 300),
    Kind("equality", 200, lambda document: where("project") == document["project"], 15, 50),
    Kind("range", 1, _amounts(1), 0, 1_000),
    Kind("range", 10, _amounts(10), 0, 300),
    Kind("range", 200, _amounts(200), 15, 50),
)


def indexed(pair: Pair, tiny: TinyDB) -> list[Row]:
    """Equality and range on an indexed field; neither side may answer from its cache of results."""
    pair.table.index("amount")
    ids = pair.table.ids()
    step = COUNT // (ROUNDS * BLOCK)
    documents = [pair.table.get(doc_id=ids[i * step]) for i in range(ROUNDS * BLOCK)]
    return [
        _indexed(pair, tiny, kind, documents, warm=warm) for kind in KINDS for warm in (False, True)
    ]


def _indexed(pair: Pair, tiny: TinyDB, kind: Kind, documents: list[Any], *, warm: bool) -> Row:
    def search(table: Any) -> Callable[[int], Any]:
        def call(turn: int) -> Any:
            table.clear_cache()
            return table.search(kind.ask(documents[0 if warm else turn]))

        return call

    ours, theirs = search(pair.table), search(tiny.table("_default"))
    ours(0)
    mine, peer = beside(ours, theirs, ROUNDS, BLOCK, None if warm else lambda: _push_out(pair))
    seconds, tiny_seconds = middle(mine.processor), middle(peer.processor)
    gain, factor = tiny_seconds / seconds, kind.warm if warm else kind.cold
    hits = f"{kind.hits} hit" + ("s" if kind.hits > 1 else "")
    return Row(
        row=f"{kind.name} on an indexed field, {hits}, {'warm' if warm else 'cold'}, 100,000 records",
        unit="µs of processor",
        ours=microseconds(seconds),
        peers={TINYDB_MEMORY: microseconds(tiny_seconds)},
        reach=f"≥ {factor:,}× faster" if factor else "",
        reached=gain >= factor if factor else None,
        note=f"{gain:,.0f}×",
    )


def _push_out(pair: Pair) -> None:
    """Fill the store's page cache with other pages, so that what is asked for must be decrypted."""
    ids = pair.table.ids()
    for start in range(0, 40_000, 2_000):
        pair.table.fetch(ids[start : start + 2_000])


def in_python(pair: Pair, tiny: TinyDB) -> list[Row]:
    """Tests that only Python can do: of one field, of a mapped field, of the whole document by any callable."""

    def field(turn: int) -> Any:
        def test(value: Any) -> bool:
            return bool(value % 5_000 == turn)

        return where("minutes").test(test)

    def remainder(value: Any) -> Any:
        return value % 5_000

    def mapped(turn: int) -> Any:
        return where("minutes").map(remainder) == turn

    def bare(turn: int) -> Any:
        def test(document: Any) -> bool:
            return bool(document["minutes"] % 5_000 == turn)

        return test

    theirs = tiny.table("_default")
    rows = []
    for name, ask, factor in (
        ("of one field", field, 1.0),
        ("of a mapped field", mapped, 10.0),
        ("by a bare function of the record", bare, 10.0),
    ):
        for turn in range(3):  # from the second on the field is kept
            pair.table.search(ask(100 + turn))
        mine, peer = beside(
            lambda turn, ask=ask: pair.table.search(ask(turn)),  # type: ignore[misc]
            lambda turn, ask=ask: theirs.search(ask(turn)),  # type: ignore[misc]
            5,
            1,
        )
        ours, tiny_seconds = middle(mine.processor), middle(peer.processor)
        ratio = ours / tiny_seconds
        rows.append(
            Row(
                row=f"a test in Python {name}, 100,000 records",
                unit="ms of processor",
                ours=milliseconds(ours),
                peers={TINYDB_MEMORY: milliseconds(tiny_seconds)},
                reach=f"≤ {factor:.1f}×",
                reached=ratio <= factor,
                note=f"{ratio:.2f}×, about 20 hits",
            )
        )
    return rows


def memory_of_a_scan(pair: Pair) -> Row:
    """How much a process grows while it tests all records in Python."""
    found = in_fresh_process("fresh", "scan", str(pair.folder))
    return Row(
        row="memory of a scan in Python, 100,000 records",
        unit="MB",
        ours=found["grown_mb"],
        reach="bounded: ≤ 20 MB",
        reached=found["grown_mb"] <= 20,
        note=f"{found['before_mb']:.0f} MB before, {found['after_mb']:.0f} MB at most while it ran",
    )


def rows(pair: Pair) -> list[Row]:
    """All rows of this module."""
    tiny = tinydb_memory()
    tiny.insert_multiple(records(COUNT))
    return [*indexed(pair, tiny), *in_python(pair, tiny), memory_of_a_scan(pair)]
