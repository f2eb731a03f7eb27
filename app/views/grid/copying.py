"""To and from a spreadsheet: tab-separated lines, quoted as spreadsheets quote what holds tabs, line ends or quotes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Protocol

from app.views.grid.host import Host
from app.views.grid.source import Cells
from app.views.house.column import Column

AT_ONCE = 200_000  # rows; more is an export


class Copied(Host, Protocol):
    """What copying asks of the grid besides."""

    clipboard: Any


def to_text(rows: Sequence[Cells], columns: Sequence[Column], first: int) -> str:
    """The cells of `columns`, the first of which is cell `first` of a row, as a spreadsheet pastes them."""
    out = io.StringIO()
    writer = csv.writer(out, dialect="excel-tab", lineterminator="\n")
    for row in rows:
        cells = row[first : first + len(columns)]
        writer.writerow(
            "" if value is None else column.plain(value)
            for column, value in zip(columns, cells, strict=False)
        )
    return out.getvalue().removesuffix("\n").encode("utf-8", "replace").decode()


def from_text(text: str) -> list[list[str]]:
    """Lines of cells of what a spreadsheet copied."""
    return list(csv.reader(io.StringIO(text, newline=""), dialect="excel-tab"))


def copy(grid: Copied) -> None:
    """Put the selection on the clipboard; rows that are not here are read on a worker first."""
    (r0, c0), (r1, c1) = grid.selection
    if r0 < 0 or not grid.geometry.count or not grid.columns:
        return
    r1 = min(r1, r0 + AT_ONCE - 1)
    columns = list(grid.columns[c0 : c1 + 1])

    def done(rows: Sequence[Cells]) -> None:
        grid.clipboard.copy(to_text(rows, columns, c0))
        grid.dispatch("on_copied", len(rows))

    if grid.source.loaded(r0, r1):
        here = (grid.source.row(row) for row in range(r0, r1 + 1))
        done([cells for cells in here if cells is not None])
    else:
        grid.source.collect(r0, r1 - r0 + 1, done)


def paste(grid: Copied) -> None:
    """Hand over what a spreadsheet copied, from the selection's first cell on."""
    text = grid.clipboard.paste()
    row, column = grid.selection[0]
    if text and row >= 0 and grid.columns:
        grid.dispatch("on_paste", row, column, from_text(text))
