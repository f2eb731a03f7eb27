"""The locked window: a passphrase opens it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.home import Home
from app.viewmodels.observed import Observed
from app.viewmodels.work import Work


@dataclass(frozen=True)
class UnlockState:
    """`tries` grows with each refusal, so that the view empties its field."""

    busy: bool = False
    wrong: str = ""
    tries: int = 0


class Unlock(Observed[UnlockState]):
    """Tries a passphrase on a worker: the key is derived slowly on purpose. The passphrase is not kept."""

    def __init__(self, home: Home, work: Work, opened: Callable[[], None]) -> None:
        super().__init__(UnlockState())
        self._home = home
        self._work = work
        self._opened = opened

    def attempt(self, passphrase: str) -> None:
        """Try to unlock; an empty passphrase is not tried."""
        if self.state.busy:
            return
        if not passphrase:
            self._show(wrong="Type the passphrase of this workspace.")
            return
        self._show(busy=True, wrong="")
        self._work.write(
            lambda: self._home.unlock(passphrase), lambda _: self._done(), self._refused
        )

    def _done(self) -> None:
        self._show(busy=False, wrong="")
        self._opened()

    def _refused(self, error: Exception) -> None:
        self._show(busy=False, wrong=str(error), tries=self.state.tries + 1)
