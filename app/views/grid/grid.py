"""The grid widget: rows from a `RowSource`, any number of them; intents out as events (`events`).

1. Cost depends on what is visible, never on the row count. 2. A frame is drawn only after something changed.
3. Nothing here waits: a row that is not loaded is a ghost until its page arrives.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

from kivy.clock import Clock
from kivy.core.clipboard import Clipboard
from kivy.core.window import Window
from kivy.metrics import Metrics, dp, sp
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty
from kivy.uix.behaviors import FocusBehavior

from app.views.grid import copying
from app.views.grid.editing import Editing
from app.views.grid.events import GridEvents
from app.views.grid.fitting import natural_width
from app.views.grid.geometry import HEADER, Geometry
from app.views.grid.hands import Pointer
from app.views.grid.keys import Keys, key_name
from app.views.grid.layers import Layers, Painting
from app.views.grid.source import NoRows, RowSource
from app.views.house.batch import text_width
from app.views.house.box import Box
from app.views.house.cells import Look
from app.views.house.column import Column
from app.views.house.focus import Reachable
from app.views.house.lines import lines
from app.views.house.skin import grown, skin

BUDGET = 0.002  # seconds of row painting a frame may take; the rest are ghosts for one frame
NARROWEST, WIDEST = 56, 960  # dp of a column
HANDLE = 20  # dp
GHOSTS_AFTER = 0.2  # seconds until first rows that are not here are shown as on their way


class Grid(Reachable, GridEvents):
    """Set `source` and `columns` (of `Column`); `sorting` is a list of (column, descending) to show in the header."""

    source: RowSource = ObjectProperty()
    columns: list[Column] = ListProperty()
    sorting = ListProperty()
    marked: frozenset[int] = ObjectProperty(
        frozenset()
    )  # records in which something waits for a decision
    scroll_x = NumericProperty(0)
    scroll_y = NumericProperty(0)
    hovered = BooleanProperty(False)
    clipboard = ObjectProperty(Clipboard)

    def __init__(self, **kwargs: Any) -> None:
        self.geometry = Geometry(dp=Metrics.density)
        self.cursor, self.anchor = (0, 0), (0, 0)
        self.hovered_row: int | None = None
        self.shown = (1, 1)
        self.generation = 0
        self.unpainted = 0  # rows that are here and were put off to the next frame
        self._shape = "arrow"
        self._unit = grown(1)  # pixels of a dp of width, at this size of text
        self._waited = False
        self._wait = Clock.create_trigger(self._waited_long, GHOSTS_AFTER)
        self.look = Look(skin.roles, 40)
        self.editing, self.pointer, self.keys = Editing(self), Pointer(self), Keys(self)
        self.ask_frame = Clock.create_trigger(self._frame, -1)  # before this frame's draw
        self._later = Clock.create_trigger(
            self._frame, 0
        )  # the next frame; -1 would loop within this one
        super().__init__(**{"source": NoRows(), **kwargs})
        self.layers = Layers(self)
        for name in ("pos", "size"):
            self.fbind(name, self.measure)
        for name in ("scroll_x", "scroll_y", "focus"):
            self.fbind(name, self._ask)
        self.fbind("source", self._new_source)
        self.fbind("columns", self._new_columns)
        self.fbind("sorting", self.repaint_head)
        self.fbind("marked", self._ask)
        self.fbind("hovered", self._hover)
        Window.bind(mouse_pos=self._hover)
        skin.bind(roles=self.restyle, density=self.restyle, text_scale=self.restyle)
        lines().atlas.listeners.add(self)
        self._new_columns()
        self._new_source()
        self.restyle()

    # -- what changes from outside ---------------------------------------------------------------
    def _ask(self, *_: Any) -> None:
        self.ask_frame()

    def atlas_wiped(self) -> None:
        """The glyphs moved: paint again."""
        self.repaint()

    def restyle(self, *_: Any) -> None:
        """Theme, density or text size differ."""
        g = self.geometry
        g.dp = Metrics.density
        g.row_h = int(max(dp(skin.row_dp), sp(skin.row_dp * 0.8), sp(20) + dp(8)))
        by = grown(1) / self._unit
        if by != 1:
            g.widths = [round(width * by) for width in g.widths]
            self._unit = grown(1)
        g.head_h = int(max(dp(40), sp(20) + dp(12)))
        g.bar = int(dp(14))
        self.look = Look(skin.roles, g.row_h)
        self.measure()

    def _new_source(self, *_: Any) -> None:
        self.editing.close()
        self.source.on_rows = self._rows_differ
        self.source.on_reset = self._order_differs
        self.cursor = self.anchor = (0, 0)
        self.scroll_x = self.scroll_y = 0
        self._waited = False
        self._wait.cancel()
        self._wait()
        self._order_differs()

    def _new_columns(self, *_: Any) -> None:
        self.editing.close()
        self.geometry.widths = [int(grown(column.width_dp)) for column in self.columns]
        last = max(0, len(self.columns) - 1)
        self.cursor = self.anchor = (self.cursor[0], min(self.cursor[1], last))
        self.measure()

    def repaint_head(self, *_: Any) -> None:
        """The headings have to be painted again."""
        self.layers.head_slot.shows = None
        self.ask_frame()

    def _rows_differ(self, first: int, last: int) -> None:
        for slot in self.layers.slots:
            if slot.shows and first <= slot.shows[0] < last:
                slot.shows = None
        self.ask_frame()

    def _order_differs(self) -> None:
        """Another count or order: the cursor stays where it is, within what is left."""
        g = self.geometry
        g.count = self.source.count
        self.cursor, self.anchor = self._clamped(*self.cursor), self._clamped(*self.anchor)
        self.measure()
        self.scroll_to(self.scroll_x, self.scroll_y)

    def _clamped(self, row: int, column: int) -> tuple[int, int]:
        last = max(0, len(self.columns) - 1)
        return min(max(HEADER, row), max(0, self.geometry.count - 1)), min(max(0, column), last)

    def measure(self, *_: Any) -> None:
        """Lay out anew after a change of size, widths or count."""
        g = self.geometry
        g.x, g.y, g.width, g.height = int(self.x), int(self.y), int(self.width), int(self.height)
        digits = len(f"{max(999, g.count):,}")
        g.gutter = int(max(dp(48), text_width("small", "0" * digits) + dp(20)))
        g.measure()
        self.repaint()

    def repaint(self, *_: Any) -> None:
        """Everything visible has to be painted again."""
        self.layers.forget()
        self.ask_frame()

    def touch_row(self, row: int) -> None:
        """Paint one row again."""
        self._rows_differ(row, row + 1)

    # -- scrolling -------------------------------------------------------------------------------
    @property
    def scroll(self) -> tuple[float, float]:
        """(scroll_x, scroll_y) in pixels."""
        return self.scroll_x, self.scroll_y

    def scroll_to(self, x: float, y: float) -> None:
        """Scroll, within what there is."""
        self.scroll_x = min(max(0, x), self.geometry.max_x)
        self.scroll_y = min(max(0, y), self.geometry.max_y)

    @property
    def top_row(self) -> int:
        """The first row in sight."""
        return int(self.scroll_y // self.geometry.row_h)

    def show_from(self, row: int) -> None:
        """Scroll so that a row is the first in sight."""
        self.scroll_to(self.scroll_x, row * self.geometry.row_h)

    def reveal(self, row: int, column: int) -> None:
        """Scroll by the least that shows a cell whole."""
        if self.columns:
            self.scroll_to(*self.geometry.reveal(row, column, self.scroll))

    # -- drawing ---------------------------------------------------------------------------------
    def _frame(self, _dt: float) -> None:
        g, layers = self.geometry, self.layers
        if g.width < 2 or g.height < 2:
            return
        self.generation = lines().atlas.generation
        self.shown = g.visible_columns(self.scroll_x) if self.columns else (0, 0)
        layers.ensure(g.body_h // g.row_h + 3)
        self._place_rows()
        layers.head_slot.at(g.x, g.body_top, -int(self.scroll_x))
        key = self.shown, self.generation
        if layers.head_slot.shows != key:
            layers.paint_head()
            layers.head_slot.shows = key
        layers.clip_to()
        self.editing.follow()
        layers.paint_top()

    def _waited_long(self, _dt: float) -> None:
        self._waited = True
        self.ask_frame()

    def _rows_in_sight(self) -> tuple[int, int]:
        """First and last (exclusive) row to draw; ghosts stand in once the very first rows keep one waiting."""
        g = self.geometry
        if self.source.ready:
            return g.visible_rows(self.scroll_y)
        return 0, g.body_h // g.row_h + 1 if self._waited else 0

    def _place_rows(self) -> None:
        g, slots = self.geometry, self.layers.slots
        first, last = self._rows_in_sight()
        used, deadline = set(), perf_counter() + BUDGET
        painted, self.unpainted = 0, 0
        for row in range(first, last if self.columns else first):
            slot = slots[row % len(slots)]
            used.add(row % len(slots))
            hovered = row == self.hovered_row or self.offers_open(row)
            marked = bool(self.marked) and self.source.id_at(row) in self.marked
            key: tuple[Any, ...] = row, self.shown, self.generation, hovered, marked
            if slot.shows != key:
                values = self.source.row(row) if self.source.ready else None
                if values is None:
                    self.layers.paint_ghost(slot)
                elif painted and perf_counter() > deadline:  # too much is new in one frame
                    self.layers.paint_ghost(slot)
                    key = row, self.shown, self.generation, None, marked
                    self.unpainted += 1
                    self._later()
                else:
                    self.layers.paint_row(slot, row, values, hovered=hovered, marked=marked)
                    painted += 1
                slot.shows = key
            slot.at(g.x, g.body_top - (row + 1) * g.row_h + int(self.scroll_y), -int(self.scroll_x))
        for at, slot in enumerate(slots):
            if at not in used:
                slot.hide()

    def paintings(self) -> Iterator[Painting]:
        """What is drawn, for `audit`."""
        return self.layers.paintings()

    # -- the row under the mouse -----------------------------------------------------------------
    def _hover(self, *_: Any) -> None:
        row = None
        if self.hovered and self.pointer.drag is None:
            x, y = self.to_widget(*Window.mouse_pos)
            at = self.geometry.row_at(y, self.scroll_y)
            row = at if 0 <= at < self.geometry.count else None
            self._show_cursor(x, at)
        elif not self.hovered:
            self._show_cursor(-1, 0)
        if row != self.hovered_row:
            self.hovered_row = row
            self.ask_frame()

    def _show_cursor(self, x: float, row: int) -> None:
        edge = row == HEADER and self.geometry.edge_at(x, self.scroll_x, dp(6)) is not None
        shape = "size_we" if edge else "arrow"
        if shape != self._shape:
            self._shape = shape
            Window.set_system_cursor(shape)

    def offers_open(self, row: int) -> bool:
        """Whether a row shows the way to its record: under the mouse, or under the cursor after a tap."""
        return row == self.hovered_row or (self.pointer.by_finger and row == self.cursor[0])

    def open_box(self) -> Box:
        """Where that way is, from the grid's left edge; 40 dp wide in the first column."""
        wide = int(dp(40))
        return Box(self.geometry.frozen_width - 1 - wide, 0, wide, self.geometry.row_h)

    # -- cursor and selection --------------------------------------------------------------------
    @property
    def selection(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """((top, left), (bottom, right)), inclusive."""
        (a, b), (c, d) = self.cursor, self.anchor
        return (min(a, c), min(b, d)), (max(a, c), max(b, d))

    def in_selection(self, row: int, column: int) -> bool:
        """Whether a cell is selected."""
        (r0, c0), (r1, c1) = self.selection
        return r0 <= row <= r1 and c0 <= column <= c1

    def go(self, row: int, column: int, *, extend: bool = False) -> bool:
        """Move the cursor; an open edit is kept first, and False says that its text was refused."""
        if not self.editing.keep():
            return False
        if row < 0 and (extend or self.cursor[0] > 0):
            row = 0
        before, self.cursor = self.cursor, self._clamped(row, column)
        if not extend:
            self.anchor = self.cursor
        self.reveal(*self.cursor)
        self.ask_frame()
        if before[0] == HEADER or self.cursor[0] == HEADER:
            self.repaint_head()
        if before != self.cursor:
            self.dispatch("on_move", *self.cursor)
        return True

    def step(self, cells: int) -> None:
        """To the next or previous cell, over the row's end to the next row."""
        row, column = self.cursor
        count = max(1, len(self.columns))
        at = max(0, row) * count + column + cells
        at = min(max(0, at), max(0, self.geometry.count * count - 1))
        self.go(at // count, at % count)

    def select_rows(self, row: int, *, extend: bool = False) -> None:
        """Select whole rows."""
        last = max(0, len(self.columns) - 1)
        if not self.editing.keep():
            return
        anchor = self.anchor[0] if extend else row
        self.cursor, self.anchor = self._clamped(row, 0), self._clamped(anchor, last)
        self.ask_frame()
        self.dispatch("on_move", *self.cursor)

    def select_all(self) -> None:
        """Everything."""
        self.anchor, self.cursor = (
            (0, 0),
            self._clamped(self.geometry.count - 1, len(self.columns) - 1),
        )
        self.ask_frame()

    def drop_selection(self) -> bool:
        """Back to one cell; False when there was nothing to drop."""
        had = self.cursor != self.anchor
        self.anchor = self.cursor
        self.ask_frame()
        return had

    def handles(self) -> list[Box]:
        """The two round handles of a selection made by touch."""
        if (
            not (self.pointer.by_finger and self.columns and self.geometry.count)
            or self.editing.input is not None
        ):
            return []
        (r0, c0), (r1, c1) = self.selection
        if r0 < 0:
            return []
        upper, lower = (
            self.geometry.cell(r0, c0, self.scroll),
            self.geometry.cell(r1, c1, self.scroll),
        )
        side = int(dp(HANDLE))
        return [
            Box(upper.x - side / 2, upper.y + upper.height - side / 2, side, side),
            Box(lower.x + lower.width - side / 2, lower.y - side / 2, side, side),
        ]

    def hold_corner(self, corner: int) -> None:
        """Drag this corner of the selection (0 upper left, 1 lower right): the other one is the anchor."""
        upper, lower = self.selection
        self.cursor, self.anchor = (upper, lower) if corner == 0 else (lower, upper)

    # -- columns ---------------------------------------------------------------------------------
    def set_width(self, column: int, pixels: float) -> None:
        """Make a column so wide."""
        self.geometry.widths[column] = round(min(max(dp(NARROWEST), pixels), dp(WIDEST)))
        self.measure()
        self.scroll_to(*self.scroll)

    def widen(self, column: int, by_dp: float) -> None:
        """Wider or narrower, by key."""
        if self.columns:
            self.set_width(column, self.geometry.widths[column] + dp(by_dp))
            self.reveal(self.cursor[0], column)
            self.dispatch("on_widths", self.widths_dp())

    def fit_column(self, column: int) -> None:
        """As wide as the heading and what is in sight need it."""
        self.set_width(column, natural_width(self, column))
        self.dispatch("on_widths", self.widths_dp())

    def widths_dp(self) -> list[int]:
        """All widths at the usual size of text, to be kept with the view."""
        return [round(w / grown(1)) for w in self.geometry.widths]

    # -- intents ---------------------------------------------------------------------------------
    def put(self, row: int, column: int, value: Any, doc_id: int | None = None) -> None:
        """Show an edit at once and tell it."""
        known = self.source.id_at(row) if doc_id is None else doc_id
        if known is None:
            return
        self.source.put(known, {self.columns[column].name: value})
        self.touch_row(row)
        self.dispatch("on_edit", row, known, self.columns[column].name, value)

    def open_record(self, row: int) -> None:
        """Ask for the record."""
        doc_id = self.source.id_at(row) if row >= 0 else None
        if doc_id is not None and self.editing.keep():
            self.dispatch("on_open", row, doc_id)

    def ask_delete(self, *, records: bool) -> None:
        """Ask for the selected cells to be emptied, or their records to be trashed."""
        (r0, c0), (r1, c1) = self.selection
        if r0 >= 0 and self.geometry.count:
            self.dispatch("on_delete", range(r0, r1 + 1), range(c0, c1 + 1), records)

    def ask_menu(self) -> None:
        """Ask for the menu of what the cursor is on."""
        row, column = self.cursor
        if not self.columns:
            return
        pos = self.below(row, column)
        if row == HEADER:
            self.dispatch("on_header_menu", column, pos)
        elif self.geometry.count:
            self.dispatch("on_cell_menu", row, column, pos)

    def below(self, row: int, column: int) -> tuple[float, float]:
        """Where a menu of a cell hangs, in the window."""
        box = self.geometry.cell(row, column, self.scroll)
        x, y = self.to_window(box.x + dp(12), box.y)
        return x, y

    def copy(self) -> None:
        """The selection, for a spreadsheet."""
        copying.copy(self)

    def paste(self) -> None:
        """What a spreadsheet copied, as an intent."""
        copying.paste(self)

    # -- input -----------------------------------------------------------------------------------
    def on_touch_down(self, touch: Any) -> bool:
        """The input over a cell first, then the grid."""
        if not self.collide_point(*touch.pos):
            return bool(super().on_touch_down(touch))
        if touch.is_mouse_scrolling:
            self.pointer.wheel(touch)
            return True
        field = self.editing.input
        if field is not None and field.collide_point(*touch.pos):
            return bool(field.on_touch_down(touch))
        if self.pointer.drag is not None:
            return True
        FocusBehavior.ignored_touch.append(touch)
        self.pointer.down(touch)
        if self.editing.input is None:
            self.focus = True
        touch.grab(self)
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """A drag."""
        if touch.grab_current is not self:
            return bool(super().on_touch_move(touch))
        self.pointer.move(touch)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """The end of it."""
        if touch.grab_current is not self:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        self.pointer.up(touch)
        return True

    def keyboard_on_key_down(
        self, _window: Any, keycode: tuple[int, str], _text: str, modifiers: list[str]
    ) -> bool:
        """A key, while the grid has the focus."""
        return self.keys.down(key_name(keycode), modifiers)

    def keyboard_on_key_up(self, _window: Any, _keycode: tuple[int, str]) -> bool:
        """Kivy drops the focus when Escape comes up; here Escape ends an edit or a selection."""
        return True

    def keyboard_on_textinput(self, _window: Any, text: str) -> None:
        """Typed text."""
        self.keys.typed(text)

    def leave(self, *, back: bool = False) -> None:
        """Give the focus to what follows or precedes the grid."""
        other = self.get_focus_previous() if back else self.get_focus_next()
        if other is not None:
            other.focus = True
