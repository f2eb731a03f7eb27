"""Rows about the program over the store: a file imported, the window's memory, the everyday queries."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from statistics import median

from app.exchange.run import import_file
from storage import Store
from tests.benchmarks.measure import Row, Times, in_fresh_process, middle
from tests.benchmarks.peers import RAW, TINYDB_JSON, Raw, tinydb_json
from tests.benchmarks.records import vocabulary
from tests.benchmarks.stores import Pair, make
from tests.support.everyday import everyday, records_for

ROWS = 42_000
ROUNDS = 3
HEAD = ("zip_code", "latitude", "longitude", "city", "state", "county")
STATES = 52
COUNTIES = 1_900


def write_csv(path: Path) -> None:
    """A file as the list of zip codes is: a code with leading zeros, two coordinates, three names."""
    words, _ = vocabulary()
    chance = random.Random(42)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEAD)
        for i in range(ROWS):
            place = (f"{chance.uniform(17, 71):.6f}", f"{chance.uniform(-170, -65):.6f}")
            city = (
                f"{chance.choice(words)} {chance.choice(('', 'springs', 'city'))}".strip().title()
            )
            state, county = (
                f"S{chance.randrange(STATES):02d}",
                words[chance.randrange(COUNTIES)].title(),
            )
            out.writerow((f"{501 + i * 2:05d}", *place, city, state, county))


def imported(folder: Path) -> Row:
    """A CSV file of 42,000 zip codes into an empty collection, beside the shortest way into the peers."""
    folder.mkdir()
    path = folder / "zip.csv"
    write_csv(path)
    pair = make(folder / "home", 0, changes=True)
    ours = Times()
    for turn in range(ROUNDS):
        report = ours.take(lambda turn=turn: import_file(pair.workspace, path, f"zip codes {turn}"))  # type: ignore[misc]
        assert report.collections[0].created == ROWS
    pair.close()
    rate = ROWS / middle(ours.processor)
    return Row(
        row=f"import of a CSV file of {ROWS:,} zip codes{pair.label}",
        unit="records a processor second",
        ours=rate,
        peers={
            f"csv + {TINYDB_JSON}": ROWS / _into_tinydb(path, folder),
            f"csv + {RAW}": ROWS / _into_raw(path, folder),
        },
        reach="≥ 10,000",
        reached=rate >= 10_000,
        note=f"{ROWS / middle(ours.clock):,.0f} a second by the clock; the file is read twice, types inferred, all or "
        "nothing; the peers infer nothing and search nothing",
    )


def _into_tinydb(path: Path, folder: Path) -> float:
    times = Times()
    with (
        path.open(newline="", encoding="utf-8") as file,
        tinydb_json(folder / "tiny.json") as store,
    ):
        times.take(lambda: store.insert_multiple(csv.DictReader(file)))
    return times.processor[0]


def _into_raw(path: Path, folder: Path) -> float:
    times = Times()
    raw = Raw(folder / "raw.db")
    with path.open(newline="", encoding="utf-8") as file:
        times.take(lambda: raw.insert(range(ROWS), list(csv.DictReader(file))))
    raw.close()
    return times.processor[0]


def window_memory(small: Pair, large: Pair) -> Row:
    """The same window over 1,000 records and over 1,000,000: what the process holds."""
    small_mb, large_mb = [], []
    for _ in range(ROUNDS):
        few, many = (
            in_fresh_process("fresh", "window", str(pair.folder)) for pair in (small, large)
        )
        assert (few["count"], many["count"]) == (1_000, 1_000_000)
        small_mb.append(few["rss_mb"])
        large_mb.append(many["rss_mb"])
    grown = median(large_mb) - median(small_mb)
    return Row(
        row="memory of the window, 1,000,000 against 1,000 records",
        unit="MB more",
        ours=grown,
        reach="≤ 20",
        reached=grown <= 20,
        note=f"{median(large_mb):.0f} against {median(small_mb):.0f} MB, scrolled to the end and back, drawn offscreen",
    )


def grid_frames() -> list[Row]:
    """What a frame of the grid costs at a million rows, gesture by gesture."""
    return [
        Row(
            row=each["row"],
            unit=each["unit"],
            ours=each["ours"],
            reach=f"≤ {each['reach']:g}",
            reached=each["reached"],
            note=f"p50 {each['p50']}",
        )
        for each in in_fresh_process("ui_frames", "--json")
    ]


def compiled() -> Row:
    """How many of the sixty everyday queries SQL answers."""
    queries = everyday()
    what = "everyday queries compiled, of 60"
    if not queries:
        return Row(
            what, "queries", None, "≥ 48", None, note="the file of queries is not on this machine"
        )
    with Store() as store:
        for name in {query.file for query in queries}:
            store.table(name).insert_multiple(records_for(name))
        how = [(query, store.explain(query.file, query.query())) for query in queries]
    count = sum(query.is_compiled(way) for query, way in how)
    return Row(what, "queries", count, "≥ 48", count >= 48, note=f"{count / len(how):.0%}")
