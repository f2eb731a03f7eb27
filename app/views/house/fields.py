"""Places to type: TextField (a labelled box), SearchField, and SearchButton, which only looks like one.

Each holds one `HouseInput` in `input`. What was typed stays when it is wrong: the sentence stands below it.
"""

from __future__ import annotations

from typing import Any

from kivy.metrics import dp, sp
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from app.views.house import looks
from app.views.house.batch import Batch, wrap
from app.views.house.controls import IconButton
from app.views.house.inputs import HouseInput
from app.views.house.painted import Control, Painted
from app.views.house.skin import grown, skin
from app.views.house.theme import Roles, mix

looks.load("components/fields.kv")


EYE = {
    False: ("eye-outline", "Show what is typed (F4)"),
    True: ("eye-off-outline", "Show dots again (F4)"),
}


class BoxInput(HouseInput):
    """An input in a box of its own: Enter and Escape are told to the box."""

    def __init__(self, owner: Any, **kwargs: Any) -> None:
        self.owner = owner
        super().__init__(**kwargs)

    def keyboard_on_key_down(
        self, window: Any, keycode: tuple[int, str], text: str, modifiers: list[str]
    ) -> Any:
        """The box's keys first."""
        if self.owner.input_key(keycode[1], modifiers):
            return True
        return super().keyboard_on_key_down(window, keycode, text, modifiers)


