"""What is undone as one: typing in one place without a pause of two minutes, however often it is stored."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta

from app.viewmodels.spoken import pause_is_over
from app.workspace import Workspace
from storage import Action

PAUSE = timedelta(minutes=2)


class Steps:
    """Gives every write the action that it is a part of. For the window's thread."""

    def __init__(self, workspace: Workspace, now: Callable[[], datetime]) -> None:
        self._workspace = workspace
        self._now = now
        self._place: Hashable = None
        self._action: Action | None = None
        self._last: datetime | None = None

    def typed(self, place: Hashable) -> Action | None:
        """The action of what is typed into one place now; it goes on until something else is done, or a pause."""
        now = self._now()
        if place != self._place or pause_is_over(self._last, now, PAUSE):
            self._action = self._workspace.new_action()
        self._place, self._last = place, now
        return self._action

    def begin(self) -> Action | None:
        """An action of its own; typing afterwards is another one."""
        self.over()
        return self._workspace.new_action()

    def over(self) -> None:
        """What was typed until now is done with: undone, or written by another window."""
        self._place = self._action = self._last = None
