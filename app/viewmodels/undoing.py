"""Undo and redo of what was done on this computer, from everywhere in the window.

1. It runs behind every write asked for before it, off the window's thread; one at a time.
2. Whoever did something that can be taken back offers it here, so that a notice, a button and a key do the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from app.errors import StoppedError
from app.model.past import Undone
from app.viewmodels.notices import Notices
from app.viewmodels.observed import Observed
from app.viewmodels.spoken import counted
from app.viewmodels.steps import Steps
from app.viewmodels.work import Refresh, Work
from app.workspace import Progress, Workspace
from storage import Action

SHOWN_AFTER_S = 0.4  # shorter work shows no bar
HUNDREDTH = 0.01

Job = Callable[[Progress], Undone | None]


@dataclass(frozen=True)
class UndoingState:
    """`runs` is "Undoing…" or "Redoing…" or nothing; `shown`: it has lasted long enough for a bar, at `share`."""

    can_undo: bool = False
    can_redo: bool = False
    runs: str = ""
    shown: bool = False
    stopping: bool = False
    share: float = 0.0


class Undoing(Observed[UndoingState]):
    """What there is to undo, and doing it."""

    def __init__(self, workspace: Workspace, work: Work, notices: Notices, steps: Steps) -> None:
        super().__init__(UndoingState())
        self.before: Callable[[], None] = _nothing
        """Set by whoever holds what is being typed; called first, to have it stored."""
        self.steps = steps
        self._workspace = workspace
        self._work = work
        self._notices = notices
        self._refresh = Refresh(self._read)
        self._stop = threading.Event()

    # -- what there is ---------------------------------------------------------------------------
    def look(self) -> None:
        """Ask whether there is something to undo, now or after the asking under way."""
        self._refresh.ask()

    def offer(self, words: str, action: Action | None) -> None:
        """Tell what was done, and offer to take just that back."""
        if action is None:
            self._notices.say(words)
        else:
            self._notices.offer(words, lambda: self.undo(action))

    def failed(self, error: Exception) -> None:
        """Tell why what was to be done was not."""
        self._notices.trouble(error)

    # -- doing it ----------------------------------------------------------------------------------
    def undo(self, action: Action | None = None) -> None:
        """Take back what was done last, or an action of its own."""
        self._run("Undoing…", lambda progress: self._workspace.undo(action, progress))

    def redo(self) -> None:
        """Do again what was undone last."""
        self._run("Redoing…", self._workspace.redo)

    def stop(self) -> None:
        """Stop what runs; nothing of it is kept."""
        if self.state.runs:
            self._stop.set()
            self._show(stopping=True)

    def _run(self, words: str, job: Job) -> None:
        if self.state.runs:
            return
        self.before()
        self.steps.over()
        stop = self._stop = threading.Event()
        told = 0.0

        def progress(share: float) -> bool:
            nonlocal told
            if share >= told + HUNDREDTH:
                told = share
                self._work.post(lambda: self._progressed(stop, share))
            return not stop.is_set()

        def shown() -> None:
            if self._stop is stop and self.state.runs:
                self._show(shown=True)

        self._show(runs=words, share=0.0, stopping=False)
        self._work.after(SHOWN_AFTER_S, shown)
        redo = words.startswith("Redo")
        self._work.write(
            lambda: job(progress), lambda done: self._done(done, redo=redo), self._failed
        )

    def _progressed(self, stop: threading.Event, share: float) -> None:
        if self._stop is stop and self.state.runs:
            self._show(share=share)

    def _done(self, done: Undone | None, *, redo: bool) -> None:
        self._over()
        if done is None:
            self._notices.say(f"There is nothing to {'redo' if redo else 'undo'}.")
        elif not done.records:
            self._notices.say(spoken_undone(done, redo=redo))
        elif redo:
            self._notices.offer(spoken_undone(done, redo=True), self.undo)
        else:
            self._notices.offer(spoken_undone(done, redo=False), self.redo, "Redo")

    def _failed(self, error: Exception) -> None:
        self._over()
        if isinstance(error, StoppedError):
            self._notices.say(str(error))
        else:
            self._notices.trouble(error)

    def _over(self) -> None:
        self._show(runs="", shown=False, stopping=False)
        self.look()

    def _read(self, over: Callable[[], None]) -> None:
        def done(can: tuple[bool, bool]) -> None:
            self._show(can_undo=can[0], can_redo=can[1])
            over()

        def failed(_error: Exception) -> None:
            over()  # the buttons stay as they are; whoever presses one hears why

        self._work.read(self._workspace.can_undo, done, failed)


def spoken_undone(done: Undone, *, redo: bool) -> str:
    """What undo or redo did, and what it left and why."""
    left = []
    if done.left:
        one = done.left == 1
        left.append(
            f"{done.left:,} {'was' if one else 'were'} left: somebody has decided on it since"
        )
    if done.texts:
        left.append(f"{counted(done.texts, 'long text')} left: others wrote in it, see its history")
    if done.records:
        first = f"{'Done again' if redo else 'Undone'}: {counted(done.records, 'record')}"
        return ". ".join([first, *left])
    if not left:
        return f"Nothing was there to {'redo' if redo else 'undo'} any more."
    said = "; ".join(left)
    return f"Nothing was {'done again' if redo else 'undone'}; {said}. Next time it is the edit before."


def _nothing() -> None:
    """Nobody types."""
