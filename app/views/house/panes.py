"""Grounds and words: Pane, Caption, Rule, EmptyState. All painted, so fallback fonts and the skin come with them."""

from __future__ import annotations

from typing import Any

from kivy.metrics import dp, sp
from kivy.properties import NumericProperty, OptionProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from app.views.house import looks
from app.views.house.batch import Batch, baseline, text_width, wrap
from app.views.house.controls import PushButton
from app.views.house.lines import type_of
from app.views.house.painted import Painted
from app.views.house.skin import grown, skin
from app.views.house.theme import TYPE, Roles

looks.load("components/panes.kv")


class Pane(Painted, BoxLayout):
    """A rounded ground that holds a column of things; `shade` is its own colour, `ground` what is behind it."""

    shade = StringProperty("pane")
    radius = NumericProperty("16dp")
    watch = ("shade", "radius")

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A rounded box."""
        b.rounded(0, 0, w, h, self.radius, r.ground(self.shade))


class FloatPane(Painted, FloatLayout):
    """The same for things that are placed freely."""

    shade = StringProperty("pane")
    radius = NumericProperty("16dp")
    watch = ("shade", "radius")

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A rounded box."""
        b.rounded(0, 0, w, h, self.radius, r.ground(self.shade))


class Caption(Painted):
    """Words. `style` is one of `theme.TYPE`, `role` their colour; `lines` 0 wraps them, 1 cuts them with an ellipsis.

    `natural_width` and `natural_height` (pixels) say what they need; the height follows the width.
    """

    text = StringProperty()
    style = OptionProperty("body", options=tuple(TYPE))
    role = StringProperty("text")
    align = OptionProperty("left", options=("left", "center", "right"))
    lines = NumericProperty(1)
    natural_width = NumericProperty(0)
    natural_height = NumericProperty(0)
    watch = ("text", "style", "role", "align", "lines")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("text", "style", "width", "lines"):
            self.fbind(name, self._measure)
        skin.bind(text_scale=self._measure)
        self._measure()

    @property
    def step(self) -> float:
        """From line to line, in pixels."""
        return float(round(sp(TYPE[self.style][2])))

    def _wrapped(self) -> list[str]:
        if self.lines == 1:
            return [self.text]
        found = wrap(self.style, self.text, max(1.0, self.width))
        if self.lines and len(found) > self.lines:
            kept = found[: int(self.lines)]
            kept[-1] += "…" + "x" * 200  # the batch cuts it where it no longer fits
            return kept
        return found

    def _measure(self, *_: Any) -> None:
        self.natural_width = text_width(self.style, self.text) + 1
        self.natural_height = len(self._wrapped()) * self.step

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A line each, from the top; a single one in the middle of the height."""
        kind, ink = type_of(self.style), r.ground(self.role)
        found = self._wrapped()
        top = h if len(found) > 1 else (h + self.step) / 2
        for i, line in enumerate(found):
            y = top - (i + 1) * self.step
            b.text(line, 0, baseline(y, self.step, kind.px), kind, ink, w, self.align)


class Rule(Painted):
    """A hairline across."""

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """One pixel in the middle."""
        b.box(0, h // 2, w, 1, r.hair(r.ground(self.ground)))


class EmptyState(FloatLayout):
    """What stands where a list is empty: what is missing, what to do, and the button that does it (`on_action`)."""

    icon = StringProperty("tray-arrow-down")
    title = StringProperty()
    text = StringProperty()
    action_text = StringProperty()
    action_icon = StringProperty()
    ground = StringProperty("pane")

    __events__ = ("on_action",)

    def __init__(self, **kwargs: Any) -> None:
        self.disc = Disc()
        free = {"size_hint": (None, None)}
        self.heading = Caption(style="section", align="center", lines=2, **free)
        self.body = Caption(role="muted", align="center", lines=0, **free)
        self.button = PushButton(kind="tonal")
        self.button.bind(on_release=lambda *_: self.dispatch("on_action"))
        super().__init__(**kwargs)
        for part in (self.disc, self.heading, self.body):
            self.add_widget(part)
        for name in (
            "icon",
            "title",
            "text",
            "action_text",
            "action_icon",
            "ground",
            "pos",
            "size",
        ):
            self.fbind(name, self._lay)
        skin.bind(text_scale=self._lay)
        self._lay()

    def on_action(self) -> None:
        """The button was pressed."""

    def _lay(self, *_: Any) -> None:
        self.disc.icon, self.heading.text, self.body.text = self.icon, self.title, self.text
        self.button.text, self.button.icon = self.action_text, self.action_icon
        parts: list[tuple[Widget, float]] = [
            (self.disc, dp(20)),
            (self.heading, dp(8)),
            (self.body, dp(20)),
        ]
        for part in (*(part for part, _ in parts), self.button):
            part.ground = self.ground
        self._show_button()
        wide = min(self.width - dp(32), grown(440))
        self.heading.width = self.body.width = wide
        self.disc.size = grown(96), grown(96)
        self.heading.height, self.body.height = (
            self.heading.natural_height,
            self.body.natural_height,
        )
        if self.action_text:
            parts.append((self.button, 0.0))
        y = self.y + self.height / 2 + sum(part.height + gap for part, gap in parts) / 2
        for part, gap in parts:
            part.center_x, part.top = self.x + self.width / 2, y
            y -= part.height + gap

    def _show_button(self) -> None:
        if self.action_text and self.button.parent is None:
            self.add_widget(self.button)
        elif not self.action_text and self.button.parent is not None:
            self.remove_widget(self.button)


class Disc(Painted):
    """A large icon on a disc."""

    icon = StringProperty("tray-arrow-down")
    watch = ("icon",)

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Disc and icon."""
        side = min(w, h)
        b.disc((w - side) // 2, (h - side) // 2, side, r.selected)
        icon = int(side * 0.42)
        b.icon(self.icon, (w - icon) / 2, (h - icon) / 2, icon, r.on_selected)
