"""Mouse and touch for the grid: wheel, pan and fling, scrollbars, column edges, selection, handles, menus.

A mouse drag selects, a finger pans; both drag thumbs, column edges and handles. A long press is a right click.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Protocol

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.metrics import dp

from app.views.grid.editing import Editing
from app.views.grid.geometry import HEADER, NUMBERS
from app.views.grid.host import Host
from app.views.house.box import Box
from app.views.house.motion import Motion, Trail
from app.views.house.painted import LONG_PRESS, TOUCH

GRIP, FINGER_GRIP = 6, 20  # dp either side of a column's edge
NOTCH = 56  # dp a wheel notch scrolls
SLOP = 8  # dp a finger may wander in a tap
MOUSE_BAR = 14  # dp beside the edge that a mouse can take a thumb in


class Drag(Enum):
    """What a touch is doing."""

    BAR_Y = "bar_y"
    BAR_X = "bar_x"
    WIDTH = "width"
    HEADER = "header"
    PAN = "pan"
    SELECT = "select"
    HANDLE = "handle"
    CONTEXT = "context"


class Handled(Host, Protocol):
    """What hands ask of the grid besides."""

    editing: Editing
    scroll_x: float
    scroll_y: float

    def scroll_to(self, x: float, y: float) -> None:
        """Scroll, within what there is."""

    def in_selection(self, row: int, column: int) -> bool:
        """Whether a cell is selected."""

    def select_rows(self, row: int, *, extend: bool = False) -> None:
        """Select whole rows."""

    def handles(self) -> list[Box]:
        """The two handles of a selection made by touch."""

    def hold_corner(self, corner: int) -> None:
        """Drag this corner of the selection."""

    def set_width(self, column: int, pixels: float) -> None:
        """Make a column so wide."""

    def fit_column(self, column: int) -> None:
        """As wide as what is in sight needs it."""

    def widths_dp(self) -> list[int]:
        """The widths of all columns."""

    def repaint(self) -> None:
        """Paint everything again."""

    def repaint_head(self) -> None:
        """Paint the headings again."""

    def offers_open(self, row: int) -> bool:
        """Whether a row shows the way to its record."""

    def open_box(self) -> Box:
        """Where that way is."""

    def open_record(self, row: int) -> None:
        """Ask for the record."""


class Pointer:
    """One touch at a time; a second finger is ignored until the first is up."""

    def __init__(self, grid: Handled) -> None:
        self.grid = grid
        self.drag: Drag | None = None
        self.resizing: int | None = None
        self.by_finger = False
        self.motion = Motion(
            lambda: grid.scroll, grid.scroll_to, lambda: (grid.geometry.max_x, grid.geometry.max_y)
        )
        self._touch: Any = None
        self._start: tuple[float, float] = (0.0, 0.0)
        self._before: tuple[float, float] = (0.0, 0.0)
        self._trail: Trail | None = None
        self._held = Clock.create_trigger(self._long_press, LONG_PRESS)

    @property
    def on_bar(self) -> bool:
        """Whether a thumb is being dragged."""
        return self.drag in {Drag.BAR_X, Drag.BAR_Y}

    # -- down ---------------------------------------------------------------------------------------------
    def down(self, touch: Any) -> None:
        """A button or a finger came down on the grid."""
        self.motion.stop()
        self._touch, self._start, self._before = touch, touch.pos, self.grid.scroll
        self.by_finger = "button" not in touch.profile
        self.drag = self._take(touch)
        if self.by_finger and self.drag in {Drag.PAN, Drag.HEADER}:
            self._held()
        self.grid.ask_frame()

    def _take(self, touch: Any) -> Drag | None:
        grid, g = self.grid, self.grid.geometry
        x, y = touch.pos
        if getattr(touch, "button", "") == "right":
            return self._context(x, y)
        bar = self._take_bar(x, y)
        if bar is not None:
            return bar
        if g.row_at(y, grid.scroll_y) == HEADER:
            return self._take_header(touch, x)
        for corner, box in enumerate(grid.handles()):
            if box.grown(dp(TOUCH), dp(TOUCH)).holds(x, y):
                grid.hold_corner(corner)
                return Drag.HANDLE
        if self.by_finger:
            self._trail = Trail(touch)
            return Drag.PAN
        self._tap(touch)
        return Drag.SELECT

    def _take_bar(self, x: float, y: float) -> Drag | None:
        """A thumb; a finger needs only to come down within 48 dp of it."""
        g, (sx, sy) = self.grid.geometry, self.grid.scroll
        thumb_y, thumb_x = g.thumb_y(sy), g.thumb_x(sx)
        if thumb_y.width:
            area = thumb_y.grown(dp(TOUCH), dp(TOUCH)) if self.by_finger else thumb_y
            track = (
                not self.by_finger
                and x >= g.right - dp(MOUSE_BAR)
                and g.y + g.bar <= y < g.body_top
            )
            if area.holds(x, y) or track:
                if track and not thumb_y.holds(x, y):  # on the track: the thumb comes here
                    middle = thumb_y.y + thumb_y.height / 2
                    self.grid.scroll_to(sx, sy - (y - middle) * g.per_pixel_y())
                    self._before = self.grid.scroll
                return Drag.BAR_Y
        if thumb_x.width:
            area = thumb_x.grown(dp(TOUCH), dp(TOUCH)) if self.by_finger else thumb_x
            if area.holds(x, y) or (not self.by_finger and y <= g.y + dp(MOUSE_BAR)):
                return Drag.BAR_X
        return None

    def _take_header(self, touch: Any, x: float) -> Drag:
        grid, g = self.grid, self.grid.geometry
        edge = g.edge_at(x, grid.scroll_x, dp(FINGER_GRIP if self.by_finger else GRIP))
        if edge is None:
            return Drag.HEADER
        if touch.is_double_tap:
            grid.fit_column(edge)
            return Drag.HEADER
        self.resizing = edge
        self._before = (float(g.width_of(edge)), 0.0)
        grid.repaint_head()
        return Drag.WIDTH

    def _context(self, x: float, y: float) -> Drag:
        grid, g = self.grid, self.grid.geometry
        row, column = g.row_at(y, grid.scroll_y), g.column_at(x, grid.scroll_x)
        if row == HEADER:
            if column != NUMBERS:
                grid.dispatch("on_header_menu", column, (x, y))
        elif row < g.count:
            if not grid.in_selection(row, max(0, column)):
                grid.go(row, max(0, column))
            grid.dispatch("on_cell_menu", row, max(0, column), (x, y))
        return Drag.CONTEXT

    def _long_press(self, _dt: float) -> None:
        if self._touch is not None and self.drag in {Drag.PAN, Drag.HEADER}:
            self.drag = self._context(*self._touch.pos)

    # -- move ------------------------------------------------------------------------------------------------
    def move(self, touch: Any) -> None:
        """The touch that came down moved."""
        grid, g, (x, y) = self.grid, self.grid.geometry, touch.pos
        dx, dy = x - self._start[0], y - self._start[1]
        if max(abs(dx), abs(dy)) > dp(SLOP):
            self._held.cancel()
        match self.drag:
            case Drag.BAR_Y:
                grid.scroll_to(grid.scroll_x, self._before[1] - dy * g.per_pixel_y())
            case Drag.BAR_X:
                grid.scroll_to(self._before[0] + dx * g.per_pixel_x(), grid.scroll_y)
            case Drag.WIDTH if self.resizing is not None:
                grid.set_width(self.resizing, self._before[0] + dx)
            case Drag.PAN if self._trail is not None:
                grid.scroll_to(self._before[0] - dx, self._before[1] + dy)
                self._trail.add(touch)
            case Drag.SELECT | Drag.HANDLE:
                row = g.row_at(min(y, g.body_top - 1), grid.scroll_y)
                grid.go(row, max(0, g.column_at(x, grid.scroll_x)), extend=True)
            case _:
                pass

    # -- up ---------------------------------------------------------------------------------------------------
    def up(self, touch: Any) -> None:
        """The touch that came down is over."""
        self._held.cancel()
        was, self.drag, self._touch = self.drag, None, None
        moved = max(abs(touch.x - self._start[0]), abs(touch.y - self._start[1])) > dp(SLOP)
        if was is Drag.WIDTH:
            self.resizing = None
            self.grid.repaint()
            self.grid.dispatch("on_widths", self.grid.widths_dp())
        elif was is Drag.HEADER and not moved and not touch.is_double_tap:
            self._sort(touch)
        elif was is Drag.HANDLE and not moved:
            self._tap(touch)  # its 48 dp lie over much of a cell: that was meant for the cell
        elif was is Drag.PAN and self._trail is not None:
            if moved:
                vx, vy = self._trail.velocity()
                self.motion.fling(-vx, vy)
            else:
                self._tap(touch)
        self._trail = None
        self.grid.ask_frame()

    def _sort(self, touch: Any) -> None:
        column = self.grid.geometry.column_at(touch.x, self.grid.scroll_x)
        if column != NUMBERS:
            self.grid.dispatch("on_sort", column, "shift" in Window.modifiers)

    def _tap(self, touch: Any) -> None:
        """A click or a tap on a cell, a row number, or the way to the record."""
        grid, g = self.grid, self.grid.geometry
        row, column = g.row_at(touch.y, grid.scroll_y), g.column_at(touch.x, grid.scroll_x)
        if not 0 <= row < g.count or not grid.columns:
            return
        if column == NUMBERS:
            self._tap_number(row, touch)
            return
        if column == 0 and grid.offers_open(row) and touch.x - g.x >= grid.open_box().x:
            grid.open_record(row)
            return
        again = (row, column) == grid.cursor and grid.selection[0] == grid.selection[1]
        if not grid.go(row, column, extend="shift" in Window.modifiers):
            return
        box = grid.columns[column].kind == "checkbox"
        if touch.is_double_tap or box or (self.by_finger and again):
            grid.editing.open()

    def _tap_number(self, row: int, touch: Any) -> None:
        grid = self.grid
        if touch.is_double_tap:
            grid.open_record(row)
        else:
            grid.select_rows(row, extend="shift" in Window.modifiers)

    # -- wheel -------------------------------------------------------------------------------------------------
    def wheel(self, touch: Any) -> None:
        """One notch; with Shift sideways."""
        step = dp(NOTCH) * (1 if touch.button in {"scrolldown", "scrollright"} else -1)
        side = touch.button in {"scrollleft", "scrollright"} or "shift" in Window.modifiers
        self.motion.glide(step if side else 0, 0 if side else step)
