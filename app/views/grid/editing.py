"""Editing in place: an input over the cell.

What was typed is never lost to an error: it stays, and the sentence stands below.

1. While an edit is open the source holds its order: the row neither moves nor vanishes.
2. What is typed is stored when the typing pauses, and on leaving; Escape takes all of the edit back at once.
3. Enter keeps and goes down (Shift+Enter: a new line in long text), Tab keeps and goes right, going elsewhere keeps.
4. A text that the column refuses keeps the edit open wherever the focus goes, and is told as a draft; only Escape
   drops it.
"""

from __future__ import annotations

from typing import Any, Protocol

from kivy.clock import Clock
from kivy.metrics import dp

from app.viewmodels.editing import PAUSE_S
from app.views.grid.host import Host
from app.views.grid.refusal import Refusal
from app.views.house.inputs import HouseInput

TALLEST = 240  # dp of an input for several lines
NARROWEST = 140  # dp of the input, however narrow the column


class Edited(Host, Protocol):
    """What an edit asks of the grid besides."""

    def put(self, row: int, column: int, value: Any, doc_id: int | None = None) -> None:
        """Show a value at once and tell it."""

    def step(self, cells: int) -> None:
        """To the next or previous cell."""

    def reveal(self, row: int, column: int) -> None:
        """Scroll until a cell shows whole."""

    def touch_row(self, row: int) -> None:
        """Paint a row again."""

    def add_widget(self, widget: Any) -> Any:
        """Lay the input over the cell."""

    def remove_widget(self, widget: Any) -> Any:
        """Take it away."""


class CellInput(HouseInput):
    """The input over a cell: Tab, Enter and Escape belong to the grid, not to the chain of focus."""

    def __init__(self, editing: Editing, **kwargs: Any) -> None:
        self.editing = editing
        super().__init__(**kwargs)

    def keyboard_on_key_down(
        self, window: Any, keycode: tuple[int, str], text: str, modifiers: list[str]
    ) -> Any:
        """The grid's keys first."""
        shift = "shift" in modifiers
        match keycode[1]:
            case "tab":
                self.editing.keep_and_step(-1 if shift else 1)
            case "enter" | "numpadenter" if self.multiline and shift:
                self.insert_text("\n")
            case "enter" | "numpadenter":
                self.editing.keep_and_go(-1 if shift else 1)
            case "escape":
                self.editing.drop()
            case _:
                return super().keyboard_on_key_down(window, keycode, text, modifiers)
        return True


