"""The locked window: a passphrase opens it; where that is forgotten, the code of the recovery sheet does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.home import Home
from app.viewmodels.observed import Observed
from app.viewmodels.security import NOTHING_WRONG, wrong_passphrases
from app.viewmodels.work import Work
from sync.errors import NoSheetError

CODE = "code"


@dataclass(frozen=True)
class UnlockState:
    """`tries` grows with each refusal, so that the view empties its field; `by_sheet`: the sheet is asked for.

    `wrong` belongs to the passphrase, `wrong_parts` to the fields of the recovery.
    """

    busy: bool = False
    wrong: str = ""
    tries: int = 0
    by_sheet: bool = False
    wrong_parts: Mapping[str, str] = field(default_factory=lambda: NOTHING_WRONG)


class Unlock(Observed[UnlockState]):
    """Tries a passphrase on a worker: the key is derived slowly on purpose. No secret is kept."""

    def __init__(self, home: Home, work: Work, opened: Callable[[], None], said: str = "") -> None:
        super().__init__(UnlockState(wrong=said))
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

        def job() -> None:
            self._home.unlock(passphrase)
            self._home.sign_in_again()

        self._work.write(job, lambda _: self._done(), self._refused)

    def use_sheet(self) -> None:
        """Ask for the recovery sheet's code and a new passphrase, if a sheet was made."""
        if not self.state.busy:
            self._work.read(self._home.slots_now, self._turn, self._refused)

    def _turn(self, slots: tuple[str, ...]) -> None:
        if "recovery" in slots:
            self._show(by_sheet=True, wrong="", wrong_parts=NOTHING_WRONG)
        else:
            error = NoSheetError(self._home.places.vault)
            self._show(wrong=f"{error} Only the passphrase opens it.")

    def use_passphrase(self) -> None:
        """Back to the passphrase."""
        if not self.state.busy:
            self._show(by_sheet=False, wrong="", wrong_parts=NOTHING_WRONG)

    def recover(self, code: str, new: str, again: str) -> None:
        """Unlock by the sheet's code and set a new passphrase."""
        if self.state.busy:
            return
        wrong = wrong_passphrases(new, again)
        if not code.strip():
            wrong[CODE] = "Type the code as it stands on the sheet."
        if wrong:
            self._show(wrong_parts=MappingProxyType(wrong))
            return
        self._show(busy=True, wrong_parts=NOTHING_WRONG)
        self._work.write(
            lambda: self._home.unlock_by_sheet(code, new),
            lambda _: self._done(),
            self._not_recovered,
        )

    def _done(self) -> None:
        self._show(busy=False, wrong="")
        self._opened()

    def _refused(self, error: Exception) -> None:
        self._show(busy=False, wrong=str(error), tries=self.state.tries + 1)

    def _not_recovered(self, error: Exception) -> None:
        self._home.lock()  # the code may have opened it before the new passphrase could not be written
        self._show(busy=False, wrong_parts=MappingProxyType({CODE: str(error)}))
