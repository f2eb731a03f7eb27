"""A grid over made-up rows, and how tests read and drive it."""

from __future__ import annotations

from typing import Any

from app.views.grid.grid import Grid
from app.views.house import touch
from tests.support.rows import MadeUpRows, columns

ROWS = 5000


class Told:
    """What the grid asked for."""

    def __init__(self, grid):
        self.calls = []
        for event in grid.__events__:
            grid.fbind(event, self._note, event)

    def _note(self, event, _grid, *args):
        self.calls.append((event, *args))

    def of(self, event):
        """The arguments of each asking of one kind."""
        return [call[1:] for call in self.calls if call[0] == event]


def made_up_grid(show: Any, clipboard: Any) -> Grid:
    """A focused grid in the window, with what it asks for in `told`."""
    made = Grid(source=MadeUpRows(ROWS), columns=columns(), clipboard=clipboard)
    show(made)
    made.focus = True
    made.told = Told(made)
    return made


def middle(grid, row, column) -> tuple[float, float]:
    """The window point in the middle of a cell."""
    box = grid.geometry.cell(row, column, grid.scroll)
    return box.x + box.width / 2, box.y + box.height / 2


def shown_rows(grid):
    """Which rows are drawn."""
    return sorted(slot.shows[0] for slot in grid.layers.slots if not slot.away)


def type_in(grid, text):
    """Replace what the open editor holds."""
    grid.editing.input.select_all()
    touch.write(text)
