"""Rows about changes of another device: verified, merged, and written into rows, five hundred a transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from storage import RecordIds, Store
from tests.benchmarks.measure import Row, processor_seconds
from tests.benchmarks.peers import KEY
from tests.benchmarks.records import FIELD_INDEXES, records
from tests.support.founders import member

RECORDS = 5_000
CHANGES = 10_000
BATCH = 500


def rows(folder: Path) -> list[Row]:
    """Changes a processor second, each of one field of one record, with search index and three field indexes."""
    folder.mkdir()
    made = _written()
    with Store(folder / "store.db", key=KEY, identity=member("ben")) as reader:
        for name in FIELD_INDEXES:
            reader.table("records").index(name)
        creations, edits = made[:-CHANGES], made[-CHANGES:]
        _receive(reader, creations, _run)
        half = CHANGES // 2
        runs = half / processor_seconds(lambda: _receive(reader, edits[:half], _run))
        singly = half / processor_seconds(lambda: _receive(reader, edits[half:], _singly))
        assert len(reader.table("records")) == RECORDS
    what = "absorbing verified changes, one core"
    note = f"{half:,} changes of one field each, {BATCH} a transaction, durable"
    return [
        Row(
            row=f"{what}, in runs",
            unit="changes a processor second",
            ours=runs,
            reach="≥ 8,000",
            reached=runs >= 8_000,
            note=f"{note}; of a run the last signature is checked, and the links to it",
        ),
        Row(
            row=f"{what}, each verified",
            unit="changes a processor second",
            ours=singly,
            reach="≥ 5,500",
            reached=singly >= 5_500,
            note=note,
        ),
    ]


def _written() -> list[bytes]:
    """What a device has made: records, and then changes of one field of one of them each."""
    with Store(identity=member("ann"), ids=RecordIds(clock=time.time)) as author:
        table = author.table("records")
        ids = table.insert_multiple(records(RECORDS))
        for turn in range(CHANGES):
            table.update({"rating": turn / 7}, doc_ids=[ids[turn * 7 % RECORDS]])
        journal = author._journal
        assert journal is not None
        (lane,) = journal.own_lanes()
        return [journal.log.raw(lane.lane, number) for number in range(1, lane.linked + 1)]


def _receive(
    reader: Store, changes: Sequence[bytes], take: Callable[[Store, Sequence[bytes]], None]
) -> None:
    for at in range(0, len(changes), BATCH):
        with reader.transaction():
            take(reader, changes[at : at + BATCH])


def _run(reader: Store, changes: Sequence[bytes]) -> None:
    assert reader._journal is not None
    reader._journal.receive(changes)


def _singly(reader: Store, changes: Sequence[bytes]) -> None:
    assert reader._journal is not None
    for change in changes:
        reader._journal.receive([change])
