"""HouseInput: Kivy's text input in house colours, with a font that has the letters typed and a caret at rest.

Kivy's input has one font and no bidirectional text: the font follows the text as a whole, right-to-left text is in the
order typed. The caret does not blink: a blinking one draws two frames a second for as long as a window is open.
"""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.textinput import TextInput

from app.views.house import looks
from app.views.house.focus import Reachable
from app.views.house.lines import lines

looks.load("theme.kv")
looks.load("components/inputs.kv")


class HouseInput(Reachable, TextInput):
    """`ground` names the colour under it; `invalid` shows it in the colour of errors."""

    ground = StringProperty("pane")
    invalid = BooleanProperty(False)
    pad_x = NumericProperty("12dp")
    pad_y = NumericProperty("10dp")  # of several lines; a single line stands in the middle

    def __init__(self, **kwargs: Any) -> None:
        self._font = ""
        super().__init__(**kwargs)
        self.fbind("text", self._choose_font)
        for name in ("height", "line_height", "multiline", "pad_x", "pad_y"):
            self.fbind(name, self._pad)
        self._choose_font()
        self._pad()

    def _choose_font(self, *_: Any) -> None:
        wanted = lines().fonts.input_font("" if self.text.isascii() else self.text[:2000])
        if wanted != self._font:
            self.font_name = self._font = wanted

    def keyboard_on_key_down(
        self, window: Any, keycode: tuple[int, str], text: str, modifiers: list[str]
    ) -> Any:
        """Ctrl+Shift+Z and Ctrl+Y do again what Ctrl+Z took back of what was typed here."""
        pressed = {"ctrl" if name == "meta" else name for name in modifiers} & {"ctrl", "shift"}
        if (keycode[1], pressed) in (("z", {"ctrl", "shift"}), ("y", {"ctrl"})):
            self.do_redo()
            return True
        return super().keyboard_on_key_down(window, keycode, text, modifiers)

    def keyboard_on_key_up(self, _window: Any, _keycode: tuple[int, str]) -> bool:
        """Kivy drops the focus when Escape comes up; whoever owns the input decides that."""
        return True

    def insert_text(self, substring: str, from_undo: bool = False) -> Any:  # noqa: FBT001, FBT002 -- Kivy's name
        """Take in text; lone surrogates from a clipboard would stop Kivy's renderer.

        Kivy drops what comes before its first layout, a frame after the focus: a scanner is faster than that.
        """
        if not self._lines:
            self._refresh_text(self.text)
            self.cursor = self.get_cursor_from_index(len(self.text))
        return super().insert_text(substring.encode("utf-8", "replace").decode("utf-8"), from_undo)

    def _pad(self, *_: Any) -> None:
        """Kivy cuts the caret to what the padding leaves: a line needs its whole height."""
        y = self.pad_y if self.multiline else max(0.0, (self.height - self.line_height) / 2)
        self.padding = self.pad_x, y, self.pad_x, y
