"""Keyboard focus for what can be pressed: Tab order, a ring that shows only to keyboard users, Enter and Space.

    class Thing(FocusRing, ButtonBehavior, Painted): ...        mix in first; works on KivyMD's buttons too

Tab order is the order of adding. The ring is one instruction, made once and recoloured: instructions made anew
each frame leak in the driver.
"""

from __future__ import annotations

from typing import Any

from kivy.core.window import Window
from kivy.graphics import Color, SmoothLine
from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.behaviors import FocusBehavior
from kivy.uix.widget import Widget

from app.views.house.skin import skin
from app.views.house.theme import rgba

TAB = 9
KEYS_THAT_SHOW = {TAB, *range(273, 277), *range(278, 282), 287}  # arrows, Home, End, pages, F6


class ByKeyboard(Widget):
    """Whether the last thing done was by keyboard: a touch hides every ring, Tab and arrows show it."""

    on = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        Window.bind(on_key_down=self._key, on_touch_down=self._touch)

    def _key(self, _window: Any, key: int, *_: Any) -> bool:
        if key in KEYS_THAT_SHOW:
            self.on = True
        return key == TAB and not any(FocusBehavior._keyboards.values()) and self._enter()  # noqa: SLF001

    @staticmethod
    def _enter() -> bool:
        """Tab with the focus nowhere: to the first thing that can be reached, in what lies on top."""
        for child in Window.children:
            for widget in child.walk(restrict=True):
                able = getattr(widget, "is_focusable", False) and not widget.disabled
                if able and not hidden(widget):
                    widget.focus = True
                    return True
            if getattr(child, "covers", False):
                break
        return False

    def _touch(self, _window: Any, touch: Any) -> None:
        if not getattr(touch, "is_mouse_scrolling", False):
            self.on = False


by_keyboard = ByKeyboard()


def hidden(widget: Any) -> bool:
    """Whether a widget cannot be seen: it or what holds it has no opacity or no size, or it is in no window."""
    while True:
        if widget.opacity == 0 or widget.width < 1 or widget.height < 1:
            return True
        parent = widget.parent
        if parent is None:
            return True
        if parent is Window:
            return False
        widget = parent


class Reachable(FocusBehavior):
    """Focus that Tab never takes to what is hidden; Kivy's own would."""

    def _get_focus_next(self, focus_dir: str) -> Any:
        found = super()._get_focus_next(focus_dir)
        seen: set[int] = set()
        while found is not None and found is not self and hidden(found) and id(found) not in seen:
            seen.add(id(found))
            found = FocusBehavior._get_focus_next(found, focus_dir)  # noqa: SLF001 -- Kivy has no other way
        return None if found is not None and hidden(found) else found


class FocusRing(Reachable):
    """Needs `on_release` (ButtonBehavior), or overrides `press_key`."""

    ring_role = StringProperty("primary")
    ring_radius = NumericProperty("20dp")
    ring_gap = NumericProperty("3dp")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas.after:
            self._ring_ink = Color(0, 0, 0, 0)
            self._ring = SmoothLine(width=dp(1.1), rounded_rectangle=(0, 0, 1, 1, 1))
        for name in ("pos", "size", "focus", "ring_role", "ring_radius", "ring_gap"):
            self.fbind(name, self._draw_ring)
        by_keyboard.bind(on=self._draw_ring)
        skin.bind(roles=self._draw_ring)

    def _draw_ring(self, *_: Any) -> None:
        shown = self.focus and by_keyboard.on
        color = skin.roles.ground(self.ring_role)
        self._ring_ink.rgba = rgba(color, 1.0 if shown else 0.0)
        if shown:
            gap = self.ring_gap
            x, y = self.ring_origin()
            box = x - gap, y - gap, self.width + 2 * gap, self.height + 2 * gap
            self._ring.rounded_rectangle = (*box, min(self.ring_radius, box[3] / 2))

    def ring_origin(self) -> tuple[float, float]:
        """Where the ring's box starts; a RelativeLayout draws in its own coordinates and says (0, 0)."""
        return self.x, self.y

    def press_key(self) -> None:
        """What Enter and Space do."""
        self.dispatch("on_release")

    def keyboard_on_key_down(
        self, window: Any, keycode: tuple[int, str], text: str, modifiers: list[str]
    ) -> bool:
        """Enter and Space press; the rest is Kivy's (Tab walks)."""
        if keycode[1] in {"enter", "numpadenter", "spacebar"} and not self.disabled:
            self.press_key()
            return True
        return bool(super().keyboard_on_key_down(window, keycode, text, modifiers))

    def keyboard_on_key_up(self, _window: Any, _keycode: tuple[int, str]) -> bool:
        """Kivy drops the focus when Escape comes up, also from what a closing sheet has just given it to."""
        return True


def focused(root: Any) -> Any | None:
    """The widget under `root` that has the keyboard, or None."""
    return next((w for w in root.walk(restrict=True) if getattr(w, "focus", False)), None)


def trap(widgets: list[Any]) -> None:
    """Let Tab go round in these widgets only (a dialog); they are in reading order."""
    able = [w for w in widgets if w.is_focusable and not w.disabled]
    if len(able) == 1:
        able[0].focus_next = StopIteration  # nowhere to go
    for here, following in zip(able, (*able[1:], *able[:1]), strict=True):
        if here is not following:
            here.focus_next = following  # sets the way back too
