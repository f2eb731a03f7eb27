"""The history of a record or a field: a pane beside it where there is room, else a sheet over the window."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.metrics import dp, sp
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from app.viewmodels.desk import Desk
from app.viewmodels.history import HistoryState, VersionLine
from app.viewmodels.spoken import counted
from app.views.house import looks
from app.views.house.batch import Batch, wrap
from app.views.house.controls import IconButton, PushButton
from app.views.house.focus import by_keyboard
from app.views.house.menus import MenuItem, MenuSheet
from app.views.house.painted import Control
from app.views.house.panes import Caption
from app.views.house.skin import skin
from app.views.house.theme import Roles
from app.views.panel import PanelSheet
from app.views.screen import RowStack, ScreenView

looks.load("history.kv")

SAID = 8  # changes of a version that its row says
ASIDE, AROUND = 14, 12  # dp at the sides of a row's words, above and below them


class VersionRow(Control):
    """What was done, by whom and when, and what it changed; pressing it shows the record as it was then."""

    line: VersionLine | None = ObjectProperty(None, allownone=True)
    natural_height = NumericProperty(0)
    watch = (*Control.watch, "line")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("line", "width"):
            self.fbind(name, self._measure)
        skin.bind(text_scale=self._measure)
        self._measure()

    def _said(self, line: VersionLine) -> list[str]:
        """The lines below the heading, as many as they need."""
        room = max(1.0, self.width - 2 * dp(ASIDE))
        said = [each.said for each in line.changes[:SAID]]
        if len(line.changes) > SAID:
            said.append(f"and {counted(len(line.changes) - SAID, 'more field')}")
        return [part for words in said for part in wrap("body", words, room)]

    def _when(self, line: VersionLine) -> list[str]:
        words = f"{line.exact} · {line.computer}" if line.computer else line.exact
        return wrap("small", words, max(1.0, self.width - 2 * dp(ASIDE)))

    def _measure(self, *_: Any) -> None:
        if self.line is not None:
            said, when = self._said(self.line), self._when(self.line)
            self.natural_height = (
                2 * dp(AROUND) + sp(20) * (1 + len(said)) + sp(16) * len(when) + dp(8)
            )

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A rounded row with words in it."""
        line, x, room = self.line, dp(ASIDE), w - 2 * dp(ASIDE)
        if line is None:
            return
        fill = self.layer_of(r.selected if self.selected else self.under(r), r.text)
        b.rounded(0, 2, w, h - 4, dp(12), fill)
        y = h - dp(AROUND) - sp(20)
        when = "now" if line.current else line.when
        taken = b.write("small", when, x, y, sp(20), r.muted, room, "right")
        b.write("strong", f"{line.what} by {line.who}", x, y, sp(20), r.text, room - taken - dp(8))
        y -= dp(4)
        for words in self._when(line):
            y -= sp(16)
            b.write("small", words, x, y, sp(16), r.muted, room)
        y -= dp(4)
        for words in self._said(line):
            y -= sp(20)
            b.write("body", words, x, y, sp(20), r.text, room)


