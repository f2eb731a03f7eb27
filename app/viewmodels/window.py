"""The window from its first frame to its last: first run, locked, open, or what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from app.errors import NoHomeError
from app.home import Home
from app.settings import Settings
from app.viewmodels import first_run
from app.viewmodels.appearance import Appearance
from app.viewmodels.desk import Desk, Outside
from app.viewmodels.flow import Answers, Walker
from app.viewmodels.notices import Notices
from app.viewmodels.observed import Observed
from app.viewmodels.unlock import Unlock
from app.viewmodels.work import SLOW_S, Work
from app.workspace import Workspace


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
        self._work = work
        self._around = around
        self._home: Home | None = None

    def open(self) -> None:
        """Open the home; what it is decides what is shown."""
        self._show(stage=Stage.OPENING, failed="", hint="", slow=False)
        self._work.after(SLOW_S, self._still_opening)
        self._work.read(
            lambda: Home.open(self.path, clock=self._around.clock),
            self._home_is_open,
            self._no_home,
        )
        self.appearance.ask_system()

    def close(self) -> None:
        """Commit what was typed and close what is open; waits for the disk."""
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
        if home.locked:
            self.unlock = Unlock(home, self._work, lambda: self._open_workspace(home))
            self._show(stage=Stage.LOCKED)
        else:
            self._open_workspace(home)

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
            )

        def refused(error: Exception) -> None:
            if self.first_run is not None:
                self.first_run.fail(str(error))

        self._work.write(job, self._created, refused)

    def _created(self, home: Home) -> None:
        self._home = home
        self._open_workspace(home)

    # -- the open workspace ----------------------------------------------------------------------
    def _open_workspace(self, home: Home, name: str | None = None) -> None:
        """Open a workspace by name, or the first there is."""

        def job() -> tuple[Workspace, tuple[str, ...]]:
            names = tuple(entry.name for entry in home.facts().workspaces)
            return home.workspace(name or names[0]), names

        self._work.read(job, lambda opened: self._opened(home, *opened), self._fail)

    def _opened(self, home: Home, workspace: Workspace, names: tuple[str, ...]) -> None:
        self.first_run = None
        self.unlock = None
        outside = Outside(
            now=self._around.now,
            choose_file=self._around.choose_file,
            lock=self.lock if home.protection == "passphrase" else None,
            others=tuple(name for name in names if name != workspace.name),
            switch=self.switch,
        )
        self.desk = Desk(workspace, self._work, self.notices, outside)
        self._show(stage=Stage.OPEN, slow=False)
        self.desk.start()

    def switch(self, name: str) -> None:
        """Leave this workspace for another one of the same home."""
        home = self._home
        if home is not None:
            self._leave_workspace(lambda: self._open_workspace(home, name))

    def lock(self) -> None:
        """Commit what was typed, close the workspace and forget its key."""
        home = self._home
        if home is not None:
            self._leave_workspace(
                lambda: self._work.write(home.lock, lambda _: self._home_is_open(home), self._fail)
            )

    def _leave_workspace(self, then: Callable[[], None]) -> None:
        desk = self.desk
        if desk is None:
            return
        desk.close()
        self.desk = None
        self.notices.clear()  # a locked window tells no names, and offers nothing to be undone
        self._show(stage=Stage.OPENING, slow=False)
        self._work.write(desk.workspace.close, lambda _: then(), self._fail)

    def _fail(self, error: Exception) -> None:
        self._show(
            stage=Stage.FAILED, failed=str(error), hint=str(getattr(error, "hint", "")), slow=False
        )
