"""What lies over the desk for a while: palette, keys, forms, import, choosing a file; and the notices."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.metrics import dp, sp
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from app.model.fields import icon
from app.viewmodels.chooser import Chooser, ChooserState
from app.viewmodels.commands import Command
from app.viewmodels.desk import Desk
from app.viewmodels.forms import OFFERED, Ask, Form, FormState
from app.viewmodels.importing import ImportState
from app.viewmodels.keys import WINDOW_KEYS
from app.viewmodels.notices import Notices, NoticesState
from app.viewmodels.undoing import UndoingState
from app.views.chooser import ChooserPanel
from app.views.grid.keys import CHEAT_SHEET
from app.views.house import looks
from app.views.house import palette as house
from app.views.house.batch import Batch
from app.views.house.dialogs import Answer, Dialog
from app.views.house.menus import MenuItem, MenuSheet
from app.views.house.notices import Notices as NoticeBar
from app.views.house.painted import Painted
from app.views.house.panes import Caption
from app.views.house.theme import Roles
from app.views.importing import ImportPanel, spoken_kind
from app.views.panel import PanelSheet
from app.views.undo import UndoPanel

looks.load("components/menus.kv")
looks.load("forms.kv")
looks.load("keys.kv")


class Sheets:
    """Opens and closes them as the view-models say; one of each at most."""

    def __init__(self, notices: Notices, chooser: Chooser) -> None:
        self.notices = NoticeBar()
        self.desk: Desk | None = None
        self.form: FormDialog | None = None
        self.importing: PanelSheet | None = None
        self.choosing: PanelSheet | None = None
        self.keys: PanelSheet | None = None
        self.undoing: PanelSheet | None = None
        self.palette: house.Palette | None = None
        self._vm = notices
        self._chooser = chooser
        self._number = 0
        self._found: tuple[str, tuple[house.Command, ...]] = ("", ())
        self._stops = [notices.observe(self._notice), chooser.observe(self._choose)]
        self._desk_stops: list[Any] = []

    def attend(self, desk: Desk) -> None:
        """A workspace is open."""
        self.desk = desk
        self._desk_stops = [
            desk.form.observe(self._form),
            desk.importing.observe(self._import),
            desk.undoing.observe(self._undo),
        ]

    def leave(self) -> None:
        """The workspace closes: nothing may lie over what comes next."""
        for stop in self._desk_stops:
            stop()
        self._desk_stops = []
        for sheet in (
            self.form, self.importing, self.choosing, self.keys, self.palette, self.undoing,
        ):  # fmt: skip
            if sheet is not None:
                sheet.dismiss()
        self.notices.hide()
        self.desk = None

    def close(self) -> None:
        """The window goes away."""
        for stop in self._stops:
            stop()

    # -- notices ---------------------------------------------------------------------------------
    def _notice(self, state: NoticesState) -> None:
        notice = state.notice
        if notice is None:
            self.notices.hide()
        elif notice.number != self._number:
            self._number = notice.number
            self.notices.snack(notice.text, notice.action, self._vm.act)

    # -- palette and keys ------------------------------------------------------------------------
    def open_palette(self, *_: Any) -> None:
        """Everything that can be done, and the records found by what is typed."""
        if self.desk is None or self._open(self.palette):
            return
        commands = [_line(command) for command in self.desk.commands()]
        commands.append(house.Command("Keys", "keyboard-outline", self.show_keys, "F1"))
        self._found = ("", ())
        self.palette = house.Palette(commands, search=self._search)
        self.palette.open()

    def _search(self, text: str) -> tuple[house.Command, ...]:
        if self._found[0] == text:
            return self._found[1]
        if self.desk is not None:
            self.desk.find_commands(text, partial(self._arrived, text))
        return ()

    def _arrived(self, text: str, commands: tuple[Command, ...]) -> None:
        palette = self.palette
        if palette is not None and palette.parent is not None and palette.field.text == text:
            self._found = text, tuple(_line(command) for command in commands)
            palette.show(text)

    def show_keys(self, *_: Any) -> None:
        """The sheet of keys."""
        if self._open(self.keys):
            return
        panel = KeysPanel()
        self.keys = PanelSheet(panel, 560, 720)
        panel.leave = self.keys.dismiss
        self.keys.open()

    @staticmethod
    def _open(sheet: Any) -> bool:
        return sheet is not None and sheet.parent is not None

    # -- what the view-models ask for --------------------------------------------------------------
    def _form(self, state: FormState) -> None:
        if state.ask is not None and not self._open(self.form) and self.desk is not None:
            self.form = FormDialog(self.desk.form)
            self.form.open()
        elif state.ask is None and self.form is not None:
            self.form.dismiss()
            self.form = None

    def _import(self, state: ImportState) -> None:
        if state.open and not self._open(self.importing) and self.desk is not None:
            panel = ImportPanel(self.desk)
            self.importing = PanelSheet(panel, 640, 620)
            self.importing.bind(on_dismiss=lambda *_: self._import_left(panel))
            self.importing.open()
        elif not state.open and self.importing is not None:
            sheet, self.importing = self.importing, None
            sheet.dismiss()
        if self.importing is not None:
            self.importing.dismissable = not state.runs

    def _import_left(self, panel: ImportPanel) -> None:
        panel.close()
        if self.desk is not None:
            self.desk.importing.cancel()

    def _undo(self, state: UndoingState) -> None:
        """The bar of an undo that lasts; it goes when that is over, and not before."""
        if state.shown and self.undoing is None and self.desk is not None:
            panel = UndoPanel(self.desk.undoing)
            self.undoing = PanelSheet(panel, 480, 200, dismissable=False)
            self.undoing.bind(on_dismiss=lambda *_: panel.close())
            self.undoing.open()
        elif not state.shown and self.undoing is not None:
            sheet, self.undoing = self.undoing, None
            sheet.dismiss()

    def _choose(self, state: ChooserState) -> None:
        if state.open and not self._open(self.choosing):
            panel = ChooserPanel(self._chooser)
            self.choosing = PanelSheet(panel, 560, 640)
            self.choosing.bind(on_dismiss=lambda *_: self._chooser_left(panel))
            self.choosing.open()
        elif not state.open and self.choosing is not None:
            sheet, self.choosing = self.choosing, None
            sheet.dismiss()

    def _chooser_left(self, panel: ChooserPanel) -> None:
        panel.close()
        self._chooser.close()


def _line(command: Command) -> house.Command:
    return house.Command(command.name, command.icon, command.run, command.keys or command.note)


class FormContent(BoxLayout):
    """The fields of a form."""

    label = StringProperty("Name")


class FormDialog(Dialog):
    """A name, and for a new field its kind and choices."""

    def __init__(self, form: Form) -> None:
        self.vm = form
        ask = form.state.ask or Ask.NEW_COLLECTION
        self.fields = FormContent()
        answer = {Ask.NEW_COLLECTION: "Create", Ask.RENAME: "Rename", Ask.NEW_FIELD: "Add"}[ask]
        super().__init__(
            ask.value,
            "",
            [Answer("Cancel"), Answer(answer, self._send, kind="filled")],
            content=self.fields,
        )
        ids = self.fields.ids
        self._held = [child.__self__ for child in self.fields.children]  # `ids` holds them weakly
        ids.name.text = form.state.name
        ids.name.bind(text=lambda _, text: form.type(text), on_enter=lambda *_: form.send())
        ids.choices.bind(
            text=lambda _, text: form.type_choices(text), on_enter=lambda *_: form.send()
        )
        ids.kind.bind(on_release=lambda *_: self._choose_kind())
        self._stop = form.observe(self._shown)
        self.bind(on_dismiss=lambda *_: self._left())

    def _send(self) -> bool:
        self.vm.send()
        return False  # it closes when the work is done

    def _left(self) -> None:
        self._stop()
        self.vm.close()

    def _shown(self, state: FormState) -> None:
        ids, fields = self.fields.ids, self.fields
        ids.name.error = state.wrong
        wanted = [ids.name]
        if state.ask is Ask.NEW_FIELD:
            wanted.append(ids.kind)
        if state.takes_choices:
            wanted.append(ids.choices)
        if list(reversed(fields.children)) != wanted:
            fields.clear_widgets()
            for part in wanted:
                fields.add_widget(part)
        ids.kind.text, ids.kind.trailing = "Kind", f"{spoken_kind(state.kind)} ▾"
        ids.kind.icon = icon(state.kind)
        self.buttons[-1].disabled = state.busy

    def _choose_kind(self) -> None:
        items = [
            MenuItem(
                spoken_kind(kind).capitalize(),
                icon(kind),
                partial(self.vm.choose_kind, kind),
                checked=kind == self.vm.state.kind,
            )
            for kind in OFFERED
        ]
        MenuSheet(items, anchor=self.fields.ids.kind).open()

    def take_focus(self) -> None:
        """To the name, all of it selected."""
        super().take_focus()
        field = self.fields.ids.name.input
        field.focus = True
        Clock.schedule_once(lambda _: field.select_all(), 0)


class KeyLine(Painted):
    """What a key does, and the key."""

    does, keys = StringProperty(), StringProperty()
    watch = ("does", "keys")

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Words at the left, keys at the right; long keys take at most half."""
        taken = min(b.width("label", self.keys), w * 0.55)
        b.write("label", self.keys, w - taken, 0, h, r.muted, taken, "right")
        b.write("body", self.does, 0, 0, h, r.text, w - taken - dp(12))


class KeysPanel(BoxLayout):
    """The window's keys, then the grid's."""

    leave = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._add("Everywhere", [(key.shown, key.does) for key in WINDOW_KEYS])
        self._add("In the grid", list(CHEAT_SHEET))

    def _add(self, title: str, lines: list[tuple[str, str]]) -> None:
        home = self.ids.lines
        home.add_widget(
            Caption(
                text=title,
                style="strong",
                role="primary",
                ground="sheet",
                size_hint_y=None,
                height=max(dp(40), sp(30)),
            )
        )
        for keys, does in lines:
            home.add_widget(
                KeyLine(
                    does=does,
                    keys=keys,
                    ground="sheet",
                    size_hint_y=None,
                    height=max(dp(32), sp(26)),
                )
            )

    @property
    def stop(self) -> Any:
        """Where the keyboard goes."""
        return self.ids.leave
