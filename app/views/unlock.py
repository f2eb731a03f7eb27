"""The lock's screen."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock

from app.viewmodels.unlock import Unlock, UnlockState
from app.views.house import looks
from app.views.screen import ScreenView

looks.load("unlock.kv")


class UnlockView(ScreenView):
    """A field for the passphrase; it is emptied after each try."""

    def __init__(self, unlock: Unlock, **kwargs: Any) -> None:
        self._tries = 0
        super().__init__(unlock, **kwargs)
        self.take_focus()

    def take_focus(self) -> None:
        """To the field."""
        Clock.schedule_once(lambda _: setattr(self.ids.field.input, "focus", True), 0)

    def attempt(self) -> None:
        """Try what was typed."""
        self.vm.attempt(self.ids.field.text)

    def shown(self, state: UnlockState) -> None:
        """After a refusal the field is empty, and has the keyboard again."""
        if state.tries != self._tries:
            self._tries = state.tries
            self.ids.field.text = ""
            self.ids.field.error = state.wrong
            self.take_focus()
