"""Where work runs: jobs go to a worker, their results come back to the window's thread.

1. A view-model calls `read` or `write` on the window's thread and gets `done` or `failed` there.
2. Writes run one after another, in the order asked; reads run beside them.
3. A job that fails in a way that nobody foresaw is raised on the window's thread, never swallowed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Protocol, TypeVar

from app.errors import AppError
from storage import StorageError
from sync.errors import SyncError

log = logging.getLogger(__name__)

T = TypeVar("T")

SLOW_S = 0.2  # loading is shown only when it lasts longer

Expected = (AppError, StorageError, SyncError, OSError)
Failed = Callable[[Exception], None]


class Timers(Protocol):
    """The window's clock: call later, on the window's thread."""

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Call once after so many seconds; the returned function calls it off."""


class Work:
    """Runs jobs on `readers` and the one-thread `writer`; `post` hands a call to the window's thread."""

    def __init__(
        self,
        *,
        readers: Executor,
        writer: Executor,
        post: Callable[[Callable[[], None]], None],
        timers: Timers,
    ) -> None:
        self._readers = readers
        self._writer = writer
        self._post = post
        self._timers = timers
        self._closed = False

    def read(
        self, job: Callable[[], T], done: Callable[[T], None], failed: Failed | None = None
    ) -> None:
        """Run `job` beside others and hand its result to `done`."""
        self._submit(self._readers, job, done, failed)

    def write(
        self, job: Callable[[], T], done: Callable[[T], None], failed: Failed | None = None
    ) -> None:
        """Run `job` after every write asked for before it."""
        self._submit(self._writer, job, done, failed)

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Call later on the window's thread; the returned function calls it off."""
        return self._timers.after(seconds, call)

    def post(self, call: Callable[[], None]) -> None:
        """Call on the window's thread, from any thread; dropped once the window is closed."""

        def unless_closed() -> None:
            if not self._closed:
                call()

        self._post(unless_closed)

    def close(self) -> None:
        """Finish the writes already asked for; results are no longer handed over."""
        self._closed = True
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True, cancel_futures=True)

    def _submit(
        self,
        executor: Executor,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Failed | None,
    ) -> None:
        def run() -> None:
            try:
                result = job()
            except Exception as error:
                if self._closed:
                    log.exception("a job failed while the window closed")
                foreseen = failed is not None and isinstance(error, Expected)
                self.post(partial(failed, error) if failed and foreseen else partial(_raise, error))
            else:
                self.post(partial(done, result))

        executor.submit(run)


class Refresh:
    """One job that is asked for again and again: while it runs, any number of asks become one more run."""

    def __init__(self, start: Callable[[Callable[[], None]], None]) -> None:
        self._start = start
        self._running = False
        self._again = False

    def ask(self) -> None:
        """Run as soon as the current run, if any, is over."""
        if self._running:
            self._again = True
            return
        self._running, self._again = True, False
        self._start(self._over)

    def _over(self) -> None:
        self._running = False
        if self._again:
            self.ask()


def _raise(error: Exception) -> None:
    raise error
