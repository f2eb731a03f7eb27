"""Made-up fingers, mice and keys for tests, measurements and the demo; they take the real dispatch and grab path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kivy.base import EventLoop
from kivy.core.window import Window
from kivy.input.motionevent import MotionEvent

from app.views.house.stage import pump

KEYS = {
    "backspace": 8, "tab": 9, "enter": 13, "escape": 27, "spacebar": 32, "delete": 127, "up": 273, "down": 274,
    "right": 275, "left": 276, "insert": 277, "home": 278, "end": 279, "pageup": 280, "pagedown": 281, "f1": 282,
    "f2": 283, "f4": 285, "f6": 287, "f10": 291, "menu": 319,
}  # fmt: skip


class Touch(MotionEvent):
    """A finger at window coordinates; with `button`, a mouse (so drags select instead of panning)."""

    def __init__(
        self, x: float, y: float, button: str | None = None, *, double: bool = False
    ) -> None:
        super().__init__("house", 99, self._unit(x, y), is_touch=True, type_id="touch")
        self.profile = ["pos", *(["button"] if button else [])]
        self.button = button or ""
        self.is_double_tap = double

    @staticmethod
    def _unit(x: float, y: float) -> dict[str, float]:
        return {"x": x / (Window.width - 1), "y": y / (Window.height - 1)}

    def depack(self, args: dict[str, float]) -> None:
        """Kivy's way of reading an event."""
        self.sx, self.sy = args["x"], args["y"]
        super().depack(args)

    def down(self) -> Touch:
        """Touch the glass, or press the button."""
        EventLoop.post_dispatch_input("begin", self)
        return self

    def to(self, x: float, y: float) -> Touch:
        """Move there."""
        self.move(self._unit(x, y))
        EventLoop.post_dispatch_input("update", self)
        return self

    def up(self) -> None:
        """Let go."""
        EventLoop.post_dispatch_input("end", self)


def middle(widget: Any) -> tuple[float, float]:
    """The window coordinates of a widget's middle."""
    x, y = widget.to_window(*widget.center)
    return float(x), float(y)


def click(widget: Any, button: str = "left") -> None:
    """Click in a widget's middle with the mouse, and run the frames that follow."""
    click_at(*middle(widget), button)


def click_at(x: float, y: float, button: str = "left", *, double: bool = False) -> None:
    """Click at a place with the mouse."""
    touch = Touch(x, y, button, double=double).down()
    pump()
    touch.up()
    pump(2)


def tap_at(x: float, y: float) -> None:
    """Tap with a finger; no frame in between, or a slow one would make it a long press."""
    Touch(x, y).down().up()
    pump(2)


def point_at(x: float, y: float) -> None:
    """Move the mouse there without pressing."""
    Window.mouse_pos = (x, y)
    pump()


def wheel(x: float, y: float, button: str = "scrolldown") -> None:
    """One notch of the wheel."""
    Touch(x, y, button).down().up()


def press(key: str, modifiers: Iterable[str] = ()) -> None:
    """A key by its name, or a single character (`press("a", ["ctrl"])`), as the keyboard sends it."""
    code = KEYS.get(key) or ord(key)
    text = key if len(key) == 1 else None
    Window.dispatch("on_key_down", code, 0, text, list(modifiers))
    Window.dispatch("on_key_up", code, 0)
    pump()


def write(text: str) -> None:
    """Type text, a character at a time."""
    for ch in text:
        Window.dispatch("on_textinput", ch)
        pump()
