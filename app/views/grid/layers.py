"""What the grid draws with: a ring of row slots, the header and what lies on top, each one mesh of the batch painter.

1. A row is painted when its key changes, never for scrolling.
2. All rows that are not here yet share one pair of buffers.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any, Protocol, TypeAlias

from kivy.graphics import (
    Color,
    InstructionGroup,
    PopMatrix,
    PushMatrix,
    Rectangle,
    ScissorPop,
    ScissorPush,
    Translate,
)
from kivy.metrics import dp

from app.views.grid.editing import Editing
from app.views.grid.hands import Pointer
from app.views.grid.host import Host
from app.views.grid.source import Cells
from app.views.house.batch import Batch, Layer, Mark, baseline, batch_context
from app.views.house.box import Box
from app.views.house.cells import ICON, NUMERIC, UNDECIDED, Cell, paint_cell
from app.views.house.skin import grown
from app.views.house.theme import mix

AWAY = (-20000, -20000)
Buffers: TypeAlias = "tuple[array[float], array[int]]"
Painting = tuple[tuple[Mark, ...], float, float, tuple[float, float, float, float]]


class Slot:
    """One pooled row: what it shows now, its scrolled cells and its frozen cells."""

    def __init__(self, context: Any) -> None:
        self.shows: tuple[Any, ...] | None = None
        self.away = False
        self.place, self.slide = Translate(0, 0), Translate(0, 0)
        self.cells, self.frozen = Layer(), Layer()
        context.add(PushMatrix())
        context.add(self.place)
        context.add(PushMatrix())
        context.add(self.slide)
        self.cells.add_to(context)
        context.add(PopMatrix())
        self.frozen.add_to(context)
        context.add(PopMatrix())

    def hide(self) -> None:
        """Out of sight until used again."""
        if not self.away:
            self.shows, self.away = None, True
            self.place.xy = AWAY

    def at(self, x: float, y: float, slide: float) -> None:
        """Show it with its lower left corner here, the scrolled cells shifted by `slide`."""
        self.away = False
        self.place.xy = x, y
        self.slide.x = slide


class Drawn(Host, Protocol):
    """What drawing asks of the grid besides."""

    canvas: Any
    editing: Editing
    pointer: Pointer
    sorting: list[tuple[int, bool]]
    shown: tuple[int, int]
    generation: int

    def to_window(self, x: float, y: float) -> tuple[float, float]:
        """A point of the grid in the window."""

    def handles(self) -> list[Box]:
        """The two handles of a selection made by touch."""

    def open_box(self) -> Box:
        """Where the way to the record of a row is."""


class Layers:
    """The grid's canvas, bottom to top: rows, the selection's wash, cursor and thumbs, header."""

    def __init__(self, grid: Drawn) -> None:
        self.grid = grid
        self.body, self.head, self.over = batch_context(), batch_context(), batch_context()
        self.clip, self.head_clip, self.over_clip = ScissorPush(), ScissorPush(), ScissorPush()
        self.slots: list[Slot] = []
        self.wash_ink, self.wash = Color(0, 0, 0, 0), Rectangle()
        self.head_slot = Slot(self.head)
        self.top = Layer().add_to(self.over)
        self.blank = Layer()
        self._ghost: tuple[Any, Buffers, Buffers] | None = None
        washes = InstructionGroup()
        washes.add(self.wash_ink)
        washes.add(self.wash)
        for part in (self.clip, self.body, washes, ScissorPop(), self.over_clip, self.over, ScissorPop(),
                     self.head_clip, self.head, ScissorPop()):  # fmt: skip
            grid.canvas.add(part)

    def ensure(self, count: int) -> None:
        """Have so many slots; more are made only when the window grows."""
        if len(self.slots) < count:
            self.slots += [Slot(self.body) for _ in range(count - len(self.slots))]
            self.forget()

    def forget(self) -> None:
        """Paint everything again."""
        self.head_slot.shows = None
        for slot in self.slots:
            slot.shows = None

    def clip_to(self) -> None:
        """Scissors are in window pixels."""
        g = self.grid.geometry
        x, y = (int(v) for v in self.grid.to_window(g.x, g.y))
        wide, high = int(g.width), int(g.height)
        low = y + int(g.height - g.head_h - g.body_h)
        self.clip.pos, self.clip.size = (x, low), (wide, int(g.body_h))
        self.over_clip.pos, self.over_clip.size = (x, y), (wide, max(0, int(high - g.head_h)))
        self.head_clip.pos, self.head_clip.size = (x, y), (wide, high)

    def columns(self, shown: tuple[int, int]) -> Iterator[tuple[int, bool]]:
        """(column, whether frozen) of what is to be painted."""
        if self.grid.columns:
            yield 0, True
        for column in range(*shown):
            yield column, False

    def paintings(self) -> Iterator[Painting]:
        """(marks, x, y of their origin, what they are clipped to), all in the window."""
        g = self.grid.geometry
        x, y = self.grid.to_window(g.x, g.y)
        low = y + g.height - g.head_h - g.body_h
        scrolled, still = (g.frozen_width, g.width - g.frozen_width), (0, g.frozen_width)
        slots = [(slot, low, g.body_h) for slot in self.slots if not slot.away]
        for slot, bottom, high in (*slots, (self.head_slot, y + g.height - g.head_h, g.head_h)):
            at = slot.place.y - g.y + y
            for layer, slide, (left, wide) in (
                (slot.cells, slot.slide.x, scrolled),
                (slot.frozen, 0, still),
            ):
                yield layer.marks, x + slide, at, (x + left, bottom, wide, high)

    # -- rows -------------------------------------------------------------------------------------------
    def paint_row(
        self, slot: Slot, row: int, values: Cells, *, hovered: bool, marked: bool
    ) -> None:
        """Fill a slot with a row that is here; a marked one has a sign where others have their number."""
        grid, g, look = self.grid, self.grid.geometry, self.grid.look
        ground = look.hover if hovered else look.ground
        cells, frozen = Batch(), Batch()
        first, last = grid.shown
        cells.box(g.offsets[first], 0, g.offsets[last] - g.offsets[first], g.row_h, ground)
        frozen.box(0, 0, g.frozen_width, g.row_h, ground)
        for column, still in self.columns(grid.shown):
            b = frozen if still else cells
            taken = self.grid.open_box().width if still and hovered else 0
            self._paint_value(
                b, row, column, values[column] if column < len(values) else None, taken
            )
            b.box(g.offsets[column + 1] - 1, 0, 1, g.row_h, look.hair)
        self._finish(cells, frozen)
        self._paint_number(frozen, row, marked=marked)
        if hovered and grid.columns:
            self._paint_open(frozen)
        cells.into(slot.cells)
        frozen.into(slot.frozen)

    def _paint_number(self, b: Batch, row: int, *, marked: bool) -> None:
        g, look, side = self.grid.geometry, self.grid.look, int(grown(18))
        room = g.gutter - dp(10)
        if marked:
            b.icon(UNDECIDED, room - side, (g.row_h - side) / 2, side, look.r.error)
        else:
            b.text(f"{row + 1:,}", 0, look.small_base, look.small, look.r.muted, room, "right")

    def _paint_value(self, b: Batch, row: int, column: int, value: Any, taken: float) -> None:
        grid, g = self.grid, self.grid.geometry
        spec = grid.columns[column]
        if value is None:
            return
        if (row, column) == grid.editing.place:
            return  # the input shows it
        kind = grid.look.strong if column == 0 else None
        cell = Cell(spec.kind, value, spec.show(value), spec.options)
        x = g.offsets[column]
        paint_cell(b, cell, x, g.offsets[column + 1] - x - taken, grid.look, kind)

    def _paint_open(self, b: Batch) -> None:
        """The way to the record, at the end of the first column of the row under the mouse."""
        g, look, side = self.grid.geometry, self.grid.look, int(grown(20))
        box = self.grid.open_box()
        b.icon(
            "arrow-expand",
            box.x + (box.width - side) / 2,
            (g.row_h - side) / 2,
            side,
            look.r.primary,
        )

    def _finish(self, cells: Batch, frozen: Batch) -> None:
        """Lines below a row and beside its frozen part."""
        g, look, (first, last) = self.grid.geometry, self.grid.look, self.grid.shown
        cells.box(g.offsets[first], 0, g.offsets[last] - g.offsets[first], 1, look.hair)
        frozen.box(0, 0, g.frozen_width, 1, look.hair)
        frozen.box(g.frozen_width - 1, 0, 1, g.row_h, look.r.line)

    def paint_ghost(self, slot: Slot) -> None:
        """A row that is on its way: all share buffers, so flying over a million costs next to nothing."""
        g, look = self.grid.geometry, self.grid.look
        key = self.grid.shown, tuple(g.offsets), self.blank.mesh.texture, self.grid.generation, look
        if self._ghost is None or self._ghost[0] != key:
            cells, frozen = Batch(), Batch()
            first, last = self.grid.shown
            cells.box(g.offsets[first], 0, g.offsets[last] - g.offsets[first], g.row_h, look.ground)
            frozen.box(0, 0, g.frozen_width, g.row_h, look.ground)
            for column, still in self.columns(self.grid.shown):
                b, x = (frozen if still else cells), g.offsets[column]
                w = g.offsets[column + 1] - x
                bar = max(0, min(w - 2 * look.pad, dp(40) + column * 31 % 60))
                b.rounded(x + look.pad, g.row_h // 2 - dp(4), bar, dp(8), dp(4), look.ghost)
                b.box(x + w - 1, 0, 1, g.row_h, look.hair)
            self._finish(cells, frozen)
            self._ghost = key, cells.buffers(), frozen.buffers()
        slot.cells.show(self._ghost[1])
        slot.frozen.show(self._ghost[2])
        slot.cells.marks = slot.frozen.marks = ()

    # -- header ---------------------------------------------------------------------------------------------
    def paint_head(self) -> None:
        """Icon, name, sort arrow and edge of each column."""
        grid, g, look = self.grid, self.grid.geometry, self.grid.look
        r, (first, last) = look.r, grid.shown
        cells, frozen = Batch(), Batch()
        cells.box(
            g.offsets[first],
            0,
            max(g.width, g.offsets[last] - g.offsets[first]),
            g.head_h,
            r.pane_head,
        )
        frozen.box(0, 0, g.frozen_width, g.head_h, r.pane_head)
        for column, still in self.columns(grid.shown):
            self._paint_heading(frozen if still else cells, column)
        line = mix(look.ground, r.line, 0.7)
        cells.box(g.offsets[first], 0, max(g.width, g.offsets[last] - g.offsets[first]), 1, line)
        frozen.box(0, 0, g.frozen_width, 1, line)
        frozen.box(g.frozen_width - 1, 0, 1, g.head_h, r.line)
        cells.into(self.head_slot.cells)
        frozen.into(self.head_slot.frozen)

    def _paint_heading(self, b: Batch, column: int) -> None:
        grid, g, look = self.grid, self.grid.geometry, self.grid.look
        r, spec, x = look.r, grid.columns[column], g.offsets[column]
        w, side = g.offsets[column + 1] - x, int(grown(16))
        sorted_by = next((down for at, down in grid.sorting if at == column), None)
        end = x + w - look.pad
        if sorted_by is not None:
            arrow = "arrow-down" if sorted_by else "arrow-up"
            end -= side
            b.icon(arrow, end + dp(2), (g.head_h - side) / 2, side, r.primary)
        room = end - x - look.pad
        ink, lead = (r.muted if sorted_by is None else r.text), side + dp(6)
        used = min(b.lines.width(spec.heading, look.label), room - lead)
        start = end - used - lead if spec.kind in NUMERIC and used > 0 else x + look.pad
        if room > side:
            b.icon(ICON.get(spec.kind, ICON["text"]), start, (g.head_h - side) / 2, side, ink)
        y = baseline(0, g.head_h, look.label.px)
        b.text(spec.heading, start + lead, y, look.label, ink, end - start - lead)
        hot = grid.pointer.resizing == column
        b.box(
            x + w - (2 if hot else 1), 0, 2 if hot else 1, g.head_h, r.primary if hot else look.hair
        )

    # -- on top ---------------------------------------------------------------------------------------------
    def paint_top(self) -> None:
        """Cursor, touch handles and scrollbar thumbs."""
        grid, g, look = self.grid, self.grid.geometry, self.grid.look
        b, r, scroll = Batch(), look.r, grid.scroll
        self._place_wash()
        if g.count and grid.columns and grid.cursor[0] >= 0:
            self._paint_cursor(b)
        for box in grid.handles():
            side = box.width
            b.disc(box.x, box.y, int(side), look.ground)
            b.disc(box.x + dp(2), box.y + dp(2), int(side - dp(4)), r.primary)
        ink = mix(look.ground, r.muted, 0.75 if grid.pointer.on_bar else 0.4)
        for box in (g.thumb_y(scroll[1]), g.thumb_x(scroll[0])):
            if box.width > 0 and box.height > 0:
                b.rounded(int(box.x), int(box.y), int(box.width), int(box.height), dp(4), ink)
        b.into(self.top)

    def _paint_cursor(self, b: Batch) -> None:
        grid, g, r = self.grid, self.grid.geometry, self.grid.look.r
        if grid.editing.input is not None:
            edit, edge = grid.editing.input, int(dp(2))
            b.ring(
                edit.x - edge,
                edit.y - edge,
                edit.width + 2 * edge,
                edit.height + 2 * edge,
                r.primary,
                edge,
            )
            return
        row, column = grid.cursor
        box = g.cell(row, column, grid.scroll)
        left = box.x if column == 0 else max(box.x, g.x + g.frozen_width)
        low = max(box.y, g.body_top - g.body_h)
        wide, high = box.x + box.width - left - 1, min(box.y + box.height, g.body_top) - low
        if wide > 0 and high > 0:
            ink, thick = (r.primary, int(dp(2))) if grid.focus else (r.outline, 1)
            b.ring(left, low, wide, high, ink, thick)

    def _place_wash(self) -> None:
        """The selection's wash is translucent and lies over the cells; made once, moved and recoloured."""
        grid, g = self.grid, self.grid.geometry
        (r0, c0), (r1, c1) = grid.selection
        many = (r0, c0) != (r1, c1) and r0 >= 0 and bool(grid.columns) and bool(g.count)
        if not many:
            self.wash_ink.a = 0
            return
        upper, lower = g.cell(r0, c0, grid.scroll), g.cell(r1, c1, grid.scroll)
        left = upper.x if c0 == 0 else max(upper.x, g.x + g.frozen_width)
        low, high = max(lower.y, g.y), min(upper.y + g.row_h, g.body_top)
        right = lower.x + lower.width
        if c1 == 0:
            right = max(right, g.x + g.frozen_width)
        red, green, blue = (grid.look.r.primary >> s & 255 for s in (16, 8, 0))
        shown = right > left and high > low
        self.wash_ink.rgba = red / 255, green / 255, blue / 255, 0.12 if shown else 0
        self.wash.pos, self.wash.size = (left, low), (max(0, right - left), max(0, high - low))
