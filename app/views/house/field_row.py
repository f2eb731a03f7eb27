"""FieldRow: a field of a record, read as a line, edited in place. Record pages are a column of these."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.metrics import dp, sp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from app.views.house import looks
from app.views.house.batch import Batch, text_width, wrap
from app.views.house.cells import ICON, UNDECIDED, Cell, Look, paint_cell
from app.views.house.column import Column
from app.views.house.fields import BoxInput
from app.views.house.focus import by_keyboard
from app.views.house.painted import Control
from app.views.house.skin import grown, skin
from app.views.house.theme import Roles

looks.load("components/fields.kv")

MULTILINE = frozenset({"longtext"})


class FieldRow(Control):
    """A field of a record: name at the left, value at the right by its kind; press it to edit in place.

    `column` says how (`Column`), `value` what. Typing tells `on_draft(text)` at each change, and `on_commit(value)`
    when it is done (Enter, Tab, or the focus goes elsewhere); a refused text stays, with the sentence below it.
    Escape drops it.
    """

    column = ObjectProperty(Column("", "text"))
    value = ObjectProperty(None, allownone=True)
    error = StringProperty()
    marked = BooleanProperty(False)  # something about it waits for a decision
    label_width = NumericProperty("112dp")
    natural_height = NumericProperty(0)
    watch = (*Control.watch, "column", "value", "error", "label_width", "marked")

    __events__ = ("on_commit", "on_draft", "on_refused")

    def __init__(self, **kwargs: Any) -> None:
        self.input: BoxInput | None = None
        super().__init__(**kwargs)
        for name in ("pos", "size", "value", "column", "error", "label_width", "ground"):
            self.fbind(name, self._lay)
        skin.bind(text_scale=self._lay, density=self._lay)
        self._lay()

    def on_commit(self, value: Any) -> None:
        """A new value."""

    def on_draft(self, text: str) -> None:
        """What stands in the input now."""

    def on_refused(self) -> None:
        """The field is not written by hand."""

    # -- sizes ------------------------------------------------------------------------------------------
    @property
    def row_h(self) -> float:
        """Of one line, in pixels."""
        return float(max(dp(44), sp(36)))

    @property
    def many(self) -> bool:
        """Whether the value may have several lines."""
        return self.column.kind in MULTILINE

    def _words(self) -> list[str]:
        """The lines of a long text."""
        shown = "" if self.value is None else self.column.show(self.value)
        return wrap("body", shown[:20000], max(1.0, self.width - self.label_width - dp(20)))

    def _lay(self, *_: Any) -> None:
        step, body = sp(20), self.row_h
        if self.input is not None and self.many:
            body = max(body, self.input.minimum_height + dp(8))
        elif self.many:
            body = max(body, len(self._words()) * step + dp(24))
        errors = len(self._refusal()) * sp(16) + dp(4) if self.error else 0
        self.natural_height = body + errors
        if self.input is not None:
            self._place_input(body)

    def _place_input(self, body: float) -> None:
        field = self.input
        if field is None:
            return
        field.ground = self.ground
        x = self.x + self.label_width
        field.size = max(1, self.x + self.width - x - dp(4)), max(1, body - dp(6))
        field.pos = x, self.y + self.height - body + dp(3)
        field.pad_x = dp(10)

    def _refusal(self) -> list[str]:
        return wrap("small", self.error, max(1.0, self.width - self.label_width - dp(20)))

    # -- painting -----------------------------------------------------------------------------------------
    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Name and value, or the frame around the input."""
        fill = self.layer_of(self.under(r), r.text) if self.input is None else self.under(r)
        b.rounded(0, 2, w, h - 4, dp(8), fill)
        row, side, x = int(self.row_h), int(grown(18)), self.label_width
        y = h - row
        icon, ink = ICON.get(self.column.kind, ICON["text"]), r.muted
        if self.marked:
            icon, ink = UNDECIDED, r.error
        b.icon(icon, dp(8), y + (row - side) / 2, side, ink)
        b.write("body", self.column.heading, dp(16) + side, y, row, r.muted, x - side - dp(24))
        if self.input is not None:
            self._paint_frame(b, w, h, r)
        elif self.value is None or self.value == "":
            b.write("body", "–", x + dp(12), y, row, r.muted, w - x - dp(16))
        elif self.many:
            for i, line in enumerate(self._words()):
                b.write(
                    "body",
                    line,
                    x + dp(12),
                    h - dp(12) - (i + 1) * sp(20),
                    sp(20),
                    r.text,
                    w - x - dp(20),
                )
        else:
            self._paint_value(b, y, w, fill, r)

    def _paint_frame(self, b: Batch, w: int, h: int, r: Roles) -> None:
        x, errors = self.label_width, self._refusal() if self.error else []
        low = len(errors) * sp(16) + dp(4) if errors else 0
        line = r.error if errors else r.primary
        b.framed(x, low + 1, w - x - 2, h - low - 2, dp(8), line, self.under(r), int(dp(2)))
        for i, words in enumerate(errors):
            b.write(
                "small", words, x + dp(12), low - (i + 1) * sp(16), sp(16), r.error, w - x - dp(16)
            )

    def _paint_value(self, b: Batch, y: float, w: int, fill: int, r: Roles) -> None:
        look, x = Look(r, int(self.row_h), fill, columns=False), self.label_width
        spec = self.column
        inner = Batch()
        cell = Cell(spec.kind, self.value, spec.show(self.value), spec.options)
        paint_cell(inner, cell, x, w - x, look)
        b.add(inner, 0, y)

    # -- editing ---------------------------------------------------------------------------------------------
    @property
    def natural_label(self) -> float:
        """What `label_width` would show the whole name, in pixels."""
        return text_width("body", self.column.heading) + grown(18) + dp(26)

    def press_key(self) -> None:
        """Enter or Space: edit."""
        self.edit()

    def on_release(self) -> None:
        """A click or a tap: edit."""
        self.edit()

    def edit(self) -> None:
        """Open the input, or turn a checkbox."""
        if self.input is not None or self.disabled:
            return
        if not self.column.writable:
            self.dispatch("on_refused")
            return
        if self.column.kind == "checkbox":
            self.value = not self.value
            self.dispatch("on_commit", self.value)
            return
        text = self.column.plain(self.value).encode("utf-8", "replace").decode()
        field = self.input = BoxInput(self, text=text, multiline=self.many, size_hint=(None, None))
        self.add_widget(field)
        self._lay()
        self.repaint()
        field.fbind("text", self._typed)
        field.fbind("minimum_height", self._lay)
        field.fbind("focus", self._focus)
        field.focus = True
        if not self.many:
            Clock.schedule_once(lambda _: self._select_all(field, text), 0)

    def _select_all(self, field: BoxInput, opened: str) -> None:
        """Unless it was closed or typed into within the frame it was opened in."""
        if self.input is field and field.text == opened:
            field.select_all()

    def keyboard_on_textinput(self, _window: Any, text: str) -> None:
        """Typing into a row that has the focus: as in a cell of the grid; a long text is gone on with."""
        menu = self.column.kind == "choice" and self.column.options
        typed_into = self.input is not None
        if typed_into or text.isspace() or self.column.kind == "checkbox" or menu:
            return
        self.edit()
        field = self.input
        if field is not None:
            field.text = field.text + text if self.many else text

    def _typed(self, _input: Any, text: str) -> None:
        self.error = ""
        self.dispatch("on_draft", text)

    def _focus(self, _input: Any, on: bool) -> None:  # noqa: FBT001 -- a property's value
        if not on and self.input is not None:
            self.keep()

    def input_key(self, key: str, modifiers: list[str]) -> bool:
        """Enter keeps (in long text only with Ctrl), Tab keeps and goes on, Escape drops."""
        enter = key in {"enter", "numpadenter"}
        if key == "escape":
            self._close(refocus=True)
        elif enter and (not self.many or "ctrl" in modifiers):
            if self.keep():
                self.focus = True
        elif key == "tab":
            if self.keep():
                self._go_on(back="shift" in modifiers)
        else:
            return False
        return True

    def _go_on(self, *, back: bool) -> None:
        by_keyboard.on = True
        other = self.get_focus_previous() if back else self.get_focus_next()
        if other is not None:
            other.focus = True

    def keep(self) -> bool:
        """Take what was typed; False when the column refuses it, and then the input stays."""
        field = self.input
        if field is None:
            return True
        try:
            value = self.column.parse(field.text)
        except ValueError as error:
            self.error = str(error)
            field.invalid = True
            return False
        changed = value != self.value
        self._close(refocus=False)
        if changed:
            self.value = value
            self.dispatch("on_commit", value)
        return True

    def _close(self, *, refocus: bool) -> None:
        field, self.input = self.input, None
        if field is None:
            return
        field.focus = False
        self.remove_widget(field)
        self.error = ""
        self._lay()
        self.repaint()
        if refocus:
            self.focus = True

    def on_touch_down(self, touch: Any) -> bool:
        """While it is edited, the input takes the touches."""
        if self.input is not None and self.collide_point(*touch.pos):
            return bool(self.input.on_touch_down(touch)) or True
        return super().on_touch_down(touch)
