"""What grids and record pages know of a field: how its values read, how typed text becomes one. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

WIDTH = {"checkbox": 104, "number": 112, "quantity": 112, "currency": 120, "percent": 104, "date": 128, "datetime": 176,
         "duration": 112, "choice": 136, "choices": 200, "tags": 200, "rating": 120, "longtext": 240, "url": 200,
         "email": 200, "member": 168}  # fmt: skip
USUAL = 160
READ_ONLY = frozenset(
    {"formula", "lookup", "rollup", "autonumber", "attachment", "image", "checklist", "location"}
)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


@dataclass(frozen=True)
class Column:
    """A field as a column or a row; widths are in dp.

    `show(value)` is what is read in the cell and never raises; `plain(value)` what is copied and edited;
    `parse(text)` gives the value or raises ValueError with a sentence for the person who typed.
    """

    name: str  # how the source calls it
    kind: str = "text"
    title: str = ""
    width: int = 0
    options: tuple[str, ...] = ()
    show: Callable[[Any], str] = _plain
    plain: Callable[[Any], str] = _plain
    parse: Callable[[str], Any] = str
    editable: bool = field(default=True)

    @property
    def heading(self) -> str:
        """What stands in the header."""
        return self.title or self.name

    @property
    def width_dp(self) -> int:
        """The width it has or that suits its kind."""
        return self.width or WIDTH.get(self.kind, USUAL)

    @property
    def writable(self) -> bool:
        """Whether a cell can be edited in place."""
        return self.editable and self.kind not in READ_ONLY
