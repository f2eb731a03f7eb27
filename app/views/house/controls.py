"""Things to press, each one draw call: buttons, rail items, rows, tabs, chips, ticks.

Sizes are in kv/components/controls.kv.

All share `Control`: text, icon, label (the tip), selected, disabled, hovered, `on_release`, `on_context`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kivy.metrics import dp
from kivy.properties import NumericProperty, OptionProperty, StringProperty

from app.views.house import looks
from app.views.house.batch import Batch, baseline, text_width
from app.views.house.lines import type_of
from app.views.house.painted import Control
from app.views.house.skin import grown, skin
from app.views.house.theme import Roles, mix

looks.load("theme.kv")
looks.load("components/controls.kv")


class Fitted(Control):
    """A control that knows how wide its text wants it: `natural_width`, in pixels."""

    natural_width = NumericProperty(0)
    style = "strong"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("text", "icon", *self.watch):
            self.fbind(name, self._measure)
        skin.bind(text_scale=self._measure)
        self._measure()

    def _measure(self, *_: Any) -> None:
        self.natural_width = self.measure()

    def measure(self) -> float:
        """The width that shows everything."""
        raise NotImplementedError


class PushButton(Fitted):
    """A button in words, with or without an icon. One `filled` a screen: the main action."""

    kind = OptionProperty(
        "filled", options=("filled", "tonal", "outlined", "text", "danger", "inverse")
    )
    watch = (*Control.watch, "kind")

    def measure(self) -> float:
        """Text, icon and padding."""
        side = dp(16) if self.kind in {"text", "inverse"} else dp(24)
        return max(
            dp(48),
            text_width("strong", self.text) + (grown(18) + dp(8) if self.icon else 0) + 2 * side,
        )

    def colors(self, r: Roles) -> tuple[int, int]:
        """(fill, ink) at rest."""
        ground = self.under(r)
        return {
            "filled": (r.primary, r.on_primary),
            "tonal": (r.selected, r.on_selected),
            "outlined": (ground, r.primary),
            "text": (ground, r.primary),
            "danger": (ground, r.error),
            "inverse": (r.inverse, r.inverse_primary),
        }[self.kind]

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A pill."""
        fill, ink = self.colors(r)
        if self.disabled:
            fill = mix(self.under(r), r.text, 0.12) if self.kind in {"filled", "tonal"} else fill
            ink = self.ink_on(r.text, fill)
        fill = self.layer_of(fill, ink)
        radius = h // 2
        if self.kind in {"outlined", "danger"}:
            b.framed(0, 0, w, h, radius, r.outline, fill)
        else:
            b.rounded(0, 0, w, h, radius, fill)
        paint_label(b, Label(self.text, self.icon, ink), w, h)


