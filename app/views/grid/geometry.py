"""Where things are in the grid, in whole pixels. Knows no widget; the scroll position is handed in.

Rows and columns are counted from 0; column -1 is the row numbers, row -1 the header. The first column stands still.
"""

from __future__ import annotations

from bisect import bisect_right

from app.views.house.box import Box

HEADER = -1
NUMBERS = -1


NOWHERE = Box(0, 0, 0, 0)


class Geometry:
    """Offsets and boxes of one layout; `measure` after any change of size, count, widths or density."""

    def __init__(self, *, dp: float = 1.0) -> None:
        self.dp = dp
        self.x = self.y = self.width = self.height = 0
        self.row_h, self.head_h, self.gutter = 40, 40, 48
        self.count = 0
        self.widths: list[int] = []
        self.offsets: list[int] = [0]
        self.bar = 14

    def measure(self) -> None:
        """Offsets from the left edge at scroll 0; the frozen part never takes more than 55 % of the width."""
        self.offsets = [self.gutter]
        for column in range(len(self.widths)):
            self.offsets.append(self.offsets[-1] + self.width_of(column))

    def width_of(self, column: int) -> int:
        """Pixels of a column; the frozen one yields on a narrow window."""
        wanted = self.widths[column]
        if column or not self.width:
            return wanted
        return min(wanted, max(round(96 * self.dp), int(self.width * 0.55) - self.gutter))

    @property
    def right(self) -> int:
        """Right edge."""
        return self.x + self.width

    @property
    def top(self) -> int:
        """Upper edge."""
        return self.y + self.height

    @property
    def body_top(self) -> int:
        """Where the header ends and the rows begin."""
        return self.top - self.head_h

    @property
    def frozen_width(self) -> int:
        """Row numbers and first column."""
        return self.offsets[1] if len(self.offsets) > 1 else self.gutter

    @property
    def body_h(self) -> int:
        """Height of the rows' window; a strip below them belongs to the sideways scrollbar."""
        return max(
            0, self.height - self.head_h - (self.bar if self.offsets[-1] > self.width else 0)
        )

    @property
    def max_x(self) -> int:
        """Furthest sideways scroll."""
        return max(0, self.offsets[-1] - self.width + round(16 * self.dp))

    @property
    def max_y(self) -> int:
        """Furthest scroll down."""
        return max(0, self.count * self.row_h - self.body_h + round(16 * self.dp))

    @property
    def page(self) -> int:
        """Rows a page key moves by."""
        return max(1, self.body_h // self.row_h - 1)

    # -- from places to cells -----------------------------------------------------------------------------
    def row_at(self, y: float, scroll_y: float) -> int:
        """Row under a window y (may lie behind the last), HEADER over the header."""
        if y >= self.body_top:
            return HEADER
        return int((self.body_top - y + int(scroll_y)) // self.row_h)

    def column_at(self, x: float, scroll_x: float) -> int:
        """Column under a window x, NUMBERS over the row numbers."""
        local = x - self.x
        if local < self.gutter:
            return NUMBERS
        if local < self.frozen_width:
            return 0
        return min(bisect_right(self.offsets, local + int(scroll_x)) - 1, len(self.widths) - 1)

    def visible_columns(self, scroll_x: float) -> tuple[int, int]:
        """First and last (exclusive) scrolled column in sight, one more each side."""
        left = int(scroll_x)
        first = bisect_right(self.offsets, left + self.frozen_width) - 1
        last = min(len(self.widths), bisect_right(self.offsets, left + self.width) + 1)
        return max(1, first - 1), max(1, last)

    def visible_rows(self, scroll_y: float) -> tuple[int, int]:
        """First and last (exclusive) row in sight."""
        top = int(scroll_y)
        return top // self.row_h, min(self.count, (top + self.body_h) // self.row_h + 1)

    # -- from cells to places --------------------------------------------------------------------------------
    def cell(self, row: int, column: int, scroll: tuple[float, float]) -> Box:
        """A cell's box; of the header's when row is HEADER."""
        x = self.x + self.offsets[column] - (int(scroll[0]) if column else 0)
        w = self.offsets[column + 1] - self.offsets[column]
        if row == HEADER:
            return Box(x, self.body_top, w, self.head_h)
        return Box(x, self.body_top - (row + 1) * self.row_h + int(scroll[1]), w, self.row_h)

    def reveal(self, row: int, column: int, scroll: tuple[float, float]) -> tuple[float, float]:
        """The scroll position that shows a cell whole, moving as little as possible."""
        x, y = scroll
        if row >= 0:
            top, bottom = row * self.row_h, (row + 1) * self.row_h
            y = min(max(y, bottom - self.body_h + round(12 * self.dp)), top)
        if column:
            left, right = self.offsets[column], self.offsets[column + 1]
            x = min(max(x, right - self.width + round(16 * self.dp)), left - self.frozen_width)
        return min(max(0.0, x), self.max_x), min(max(0.0, y), self.max_y)

    def edge_at(self, x: float, scroll_x: float, reach: float) -> int | None:
        """The column whose right edge is within reach of a window x."""
        best = None
        for column in range(len(self.widths)):
            at = self.x + self.offsets[column + 1] - (int(scroll_x) if column else 0)
            hidden = column and at < self.x + self.frozen_width + 2
            if not hidden and abs(x - at) <= reach:
                best, reach = column, abs(x - at)
        return best

    # -- scrollbars ------------------------------------------------------------------------------------------
    def thumb_y(self, scroll_y: float) -> Box:
        """The thumb at the right; NOWHERE when all rows fit."""
        if not self.max_y:
            return NOWHERE
        track, size = self._track_y()
        low = self.body_top - self.body_h + round(16 * self.dp)
        y = low + (track - size) * (1 - scroll_y / self.max_y)
        return Box(self.right - round(11 * self.dp), y, round(8 * self.dp), size)

    def thumb_x(self, scroll_x: float) -> Box:
        """The thumb below; NOWHERE when all columns fit."""
        if not self.max_x or self.offsets[-1] <= self.width:
            return NOWHERE
        track, size = self._track_x()
        x = self.x + self.frozen_width + round(4 * self.dp) + (track - size) * scroll_x / self.max_x
        return Box(x, self.y + round(3 * self.dp), size, round(8 * self.dp))

    def per_pixel_y(self) -> float:
        """How far the rows scroll when the thumb moves by a pixel."""
        track, size = self._track_y()
        return self.max_y / max(1.0, track - size)

    def per_pixel_x(self) -> float:
        """The same sideways."""
        track, size = self._track_x()
        return self.max_x / max(1.0, track - size)

    def _track_y(self) -> tuple[float, float]:
        track = max(1.0, self.body_h - 20 * self.dp)
        return track, min(
            track, max(48 * self.dp, track * self.body_h / (self.max_y + self.body_h))
        )

    def _track_x(self) -> tuple[float, float]:
        track = max(1.0, self.width - self.frozen_width - 20 * self.dp)
        return track, min(track, max(48 * self.dp, track * track / (self.max_x + track)))
