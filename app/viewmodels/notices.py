"""The one line at the bottom of the window: what was just done, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.viewmodels.observed import Observed

UNDO = "Undo"


@dataclass(frozen=True)
class Notice:
    """A fact; `action` is empty when there is nothing to do about it. `number` tells two equal ones apart."""

    number: int
    text: str
    action: str = ""
    wrong: bool = False


@dataclass(frozen=True)
class NoticesState:
    """The newest notice, or none."""

    notice: Notice | None = None


class Notices(Observed[NoticesState]):
    """Shows one notice at a time; a newer one replaces it, and its action is then gone."""

    def __init__(self) -> None:
        super().__init__(NoticesState())
        self._number = 0
        self._act: Callable[[], None] | None = None

    def say(self, text: str) -> None:
        """Tell a fact."""
        self._put(text, "", None, wrong=False)

    def offer(self, text: str, act: Callable[[], None], action: str = UNDO) -> None:
        """Tell a fact and offer one thing to do about it."""
        self._put(text, action, act, wrong=False)

    def trouble(self, error: Exception) -> None:
        """Tell what failed, in the error's own sentence."""
        self._put(str(error), "", None, wrong=True)

    def warn(self, sentence: str) -> None:
        """Tell something that is wrong and that nobody asked for."""
        self._put(sentence, "", None, wrong=True)

    def act(self) -> None:
        """Do what is offered; the notice goes away."""
        act, self._act = self._act, None
        self._show(notice=None)
        if act is not None:
            act()

    def dismiss(self, number: int) -> None:
        """Take this notice away, unless a newer one stands in its place."""
        if self.state.notice is not None and self.state.notice.number == number:
            self._act = None
            self._show(notice=None)

    def clear(self) -> None:
        """Take away whatever is said: it belongs to a workspace that is being left."""
        self._act = None
        self._show(notice=None)

    def _put(self, text: str, action: str, act: Callable[[], None] | None, *, wrong: bool) -> None:
        self._number += 1
        self._act = act
        self._show(notice=Notice(self._number, text, action, wrong))
