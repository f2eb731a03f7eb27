"""One device's store that is closed, copied, put back and opened again, each time as a new process would."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from storage import RecordIds, Store
from storage.mark import mark_beside
from tests.support.founders import founder

SUFFIXES = ("", "-wal", "-mark")


def opened(
    path: Path,
    *,
    mark: Path | None = None,
    read_only: bool = False,
    clock: Callable[[], float] = time.time,
) -> Store:
    """The store at a path, by the founder's device."""
    return Store(
        path,
        ids=RecordIds(clock),
        identity=founder(),
        mark=mark,
        read_only=read_only,
        clock=clock,
    )


def wrote(path: Path, *texts: str, mark: Path | None = None) -> None:
    """Open the store, write a record for each text, and close it."""
    with opened(path, mark=mark) as store:
        for text in texts:
            store.insert({"text": text})


def copied(path: Path, name: str, *, mark: bool = True) -> Path:
    """A copy of a closed store, in a folder of its own beside it."""
    folder = path.parent / name
    folder.mkdir()
    shutil.copy2(path, folder / path.name)
    if mark and mark_beside(path).exists():
        shutil.copy2(mark_beside(path), mark_beside(folder / path.name))
    return folder / path.name


def put_back(copy: Path, path: Path) -> None:
    """Write the bytes of a copy over a closed store, which stays the same file. The mark stays as it is."""
    path.write_bytes(copy.read_bytes())


def feeds(store: Store) -> dict[bytes, int]:
    """The feeds in a store, each with the number of its last change."""
    return {feed: position.number for feed, position in store.journal.positions().items()}


def feeds_in(path: Path) -> list[int]:
    """The numbers of the last changes of all feeds of a closed store, in order of size."""
    with opened(path, read_only=True) as store:
        return sorted(feeds(store).values())


def changes(store: Store) -> list[bytes]:
    """The bytes of all changes in a store."""
    log = store.journal.log
    return [
        log.raw(row.lane, number)
        for row in log.lanes()
        for number in range(row.start + 1, row.linked + 1)
    ]


def exchange(one: Store, other: Store) -> None:
    """Let each of two stores have what the other has."""
    for to, given in ((one, changes(other)), (other, changes(one))):
        with to.transaction():
            to.journal.receive(given)


def texts(store: Store) -> list[str]:
    """The texts of the records, sorted."""
    return sorted(record["text"] for record in store.all())