class Editing:
    """The edit that is open, if any."""

    def __init__(self, grid: Edited) -> None:
        self.grid = grid
        self.input: CellInput | None = None
        self.refusal: Refusal | None = None
        self._place = (0, 0)
        self._doc_id: int | None = None
        self._before: Any = None  # what the cell held when the edit began
        self._stored: Any = None  # what it holds now
        self._text: str | None = None  # the text that stands for that
        self._drafted = False
        self._pause = Clock.create_trigger(lambda _dt: self._store(), PAUSE_S)

    @property
    def place(self) -> tuple[int, int] | None:
        """(row, column) of the open edit."""
        return self._place if self.input is not None else None

    # -- opening --------------------------------------------------------------------------------------------
    def open(self, replace: str | None = None, *, select: bool = False) -> None:
        """Edit the cell under the cursor from the end of its text, or with all of it selected.

        `replace` stands in place of the text, as typing over a cell does.
        """
        grid = self.grid
        row, column = grid.cursor
        if row < 0 or row >= grid.geometry.count or not grid.columns or self.input is not None:
            return
        spec, values = grid.columns[column], grid.source.row(row)
        if values is None:
            return
        if not spec.writable:
            grid.dispatch("on_refused", column)
        elif spec.kind == "checkbox":
            if replace is None:
                grid.put(row, column, not values[column])
        elif spec.kind == "choice" and spec.options and replace is None:
            grid.dispatch("on_choose", row, column)
        else:
            self._begin(row, column, values[column], replace)
            self._show(select=select and replace is None)

    def _begin(self, row: int, column: int, value: Any, replace: str | None) -> None:
        grid = self.grid
        self._place, self._doc_id = (row, column), grid.source.id_at(row)
        self._before = self._stored = value
        self._drafted = False
        grid.source.hold(True)
        self._text = grid.columns[column].plain(value).encode("utf-8", "replace").decode()
        self.input = CellInput(
            self,
            text=self._text if replace is None else replace.encode("utf-8", "replace").decode(),
            multiline=grid.columns[column].kind == "longtext" or "\n" in self._text,
            size_hint=(None, None),
        )

    def _show(self, *, select: bool) -> None:
        grid, field = self.grid, self.input
        if field is None:
            return
        grid.reveal(*self._place)
        field.pad_y = (grid.geometry.row_h - field.line_height) / 2 - dp(2)
        field.background_color = (*field.background_color[:3], 1)
        grid.add_widget(field)
        grid.touch_row(self._place[0])
        self.follow()
        field.fbind("text", self._typed)
        field.fbind("minimum_height", lambda *_: grid.ask_frame())
        field.fbind("focus", self._focus)
        field.focus = True
        if field.text != self._text:
            self._pause()  # the first letter was typed over the cell
        if select:
            Clock.schedule_once(lambda _: self.input is field and field.select_all(), 0)

    def _typed(self, *_: Any) -> None:
        self._clear_refusal()
        self._pause.cancel()
        self._pause()

    def _focus(self, _input: Any, on: bool) -> None:  # noqa: FBT001 -- a property's value
        if not on and self.input is not None:
            self.keep()

    # -- storing --------------------------------------------------------------------------------------------
    def _store(self) -> bool:
        """Store what was typed, if it is anything new; False when the column refuses it."""
        self._pause.cancel()
        field = self.input
        if field is None:
            return True
        if field.text == self._text:
            self._forget_draft()
            return True
        try:
            value = self.grid.columns[self._place[1]].parse(field.text)
        except ValueError as error:
            self._refuse(str(error))
            self._tell_draft(field.text)
            return False
        self._text = field.text
        self._forget_draft()
        self._put(value)
        return True

    def _put(self, value: Any) -> None:
        if value != self._stored:
            self._stored = value
            self.grid.put(*self._place, value, doc_id=self._doc_id)

    def _tell_draft(self, text: str | None) -> None:
        self._drafted = text is not None
        if self._doc_id is not None:
            name = self.grid.columns[self._place[1]].name
            self.grid.dispatch("on_draft", self._doc_id, name, text)

    def _forget_draft(self) -> None:
        if self._drafted:
            self._tell_draft(None)

    # -- closing ----------------------------------------------------------------------------------------------
    def keep(self) -> bool:
        """Take what was typed; False when the column refuses it, and then the edit stays."""
        if not self._store():
            return False
        self.close()
        return True

    def keep_and_go(self, rows: int) -> None:
        """Keep, and go up or down."""
        row, column = self._place
        if self.keep():
            self.grid.focus = True
            self.grid.go(row + rows, column)

    def keep_and_step(self, cells: int) -> None:
        """Keep, and go to the next or previous cell."""
        if self.keep():
            self.grid.focus = True
            self.grid.step(cells)

    def settle(self) -> None:
        """The rows go away: keep; what the column refuses has been told as a draft."""
        self.keep()
        self.close()

    def drop(self) -> None:
        """Leave the cell as it was before the edit."""
        if self.input is not None:
            self._forget_draft()
            self._put(self._before)
            self.close()
            self.grid.focus = True

    def close(self) -> None:
        """Take the input away; what was stored stands."""
        self._pause.cancel()
        self._clear_refusal()
        field, self.input = self.input, None
        if field is None:
            return
        held = field.focus
        field.focus = False
        self.grid.remove_widget(field)
        self.grid.touch_row(self._place[0])
        if held:
            self.grid.focus = True
        self.grid.source.hold(False)

    # -- refusing ------------------------------------------------------------------------------------------------
    def _refuse(self, sentence: str) -> None:
        self._clear_refusal()
        self.refusal = Refusal(text=sentence, size_hint=(None, None))
        self.refusal.fit()
        self.grid.add_widget(self.refusal)
        if self.input is not None:
            self.input.invalid = True
        self.follow()

    def _clear_refusal(self) -> None:
        if self.refusal is not None:
            self.grid.remove_widget(self.refusal)
            self.refusal = None
        if self.input is not None:
            self.input.invalid = False

    # -- staying in place ------------------------------------------------------------------------------------------
    def follow(self) -> None:
        """Lie over the cell; called in the same step that moves the rows, or it would lag a frame."""
        field = self.input
        if field is None:
            return
        g = self.grid.geometry
        box = g.cell(*self._place, self.grid.scroll)
        left = box.x if self._place[1] == 0 else max(box.x, g.x + g.frozen_width)
        edge = int(dp(2))
        wide = min(max(box.x + box.width - left - 2 * edge, dp(NARROWEST)), g.right - left - edge)
        seen = g.body_top - g.body_h - box.height / 2 <= box.y <= g.body_top - box.height / 2
        high = box.height - 2 * edge
        if field.multiline:
            high = min(max(high, field.minimum_height), dp(TALLEST), g.body_h - 2 * edge)
        top = max(box.y + box.height - edge, g.body_top - g.body_h + high + edge)
        field.size = max(1, wide), max(1, high)
        field.pos = (left + edge, top - high) if seen else (left, g.top + dp(4000))
        field.pad_x = self.grid.look.pad - edge
        if self.refusal is not None:
            below = field.y - edge - self.refusal.height - dp(2)
            above = field.top + edge + dp(2)
            y = (below if below > g.y else above) if seen else field.y
            self.refusal.pos = min(left, max(g.x, g.right - self.refusal.width)), y
