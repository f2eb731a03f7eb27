"""The record's pane: its fields in editors that keep what is typed, whatever else happens."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ObjectProperty

from app.viewmodels.desk import Desk
from app.viewmodels.forms import Ask
from app.viewmodels.history import HistoryState
from app.viewmodels.record import FieldState, RecordState
from app.viewmodels.spoken import counted
from app.views.columns import column_of
from app.views.house import looks
from app.views.house.cells import UNDECIDED
from app.views.house.controls import PushButton
from app.views.house.field_row import FieldRow
from app.views.house.focus import by_keyboard
from app.views.house.menus import MenuItem, MenuSheet
from app.views.house.panes import EmptyState
from app.views.house.skin import skin
from app.views.screen import RowStack, ScreenView
from app.views.undo import UndoButtons

looks.load("record.kv")

NAMES = 0.45  # of the width, at most, for the names of the fields

LOST = (
    "This record is in the trash",
    "It was moved there from somewhere else. What you typed last is kept with it.",
    "Bring it back",
)


class RecordField(FieldRow):
    """A field of the page that is open; what it tells after another record was opened is not heard."""

    def __init__(self, desk: Desk, shown: FieldState, **kwargs: Any) -> None:
        page = desk.record
        self._desk = desk
        self._page, self._number, self._slug = page, page.state.number, shown.field.slug
        self._field: Any = None
        self._before: Any = None
        super().__init__(**kwargs)
        self.update(shown)

    @property
    def _heard(self) -> bool:
        return self._page.state.open and self._page.state.number == self._number

    def update(self, shown: FieldState) -> None:
        """Bring it in line with the page; an input that is open keeps its text and its caret."""
        self.marked = shown.undecided
        if shown.field is not self._field:
            self._field, self.column = shown.field, column_of(shown.field)
        if self.input is None:
            self.value = shown.value
            if shown.error:
                self._show_draft(shown.text, shown.error)
        elif shown.error:
            self.error = shown.error
        elif not shown.waiting:
            self.value = shown.value

    def _show_draft(self, text: str, error: str) -> None:
        """What could not be stored stands in its editor, with the sentence, and takes no focus."""
        FieldRow.edit(self)
        field = self.input
        if field is not None:
            field.text = text
            field.focus = False
            self.error, field.invalid = error, True

    def edit(self) -> None:
        """A choice opens its menu, anything else its input."""
        if self.column.kind == "choice" and self.column.options and self.input is None:
            self._open_choices()
            return
        self._before = self.value
        super().edit()

    def on_context(self, touch: Any) -> None:
        """What can be done with this field."""
        saved = self._page.state.doc_id is not None
        history = partial(self._desk.show_history, self._slug) if saved else None
        items = [
            MenuItem("Edit", "pencil-outline", self.edit, "Enter"),
            MenuItem("History of this field", "history", history),
        ]
        if self.marked:
            items.append(MenuItem("Decide", UNDECIDED, self._desk.decide_record))
        place = {"anchor": self} if touch is None else {"at": self.to_window(*touch.pos)}
        MenuSheet(items, **place).open()

    def _open_choices(self) -> None:
        items = [
            MenuItem(name, run=partial(self._take, name), checked=name == self.value)
            for name in self.column.options
        ]
        items.append(
            MenuItem("No value", "close", partial(self._take, None) if self.value else None)
        )
        MenuSheet(items, anchor=self).open()

    def _take(self, value: Any) -> None:
        if value != self.value:
            self.value = value
            self.dispatch("on_commit", value)

    def on_draft(self, text: str) -> None:
        """Typed on: the page commits it when the typing pauses."""
        if self._heard:
            self._page.type(self._slug, text)

    def on_commit(self, value: Any) -> None:
        """Done: commit at once."""
        if self._heard:
            self._page.choose(self._slug, value)

    def input_key(self, key: str, modifiers: list[str]) -> bool:
        """Escape also takes back what was committed while typing."""
        if key == "escape" and self._heard:
            self._page.drop(self._slug, self._before)
        return super().input_key(key, modifiers)


class RecordView(ScreenView):
    """`compact`: it is the whole screen."""

    desk = ObjectProperty()
    compact = BooleanProperty(False)
    named = BooleanProperty(True)

    def __init__(self, desk: Desk, **kwargs: Any) -> None:
        self.fields = RowStack()
        self.decide = PushButton(icon=UNDECIDED, kind="tonal")
        self.back = UndoButtons(
            desk.undoing, ground="pane", spacing=dp(8), pos_hint={"center_y": 0.5}
        )
        self.lost = EmptyState(icon="trash-can-outline")
        self._number = 0
        super().__init__(desk.record, desk=desk, **kwargs)
        self.ids.fields.add_widget(self.fields)
        self.decide.bind(on_release=lambda *_: desk.decide_record())
        self.fbind("compact", self._dress)
        self._stop_history = desk.history.observe(self._past)
        self._dress()
        self.fields.bind(width=self._align)
        skin.bind(text_scale=self._align)
        self.lost.bind(on_action=lambda *_: desk.restore_record())
        self.shown(self.state)

    def shown(self, state: RecordState) -> None:
        """The rows; a record just opened begins at its first field."""
        if "fields" not in self.ids:
            return  # the rule is not applied yet
        self.named = state.title not in {"New record", "No name yet"}
        self.fields.show(
            state.fields if state.loaded and not state.gone else (),
            lambda shown: (state.number, shown.field.slug),
            lambda shown: RecordField(self.desk, shown),
            lambda row, shown: row.update(shown),
        )
        self._align()
        self._show_decide(state)
        self._show_lost(state)
        if state.number != self._number and self.fields.rows and state.loaded:
            self._number = state.number
            self.ids.scroll.scroll_y = 1
            Clock.schedule_once(lambda _: self._begin(state), 0)

    def _align(self, *_: Any) -> None:
        """One edge for all values: right of the longest name, as long as the values keep their share."""
        rows = self.fields.rows.values()
        least, most = dp(112) * max(1, skin.text_scale), self.fields.width * NAMES
        wide = max(least, min(most, max((row.natural_label for row in rows), default=0)))
        for row in rows:
            row.label_width = wide

    def close(self) -> None:
        """The view is going away."""
        self._stop_history()
        self.back.close()
        super().close()

    def _past(self, state: HistoryState) -> None:
        if "past" in self.ids:
            self.ids.past.selected = state.open

    def _dress(self, *_: Any) -> None:
        """Where there is no rail, undo and redo stand here."""
        home = self.ids.back
        home.clear_widgets()
        if self.compact:
            home.add_widget(self.back)

    def _show_decide(self, state: RecordState) -> None:
        """Below the title: that something in it waits for a decision, and the way there."""
        home, waits = self.ids.decide, state.undecided and not state.gone
        self.decide.text = f"{counted(state.undecided, 'thing')} to decide"
        if waits and self.decide.parent is None:
            home.add_widget(self.decide)
        elif not waits:
            home.clear_widgets()

    def _show_lost(self, state: RecordState) -> None:
        """In place of the fields: that the record is in the trash, or cannot be read."""
        home, scroll = self.ids.home, self.ids.scroll
        if state.error:
            self.lost.title, self.lost.text, self.lost.action_text = (
                "This record cannot be read", state.error, "",
            )  # fmt: skip
        else:
            self.lost.title, self.lost.text, self.lost.action_text = LOST
        wanted = self.lost if state.gone or state.error else scroll
        if home.children != [wanted]:
            home.clear_widgets()
            home.add_widget(wanted)

    def _begin(self, state: RecordState) -> None:
        """A new record is typed into at once; an old one takes the focus of whoever came by keyboard."""
        rows = list(self.fields.rows.values())
        if not rows or self.vm.state.number != state.number:
            return
        if state.doc_id is None:
            rows[0].edit()
        elif by_keyboard.on:
            rows[0].focus = True

    @property
    def stop(self) -> Any:
        """Where F6 leads: the first field."""
        return next(iter(self.fields.rows.values()), None)

    def add_field(self) -> None:
        """Ask for a new field of the collection."""
        self.desk.form.open(Ask.NEW_FIELD)
