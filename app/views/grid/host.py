"""What the grid's parts ask of the grid: it owns them, so they know it by this and by what each says for itself."""

from __future__ import annotations

from typing import Any, Protocol

from app.views.grid.geometry import Geometry
from app.views.grid.source import RowSource
from app.views.house.cells import Look
from app.views.house.column import Column

Place = tuple[int, int]  # (row, column)


class Host(Protocol):
    """What all of them read; places are (row, column)."""

    source: RowSource
    columns: list[Column]
    geometry: Geometry
    look: Look
    cursor: Place
    focus: bool

    @property
    def scroll(self) -> tuple[float, float]:
        """(x, y) in pixels."""

    @property
    def selection(self) -> tuple[Place, Place]:
        """Upper left and lower right cell, both inclusive."""

    def go(self, row: int, column: int, *, extend: bool = False) -> bool:
        """Move the cursor; False when an open edit refuses to be left."""

    def ask_frame(self) -> None:
        """Draw before the next frame."""

    def dispatch(self, event: str, /, *args: Any) -> Any:
        """Tell what is wanted (`events`)."""
