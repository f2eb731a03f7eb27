"""The grid's keys, and the cheat sheet that says them. A spreadsheet's keys, plus a way out and a way to the record.

Tab walks the cells, so F6 (Shift+F6) leaves the grid for what follows (precedes) it. Up from the first row enters the
header: there Enter sorts and Shift+F10 opens the column's menu.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from app.views.grid.editing import Editing
from app.views.grid.geometry import HEADER
from app.views.grid.host import Host

CHEAT_SHEET: Final = (
    ("Arrows, Home, End, Page up, Page down", "Move"),
    ("Ctrl + arrows, Home, End", "Move to the edge"),
    ("Shift + any of these", "Select"),
    ("Ctrl + A", "Select everything"),
    ("Tab, Shift + Tab", "Next or previous cell"),
    ("F2", "Edit the cell from the end of its text"),
    ("Enter or just type", "Edit the cell; what you type replaces it"),
    ("Shift + Enter while editing", "A new line in long text"),
    ("Space", "Open the record; in a checkbox: tick it"),
    ("Ctrl + Enter", "Open the record"),
    ("Delete", "Empty the selected cells"),
    ("Ctrl + Delete", "Move the selected records to the trash"),
    ("Ctrl + C", "Copy, ready for a spreadsheet"),
    ("Ctrl + V", "Paste from a spreadsheet"),
    ("Escape", "Take the whole edit back, or drop the selection"),
    ("Up from the first row", "To the headings: Enter sorts, Shift + Enter sorts further"),
    ("Alt + Left, Alt + Right", "Narrower or wider column"),
    ("Shift + F10", "Menu of the cell or the heading"),
    ("F6, Shift + F6", "Leave the grid"),
)
STEP_DP: Final = 16


class Driven(Host, Protocol):
    """What the keys ask of the grid besides."""

    editing: Editing

    def step(self, cells: int) -> None:
        """To the next or previous cell."""

    def select_all(self) -> None:
        """Everything."""

    def drop_selection(self) -> bool:
        """Back to one cell; False when there was nothing to drop."""

    def widen(self, column: int, by_dp: float) -> None:
        """Wider or narrower."""

    def open_record(self, row: int) -> None:
        """Ask for the record."""

    def ask_delete(self, *, records: bool) -> None:
        """Ask for cells to be emptied, or records to be trashed."""

    def ask_menu(self) -> None:
        """Ask for the menu of what the cursor is on."""

    def copy(self) -> None:
        """The selection, for a spreadsheet."""

    def paste(self) -> None:
        """What a spreadsheet copied."""

    def leave(self, *, back: bool = False) -> None:
        """Give the focus to what follows or precedes."""


class Keys:
    """Turns keys into what the grid does."""

    def __init__(self, grid: Driven) -> None:
        self.grid = grid

    def down(self, key: str, modifiers: list[str]) -> bool:
        """Take a key; False when it is not ours."""
        shift, ctrl, alt = (
            "shift" in modifiers,
            "ctrl" in modifiers or "meta" in modifiers,
            "alt" in modifiers,
        )
        if alt and key in {"left", "right"}:
            self.grid.widen(self.grid.cursor[1], STEP_DP if key == "right" else -STEP_DP)
            return True
        moves = self._moves(ctrl=ctrl)
        if key in moves:
            row, column = moves[key]
            self.grid.go(row, column, extend=shift)
            return True
        if self.grid.cursor[0] == HEADER and self._in_header(key, shift=shift):
            return True
        return self._act(key, shift=shift, ctrl=ctrl)

    def _moves(self, *, ctrl: bool) -> dict[str, tuple[int, int]]:
        grid = self.grid
        row, column = grid.cursor
        end, page = len(grid.columns) - 1, grid.geometry.page
        moves = {
            "up": (row - 1, column),
            "down": (row + 1, column),
            "left": (row, column - 1),
            "right": (row, column + 1),
            "pageup": (max(0, row - page), column),
            "pagedown": (row + page, column),
            "home": (row, 0),
            "end": (row, end),
        }
        if ctrl:
            bottom = grid.geometry.count - 1
            moves |= {
                "home": (0, 0),
                "end": (bottom, end),
                "up": (0, column),
                "down": (bottom, column),
            }
            moves |= {"left": (row, 0), "right": (row, end)}
        return moves

    def _in_header(self, key: str, *, shift: bool) -> bool:
        if key in {"enter", "numpadenter", "spacebar"}:
            self.grid.dispatch("on_sort", self.grid.cursor[1], shift)
            return True
        return False

    def _act(self, key: str, *, shift: bool, ctrl: bool) -> bool:
        grid = self.grid
        row, column = grid.cursor
        match key:
            case "tab":
                grid.step(-1 if shift else 1)
            case "f6":
                grid.leave(back=shift)
            case "enter" | "numpadenter" if ctrl:
                grid.open_record(row)
            case "enter" | "numpadenter":
                grid.editing.open(select=True)
            case "f2":
                grid.editing.open()
            case "spacebar":
                self._space(row, column)
            case "escape":
                return grid.drop_selection()
            case "delete" | "backspace":
                grid.ask_delete(records=ctrl)
            case "f10" if shift:
                grid.ask_menu()
            case "menu":
                grid.ask_menu()
            case _:
                return ctrl and self._with_ctrl(key)
        return True

    def _with_ctrl(self, key: str) -> bool:
        match key:
            case "c":
                self.grid.copy()
            case "v":
                self.grid.paste()
            case "a":
                self.grid.select_all()
            case _:
                return False
        return True

    def _space(self, row: int, column: int) -> None:
        grid = self.grid
        if (
            grid.columns
            and grid.columns[column].kind == "checkbox"
            and grid.columns[column].writable
        ):
            grid.editing.open()
        else:
            grid.open_record(row)

    def typed(self, text: str) -> None:
        """Typing over a cell starts an edit that replaces what is there."""
        if self.grid.editing.input is None and text.isprintable() and not text.isspace():
            self.grid.editing.open(replace=text)


def key_name(keycode: Any) -> str:
    """Kivy's (number, name) pair as a name."""
    return str(keycode[1] or "")
