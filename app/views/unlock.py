"""The lock's screen."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from app.viewmodels.security import AGAIN, NEW
from app.viewmodels.unlock import CODE, Unlock, UnlockState
from app.views.house import looks
from app.views.screen import ScreenView

looks.load("unlock.kv")

TYPE_IT = "Everything on this disk is encrypted until its passphrase is typed."
BY_SHEET = "The code of the newest recovery sheet opens it, and a new passphrase takes the old one's place."


class SheetFields(BoxLayout):
    """The code, and a new passphrase twice."""


class UnlockView(ScreenView):
    """A field for the passphrase, emptied after each try; in its place the sheet's fields, where it is forgotten."""

    words = StringProperty(TYPE_IT)
    _field: Any = None  # the passphrase's, held while the sheet's fields stand in its place

    def __init__(self, unlock: Unlock, **kwargs: Any) -> None:
        self._tries = 0
        self._sheet = SheetFields()
        self._parts = {name: self._sheet.ids[name].__self__ for name in (CODE, NEW, AGAIN)}
        super().__init__(unlock, **kwargs)
        for name, following in ((CODE, NEW), (NEW, AGAIN)):
            self._parts[name].bind(on_enter=lambda *_, to=following: self._to(self._parts[to]))
        self._parts[AGAIN].bind(on_enter=lambda *_: self.attempt())
        self.take_focus()

    def take_focus(self) -> None:
        """To the first field there is."""
        Clock.schedule_once(lambda _: self._to(self._first()), 0)

    def attempt(self) -> None:
        """Try what was typed."""
        if self.vm.state.by_sheet:
            self.vm.recover(*(self._parts[name].text for name in (CODE, NEW, AGAIN)))
        else:
            self.vm.attempt(self._field.text)

    def turn(self) -> None:
        """To the recovery sheet, or back."""
        if self.vm.state.by_sheet:
            self.vm.use_passphrase()
        else:
            self.vm.use_sheet()

    def shown(self, state: UnlockState) -> None:
        """After a refusal the field is empty, and has the keyboard again."""
        if self._field is None:
            self._field = self.ids.field.__self__
        if state.tries != self._tries:
            self._tries = state.tries
            self._field.text = ""
            self._field.error = state.wrong
            self.take_focus()
        for name, part in self._parts.items():
            part.error = state.wrong_parts.get(name, "")
            part.disabled = state.busy
        self._turned(by_sheet=state.by_sheet)
        wrong = next(
            (part for name, part in self._parts.items() if name in state.wrong_parts), None
        )
        if wrong is not None and not state.busy:
            self._to(wrong)

    def _turned(self, *, by_sheet: bool) -> None:
        wanted = self._sheet if by_sheet else self._field
        if wanted.parent is None:
            self.words = BY_SHEET if by_sheet else TYPE_IT
            self.ids.fields.clear_widgets()
            self.ids.fields.add_widget(wanted)
            self._field.text = ""
            for part in self._parts.values():
                part.text = ""
            self.take_focus()

    def _first(self) -> Any:
        return self._parts[CODE] if self.vm.state.by_sheet else self._field

    @staticmethod
    def _to(field: Any) -> None:
        if field.get_root_window() is not None:
            field.input.focus = True
