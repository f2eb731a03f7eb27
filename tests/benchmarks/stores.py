"""The stores that are measured: small ones made anew in each run, the one of a million records kept between runs.

The kept one lies in build/bench-cache under a name made from the format and the records, with the figures of its making
beside it; another format, or other records, makes another one.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import time
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from statistics import median

from app.home import Home
from app.workspace import Workspace
from storage import Order, RecordIds, Store, Table, schema
from storage.journal.tables import TABLES
from tests.benchmarks import records as made
from tests.benchmarks.measure import ROOT, processor_seconds
from tests.benchmarks.peers import CHANGES, KEY, PRAGMAS, Raw

TABLE = "records"
HOME = "home"
FILE = "store.db"
RAW_FILE = "raw.db"
FIELDS = (
    *(
        ("title", "text"),
        ("project", "text"),
        ("customer", "text"),
        ("state", "text"),
        ("amount", "number"),
    ),
    *(
        ("rating", "number"),
        ("due", "date"),
        ("minutes", "number"),
        ("price", "number"),
        ("done", "checkbox"),
    ),
    *(("tags", "tags"), ("body", "longtext")),
)
CALL = 10_000  # records an `insert_multiple`
UPDATED = 10_000
MILLION = 1_000_000
BY_TITLE = [Order(("title",))]
CACHE = ROOT / "build" / "bench-cache"


@dataclass(frozen=True)
class Making:
    """Processor seconds, of ours and of raw SQLCipher, to insert records, and to change 10,000 of them in one call."""

    records: int
    ours_s: float
    raw_s: float
    ours_update_s: float
    raw_update_s: float
    ours_whole_s: float  # the same to a whole number
    raw_whole_s: float

    @property
    def rate(self) -> float:
        """Our records a processor second."""
        return self.records / self.ours_s

    @property
    def raw_rate(self) -> float:
        """Records that raw SQLCipher inserts in a processor second."""
        return self.records / self.raw_s


class Pair:
    """A store with records, and a raw database with the same ones, in one folder.

    Where the folder has a home, the store is that of its workspace: each write is a signed change, and the fields are
    merged as the schema says. Else it is a bare store.
    """

    def __init__(self, folder: Path, making: Making | None = None) -> None:
        self.folder, self.making = folder, making
        self.changes = (folder / HOME).exists()
        self._workspace = (
            Home.open(folder / HOME, clock=time.time).workspace() if self.changes else None
        )
        self.store = (
            Store(folder / FILE, key=KEY, ids=RecordIds(clock=time.time))
            if self._workspace is None
            else self._workspace.store
        )
        self.raw = Raw(folder / RAW_FILE, changes=self.changes)

    @property
    def workspace(self) -> Workspace:
        """The home's workspace."""
        assert self._workspace is not None
        return self._workspace

    @property
    def label(self) -> str:
        """What the rows say of it."""
        return ", signed changes" if self.changes else ""

    @property
    def table(self) -> Table:
        """The workspace's records."""
        return self.store.table(TABLE)

    def close(self) -> None:
        """Close both."""
        if self._workspace is None:
            self.store.close()
        else:
            self._workspace.close()
        self.raw.close()


def make(folder: Path, count: int, *, changes: bool = False) -> Pair:
    """A store and a raw database with `count` records, search index and three field indexes kept while they come."""
    folder.mkdir(parents=True)
    if changes:
        Home.create(folder / HOME, member="Ann", device="desk", unprotected=True, clock=time.time)
    pair = Pair(folder)
    if changes:
        pair.workspace.create_collection(TABLE, FIELDS)
    for name in made.FIELD_INDEXES:
        pair.table.index(name)
    ours = raw = 0.0
    every = made.records(count)
    while batch := list(itertools.islice(every, CALL)):
        ids: list[int] = []
        ours += processor_seconds(partial(_insert, pair.table, batch, ids))
        raw += processor_seconds(partial(pair.raw.insert, ids, batch))
    fraction, whole = _changed(pair, "rating", 1 / 3), _changed(pair, "minutes", 1)
    pair.making = Making(count, ours, raw, *fraction, *whole)
    pair.table.index("title", sort=True)
    pair.raw.index("title")
    return pair


def _changed(pair: Pair, field: str, step: float) -> tuple[float, float]:
    """Processor seconds to set a field of 10,000 records that were made one after another, ours and raw's."""
    ids = pair.table.ids()
    start = max(0, len(ids) - UPDATED) // 2
    chosen = list(ids[start : start + UPDATED])
    ours, raw = [], []
    for turn in range(5):
        value = (turn + 1) * step
        ours.append(processor_seconds(partial(pair.table.update, {field: value}, doc_ids=chosen)))
        raw.append(processor_seconds(partial(pair.raw.update_all, chosen, field, value)))
    return median(ours), median(raw)


def _insert(table: Table, batch: list[made.Record], ids: list[int]) -> None:
    ids += table.insert_multiple(batch)


def million(*, changes: bool = False) -> tuple[Pair, bool]:
    """The store of a million records, and whether it was there already."""
    folder = CACHE / _name(changes=changes)
    figures = folder / "making.json"
    if figures.exists():
        return Pair(folder, Making(**json.loads(figures.read_text("utf-8")))), True
    kept = {_name(changes=each) for each in (False, True)} - {folder.name}
    for old in CACHE.iterdir() if CACHE.exists() else ():  # of another format, or not finished
        if old.name not in kept:
            shutil.rmtree(old, ignore_errors=True)
    print("making a store of a million records, once: some minutes", flush=True)
    pair = make(folder, MILLION, changes=changes)
    while pair.store.maintain(1.0):
        pass
    assert pair.making is not None
    figures.write_text(json.dumps(asdict(pair.making)), "utf-8")
    return pair, False


def _name(*, changes: bool) -> str:
    what = [
        *((TABLES, CHANGES) if changes else ()),
        schema.FORMAT,
        schema.TABLES,
        schema.collection_tables(1),
        made.FIELD_INDEXES,
        made.block(7),
        PRAGMAS,
        [each.name for each in fields(Making)],
    ]
    kind = "signed" if changes else "plain"
    return f"million-{kind}-{hashlib.sha256(repr(what).encode()).hexdigest()[:12]}"
