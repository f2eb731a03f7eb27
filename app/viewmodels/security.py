"""What opens this home, and when it locks: passphrase, recovery sheet, keyring, the lock's settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from app import recovery_sheet
from app import settings as store
from app.errors import BadInputError
from app.home import Home
from app.settings import Lock
from app.viewmodels import first_run
from app.viewmodels.notices import Notices
from app.viewmodels.observed import Observed
from app.viewmodels.work import Work
from sync.errors import WrongPassphraseError

MINUTES = (0, 5, 15, 60)
CURRENT, NEW, AGAIN, PLACE = "current", "new", "again", "place"

Wrong = Mapping[str, str]
NOTHING_WRONG: Wrong = MappingProxyType({})


class Ask(Enum):
    """What is asked or shown over the settings."""

    PASSPHRASE = "passphrase"  # noqa: S105 -- the name of a dialog
    BEFORE_SHEET = "before sheet"
    SHEET = "sheet"


@dataclass(frozen=True)
class SecurityState:
    """`refusal` is why the keyring is not offered; `code` and `sheet` are there while the sheet is shown, once."""

    protected: bool = True
    has_sheet: bool = False
    keyring: bool = False
    refusal: str = ""
    after_minutes: int = 15
    on_suspend: bool = True
    ask: Ask | None = None
    busy: bool = False
    wrong: Wrong = field(default_factory=lambda: NOTHING_WRONG)
    saved: str = ""
    code: str = field(default="", repr=False)
    sheet: str = field(default="", repr=False)


def wrong_passphrases(new: str, again: str) -> dict[str, str]:
    """What is wrong with a new passphrase and its repetition, by field."""
    answers = {first_run.PASSPHRASE: new, first_run.AGAIN: again}
    found = {NEW: first_run.long_enough(answers), AGAIN: first_run.the_same(answers)}
    return {name: sentence for name, sentence in found.items() if sentence}


class Security(Observed[SecurityState]):
    """Changes the ways in, on a worker: keys are derived slowly on purpose. It keeps no passphrase."""

    def __init__(
        self,
        home: Home,
        lock: Lock,
        file: Path,
        work: Work,
        notices: Notices,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(
            SecurityState(after_minutes=lock.after_minutes, on_suspend=lock.on_suspend)
        )
        self._home = home
        self._file = file
        self._work = work
        self._notices = notices
        self._now = now
        self._ways()

    def look(self) -> None:
        """See which ways in there are now, and whether the system's keyring can be one."""
        self._work.read(self._home.slots_now, lambda _: self._ways(), self._notices.trouble)
        self._work.read(
            self._home.keyring_refusal, lambda why: self._show(refusal=why), self._notices.trouble
        )

    # -- passphrase and sheet ----------------------------------------------------------------------
    def ask_passphrase(self) -> None:
        """Ask for a new passphrase, and for the current one where there is one."""
        self._show(ask=Ask.PASSPHRASE, wrong=NOTHING_WRONG, busy=False)

    def ask_sheet(self) -> None:
        """Make a recovery sheet, after asking for the passphrase where there is one."""
        if self.state.protected:
            self._show(ask=Ask.BEFORE_SHEET, wrong=NOTHING_WRONG, busy=False)
        else:
            self.make_sheet("")

    def leave(self) -> None:
        """Close what is asked or shown; a sheet that was shown is gone."""
        self._show(ask=None, wrong=NOTHING_WRONG, busy=False, saved="", code="", sheet="")

    def set_passphrase(self, current: str, new: str, again: str) -> None:
        """Set a new passphrase; what is wrong is said beside each field."""
        wrong = wrong_passphrases(new, again)
        if self.state.protected and not current:
            wrong[CURRENT] = "Type the passphrase that opens it now."
        if self.state.busy or wrong:
            self._show(wrong=MappingProxyType(wrong))
            return

        def job() -> None:
            self._prove(current)
            self._home.set_passphrase(new)

        self._begin(job, lambda _: self._set())

    def make_sheet(self, current: str) -> None:
        """Make the sheet and show it, this once."""
        if self.state.busy:
            return
        today = self._now().date()

        def job() -> tuple[str, str]:
            self._prove(current)
            code = self._home.make_sheet()
            return code.text, recovery_sheet.text(code, self._home.facts(), today)

        self._begin(job, lambda made: self._made(*made))

    def save_sheet(self, path: str) -> None:
        """Write the sheet that is shown into a new file that only its owner may read."""
        sheet = self.state.sheet
        if not sheet or self.state.busy:
            return
        place = Path(path.strip()).expanduser()
        if not path.strip() or not place.is_absolute():
            wrong = {PLACE: "Type the whole path of a new file."}
            self._show(wrong=MappingProxyType(wrong), saved="")
            return
        self._show(busy=True, wrong=NOTHING_WRONG, saved="")
        self._work.write(
            lambda: recovery_sheet.write(place, lambda: sheet),
            lambda _: self._show(busy=False, saved=f"It is in {place}. Print it, then delete it."),
            self._refused,
        )

    # -- keyring and lock ----------------------------------------------------------------------------
    def keep_signed_in(self, *, on: bool) -> None:
        """Let the system's keyring open it besides the passphrase, or no more."""
        if self.state.busy:
            return
        self._show(busy=True)
        self._work.write(
            self._home.keep_signed_in if on else self._home.ask_always,
            lambda _: self._over(),
            self._keyring_refused,
        )

    def lock_after(self, minutes: int) -> None:
        """Lock after so many minutes without a touch or a key; never for 0."""
        self._show(after_minutes=minutes)
        self._write("after_minutes", str(minutes))

    def lock_on_suspend(self, *, on: bool) -> None:
        """Lock when the computer goes to sleep."""
        self._show(on_suspend=on)
        self._write("on_suspend", "true" if on else "false")

    # -- inside ----------------------------------------------------------------------------------------
    def _prove(self, current: str) -> None:
        """Raise WrongPassphraseError unless the person knows the passphrase; a passer-by at an open window does not."""
        if self._home.protection == "passphrase":
            self._home.unlock(current)

    def _begin(self, job: Callable[[], object], done: Callable[..., None]) -> None:
        self._show(busy=True, wrong=NOTHING_WRONG)
        self._work.write(job, done, self._refused)

    def _set(self) -> None:
        self.leave()
        self._ways()
        self._notices.say("The passphrase is set.")

    def _made(self, code: str, sheet: str) -> None:
        self._show(ask=Ask.SHEET, busy=False, code=code, sheet=sheet)
        self._ways()

    def _over(self) -> None:
        self._show(busy=False)
        self._ways()

    def _refused(self, error: Exception) -> None:
        if isinstance(error, WrongPassphraseError):
            field_name = CURRENT
        elif isinstance(error, BadInputError):
            field_name = PLACE
        else:
            field_name = NEW if self.state.ask is Ask.PASSPHRASE else CURRENT
        self._show(busy=False, wrong=MappingProxyType({field_name: str(error)}))
        if self.state.ask is None:
            self._notices.trouble(error)

    def _keyring_refused(self, error: Exception) -> None:
        self._over()
        self._notices.trouble(error)

    def _ways(self) -> None:
        slots = self._home.slots
        self._show(
            protected=self._home.protection == "passphrase",
            has_sheet="recovery" in slots,
            keyring="keyring" in slots,
        )

    def _write(self, name: str, value: str) -> None:
        key = f"lock.{name}"
        self._work.write(
            lambda: store.write(self._file, key, value), lambda _: None, self._notices.trouble
        )
