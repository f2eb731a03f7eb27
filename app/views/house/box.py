"""A rectangle in pixels."""

from __future__ import annotations

from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle by its lower left corner."""

    x: float
    y: float
    width: float
    height: float

    def holds(self, x: float, y: float) -> bool:
        """Whether a place is in it."""
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height

    def grown(self, width: float, height: float) -> Box:
        """At least so wide and high, around the same middle."""
        dx, dy = max(0.0, width - self.width) / 2, max(0.0, height - self.height) / 2
        return Box(self.x - dx, self.y - dy, self.width + 2 * dx, self.height + 2 * dy)