class TextField(Painted, FloatLayout):
    """A label, a box to type in, and below it help or what is wrong. `on_enter` when Enter is pressed.

    A `password` is dots until its eye or F4 is pressed (`revealed`), and dots again when the field is emptied.
    """

    label = StringProperty()
    text = StringProperty()
    hint = StringProperty()
    helper = StringProperty()
    error = StringProperty()
    password = BooleanProperty(False)
    revealed = BooleanProperty(False)
    natural_height = NumericProperty(0)
    watch = ("label", "helper", "error", "text", "hint")

    __events__ = ("on_enter",)

    def __init__(self, **kwargs: Any) -> None:
        self.input = BoxInput(self, size_hint=(None, None))
        self.eye = IconButton(icon=EYE[False][0], label=EYE[False][1])
        self.eye.is_focusable = False  # Tab leads on to what is typed next; F4 does the same
        super().__init__(**kwargs)
        self.add_widget(self.input)
        self.input.text = self.text
        self.eye.bind(on_release=lambda *_: self._reveal())
        self.input.fbind("text", self._typed)
        self.input.fbind("focus", self._ask)
        for name in (
            "pos", "size", "helper", "error", "hint", "password", "revealed", "ground", "disabled",
        ):  # fmt: skip
            self.fbind(name, self._lay)
        skin.bind(text_scale=self._lay)
        self.fbind("text", self._set)
        self._lay()

    def on_enter(self) -> None:
        """Enter was pressed."""

    @property
    def box_height(self) -> float:
        """Of the box, in pixels."""
        return float(max(dp(48), sp(36)))

    def _typed(self, _input: Any, text: str) -> None:
        self.text, self.error = text, ""
        if not text:
            self.revealed = False

    def _reveal(self) -> None:
        """Show what was typed, or dots again; the typing goes on where it was."""
        self.revealed = not self.revealed
        self.input.focus = True

    def _set(self, _self: Any, text: str) -> None:
        if self.input.text != text:
            self.input.text = text

    def input_key(self, key: str, modifiers: list[str]) -> bool:
        """Enter tells; everything else is the input's."""
        if key in {"enter", "numpadenter"} and "shift" not in modifiers:
            self.dispatch("on_enter")
        elif key == "f4" and self.password:
            self._reveal()
        else:
            return False
        return True

    def _below(self) -> list[str]:
        words = self.error or self.helper
        return wrap("small", words, max(1.0, self.width - dp(16))) if words else []

    def _lay(self, *_: Any) -> None:
        step = sp(16)
        self.natural_height = step + dp(6) + self.box_height + len(self._below()) * step + dp(4)
        field = self.input
        field.ground, field.invalid = self.ground, bool(self.error)
        field.password = self.password and not self.revealed
        low = self.y + self.height - step - dp(6) - self.box_height
        beside = self._lay_eye(low)
        field.size = max(1, self.width - dp(8) - beside), self.box_height - dp(8)
        field.pos = self.x + dp(4), low + dp(4)
        field.pad_x = dp(10)

    def _lay_eye(self, low: float) -> float:
        """At the right end of a box for a password; returns the room it takes."""
        eye = self.eye
        if self.password != (eye.parent is not None):
            (self.add_widget if self.password else self.remove_widget)(eye)
        if not self.password:
            return 0.0
        eye.icon, eye.label = EYE[self.revealed]
        eye.ground, eye.right = self.ground, self.x + self.width - dp(4)
        eye.center_y = low + self.box_height / 2
        return float(eye.width + dp(4))

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Label, box, words below."""
        step, on = sp(16), self.input.focus
        ground = r.ground(self.ground)
        b.write(
            "label",
            self.label,
            dp(2),
            h - step,
            step,
            r.primary if on and not self.error else r.muted,
            w - dp(4),
        )
        y = h - step - dp(6) - self.box_height
        line = r.error if self.error else r.primary if on else r.outline
        b.framed(
            0, y, w, self.box_height, dp(10), line, ground, int(dp(2)) if on or self.error else 1
        )
        if not self.text:
            b.write("body", self.hint, dp(14), y, self.box_height, r.muted, w - dp(28))
        for i, words in enumerate(self._below()):
            ink = r.error if self.error else r.muted
            b.write("small", words, dp(2), y - dp(4) - (i + 1) * step, step, ink, w - dp(4))


class SearchField(Painted, FloatLayout):
    """A box with a magnifier; `text` follows each key.

    Escape empties it, Enter tells (`on_enter`), Down leaves (`on_down`).
    """

    text = StringProperty()
    hint = StringProperty()
    keys = StringProperty()  # the shortcut that leads here, shown while it is empty
    watch = ("text", "keys", "hint")

    __events__ = ("on_enter", "on_down")

    def __init__(self, **kwargs: Any) -> None:
        self.input = BoxInput(self, size_hint=(None, None))
        self.cross = IconButton(icon="close", label="Empty the search")
        super().__init__(**kwargs)
        self.add_widget(self.input)
        self.input.fbind("text", self._typed)
        self.input.fbind("focus", self._ask)
        self.cross.bind(on_release=lambda *_: self._empty())
        for name in ("pos", "size", "hint", "ground", "text"):
            self.fbind(name, self._lay)
        skin.bind(roles=self._lay)
        self._lay()

    def on_enter(self) -> None:
        """Enter was pressed."""

    def on_down(self) -> None:
        """Down was pressed: to the results."""

    def _typed(self, _input: Any, text: str) -> None:
        self.text = text

    def _empty(self) -> None:
        self.text = self.input.text = ""
        self.input.focus = True

    def input_key(self, key: str, _modifiers: list[str]) -> bool:
        """Enter, Down and Escape."""
        if key in {"enter", "numpadenter"}:
            self.dispatch("on_enter")
        elif key == "down":
            self.dispatch("on_down")
        elif key == "escape" and self.text:
            self._empty()
        else:
            return False
        return True

    def _lay(self, *_: Any) -> None:
        field = self.input
        if field.text != self.text:
            field.text = self.text
        if bool(self.text) != (self.cross.parent is not None):
            (self.add_widget if self.text else self.remove_widget)(self.cross)
        field.ground = self.cross.ground = self.ground
        field.size, field.pos = (
            (max(1, self.width - grown(20) - self.cross.width - dp(28)), self.height),
            (self.x + grown(20) + dp(20), self.y),
        )
        field.pad_x = dp(4)
        self.cross.right, self.cross.center_y = (
            self.x + self.width - dp(4),
            self.y + self.height / 2,
        )

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Box, magnifier, shortcut."""
        ground = r.ground(self.ground)
        fill = mix(ground, r.text, 0.05)
        if self.input.focus:
            b.framed(0, 0, w, h, dp(12), r.primary, fill, int(dp(2)))
        else:
            b.rounded(0, 0, w, h, dp(12), fill)
        side = int(grown(20))
        b.icon("magnify", dp(12), (h - side) / 2, side, r.muted)
        if self.text:
            return
        shown = self.keys and not self.input.focus
        taken = paint_keys(b, self.keys, w - dp(8), h, fill, r) if shown else 0
        b.write("body", self.hint, dp(24) + side, 0, h, r.muted, w - dp(40) - side - taken)


class SearchButton(Control):
    """Looks like a search field and opens the palette."""

    keys = StringProperty()
    watch = (*Control.watch, "keys")

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Box, magnifier, words, shortcut."""
        fill = self.layer_of(mix(self.under(r), r.text, 0.05), r.text)
        b.rounded(0, 0, w, h, dp(12), fill)
        side = int(grown(20))
        b.icon("magnify", dp(12), (h - side) / 2, side, r.muted)
        taken = paint_keys(b, self.keys, w - dp(8), h, fill, r) if self.keys else 0
        b.write("body", self.text, dp(24) + side, 0, h, r.muted, w - dp(40) - side - taken)


def paint_keys(b: Batch, keys: str, right: float, h: float, ground: int, r: Roles) -> float:
    """A shortcut in a frame, ending at `right`; returns its width."""
    wide, tall = b.width("label", keys) + dp(12), sp(22)
    b.framed(right - wide, (h - tall) / 2, wide, tall, dp(6), mix(ground, r.line, 0.9), ground)
    b.write("label", keys, right - wide, 0, h, r.muted, wide, "center")
    return float(wide)
