"""Who wants to know of commits, and what they have not heard yet.

Watchers hear of a commit after it is durable and outside the store's lock: on the thread that made it, or, if another
program did, on a thread of its own that looks four times a second.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from types import MappingProxyType

from storage.errors import StorageError, StoreClosedError
from storage.touched import Touched, TouchLog

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.25
Watcher = Callable[[Touched], None]


class News:
    """The watchers of a store. `look` is asked for commits of others; None where there can be none."""

    def __init__(self, names: Callable[[], list[str]], look: Callable[[], bool] | None) -> None:
        self.touched = TouchLog()  # by the transaction under way
        self.elsewhere = False  # another connection has committed
        self._names, self._look = names, look
        self._names_told: set[str] = set()
        self._watchers: list[Watcher] = []
        self._looker: threading.Thread | None = None
        self._stop = threading.Event()

    def watch(self, callback: Watcher) -> Callable[[], None]:
        """Have it hear of every commit from now on; returns what ends it."""
        self._names_told.update(self._names())
        self._watchers.append(callback)
        if self._looker is None and self._look is not None:
            self._looker = threading.Thread(
                target=self._look_on, args=(self._look,), daemon=True, name="store-look"
            )
            self._looker.start()

        def stop() -> None:
            if callback in self._watchers:
                self._watchers.remove(callback)

        return stop

    def forget(self) -> None:
        """What the transaction touched was taken back."""
        self.touched = TouchLog()

    def gather(self) -> list[Touched]:
        """What watchers have not heard yet; under the store's lock."""
        news = []
        if self.elsewhere:
            now = self._names()
            names = dict.fromkeys((*self._names_told, *now))  # what was dropped has changed as well
            news.append(Touched(MappingProxyType(names), elsewhere=True))
            self._names_told, self.elsewhere = set(now), False
        if self.touched:
            touched = self.touched.seal()
            self._names_told.update(touched.tables)
            news.append(touched)
            self.touched = TouchLog()
        return news

    def gather_after_commit(self) -> list[Touched]:
        """As `gather`, but a drive that fails just now cannot make a commit look failed: all is told later then."""
        try:
            return self.gather()
        except StorageError:
            log.warning("what changed is told later", exc_info=True)
            return []

    def tell(self, news: Iterable[Touched]) -> None:
        """Tell the watchers; one that fails is logged."""
        for touched in news:
            for watcher in tuple(self._watchers):
                try:
                    watcher(touched)
                except Exception:  # the commit stands: whoever wrote must not take it for failed
                    log.exception("a watcher failed")

    def _look_on(self, look: Callable[[], bool]) -> None:
        failed = False
        while not self._stop.wait(LOOK_SECONDS):
            if not self._watchers:
                continue
            try:
                look()
                failed = False
            except StoreClosedError:
                return
            except StorageError:
                if not failed:  # a drive that is gone is said once, not four times a second
                    log.warning("looking for other commits failed", exc_info=True)
                failed = True

    def close(self, *, wait: bool) -> None:
        """End the looking; `wait` unless a watcher may wait for this very thread."""
        self._stop.set()
        if wait and self._looker is not None and self._looker is not threading.current_thread():
            self._looker.join()
