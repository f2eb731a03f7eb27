"""Rows about one record at a time: a field changed durably, a record read by its id."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Row, in_turn, microseconds, middle, no_more
from tests.benchmarks.peers import (
    PLAIN,
    RAW,
    TINYDB_CACHING,
    TINYDB_JSON,
    TINYDB_MEMORY,
    Raw,
    tinydb_caching,
    tinydb_json,
    tinydb_memory,
)
from tests.benchmarks.records import records
from tests.benchmarks.stores import Pair

FIELD = "rating"
WARM = 200  # records that are updated in turn, so that their pages are decrypted already
ROUNDS = 600


def _some(pair: Pair, count: int = WARM) -> list[int]:
    return random.Random(3).sample(list(pair.table.ids()), count)


def against_raw(pair: Pair, size: str, folder: Path | None = None) -> list[Row]:
    """One-field update beside raw SQLCipher (and plain SQLite where `folder` is given to make one).

    Two rows: by the clock, as a person waits, which a busy machine blurs; and of the processor, which it does not.
    """
    ids = _some(pair)
    calls: dict[str, Any] = {
        "ours": lambda turn: pair.table.update({FIELD: turn / 7}, doc_ids=[ids[turn % WARM]]),
        RAW: lambda turn: pair.raw.update(ids[turn % WARM], FIELD, turn / 7),
    }
    plain = None
    if folder is not None:
        plain = Raw(folder / "plain.db", key=None)
        plain.insert(list(pair.table.ids()), (dict(document) for document in pair.table))
        calls[PLAIN] = lambda turn: plain.update(ids[turn % WARM], FIELD, turn / 7)
    in_turn(calls, WARM)
    times = in_turn(calls, ROUNDS)
    if plain is not None:
        plain.close()
    most = 1.6 if pair.changes else 1.3
    by_clock = {name: middle(each.clock) for name, each in times.items()}
    of_processor = {name: middle(each.processor) for name, each in times.items()}
    return [
        _beside_raw(f"one-field update{pair.label}, p50, {size} records", "µs", by_clock, most),
        _beside_raw(
            f"one-field update{pair.label}, p50 of the processor, {size} records",
            "µs of processor",
            of_processor,
            most,
        ),
    ]


def _beside_raw(row: str, unit: str, seconds: dict[str, float], most: float) -> Row:
    ratio = seconds["ours"] / seconds[RAW]
    return Row(
        row=row,
        unit=unit,
        ours=microseconds(seconds["ours"]),
        peers={name: microseconds(each) for name, each in seconds.items() if name != "ours"},
        reach=f"≤ {most}× raw SQLCipher",
        reached=no_more(seconds["ours"], seconds[RAW], most),
        note=f"{ratio:.2f}×, the same rows and indexes; raw's, on expressions, are written at each change",
    )


def growth(small: Pair, large: Pair) -> Row:
    """One-field update in a store of a million records against one of a thousand."""
    few, many = _some(small), _some(large)
    calls: dict[str, Any] = {
        "small": lambda turn: small.table.update({FIELD: turn / 9}, doc_ids=[few[turn % WARM]]),
        "large": lambda turn: large.table.update({FIELD: turn / 9}, doc_ids=[many[turn % WARM]]),
        "raw small": lambda turn: small.raw.update(few[turn % WARM], FIELD, turn / 9),
        "raw large": lambda turn: large.raw.update(many[turn % WARM], FIELD, turn / 9),
    }
    in_turn(calls, WARM)
    times = {name: middle(each.processor) for name, each in in_turn(calls, ROUNDS).items()}
    ratio = times["large"] / times["small"]
    return Row(
        row=f"one-field update{small.label}, p50, 1,000,000 against 1,000 records",
        unit="× of processor",
        ours=ratio,
        peers={RAW: times["raw large"] / times["raw small"]},
        reach="≤ 1.4×",
        reached=ratio <= 1.4,
        note=f"{microseconds(times['large']):.0f} against {microseconds(times['small']):.0f} µs",
    )


def against_tinydb(pair: Pair, size: int, factor: int, folder: Path) -> Row:
    """One-field update beside TinyDB, which rewrites its file (or its table) at each."""
    ids = _some(pair)
    calls: dict[str, Any] = {
        "ours": lambda turn: pair.table.update({FIELD: turn / 5}, doc_ids=[ids[turn % WARM]])
    }
    stores = {
        TINYDB_JSON: tinydb_json(folder / "tiny.json"),
        TINYDB_CACHING: tinydb_caching(folder / "tiny-caching.json"),
        TINYDB_MEMORY: tinydb_memory(),
    }
    for name, store in stores.items():
        store.insert_multiple(records(size))
        calls[name] = lambda turn, store=store: store.update({FIELD: turn / 5}, doc_ids=[1 + turn])
    in_turn({"ours": calls["ours"]}, WARM)
    times = {name: middle(each.processor) for name, each in in_turn(calls, 9).items()}
    for store in stores.values():
        store.close()
    gain = times[TINYDB_JSON] / times["ours"]
    return Row(
        row=f"one-field update against TinyDB, {size:,} records",
        unit="µs of processor",
        ours=microseconds(times.pop("ours")),
        peers={name: microseconds(seconds) for name, seconds in times.items()},
        reach=f"≥ {factor:,}× faster than TinyDB's JSONStorage, which does not sync",
        reached=gain >= factor,
        note=f"{gain:,.0f}×",
    )


def get_by_id(pair: Pair, size: str) -> Row:
    """A record by its id, from a hundred that were read before."""
    ids = _some(pair, 100)
    memory = tinydb_memory()
    memory.insert_multiple(records(10_000))
    calls: dict[str, Any] = {
        "ours": lambda turn: pair.table.get(doc_id=ids[turn % 100]),
        RAW: lambda turn: pair.raw.get(ids[turn % 100]),
        f"{TINYDB_MEMORY}, 10,000": lambda turn: memory.get(doc_id=1 + turn % 100),
    }
    in_turn(calls, 200)
    times = {name: middle(each.processor) for name, each in in_turn(calls, 4_000).items()}
    ratio = times["ours"] / times[RAW]
    return Row(
        row=f"get by id{pair.label}, {size} records",
        unit="µs of processor",
        ours=microseconds(times.pop("ours")),
        peers={name: microseconds(seconds) for name, seconds in times.items()},
        reach="≤ 1.7× raw SQLCipher",
        reached=ratio <= 1.7,
        note=f"{ratio:.2f}×, each with its JSON decoded",
    )
