"""What the grid asks for: bind to these, the grid itself commits, sorts and opens nothing.

on_edit(row, doc_id, column, value)      a cell was edited; the source already shows it; commit it
on_sort(column, further)                 a heading was pressed; `further`: keep the other sorts (Shift)
on_open(row, doc_id)                     show the record
on_draft(doc_id, column, text)           a text that the column refuses; keep it beside the record; None: it is no more
on_choose(row, column)                   the cell takes one of its options; offer them
on_delete(rows, columns, records)        ranges; empty the cells, or trash the records when `records`
on_paste(row, column, lines)             lines of cells as text, to go in from there
on_header_menu(column, pos), on_cell_menu(row, column, pos)    a menu was asked for; pos in window pixels
on_widths(widths_dp)                     columns were resized; keep them with the view
on_refused(column)                       the column cannot be edited in place
on_copied(rows)                          so many rows went to the clipboard
on_move(row, column)                     the cursor moved
"""

from __future__ import annotations

from typing import Any

from kivy.uix.widget import Widget


class GridEvents(Widget):
    """The events, each doing nothing by itself."""

    __events__ = (
        "on_edit", "on_draft", "on_choose", "on_sort", "on_open", "on_delete", "on_paste", "on_header_menu",
        "on_cell_menu", "on_widths", "on_refused", "on_copied", "on_move",
    )  # fmt: skip

    def on_edit(self, row: int, doc_id: int, column: str, value: Any) -> None:
        """A cell was edited."""

    def on_draft(self, doc_id: int, column: str, text: str | None) -> None:
        """A text cannot be stored as it is, or no longer stands there."""

    def on_choose(self, row: int, column: int) -> None:
        """One of the options is to be chosen."""

    def on_sort(self, column: int, further: bool) -> None:  # noqa: FBT001 -- an event's argument
        """A heading was pressed."""

    def on_open(self, row: int, doc_id: int) -> None:
        """The record was asked for."""

    def on_delete(self, rows: range, columns: range, records: bool) -> None:  # noqa: FBT001
        """Delete was pressed."""

    def on_paste(self, row: int, column: int, cells: list[list[str]]) -> None:
        """A table was pasted."""

    def on_header_menu(self, column: int, pos: tuple[float, float]) -> None:
        """A heading's menu was asked for."""

    def on_cell_menu(self, row: int, column: int, pos: tuple[float, float]) -> None:
        """A cell's menu was asked for."""

    def on_widths(self, widths: list[int]) -> None:
        """Columns were resized."""

    def on_refused(self, column: int) -> None:
        """A column that is not written in place."""

    def on_copied(self, rows: int) -> None:
        """Rows went to the clipboard."""

    def on_move(self, row: int, column: int) -> None:
        """The cursor moved."""
