"""Menus: `MenuSheet([MenuItem("Sort A to Z", "sort-ascending", run), ...], at=(x, y)).open()`.

Arrows walk, Home and End jump, Enter and Space choose, Escape leaves; a letter goes to the next item that begins so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.properties import BooleanProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.scrollview import ScrollView

from app.views.house import looks
from app.views.house.batch import Batch, text_width
from app.views.house.controls import NavRow
from app.views.house.overlay import Overlay
from app.views.house.painted import Painted
from app.views.house.skin import grown
from app.views.house.theme import Roles

looks.load("components/menus.kv")

NARROW, WIDE = 184, 360  # dp
EDGE = 8  # dp kept free at the window's edges


@dataclass(frozen=True)
class MenuItem:
    """A line of a menu; `run` is called after the menu has closed. Without `run` it cannot be chosen."""

    text: str
    icon: str = ""
    run: Callable[[], None] | None = None
    keys: str = ""
    checked: bool = False
    danger: bool = False


class MenuRow(NavRow):
    """A line of a menu."""

    danger = BooleanProperty(False)
    watch = (*NavRow.watch, "danger")

    def __init__(self, sheet: MenuSheet, **kwargs: Any) -> None:
        self.sheet = sheet
        super().__init__(**kwargs)

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A line; a dangerous one in the colour of errors."""
        if not self.danger:
            super().paint(b, w, h, r)
            return
        fill, side, x = self.layer_of(self.under(r), r.error), int(grown(20)), dp(12)
        b.rounded(0, 2, w, h - 4, dp(12), fill)
        b.icon(self.icon or "alert-outline", x, (h - side) / 2, side, r.error)
        b.write("body", self.text, x + side + dp(12), 0, h, r.error, w - x - side - dp(24))

    def keyboard_on_key_down(
        self, window: Any, keycode: tuple[int, str], text: str, modifiers: list[str]
    ) -> bool:
        """The menu's keys."""
        return self.sheet.walk_from(self, keycode[1]) or super().keyboard_on_key_down(
            window, keycode, text, modifiers
        )


class SheetGround(Painted):
    """The box that a menu, a dialog or the palette lies on."""

    lifted = BooleanProperty(True)  # a soft edge; over a scrim it would be a halo
    watch = ("lifted",)

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A framed box with a soft edge."""
        if self.lifted:
            b.shadow(0, 0, w, h, dp(12))
        b.framed(0, 0, w, h, dp(12), r.hair(r.sheet), r.sheet)


class MenuScroll(ScrollView):
    """Holds more lines than fit."""


class MenuSheet(Overlay):
    """A menu at a place (`at`, window pixels) or below a widget (`anchor`)."""

    def __init__(
        self,
        items: Sequence[MenuItem],
        *,
        at: tuple[float, float] | None = None,
        anchor: Any = None,
        **kwargs: Any,
    ) -> None:
        self.items, self._at, self._anchor = tuple(items), at, anchor
        self.back = SheetGround(size_hint=(None, None))
        self.scroll = MenuScroll(size_hint=(None, None))
        self.rows = [self._row(item) for item in self.items]
        super().__init__(scrim=False, **kwargs)
        self.add_widget(self.back)
        self.add_widget(self.scroll)
        self.box = BoxLayout(orientation="vertical", size_hint_y=None)
        for row in self.rows:
            self.box.add_widget(row)
        self.scroll.add_widget(self.box)

    def _row(self, item: MenuItem) -> MenuRow:
        row = MenuRow(
            self,
            text=item.text,
            icon=item.icon,
            trailing=item.keys,
            danger=item.danger,
            ground="sheet",
        )
        row.selected = item.checked
        row.disabled = item.run is None
        row.bind(on_release=partial(self._chosen, item))
        return row

    def _chosen(self, item: MenuItem, *_: Any) -> None:
        self.dismiss()
        if item.run is not None:
            item.run()

    def lay(self) -> None:
        """Below the anchor, or above when there is no room; never over the window's edge."""
        if self.parent is None:
            return
        pad, edge = dp(8), dp(EDGE)
        wide = max((self._wanted(item) for item in self.items), default=0.0)
        wide = min(max(wide, dp(NARROW)), dp(WIDE), self.width - 2 * edge)
        inner = sum(row.height for row in self.rows)
        high = min(inner + 2 * pad, self.height - 2 * edge)
        x, low, top = self._place_of_anchor()
        y = low - high if low - high >= edge else min(top, self.height - edge - high)
        x, y = min(max(edge, x), self.width - edge - wide), max(edge, y)
        self.back.size, self.back.pos = (wide, high), (x, y)
        self.scroll.size, self.scroll.pos = (wide - 2 * pad, high - 2 * pad), (x + pad, y + pad)
        self.box.height = inner

    def _place_of_anchor(self) -> tuple[float, float, float]:
        """(left, lower edge, upper edge) of what the menu belongs to."""
        if self._anchor is not None:
            x, y = self._anchor.to_window(*self._anchor.pos)
            return x, y - dp(4), y + self._anchor.height + dp(4)
        x, y = self._at or (self.width / 2, self.height / 2)
        return x, y, y

    @staticmethod
    def _wanted(item: MenuItem) -> float:
        keys = text_width("small", item.keys) + dp(16) if item.keys else 0
        return text_width("strong", item.text) + keys + grown(20) + dp(56)

    def sheet_box(self) -> tuple[float, float, float, float]:
        """The box of the menu."""
        return self.back.x, self.back.y, self.back.width, self.back.height

    def take_focus(self) -> None:
        """To the first line that can be chosen."""
        first = next((row for row in self.rows if not row.disabled), None)
        if first is not None:
            first.focus = True

    def walk_from(self, row: MenuRow, key: str) -> bool:
        """A key, while a line has the focus."""
        able = [r for r in self.rows if not r.disabled]
        at = able.index(row)
        moves = {"down": at + 1, "up": at - 1, "tab": at + 1, "home": 0, "end": len(able) - 1}
        if key in moves:
            self._focus(able[moves[key] % len(able)])
            return True
        if len(key or "") == 1:
            turned = [*able[at + 1 :], *able[: at + 1]]
            found = next((r for r in turned if r.text.lower().startswith(key)), None)
            if found is not None:
                self._focus(found)
            return True
        return False

    def _focus(self, row: MenuRow) -> None:
        row.focus = True
        if self.box.height > self.scroll.height:
            self.scroll.scroll_to(row, padding=dp(4), animate=False)
