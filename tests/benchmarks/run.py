"""`make bench`: everything side by side in one run on one machine, as a table and in build/bench.json.

BENCH_ROWS limits it to row groups, as `BENCH_ROWS=update,search make bench`; their names are those of `GROUPS`.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from tests.benchmarks import absorbing, bulk, opening, program, queries, searching, updates
from tests.benchmarks.measure import ROOT, Row
from tests.benchmarks.stores import Pair, make, million

OUT = ROOT / "build" / "bench.json"


class World:
    """The stores that rows share, each made when a row first asks for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: set[Pair] = set()  # were made in an earlier run
        self._open: list[Pair] = []

    def _make(self, count: int, *, changes: bool = False) -> Pair:
        folder = self.folder / (f"{count}-signed" if changes else str(count))
        pair = make(folder, count, changes=changes)
        self._open.append(pair)
        return pair

    def _million(self, *, changes: bool = False) -> Pair:
        pair, kept = million(changes=changes)
        if kept:
            self.kept.add(pair)
        self._open.append(pair)
        return pair

    @cached_property
    def thousand(self) -> Pair:
        """1,000 records."""
        return self._make(1_000)

    @cached_property
    def ten(self) -> Pair:
        """10,000 records."""
        return self._make(10_000)

    @cached_property
    def hundred(self) -> Pair:
        """100,000 records."""
        return self._make(100_000)

    @cached_property
    def million(self) -> Pair:
        """1,000,000 records."""
        return self._million()

    @cached_property
    def signed_thousand(self) -> Pair:
        """1,000 records in a home, each write a signed change."""
        return self._make(1_000, changes=True)

    @cached_property
    def signed_ten(self) -> Pair:
        """10,000 of them."""
        return self._make(10_000, changes=True)

    @cached_property
    def signed_hundred(self) -> Pair:
        """100,000 of them."""
        return self._make(100_000, changes=True)

    @cached_property
    def signed_million(self) -> Pair:
        """1,000,000 of them."""
        return self._million(changes=True)

    def close(self) -> None:
        """Close what was opened."""
        while self._open:
            self._open.pop().close()


def _bulk(world: World) -> Iterator[Row]:
    yield from _bulk_of(world, (world.ten, world.hundred, world.million))


def _bulk_of(world: World, pairs: Sequence[Pair]) -> Iterator[Row]:
    for pair in pairs:
        yield bulk.inserted(pair, kept=pair in world.kept)
    for pair in pairs:
        yield from bulk.updated(pair, kept=pair in world.kept)


def _changes(world: World) -> Iterator[Row]:
    yield from updates.against_raw(world.signed_ten, "10,000")
    yield from updates.against_raw(world.signed_hundred, "100,000")
    yield updates.get_by_id(world.signed_hundred, "100,000")
    yield from _bulk_of(world, (world.signed_ten, world.signed_hundred))
    yield from absorbing.rows(world.folder / "absorbing")


def _million_changes(world: World) -> Iterator[Row]:
    yield from updates.against_raw(world.signed_million, "1,000,000")
    yield updates.growth(world.signed_thousand, world.signed_million)
    yield updates.get_by_id(world.signed_million, "1,000,000")
    yield from _bulk_of(world, (world.signed_million,))


def _update(world: World) -> Iterator[Row]:
    yield from updates.against_raw(world.ten, "10,000", world.folder / "10000")
    yield from updates.against_raw(world.hundred, "100,000", world.folder / "100000")
    yield from updates.against_raw(world.million, "1,000,000")
    yield updates.growth(world.thousand, world.million)


def _tinydb(world: World) -> Iterator[Row]:
    yield updates.against_tinydb(world.ten, 10_000, 100, world.folder / "10000")
    yield updates.against_tinydb(world.hundred, 100_000, 2_000, world.folder / "100000")


def _get(world: World) -> Iterator[Row]:
    yield updates.get_by_id(world.hundred, "100,000")
    yield updates.get_by_id(world.million, "1,000,000")


def _query(world: World) -> Iterator[Row]:
    yield from queries.rows(world.hundred)
    yield program.compiled()


def _open(world: World) -> Iterator[Row]:
    yield from opening.rows(world.signed_million)


def _search(world: World) -> Iterator[Row]:
    yield from searching.rows(world.signed_million)


def _import(world: World) -> Iterator[Row]:
    yield program.imported(world.folder / "import")


def _window(world: World) -> Iterator[Row]:
    yield program.window_memory(world.signed_thousand, world.signed_million)


def _grid(_: World) -> Iterator[Row]:
    yield from program.grid_frames()


GROUPS: dict[str, Callable[[World], Iterator[Row]]] = {
    "update": _update,
    "tinydb": _tinydb,
    "get": _get,
    "query": _query,
    "bulk": _bulk,
    "changes": _changes,
    "changes-million": _million_changes,
    "open": _open,
    "search": _search,
    "import": _import,
    "window": _window,
    "grid": _grid,
}


def main() -> int:
    """Measure, print, write; 0 also where a row is missed: numbers judge nobody."""
    asked = [name for name in os.environ.get("BENCH_ROWS", "").split(",") if name] or list(GROUPS)
    unknown = [name for name in asked if name not in GROUPS]
    if unknown:
        print(
            f"BENCH_ROWS knows no {', '.join(unknown)}; it knows {', '.join(GROUPS)}",
            file=sys.stderr,
        )
        return 2
    print(_machine(), flush=True)
    began = time.monotonic()
    rows: list[Row] = []
    folder = Path(tempfile.mkdtemp(prefix="commonhold-bench-"))
    world = World(folder)
    try:
        for name in asked:
            for row in _measured(name, world):
                rows.append(row)
                print(f"  {row.row}: {_shown(row.ours)} {row.unit} ({row.reach})", flush=True)
    finally:
        world.close()
        shutil.rmtree(folder, ignore_errors=True)
    _print(rows)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(
        json.dumps([row.as_json() for row in rows], ensure_ascii=False, indent=1), "utf-8"
    )
    print(f"{OUT.relative_to(ROOT)} written; {time.monotonic() - began:.0f} s")
    return 0


def _measured(name: str, world: World) -> Iterator[Row]:
    """A group's rows; what cannot be measured says why, and the others go on."""
    try:
        yield from GROUPS[name](world)
    except Exception as error:  # noqa: BLE001 -- a row that fails must not take the others with it
        traceback.print_exc()
        yield Row(
            f"{name}: not measured", "", None, "", None, note=f"{type(error).__name__}: {error}"
        )


def _machine() -> str:
    memory = psutil.virtual_memory().total / (1 << 30)
    load = ", ".join(f"{each:.1f}" for each in psutil.getloadavg())
    return (
        f"{platform.system()} {platform.machine()}, {psutil.cpu_count()} cores, {memory:.0f} GB, load {load}; "
        f"Python {platform.python_version()}, tinydb {version('tinydb')}, sqlcipher3 {version('sqlcipher3')}"
    )


def _shown(value: float | str | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _print(rows: list[Row]) -> None:
    table = Table("row", "unit", "ours", "peers", "reach", "", "how", show_lines=True)
    for row in rows:
        peers = "\n".join(f"{_shown(value)}  {name}" for name, value in row.peers.items())
        mark = {True: "yes", False: "NO", None: "–"}[row.reached]
        table.add_row(row.row, row.unit, _shown(row.ours), peers, row.reach, mark, row.note)
    Console(width=None if sys.stdout.isatty() else 200).print(table)


if __name__ == "__main__":
    sys.exit(main())
