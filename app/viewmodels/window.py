"""The window from its first frame to its last: first run, locked, open, or what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from app.errors import NoHomeError
from app.home import Home
from app.settings import Lock, Settings
from app.viewmodels import first_run
from app.viewmodels.appearance import Appearance
from app.viewmodels.desk import Desk, Outside
from app.viewmodels.flow import Answers, Walker
from app.viewmodels.idle import IdleLock, Wishes
from app.viewmodels.notices import Notices
from app.viewmodels.observed import Observed
from app.viewmodels.security import Security
from app.viewmodels.unlock import Unlock
from app.viewmodels.work import SLOW_S, Work
from app.workspace import Workspace

KEYRING_S = 5.0  # until the passphrase is asked for while the keyring does not answer


class Stage(Enum):
    """What the window shows."""

    OPENING = "opening"
    FIRST_RUN = "first run"
    LOCKED = "locked"
    OPEN = "open"
    FAILED = "failed"


@dataclass(frozen=True)
class WindowState:
    """`slow` is true when opening has lasted long enough to be shown."""

    stage: Stage = Stage.OPENING
    slow: bool = False
    failed: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What the window needs from the system it runs on."""

    person: str
    computer: str
    clock: Callable[[], float]
    now: Callable[[], datetime]
    system_dark: Callable[[], bool]
    choose_file: Callable[[Callable[[str], None]], None]
    state: Path | None = None  # see `app.places`


