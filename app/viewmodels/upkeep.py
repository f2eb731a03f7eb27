"""The store's own housekeeping, done when nobody writes."""

from __future__ import annotations

import logging
from collections.abc import Callable

from app.viewmodels.work import Work
from app.workspace import Workspace

log = logging.getLogger(__name__)

QUIET_S = 3.0
STEP_S = 0.05
BETWEEN_S = 0.2


class Upkeep:
    """Runs small steps on the writer once the store has been quiet; a write in between comes first."""

    def __init__(self, workspace: Workspace, work: Work) -> None:
        self._workspace = workspace
        self._work = work
        self._call_off: Callable[[], None] | None = None
        self._running = False
        self._stopped = False

    def soon(self) -> None:
        """Something was committed: wait until it is quiet again."""
        self._wait(QUIET_S)

    def stop(self) -> None:
        """The workspace closes."""
        self._stopped = True
        if self._call_off is not None:
            self._call_off()

    def _wait(self, seconds: float) -> None:
        if self._call_off is not None:
            self._call_off()
        if not self._stopped:
            self._call_off = self._work.after(seconds, self._step)

    def _step(self) -> None:
        self._call_off = None
        if not self._running and not self._stopped:
            self._running = True
            self._work.write(
                lambda: self._workspace.store.maintain(STEP_S), self._stepped, self._failed
            )

    def _stepped(self, more: bool) -> None:  # noqa: FBT001 -- the result of a job
        self._running = False
        if more:
            self._wait(BETWEEN_S)

    def _failed(self, error: Exception) -> None:
        """The data is as it was; the next commit brings the next try."""
        self._running = False
        log.warning("upkeep of the store failed", exc_info=error)
