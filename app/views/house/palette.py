"""The command palette (Ctrl+K): letters of what you want, arrows and Enter; Escape gives the focus back.

Palette(commands, search=lambda text: [...]).open()      search adds what is found, as commands, below
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kivy.metrics import dp, sp

from app.views.house.batch import Batch, baseline
from app.views.house.controls import NavRow
from app.views.house.fields import BoxInput
from app.views.house.lines import Type
from app.views.house.menus import SheetGround
from app.views.house.overlay import Overlay
from app.views.house.skin import grown
from app.views.house.theme import Roles

SHOWN = 8
WIDTH = 600  # dp at most


@dataclass(frozen=True)
class Command:
    """Something to do or to go to."""

    text: str
    icon: str
    run: Callable[[], None]
    keys: str = ""


def score(query: str, text: str) -> float | None:
    """How well letters typed in order fit a text (higher is better), or None; word starts and neighbours count more."""
    at, total, last, low = 0, 0.0, -2, text.lower()
    for ch in query.lower().replace(" ", ""):
        found = low.find(ch, at)
        if found < 0:
            return None
        starts = (
            i
            for i in range(found, len(low))
            if low[i] == ch and (i == 0 or not low[i - 1].isalnum())
        )
        if found != last + 1:
            found = next(starts, found)
        neighbour, start = found == last + 1, found == 0 or not low[found - 1].isalnum()
        total += 8 if neighbour else 6 if start else 1
        at, last = found + 1, found
    return total - len(text) / 50


def best(query: str, commands: Sequence[Command]) -> list[Command]:
    """The commands that fit, best first; all of them in their order when nothing is typed."""
    scored = [(score(query, command.text), command) for command in commands]
    fitting = [(points, command) for points, command in scored if points is not None]
    return (
        [command for _, command in sorted(fitting, key=lambda pair: -pair[0])]
        if query
        else list(commands)
    )


class PaletteGround(SheetGround):
    """The sheet, its magnifier, and what it says when nothing fits."""

    def __init__(self, palette: Palette, **kwargs: Any) -> None:
        self.palette = palette
        super().__init__(**kwargs)

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Sheet, magnifier, line."""
        super().paint(b, w, h, r)
        top, side = self.palette.field_h, int(grown(22))
        b.icon("magnify", dp(18), h - (top + side) / 2, side, r.muted)
        b.box(0, h - top - 1, w, 1, r.hair(r.sheet))
        if not self.palette.field.text:
            kind = Type(round(sp(16)))
            b.text(
                self.palette.hint,
                dp(30) + side,
                baseline(h - top, top, kind.px),
                kind,
                r.muted,
                w - dp(50) - side,
            )
        if not self.palette.found:
            words = f"Nothing is called “{self.palette.field.text}”"
            b.write(
                "body",
                words,
                dp(20),
                h - top - dp(8) - self.palette.row_h,
                self.palette.row_h,
                r.muted,
                w - dp(40),
            )


class Palette(Overlay):
    """The field keeps the focus; rows are chosen from it."""

    def __init__(
        self,
        commands: Sequence[Command],
        *,
        hint: str = "Search, go to, or do…",
        search: Callable[[str], Sequence[Command]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.commands, self._search, self.hint = tuple(commands), search, hint
        self.found: list[Command] = []
        self.at = 0
        self.back = PaletteGround(self, lifted=False, size_hint=(None, None))
        self.field = BoxInput(self, ground="sheet", font_size=sp(16), size_hint=(None, None))
        self.rows: list[NavRow] = []
        super().__init__(**kwargs)
        self.add_widget(self.back)
        self.add_widget(self.field)
        self.field.fbind("text", self._typed)

    @property
    def field_h(self) -> float:
        """Of the field, in pixels."""
        return float(max(dp(56), sp(44)))

    @property
    def row_h(self) -> float:
        """Of a row, in pixels."""
        return float(max(dp(44), sp(36)))

    def take_focus(self) -> None:
        """The field has it."""
        self._typed()
        self.field.focus = True

    def _typed(self, *_: Any) -> None:
        self.show(self.field.text)

    def show(self, query: str) -> None:
        """List what fits; call it again when what was searched for has arrived."""
        found = best(query, self.commands)
        if query and self._search is not None:
            found = [*found[:SHOWN], *self._search(query)]
        self.found, self.at = found[:SHOWN], 0
        for row in self.rows:
            self.remove_widget(row)
        self.rows = [self._row(command) for command in self.found]
        for row in self.rows:
            self.add_widget(row)
        self._select(0)
        self.lay()

    def _row(self, command: Command) -> NavRow:
        row = NavRow(text=command.text, icon=command.icon, trailing=command.keys, ground="sheet")
        row.size_hint, row.is_focusable = (None, None), False
        row.bind(on_release=lambda *_: self._run(command))
        return row

    def _select(self, at: int) -> None:
        self.at = at % max(1, len(self.rows))
        for i, row in enumerate(self.rows):
            row.selected = i == self.at
        self.back.repaint()

    def lay(self) -> None:
        """Near the top, in the middle."""
        if self.parent is None:
            return
        wide = min(self.width - dp(32), grown(WIDTH))
        top = self.height - min(dp(88), self.height * 0.1)
        high = self.field_h + max(1, len(self.rows)) * self.row_h + dp(16)
        self.back.size, self.back.pos = (wide, high), ((self.width - wide) / 2, top - high)
        self.field.size, self.field.pos = (
            (wide - dp(38) - grown(22), self.field_h),
            (self.back.x + dp(26) + grown(22), top - self.field_h),
        )
        self.field.pad_x = dp(4)
        for i, row in enumerate(self.rows):
            row.size = wide - dp(16), self.row_h
            row.pos = self.back.x + dp(8), top - self.field_h - dp(8) - (i + 1) * self.row_h
        self.back.repaint()

    def sheet_box(self) -> tuple[float, float, float, float]:
        """The box of the sheet."""
        return self.back.x, self.back.y, self.back.width, self.back.height

    def input_key(self, key: str, _modifiers: list[str]) -> bool:
        """Arrows and Tab walk, Enter runs."""
        if key in {"down", "tab"}:
            self._select(self.at + 1)
        elif key == "up":
            self._select(self.at - 1)
        elif key in {"enter", "numpadenter"}:
            if self.found:
                self._run(self.found[self.at])
        else:
            return False
        return True

    def _run(self, command: Command) -> None:
        self.dismiss()
        command.run()