class WindowModel(Observed[WindowState]):
    """Opens a home and keeps what is open: the flow, the lock, or the desk."""

    def __init__(
        self, path: Path, settings: Settings, settings_file: Path, work: Work, around: Surroundings
    ) -> None:
        super().__init__(WindowState())
        self.path = path
        self.notices = Notices()
        self.appearance = Appearance(
            settings, settings_file, work, self.notices, around.system_dark
        )
        self.first_run: Walker | None = None
        self.unlock: Unlock | None = None
        self.desk: Desk | None = None
        self.security: Security | None = None
        self.idle = IdleLock(work, around.clock, self._wishes, self.lock)
        self._settings, self._settings_file = settings, settings_file
        self._work = work
        self._around = around
        self._home: Home | None = None
        self._waits = False  # for the keyring
        self._new = False  # made a moment ago, with a passphrase that can be forgotten

    def open(self) -> None:
        """Open the home; what it is decides what is shown."""
        self._show(stage=Stage.OPENING, failed="", hint="", slow=False)
        self._work.after(SLOW_S, self._still_opening)
        self._work.read(
            lambda: Home.open(self.path, clock=self._around.clock, state=self._around.state),
            self._home_is_open,
            self._no_home,
        )
        self.appearance.ask_system()

    def close(self) -> None:
        """Commit what was typed and close what is open; waits for the disk."""
        self.idle.stop()
        if self.desk is not None:
            self.desk.close()
        self._work.close()
        if self.desk is not None:
            self.desk.workspace.close()

    def _still_opening(self) -> None:
        if self.state.stage is Stage.OPENING:
            self._show(slow=True)

    def _home_is_open(self, home: Home) -> None:
        self._home = home
        if not home.locked:
            self._open_workspace(home)
        elif "keyring" in home.slots:
            # A keyring may ask a person, or not answer for minutes: the passphrase opens it meanwhile.
            self._waits = True
            self._work.after(KEYRING_S, lambda: self._stop_waiting(home))
            self._work.read(
                home.unlock_by_keyring,
                lambda _: self._keyring_opened(home),
                lambda error: self._stop_waiting(home, str(error)),
            )
        else:
            self._ask_passphrase(home)

    def _keyring_opened(self, home: Home) -> None:
        """It answered; too late, if the passphrase opened it before and it was locked again since."""
        if self._waits:
            self._open_workspace(home)
        elif self.state.stage is Stage.LOCKED:
            home.lock()

    def _stop_waiting(self, home: Home, said: str = "") -> None:
        if self.state.stage is Stage.OPENING and home.locked:
            self._ask_passphrase(home, said)

    def _ask_passphrase(self, home: Home, said: str = "") -> None:
        self.unlock = Unlock(home, self._work, lambda: self._open_workspace(home), said)
        self._show(stage=Stage.LOCKED, slow=False)

    def _no_home(self, error: Exception) -> None:
        if isinstance(error, NoHomeError):
            answers = {
                first_run.NAME: self._around.person,
                first_run.COMPUTER: self._around.computer,
            }
            self.first_run = Walker(first_run.STEPS, answers, self._create)
            self._show(stage=Stage.FIRST_RUN)
        else:
            self._fail(error)

    # -- creating ----------------------------------------------------------------------------------
    def _create(self, answers: Answers) -> None:
        protected = first_run.locked(answers)

        def job() -> Home:
            return Home.create(
                self.path,
                member=answers[first_run.NAME].strip(),
                device=answers[first_run.COMPUTER].strip(),
                workspace=answers[first_run.WORKSPACE].strip(),
                passphrase=answers[first_run.PASSPHRASE] if protected else None,
                unprotected=not protected,
                clock=self._around.clock,
                state=self._around.state,
            )

        def refused(error: Exception) -> None:
            if self.first_run is not None:
                self.first_run.fail(str(error))

        self._work.write(job, self._created, refused)

    def _created(self, home: Home) -> None:
        self._home = home
        self._new = home.protection == "passphrase"
        self._open_workspace(home)

    # -- the open workspace ----------------------------------------------------------------------
    def _open_workspace(self, home: Home, name: str | None = None) -> None:
        """Open a workspace by name, or the first there is."""

        def job() -> tuple[Workspace, tuple[str, ...]]:
            names = tuple(entry.name for entry in home.facts().workspaces)
            return home.workspace(name or names[0]), names

        self._work.read(job, lambda opened: self._opened(home, *opened), self._fail)

    def _opened(self, home: Home, workspace: Workspace, names: tuple[str, ...]) -> None:
        if self.desk is not None:  # the keyring and the passphrase opened it both
            self._work.write(workspace.close, lambda _: None, self._fail)
            return
        self._waits = False
        self.first_run = None
        self.unlock = None
        self.security = self._secured(home)
        outside = Outside(
            now=self._around.now,
            choose_file=self._around.choose_file,
            lock=self.lock,
            security=self.security,
            others=tuple(name for name in names if name != workspace.name),
            switch=self.switch,
        )
        self.desk = Desk(workspace, self._work, self.notices, outside)
        self._show(stage=Stage.OPEN, slow=False)
        self.desk.start()
        self.idle.watch()
        if self._new:
            self._new = False
            self.notices.offer(
                "A forgotten passphrase is the end of the data, unless there is a recovery sheet.",
                self.security.ask_sheet,
                "Make one",
            )

    def _secured(self, home: Home) -> Security:
        """The ways into this home; what was chosen about the lock since the start still holds."""
        before = self._settings.lock if self.security is None else self.security.state
        lock = Lock(before.after_minutes, before.on_suspend)
        around = self._around
        return Security(home, lock, self._settings_file, self._work, self.notices, around.now)

    def switch(self, name: str) -> None:
        """Leave this workspace for another one of the same home."""
        home = self._home
        if home is not None:
            self._leave_workspace(lambda: self._open_workspace(home, name))

    def lock(self) -> None:
        """Commit what was typed, close the workspace and forget its key; what is unprotected stays open."""
        home = self._home
        if home is not None and home.protection == "passphrase":
            self._leave_workspace(
                lambda: self._work.write(
                    home.lock_out, lambda _: self._ask_passphrase(home), self._fail
                )
            )

    def _wishes(self) -> Wishes:
        """When the window is to lock by itself."""
        if self.security is None or self.desk is None:
            return Wishes(0, on_suspend=False)
        state, desk = self.security.state, self.desk
        busy = desk.importing.state.runs or bool(desk.undoing.state.runs)
        return Wishes(state.after_minutes, state.on_suspend, busy=busy)

    def _leave_workspace(self, then: Callable[[], None]) -> None:
        desk = self.desk
        if desk is None:
            return
        self.idle.stop()
        desk.close()
        self.desk = None
        if self.security is not None:
            self.security.leave()
        self.notices.clear()  # a locked window tells no names, and offers nothing to be undone
        self._show(stage=Stage.OPENING, slow=False)
        self._work.write(desk.workspace.close, lambda _: then(), self._fail)

    def _fail(self, error: Exception) -> None:
        self._show(
            stage=Stage.FAILED, failed=str(error), hint=str(getattr(error, "hint", "")), slow=False
        )