class FloatingButton(PushButton):
    """The main action on a narrow screen; floats over the list."""

    def measure(self) -> float:
        """A little wider than a button."""
        return text_width("strong", self.text) + grown(18) + dp(48) if self.text else dp(56)

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A rounded square with a shadow."""
        fill, ink = self.colors(r)
        b.shadow(0, 0, w, h, dp(16))
        b.rounded(0, 0, w, h, dp(16), self.layer_of(fill, ink))
        paint_label(b, Label(self.text, self.icon, ink), w, h)


class IconButton(Control):
    """A button that is an icon; `label` is obligatory in practice, it is the only words it has."""

    kind = OptionProperty("quiet", options=("quiet", "tonal", "filled", "inverse"))
    watch = (*Control.watch, "kind")

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A disc, seen only when something is on."""
        ground = self.under(r)
        fill, ink = {
            "quiet": (ground, r.muted),
            "tonal": (r.selected, r.on_selected),
            "filled": (r.primary, r.on_primary),
            "inverse": (r.inverse, r.inverse_primary),
        }[self.kind]
        if self.selected and self.kind == "quiet":
            fill, ink = r.selected, r.on_selected
        disc = self.layer_of(fill, ink)
        if disc != ground:  # at rest nothing is seen of it, whatever lies below
            b.rounded(0, 0, w, h, h // 2, disc)
        side = int(grown(24))
        b.icon(self.icon, (w - side) / 2, (h - side) / 2, side, self.ink_on(ink, fill))


class RailItem(Control):
    """A destination in the rail or the bottom bar: icon in a pill, label under it, an optional count."""

    badge = NumericProperty(0)
    watch = (*Control.watch, "badge")

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Pill, icon, label, badge."""
        pill_w, pill_h, side = min(int(grown(56)), w), int(grown(32)), int(grown(24))
        x, y = (w - pill_w) // 2, h - pill_h - int(dp(4))
        ground = self.under(r)
        b.rounded(
            x,
            y,
            pill_w,
            pill_h,
            pill_h // 2,
            self.layer_of(r.selected if self.selected else ground, r.text),
        )
        b.icon(
            self.icon,
            (w - side) / 2,
            y + (pill_h - side) / 2,
            side,
            r.on_selected if self.selected else r.muted,
        )
        ink = r.text if self.selected else r.muted
        b.write("label", self.text, 2, 0, y - dp(2), ink, w - 4, "center")
        if self.badge:
            self._paint_badge(b, x + pill_w // 2 + int(dp(2)), y + pill_h, r)

    def _paint_badge(self, b: Batch, x: int, top: int, r: Roles) -> None:
        kind = type_of("label")
        words = str(self.badge) if self.badge < 100 else "99+"
        tall = int(grown(16))
        wide = max(tall, round(b.lines.width(words, kind)) + int(dp(8)))
        y = top - tall + int(dp(2))
        b.rounded(x, y, wide, tall, tall // 2, r.error)
        b.text(words, x, baseline(y, tall, kind.px), kind, r.on_error, wide, "center")


class NavRow(Control):
    """A line in a list: icon, text, something short at the right. Collections, views, settings."""

    trailing = StringProperty()
    indent = NumericProperty(0)  # pixels
    watch = (*Control.watch, "trailing", "indent")

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A rounded row."""
        fill = self.layer_of(r.selected if self.selected else self.under(r), r.text)
        b.rounded(0, 2, w, h - 4, dp(12), fill)
        x, side = dp(12) + self.indent, int(grown(20))
        ink = self.ink_on(r.on_selected if self.selected else r.text, fill)
        quiet = self.ink_on(r.on_selected if self.selected else r.muted, fill)
        if self.icon:
            b.icon(self.icon, x, (h - side) / 2, side, quiet)
            x += side + dp(12)
        end = w - dp(12)
        if self.trailing:
            end -= b.write("small", self.trailing, x, 0, h, quiet, end - x, "right") + dp(8)
        b.write("strong" if self.selected else "body", self.text, x, 0, h, ink, end - x)


class ViewTab(Fitted):
    """A view's tab: icon and name, a bar under the active one."""

    def measure(self) -> float:
        """Icon, text and padding."""
        return text_width("strong", self.text) + (grown(18) + dp(32) if self.icon else dp(24))

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A quiet box; the active one is underlined."""
        b.rounded(0, dp(6), w, h - dp(12), dp(8), self.layer_of(self.under(r), r.text))
        ink = r.primary if self.selected else r.muted
        x, side = dp(12), int(grown(18))
        if self.icon:
            b.icon(self.icon, x, (h - side) / 2, side, ink)
            x += side + dp(8)
        b.write("strong", self.text, x, 0, h, ink, w - x - dp(8))
        if self.selected:
            b.rounded(dp(8), 0, w - dp(16), dp(3), 1, r.primary)


class Chip(Fitted):
    """A filter or a small choice; `selected` fills it. `removable` shows a cross: `on_release` then removes."""

    removable = OptionProperty("no", options=("no", "yes"))
    watch = (*Control.watch, "removable")

    def measure(self) -> float:
        """Text, icons and padding."""
        each = grown(16) + dp(6)
        extra = (each if self.icon else 0) + (each if self.removable == "yes" else 0)
        return text_width("label", self.text) + dp(28) + extra

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A framed box, filled when selected."""
        fill, ink = (r.selected, r.on_selected) if self.selected else (self.under(r), r.text)
        if self.selected:
            b.rounded(0, 0, w, h, dp(8), self.layer_of(fill, ink))
        else:
            b.framed(0, 0, w, h, dp(8), r.outline, self.layer_of(fill, ink))
        x, end, side = dp(14), w - dp(14), int(grown(16))
        if self.icon:
            b.icon(self.icon, x - dp(4), (h - side) / 2, side, ink)
            x += side + dp(2)
        if self.removable == "yes":
            b.icon("close", end - side + dp(4), (h - side) / 2, side, ink)
            end -= side + dp(2)
        b.write("label", self.text, x, 0, h, ink, end - x)


class Tick(Control):
    """A line with a box to tick: `selected` is the value; pressing it turns it and then tells `on_tick(value)`."""

    __events__ = ("on_tick",)

    def on_release(self) -> None:
        """Turn, then tell (Kivy calls this last, after what is bound to the press)."""
        self.selected = not self.selected
        self.dispatch("on_tick", self.selected)

    def on_tick(self, value: bool) -> None:  # noqa: FBT001 -- an event's argument
        """It was turned."""

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Box and text."""
        ground = self.under(r)
        fill = self.layer_of(ground, r.text)
        b.rounded(0, 2, w, h - 4, dp(12), fill)
        side = int(grown(22))
        name, ink = (
            ("checkbox-marked", r.primary)
            if self.selected
            else ("checkbox-blank-outline", r.outline)
        )
        b.icon(name, dp(12), (h - side) / 2, side, self.ink_on(ink, fill))
        b.write(
            "body", self.text, dp(24) + side, 0, h, self.ink_on(r.text, fill), w - dp(36) - side
        )


class Label(NamedTuple):
    """Icon and words in the middle of a button."""

    text: str
    icon: str
    ink: int


def paint_label(b: Batch, label: Label, w: int, h: int) -> None:
    """Centre an icon and words in a box; the words are cut when they do not fit."""
    side, gap = int(grown(18 if label.text else 24)), dp(8)
    lead = side + gap if label.icon and label.text else side if label.icon else 0
    room = w - dp(16) - lead
    words = min(b.width("strong", label.text), room) if label.text else 0
    x = (w - words - lead) / 2
    if label.icon:
        b.icon(label.icon, x, (h - side) / 2, side, label.ink)
    b.write("strong", label.text, x + lead, 0, h, label.ink, room)
