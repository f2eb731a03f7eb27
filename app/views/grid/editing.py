"""Editing in place: an input over the cell.

What was typed is never lost to an error: it stays, and the sentence stands below.

1. While an edit is open the source holds its order: the row neither moves nor vanishes.
2. Enter keeps and goes down (Shift+Enter: a new line in long text), Tab keeps and goes right, Escape drops, going
   elsewhere keeps.
3. A text that the column refuses keeps the edit open wherever the focus goes; only Escape drops it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import StringProperty

from app.views.house.batch import Batch, text_width, wrap
from app.views.house.inputs import HouseInput
from app.views.house.lines import type_of
from app.views.house.painted import Painted
from app.views.house.theme import Roles

if TYPE_CHECKING:
    from app.views.grid.grid import Grid

TALLEST = 240  # dp of an input for several lines
NARROWEST = 140  # dp of the input, however narrow the column
REFUSAL_WIDTH = 320  # dp at most


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


class Refusal(Painted):
    """Why a text was not taken, below its cell."""

    text = StringProperty()
    watch = ("text",)

    def fit(self) -> None:
        """Take the size that the sentence needs."""
        room = dp(REFUSAL_WIDTH) - dp(20)
        count = len(wrap("small", self.text, room))
        wide = min(room, text_width("small", self.text)) if count == 1 else room
        self.size = wide + dp(21), count * self.step + dp(12)

    @property
    def step(self) -> float:
        """From line to line, in pixels."""
        return float(type_of("small").px * 4 / 3)

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """White on red, a line each."""
        b.rounded(0, 0, w, h, dp(6), r.error)
        for i, line in enumerate(wrap("small", self.text, w - dp(20))):
            y = h - dp(6) - (i + 1) * self.step
            b.write("small", line, dp(10), y, self.step, r.on_error, w - dp(20))


class Editing:
    """The edit that is open, if any."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.input: CellInput | None = None
        self.refusal: Refusal | None = None
        self._place = (0, 0)
        self._doc_id: int | None = None

    @property
    def place(self) -> tuple[int, int] | None:
        """(row, column) of the open edit."""
        return self._place if self.input is not None else None

    # -- opening --------------------------------------------------------------------------------------------
    def open(self, replace: str | None = None) -> None:
        """Edit the cell under the cursor; `replace` stands in place of its text, as typing over a cell does."""
        grid = self.grid
        row, column = grid.cursor
        if row < 0 or row >= grid.geometry.count or not grid.columns or self.input is not None:
            return
        spec, values = grid.columns[column], grid.source.row(row)
        if values is None:
            return
        if not spec.writable:
            grid.dispatch("on_refused", column)
            return
        if spec.kind == "checkbox":
            if replace is None:
                grid.put(row, column, not values[column])
            return
        self._place, self._doc_id = (row, column), grid.source.id_at(row)
        grid.source.hold(True)
        text = spec.plain(values[column]) if replace is None else replace
        self._show(text.encode("utf-8", "replace").decode(), select=replace is None)

    def _show(self, text: str, *, select: bool) -> None:
        grid = self.grid
        grid.reveal(*self._place)
        many = grid.columns[self._place[1]].kind == "longtext" or "\n" in text
        field = CellInput(self, text=text, multiline=many, size_hint=(None, None))
        field.pad_y = (grid.geometry.row_h - field.line_height) / 2 - dp(2)
        field.background_color = (*field.background_color[:3], 1)
        self.input = field
        grid.add_widget(field)
        grid.touch_row(self._place[0])
        self.follow()
        field.fbind("text", self._typed)
        field.fbind("minimum_height", lambda *_: grid.ask_frame())
        field.fbind("focus", self._focus)
        field.focus = True
        if select:
            Clock.schedule_once(lambda _: self.input is field and field.select_all(), 0)

    def _typed(self, *_: Any) -> None:
        self._clear_refusal()

    def _focus(self, _input: Any, on: bool) -> None:  # noqa: FBT001 -- a property's value
        if not on and self.input is not None:
            self.keep()

    # -- closing ----------------------------------------------------------------------------------------------
    def keep(self) -> bool:
        """Take what was typed; False when the column refuses it, and then the edit stays."""
        field = self.input
        if field is None:
            return True
        row, column = self._place
        spec = self.grid.columns[column]
        try:
            value = spec.parse(field.text)
        except ValueError as error:
            self._refuse(str(error))
            return False
        self._close()
        before = self.grid.source.row(row)
        if before is None or before[column] != value:
            self.grid.put(row, column, value, doc_id=self._doc_id)
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

    def settle(self) -> tuple[int | None, str, str] | None:
        """The rows go away: keep, or hand back what the column refuses, as (record, column, text)."""
        field = self.input
        if field is None or self.keep():
            return None
        refused = self._doc_id, self.grid.columns[self._place[1]].name, field.text
        self.drop()
        return refused

    def drop(self) -> None:
        """Leave the cell as it was."""
        if self.input is not None:
            self._close()
            self.grid.focus = True

    def _close(self) -> None:
        field, self.input = self.input, None
        if field is None:
            return
        self._clear_refusal()
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
