"""The copy of a store that is made before a step, and the proof that it came out whole.

It is encrypted as the store is, with the same key, and lies beside it; put in its place, with no log beside it, it is
the store as it was.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from storage.database import Database
from storage.durable import sync_folder
from storage.errors import DamagedStoreError, DiskFullError
from storage.verify import file
from storage.verify.report import Check

_BESIDE: Final = ("", "-wal", "-shm", "-journal")
_SPARE_BYTES: Final = 1 << 20


def copy_of(store: Path, written: int) -> Path:
    """Where the copy of a store in an older format lies."""
    return store.with_name(f"{store.name}-format-{written}")


def copies(store: Path) -> Iterator[Path]:
    """The copies that are there, whole ones only."""
    begins = copy_of(store, 0).name[:-1]
    yield from (
        each
        for each in store.parent.iterdir()
        if each.name[len(begins) :].isdigit() and each.name.startswith(begins)
    )


def make_copy(
    store: Path, key: bytes | None, place: Path, tell: Callable[[str, float], None]
) -> None:
    """Copy a store as of its last commit, check the copy, and put it in its place durably.

    Raises DiskFullError, DamagedStoreError and others of StorageError, OSError; what `tell` raises ends it.
    """
    _look_for_room(store)
    partial = place.with_name(f".{place.name}.partial")
    _remove(partial)  # of one that was killed
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(Database(store, key, read_only=True, create=False, older=True)) as source:
            source.copy_to(partial, lambda share: tell("A copy is made first.", share))
            commits = _commits(source)
        _check(partial, key, commits, lambda: tell("The copy is checked.", 1.0))
        partial.replace(place)
    except BaseException:
        with contextlib.suppress(OSError):
            _remove(partial)
        raise
    sync_folder(place.parent)


def _look_for_room(store: Path) -> None:
    needed = sum(each.stat().st_size for each in _files(store)[:2] if each.exists()) + _SPARE_BYTES
    if shutil.disk_usage(store.parent).free < needed:
        raise DiskFullError(store, f"{-(-needed >> 20)} MB are needed")


def _commits(database: Database) -> int:
    """How many commits a store counts, which tells one moment of it from another."""
    with database.reading() as connection:
        row = connection.execute("SELECT v FROM engine WHERE k = 'commits'").fetchone()
    return 0 if row is None else int(row[0])


def _check(copy: Path, key: bytes | None, commits: int, tell: Callable[[], None]) -> None:
    """Raise DamagedStoreError unless every page of a copy is as it was written, and it is the right one."""
    tell()
    with closing(Database(copy, key, create=False, older=True)) as database:
        check = Check(lambda _what, _count: tell(), None)
        with database.reading(new=True) as connection, database.snapshot(connection):
            check.connection = connection
            file.pages(check, database)
        found = _commits(database)
    if check.problems:
        raise DamagedStoreError(copy, check.problems[0].detail)
    if found != commits:
        raise DamagedStoreError(copy, f"it has {found} commits, not {commits}")


def _files(store: Path) -> list[Path]:
    return [store.with_name(store.name + end) for end in _BESIDE]


def _remove(store: Path) -> None:
    for each in _files(store):
        each.unlink(missing_ok=True)


def remove_copies(store: Path, but: Path) -> None:
    """Remove all copies but one. One that cannot be removed harms nobody."""
    with contextlib.suppress(OSError):
        for each in list(copies(store)):
            if each != but:
                each.unlink()
