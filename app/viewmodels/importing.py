"""Bringing a file in: see what it would become, let it run, see what came of it.

1. Nothing is written before it was seen: the dry run reads the whole file first.
2. An import is all or nothing; stopped, it leaves the workspace as it was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from app.viewmodels.observed import Observed
from app.viewmodels.undoing import Undoing
from app.viewmodels.work import Work
from app.workspace import Workspace
from storage import Action

if TYPE_CHECKING:  # what reads files is loaded with the first one: the window opens without it
    from app.exchange.preview import Preview
    from app.exchange.progress import Progress
    from app.exchange.run import ImportReport

LOOK, COUNT = (0.0, 0.5), (0.5, 1.0)  # the shares of the bar that looking and counting take
A_MINUTE = 60


class ImportStage(Enum):
    """How far an import is."""

    CLOSED = "closed"
    READING = "reading"
    PREVIEW = "preview"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class ImportState:
    """`into` and `key` are what the person chose, empty for what suggests itself; `share` is 0 to 1, or below."""

    stage: ImportStage = ImportStage.CLOSED
    path: Path = Path()
    preview: Preview | None = None
    report: ImportReport | None = None
    into: str = ""
    key: str = ""
    share: float = -1.0
    rows: int = 0
    left: str = ""
    failed: str = ""

    @property
    def open(self) -> bool:
        """Whether it is on screen."""
        return self.stage is not ImportStage.CLOSED

    @property
    def runs(self) -> bool:
        """Whether records are being written, so that it cannot be left, only stopped."""
        return self.stage in {ImportStage.RUNNING, ImportStage.STOPPING}

    @property
    def single(self) -> bool:
        """Whether the file holds one collection, so that its place and key can be chosen."""
        return self.preview is not None and len(self.preview.sheets) == 1

    @property
    def nothing_new(self) -> bool:
        """Whether everything in the file is here already."""
        found = self.report.collections if self.report is not None else ()
        return bool(found) and not any(each.created or each.updated for each in found)


class Importing(Observed[ImportState]):
    """One import at a time; `opened` is called with the collection to look at afterwards."""

    def __init__(
        self,
        workspace: Workspace,
        work: Work,
        undoing: Undoing,
        opened: Callable[[str], None],
    ) -> None:
        super().__init__(ImportState())
        self._workspace = workspace
        self._work = work
        self._undoing = undoing
        self._opened = opened
        self._action: Action | None = None
        self._stop = threading.Event()
        self._ticket = 0

    # -- looking at the file ---------------------------------------------------------------------
    def look(self, path: str) -> None:
        """Read a file and say what it would become; another one that is under way comes first."""
        if self.state.stage in {ImportStage.RUNNING, ImportStage.STOPPING}:
            return
        self._begin(ImportStage.READING, path=Path(path), preview=None, into="", key="")
        ticket, stop = self._ticket, self._stop

        def job() -> Preview:
            from app.exchange.preview import preview

            return preview(path, progress=self._report(ticket, LOOK), cancel=stop.is_set)

        self._work.read(job, lambda found: self._looked(ticket, found), self._failure(ticket))

    def choose_place(self, into: str) -> None:
        """Into which collection; a name that there is none of makes one."""
        if into != self.state.into:
            self._show(into=into)
            self._count()

    def choose_key(self, key: str) -> None:
        """By which column records are told; empty for the whole row."""
        if key != self.state.key:
            self._show(key=key)
            self._count()

    def _looked(self, ticket: int, found: Preview) -> None:
        if ticket == self._ticket:
            name = found.sheets[0].name if len(found.sheets) == 1 else ""
            self._show(preview=found, into=name)
            self._count()

    def _count(self) -> None:
        """A dry run: how many records are new, changed, or here already."""
        self._begin(ImportStage.READING, report=None)
        ticket = self._ticket
        self._work.read(
            self._job(ticket, COUNT, dry_run=True),
            lambda report: self._counted(ticket, report),
            self._failure(ticket),
        )

    def _counted(self, ticket: int, report: ImportReport) -> None:
        if ticket == self._ticket:
            self._show(stage=ImportStage.PREVIEW, report=report)

    # -- doing it ----------------------------------------------------------------------------------
    def run(self) -> None:
        """Do what was shown."""
        if self.state.stage is not ImportStage.PREVIEW:
            return
        self._begin(ImportStage.RUNNING)
        self._action = self._undoing.steps.begin()
        ticket = self._ticket
        self._work.write(
            self._job(ticket, (0.0, 1.0), dry_run=False),
            lambda report: self._imported(ticket, report),
            self._failure(ticket),
        )

    def cancel(self) -> None:
        """Stop what runs, or close what is shown."""
        self._stop.set()
        if self.state.stage is ImportStage.RUNNING:
            self._show(stage=ImportStage.STOPPING)
        elif self.state.stage is not ImportStage.STOPPING:
            self._ticket += 1
            self._show(stage=ImportStage.CLOSED, preview=None, report=None, failed="")

    def go(self) -> None:
        """Look at what came in."""
        report = self.state.report
        self.cancel()
        if report is not None and report.collections:
            self._opened(report.collections[0].name)

    def undo(self) -> None:
        """Take the whole import back."""
        if self.state.stage is ImportStage.DONE:
            self.cancel()
            self._undoing.undo(self._action)

    def _imported(self, ticket: int, report: ImportReport) -> None:
        if ticket == self._ticket:
            self._show(stage=ImportStage.DONE, report=report)

    # -- what both share -----------------------------------------------------------------------------
    def _begin(self, stage: ImportStage, **changes: object) -> None:
        self._ticket += 1
        self._stop.set()  # whatever read the file for an older question
        self._stop = threading.Event()
        self._show(stage=stage, share=-1.0, rows=0, left="", failed="", **changes)

    def _job(
        self, ticket: int, part: tuple[float, float], *, dry_run: bool
    ) -> Callable[[], ImportReport]:
        state, stop = self.state, self._stop
        action = None if dry_run else self._action

        def job() -> ImportReport:
            from app.exchange.run import import_file

            return import_file(
                self._workspace,
                state.path,
                into=state.into.strip() or None,
                key=state.key or None,
                dry_run=dry_run,
                action=action,
                progress=self._report(ticket, part),
                cancel=stop.is_set,
            )

        return job

    def _report(self, ticket: int, part: tuple[float, float]) -> Callable[[Progress], None]:
        """What a job calls on its own thread as it goes on."""

        def report(progress: Progress) -> None:
            self._work.post(lambda: self._progressed(ticket, part, progress))

        return report

    def _progressed(self, ticket: int, part: tuple[float, float], progress: Progress) -> None:
        if ticket == self._ticket:
            within = progress.done / progress.total if progress.total else 1.0
            share = part[0] + (part[1] - part[0]) * min(1.0, within)
            left = "" if progress.seconds_left is None else spoken_seconds(progress.seconds_left)
            self._show(share=share, rows=progress.rows, left=left)

    def _failure(self, ticket: int) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            if ticket != self._ticket:
                return
            hint = getattr(error, "hint", "")
            self._show(stage=ImportStage.FAILED, failed=f"{error} {hint}".strip())

        return failed


def spoken_seconds(seconds: float) -> str:
    """How long something still takes, as people say it."""
    if seconds < A_MINUTE:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / A_MINUTE)} min left"
