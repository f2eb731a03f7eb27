"""Runs the steps that a store needs: copy, change and number of each under one lock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from storage import schema
from storage.database import Database
from storage.errors import (
    DamagedStoreError,
    DiskFullError,
    DriveGoneError,
    NotAStoreError,
    ReadOnlyStoreError,
    StoreBusyError,
    UpgradeError,
)
from storage.migrations.copy import copies, copy_of, make_copy, remove_copies
from storage.migrations.steps import STEPS, Step
from storage.verify.report import CancelledError

log = logging.getLogger(__name__)
Progress = Callable[[str, float], None]
_COPY: Final = 0.6  # the share of a step that its copy takes
_BEGUN: Final = "upgraded_from"  # in `engine`: the format that the chain under way began with


def upgrade(
    path: Path,
    key: bytes | None,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
    *,
    steps: Sequence[Step] | None = None,
) -> bool:
    """Bring a store to the present format; false if it is in it. Takes as long as the store is big, a few times over.

    `progress(what, share)` hears a sentence and how much of all is done, from 0 to 1; `cancel()` may stop it before a
    step is committed: CancelledError, and the steps before that one stay. Raises UpgradeError, StoreBusyError, and what
    opening a store raises. Nobody in this process has the store open.
    """
    database = Database(path, key, create=False, older=True)
    with closing(database):
        known = STEPS if steps is None else steps
        chain = _Chain(database, path, key, known, progress, cancel)
        moved = False
        while chain.step():
            moved = True
        return moved


class _Chain:
    def __init__(
        self,
        database: Database,
        path: Path,
        key: bytes | None,
        steps: Sequence[Step],
        progress: Progress | None,
        cancel: Callable[[], bool] | None,
    ) -> None:
        self._db, self._path, self._key = database, path, key
        self._steps = {step.makes: step for step in steps}
        self._progress, self._cancel = progress, cancel
        self._first: int | None = None  # the format that this run found

    def step(self) -> bool:
        """Do the next step; false if none is left."""
        with self._in_words(), self._writing():
            written = self._written()
            if written >= schema.FORMAT:
                return False
            step = self._steps.get(written + 1)
            if step is None:
                raise NotAStoreError(self._path, f"nothing is known of format {written}")
            self._first = written if self._first is None else self._first
            made = written - self._first
            self._take(step, written, (made, schema.FORMAT - self._first))
            begun, done = self._begun(written), step.makes == schema.FORMAT
            self._note(None if done else begun)
            self._db.writer.execute(f"PRAGMA user_version={step.makes}")
            self._db.commit()
        log.info("a store was brought to another format", extra={"format": step.makes})
        if done:
            remove_copies(self._path, copy_of(self._path, begun))
        return True

    def _take(self, step: Step, written: int, place: tuple[int, int]) -> None:
        """Copy, then change."""

        def tell(what: str, within: float) -> None:
            if self._cancel is not None and self._cancel():
                raise CancelledError
            if self._progress is not None:
                self._progress(what, (place[0] + within) / place[1])

        make_copy(
            self._path,
            self._key,
            copy_of(self._path, written),
            lambda what, share: tell(what, share * _COPY),
        )
        tell(step.says, _COPY)
        step.run(self._db.writer, lambda share: tell(step.says, _COPY + (1 - _COPY) * share))
        tell(step.says, 1.0)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A write transaction, taken back unless it was committed inside."""
        with self._db.lock, self._db.translated():
            self._db.begin()
            try:
                yield
            finally:
                self._db.roll_back()

    def _written(self) -> int:
        return int(self._db.writer.execute("PRAGMA user_version").fetchone()[0])

    def _begun(self, written: int) -> int:
        """The format that the chain began with, before a kill perhaps."""
        sql = "SELECT v FROM engine WHERE k = ?"
        row = self._db.writer.execute(sql, (_BEGUN,)).fetchone()
        return written if row is None else int(row[0])

    def _note(self, begun: int | None) -> None:
        execute = self._db.writer.execute
        if begun is None:
            execute("DELETE FROM engine WHERE k = ?", (_BEGUN,))
        else:
            execute("INSERT OR REPLACE INTO engine VALUES (?, ?)", (_BEGUN, begun))

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """What goes wrong leaves as UpgradeError, which says what there is and what to do."""
        try:
            yield
        except (CancelledError, StoreBusyError, NotAStoreError):
            raise
        except Exception as error:
            raise UpgradeError(self._path, _said(error) + self._kept()) from error

    def _kept(self) -> str:
        names = sorted(each.name for each in copies(self._path))
        return f"; as it was before it is in the copy {names[0]}" if names else ""


def _said(error: Exception) -> str:
    """What stood in the way."""
    match error:
        case DiskFullError(detail=needed):
            return f"the disk is full{': ' if needed else ''}{needed}"
        case ReadOnlyStoreError():
            return "it cannot be written to"
        case DriveGoneError():
            return "the drive does not answer"
        case DamagedStoreError(detail=what):
            return f"it is damaged, or its copy is: {what}"
        case OSError(strerror=why):
            return f"its folder cannot be written to: {why}"
        case _:
            return str(error)
