"""How far a long piece of work is, and whether it is still wanted."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from app.exchange.errors import ExchangeError

# Called with each `Progress`, on the thread that does the work.
Report = Callable[["Progress"], None]
# Asked often; True stops the work. `threading.Event().is_set` is one.
Cancel = Callable[[], bool]

_SHARE_BEFORE_AN_ESTIMATE = 0.02


@dataclass(frozen=True)
class Progress:
    """`done` of `total` (bytes for an import, records for an export), records so far, seconds left."""

    done: int
    total: int
    rows: int
    seconds_left: float | None


class Meter:
    """Reports progress through stages that take unlike time, and stops the work when asked to."""

    def __init__(
        self,
        total: int,
        stopped: ExchangeError,
        report: Report | None = None,
        cancel: Cancel | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total = total
        self._stopped = stopped
        self._report = report
        self._cancel = cancel
        self._clock = clock
        self._began = clock()
        self._from = 0.0
        self._to = 1.0

    def stage(self, begin: float, end: float) -> None:
        """What follows is the part of the whole from `begin` to `end` (0 to 1)."""
        self._from, self._to = begin, end

    def check(self) -> None:
        """Raise the error handed in if the work is no longer wanted."""
        if self._cancel is not None and self._cancel():
            raise self._stopped

    def at(self, done: int, rows: int) -> None:
        """`done` of the total is through in this stage."""
        self.check()
        if self._report is None:
            return
        within = min(done / self._total, 1.0) if self._total else 1.0
        share = self._from + (self._to - self._from) * within
        self._report(Progress(int(share * self._total), self._total, rows, self._left(share)))

    def _left(self, share: float) -> float | None:
        if share < _SHARE_BEFORE_AN_ESTIMATE:
            return None
        return (self._clock() - self._began) / share * (1.0 - share)