class HistoryView(ScreenView):
    """The versions, or the one that is looked at; `ground` is "page" for a pane, "sheet" over the window."""

    desk = ObjectProperty()
    ground = StringProperty("page")
    under = StringProperty("pane")
    title = StringProperty()
    note = StringProperty()

    def __init__(self, desk: Desk, **kwargs: Any) -> None:
        self.rows = RowStack(spacing=dp(4))
        self.older = PushButton(text="Older versions", icon="history", kind="text")
        self.whole = PushButton(text="The whole record", icon="history", kind="tonal")
        self.back = IconButton(
            icon="arrow-left", label="Back to the versions", pos_hint={"center_y": 0.5}
        )
        self.restore = PushButton(text="Restore this version", icon="restore")
        self.values = BoxLayout(
            orientation="vertical", size_hint_y=None, padding=(dp(14), 0), spacing=dp(4)
        )
        self.values.bind(minimum_height=self.values.setter("height"))
        self._looked: VersionLine | None = None
        super().__init__(desk.history, desk=desk, **kwargs)
        self.older.bind(on_release=lambda *_: self.vm.show_more())
        self.whole.bind(on_release=lambda *_: desk.show_history())
        self.back.bind(on_release=lambda *_: self.vm.look_back())
        self.restore.bind(on_release=lambda *_: self._restore(self.state.looked))
        self.fbind("ground", lambda *_: self._dress())
        self._dress()

    def _dress(self) -> None:
        self.under = "sheet" if self.ground == "sheet" else "pane"
        self._looked = None
        self.values.clear_widgets()
        self.shown(self.state)

    @property
    def stop(self) -> Any:
        """Where F6 leads: the newest version, or the way back from one."""
        if self.state.looked is not None:
            return self.back
        return next(iter(self.rows.rows.values()), None)

    def shown(self, state: HistoryState) -> None:
        """A list, or one version."""
        if "column" not in self.ids or not state.open:
            return  # the rule is not applied yet, or it goes away
        looked, before = state.looked, self._looked
        self._say(state)
        if looked is None:
            self._show_list(state)
        else:
            self._show_one(state, looked)
        if (looked is None) != (before is None) and by_keyboard.on:
            Clock.schedule_once(lambda _: self._follow(before), 0)
        _fill(self.ids.way_back, [] if looked is None else [self.back])
        self.ids.answers.height = 0 if looked is None else self.restore.height + dp(24)
        _fill(self.ids.answers, [] if looked is None else [self.restore, Widget()])
        for part in (self.older, self.whole, self.back, self.restore):
            part.ground = self.under

    def _follow(self, before: VersionLine | None) -> None:
        """The keyboard goes along: to what can be done with a version, and back to its row."""
        if self.get_root_window() is None or not self.state.open:
            return
        stop = self.back if self.restore.disabled else self.restore
        if self.state.looked is None:
            stop = self.rows.rows.get(before.n if before is not None else 0, self.stop)
        if stop is not None:
            stop.focus = True

    def _say(self, state: HistoryState) -> None:
        of = f"History of {state.field_title}" if state.field else "History"
        looked = state.looked
        self.title = of if looked is None else ("As it is now" if looked.current else "As it was")
        if state.error:
            self.note = state.error
        elif looked is not None:
            self.note = f"{looked.what} by {looked.who}, {looked.exact}"
        elif state.loaded and not state.lines:
            self.note = "Nothing is known of what was here before."
        else:
            self.note = "Reading the history…" if state.slow else state.title

    def _show_list(self, state: HistoryState) -> None:
        if self._looked is not None:
            self.ids.scroll.scroll_y = 1
        self._looked = None
        self.rows.show(state.lines, lambda line: line.n, self._row, self._update)
        parts: list[Widget] = [self.whole] if state.field else []
        parts += [self.rows, *([self.older] if state.more else [])]
        _fill(self.ids.column, parts)

    def _row(self, line: VersionLine) -> VersionRow:
        row = VersionRow(line=line, label="See what it was then", ground=self.under)
        row.bind(
            on_release=lambda *_: self._look_at(row.line),
            on_context=lambda _, touch: self._menu(row, touch),
        )
        return row

    def _update(self, row: VersionRow, line: VersionLine) -> None:
        row.line, row.ground = line, self.under

    def _look_at(self, line: VersionLine | None) -> None:
        if line is not None:
            self.vm.look_at(line)

    def _menu(self, row: VersionRow, touch: Any) -> None:
        now = row.line is None or row.line.current
        restore = None if now else partial(self._restore, row.line)
        items = [
            MenuItem("Look at it", "eye-outline", partial(self._look_at, row.line)),
            MenuItem(self._words, "restore", restore),
        ]
        place = {"anchor": row} if touch is None else {"at": row.to_window(*touch.pos)}
        MenuSheet(items, **place).open()

    @property
    def _words(self) -> str:
        return "Put this value back" if self.state.field else "Restore this version"

    def _show_one(self, state: HistoryState, looked: VersionLine) -> None:
        self.restore.text, self.restore.disabled = self._words, looked.current
        if looked != self._looked:
            self._looked = looked
            self.values.clear_widgets()
            for name, value in state.values:
                self._add_value(name, value)
            self.ids.scroll.scroll_y = 1
        _fill(self.ids.column, [self.values])

    def _add_value(self, name: str, value: str) -> None:
        for words, style, role in ((name, "small", "muted"), (value, "body", "text")):
            self.values.add_widget(
                Caption(text=words, style=style, role=role, lines=0, ground=self.under)
            )
        self.values.add_widget(Widget(size_hint_y=None, height=dp(8)))

    def _restore(self, line: VersionLine | None) -> None:
        if line is not None:
            self.vm.restore(line)


class HistoryHome:
    """Where the history stands: its one view goes into the desk's row, or into a sheet over the window."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.view = HistoryView(desk)
        self.sheet: PanelSheet | None = None

    def close(self) -> None:
        """The workspace closes."""
        self._put_away()
        self.view.close()

    def stand(self, *, beside: bool) -> None:
        """Beside the record, or over the window while it is open and there is no room."""
        if beside or not self.desk.history.state.open:
            self._put_away()
            self.view.ground = "page"
        elif self.sheet is None:
            if self.view.parent is not None:
                self.view.parent.remove_widget(self.view)
            self.view.size_hint = None, None
            self.view.ground = "sheet"
            sheet = self.sheet = PanelSheet(self.view, 480, 720)
            sheet.undoable = True
            sheet.bind(on_dismiss=lambda *_: self._dismissed(sheet))
            sheet.open()

    def _put_away(self) -> None:
        sheet, self.sheet = self.sheet, None
        if sheet is not None:
            sheet.dismiss()
            self._let_go(sheet)

    def _dismissed(self, sheet: PanelSheet) -> None:
        if sheet is self.sheet:  # by a person
            self.sheet = None
            self._let_go(sheet)
            self.desk.history.close()

    def _let_go(self, sheet: PanelSheet) -> None:
        if self.view.parent is sheet:
            sheet.remove_widget(self.view)
        self.view.size_hint = None, 1


def _fill(home: BoxLayout, wanted: list[Widget]) -> None:
    if list(reversed(home.children)) != wanted:
        home.clear_widgets()
        for part in wanted:
            home.add_widget(part)
