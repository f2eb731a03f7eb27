"""The part of the settings about what opens this home and when it locks, and its dialogs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from kivy.core.clipboard import Clipboard
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from app.recovery_sheet import FILE_NAME
from app.viewmodels.security import (
    AGAIN,
    CURRENT,
    MINUTES,
    NEW,
    PLACE,
    Ask,
    Security,
    SecurityState,
)
from app.views.house import looks
from app.views.house.controls import Chip
from app.views.house.dialogs import Answer, Dialog
from app.views.screen import ScreenView

looks.load("security.kv")

SHEET_WORDS = (
    "Whoever has this code and the data can read everything. Keep it on paper, away from the computer. "
    "It is kept nowhere and is not shown again."
)
_HALF = 18  # signs of the code on its first line


class SecuritySection(ScreenView):
    """Buttons, ticks and chips; what they ask for lies over the window."""

    ground = StringProperty("pane")
    protection = StringProperty()
    sheet_words = StringProperty()
    keyring_words = StringProperty()
    lock = ObjectProperty(None, allownone=True)

    def __init__(self, security: Security, lock: Callable[[], None] | None, **kwargs: Any) -> None:
        self.chips: dict[int, Chip] = {}
        self.dialog: Dialog | None = None
        self._asked: Ask | None = None
        super().__init__(security, lock=lock, **kwargs)
        for minutes in sorted({*MINUTES, self.state.after_minutes}):  # a file may say any
            chip = Chip(text=_spoken(minutes))
            chip.bind(on_release=lambda *_, minutes=minutes: security.lock_after(minutes))
            self.fbind("ground", chip.setter("ground"))
            chip.ground = self.ground
            self.chips[minutes] = chip
            self.ids.minutes.add_widget(chip)
        self._lockable = self.ids.lock.__self__
        self.shown(self.state)

    def shown(self, state: SecurityState) -> None:
        """The words, what can be chosen now, and the dialog that is asked for."""
        if "lock" not in self.ids:
            return  # the rule is not applied yet
        self.protection = (
            "Encrypted on this disk, and opened by a passphrase."
            if state.protected
            else "Unprotected: whoever can read this disk can read the data."
        )
        self.sheet_words = (
            "A recovery sheet was made. It sets a new passphrase when this one is forgotten."
            if state.has_sheet
            else "No recovery sheet was made. Without one a forgotten passphrase is the end of the data."
        )
        self.keyring_words = (
            f"Not here: {state.refusal}."
            if state.refusal
            else "Whoever is signed in to this computer as you opens it, without the passphrase."
        )
        for minutes, chip in self.chips.items():
            chip.selected = minutes == state.after_minutes
        self._show_lock(wanted=state.protected)
        if state.ask is not self._asked:
            self._asked = state.ask
            self._open(state.ask)

    def _show_lock(self, *, wanted: bool) -> None:
        """What has no passphrase has nothing to lock."""
        if not hasattr(self, "_lockable") or wanted == (self._lockable.parent is not None):
            return
        if wanted:
            self.add_widget(self._lockable)
        else:
            self.remove_widget(self._lockable)

    def _open(self, ask: Ask | None) -> None:
        if self.dialog is not None:
            closing, self.dialog = self.dialog, None
            closing.dismiss()
        if ask is Ask.SHEET:
            self.dialog = SheetDialog(self.vm)
        elif ask is not None:
            self.dialog = PassphraseDialog(self.vm, ask)
        if self.dialog is not None:
            self.dialog.bind(on_dismiss=self._dismissed)
            self.dialog.open()

    def _dismissed(self, dialog: Dialog) -> None:
        if dialog is self.dialog:
            self.dialog = None
            self.vm.leave()

    def close(self) -> None:
        """The workspace closes, and nothing of this may lie over what comes next."""
        super().close()
        if self.dialog is not None:
            closing, self.dialog = self.dialog, None
            closing.dismiss()


class PassphraseContent(BoxLayout):
    """The fields of a change of passphrase, or the first of them."""


class PassphraseDialog(Dialog):
    """Asks for the passphrase now, and for a new one where that is what is wanted."""

    def __init__(self, security: Security, ask: Ask) -> None:
        self.vm = security
        self._ask = ask
        self.fields = PassphraseContent()
        self._named = {name: self.fields.ids[name].__self__ for name in (CURRENT, NEW, AGAIN)}
        wanted = [CURRENT] if security.state.protected else []
        wanted += [NEW, AGAIN] if ask is Ask.PASSPHRASE else []
        self.fields.clear_widgets()
        for name in wanted:
            self.fields.add_widget(self._named[name])
        changes = ask is Ask.PASSPHRASE
        super().__init__(
            ("Change the passphrase" if security.state.protected else "Set a passphrase")
            if changes
            else "Make a recovery sheet",
            "The data is not written again: only its lock changes. A copy made before still opens by the old one."
            if changes and security.state.protected
            else ""
            if changes
            else _before(security.state),
            [
                Answer("Cancel"),
                Answer("Set it" if changes else "Show the sheet", self.send, "filled"),
            ],
            content=self.fields,
        )
        for name, following in zip(wanted, [*wanted[1:], None], strict=True):
            self._named[name].bind(on_enter=partial(self._enter, following))
        self._stop = security.observe(self._shown)
        self.bind(on_dismiss=lambda *_: self._stop())

    def _enter(self, following: str | None, *_: Any) -> None:
        if following is None:
            self.send()
        else:
            self._named[following].input.focus = True

    def send(self) -> bool:
        """Do it; the dialog closes when it is done."""
        typed = {name: field.text for name, field in self._named.items()}
        if self._ask is Ask.PASSPHRASE:
            self.vm.set_passphrase(typed[CURRENT], typed[NEW], typed[AGAIN])
        else:
            self.vm.make_sheet(typed[CURRENT])
        return False

    def _shown(self, state: SecurityState) -> None:
        for name, field in self._named.items():
            field.error = state.wrong.get(name, "")
            field.disabled = state.busy
        self.buttons[-1].disabled = state.busy
        wrong = next((self._named[name] for name in self._named if name in state.wrong), None)
        if wrong is not None and wrong.parent is not None:
            wrong.input.focus = True


class SheetContent(BoxLayout):
    """The code, in two lines, and where the sheet is to be saved."""

    first, second = StringProperty(), StringProperty()


class SheetDialog(Dialog):
    """The recovery sheet, shown once: to be copied by hand, to the clipboard, or into a file."""

    def __init__(self, security: Security) -> None:
        self.vm = security
        code = security.state.code
        self.fields = SheetContent(first=code[:_HALF], second=code[_HALF:])
        self.place = self.fields.ids.place.__self__
        self.place.text = str(Path.home() / FILE_NAME)
        super().__init__(
            "Recovery sheet",
            SHEET_WORDS,
            [
                Answer("Copy", self.copy),
                Answer("Save", self.save, "tonal"),
                Answer("I have it", kind="filled"),
            ],
            content=self.fields,
        )
        self.dismissable = False  # a touch beside it must not lose what is shown once
        self.place.bind(on_enter=lambda *_: self.save())
        self._stop = security.observe(self._shown)
        self.bind(on_dismiss=lambda *_: self._stop())

    def copy(self) -> bool:
        """To the clipboard, as it would be printed."""
        Clipboard.copy(self.vm.state.sheet)
        self.place.helper = "Copied. Paste it where you print, and copy something else afterwards."
        return False

    def save(self) -> bool:
        """Into the file that is named."""
        self.vm.save_sheet(self.place.text)
        return False

    def _shown(self, state: SecurityState) -> None:
        self.place.error = state.wrong.get(PLACE, "")
        if state.saved:
            self.place.helper = state.saved
        self.buttons[1].disabled = state.busy


def _spoken(minutes: int) -> str:
    if not minutes:
        return "Never"
    if minutes % 60 == 0:
        return "1 hour" if minutes == 60 else f"{minutes // 60} hours"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _before(state: SecurityState) -> str:
    words = "It sets a new passphrase when this one is forgotten."
    return f"{words} The sheet made before will open nothing here." if state.has_sheet else words
