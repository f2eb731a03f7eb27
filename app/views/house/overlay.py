"""What lies over everything for a while: it takes the keyboard, keeps touches, and gives the focus back.

    class MySheet(Overlay):
        def sheet_box(self): ...        # window pixels of what does not close it when touched

Escape closes, a touch beside the sheet closes (`dismissable`), Tab stays inside (`focus.trap`).
"""

from __future__ import annotations

from typing import Any

from kivy.core.window import Window
from kivy.graphics import Color, Rectangle
from kivy.properties import BooleanProperty
from kivy.uix.floatlayout import FloatLayout

from app.views.house.focus import focused
from app.views.house.skin import skin

ESCAPE = 27


class Overlay(FloatLayout):
    """`open()` puts it over the window; `on_dismiss` tells that it is gone."""

    scrim = BooleanProperty(True)
    dismissable = BooleanProperty(True)
    covers = True  # nothing below is hovered or counted as reachable
    undoable = False  # whether the window's keys for undo and redo work while it is open

    __events__ = ("on_dismiss",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas.before:
            self._scrim_ink = Color(0, 0, 0, 0)
            self._scrim = Rectangle()
        self._before: Any = None
        for name in ("pos", "size", "scrim"):
            self.fbind(name, self._place)
        skin.bind(roles=self._place, text_scale=self._place)

    def _place(self, *_: Any) -> None:
        depth = 0.45 if skin.roles.dark else 0.32
        self._scrim_ink.a = depth if self.scrim else 0
        self._scrim.pos, self._scrim.size = self.pos, self.size
        self.lay()

    def lay(self) -> None:
        """Place the parts; called whenever the window or the skin changes."""

    def sheet_box(self) -> tuple[float, float, float, float]:
        """(x, y, width, height) of the sheet."""
        return self.x, self.y, self.width, self.height

    def open(self) -> None:
        """Show it; what had the focus gets it back afterwards."""
        if self.parent is not None:
            return
        self._before = next((w for w in map(focused, Window.children) if w is not None), None)
        if self._before is not None:
            self._before.focus = False
        self.size = Window.size
        Window.add_widget(self)
        Window.bind(on_key_down=self._key)
        self._place()
        self.take_focus()

    def take_focus(self) -> None:
        """Give the keyboard to the first thing in it."""

    def dismiss(self) -> None:
        """Close."""
        if self.parent is None:
            return
        Window.unbind(on_key_down=self._key)
        inside = focused(self)
        if inside is not None:
            inside.focus = False
        Window.remove_widget(self)
        if self._before is not None and self._before.get_root_window() is not None:
            self._before.focus = True
        self._before = None
        self.dispatch("on_dismiss")

    def on_dismiss(self) -> None:
        """It is closed."""

    def is_topmost(self) -> bool:
        """Whether no other overlay lies over this one."""
        return next((w for w in Window.children if getattr(w, "covers", False)), None) is self

    def _key(self, _window: Any, key: int, *_: Any) -> bool:
        if key == ESCAPE and self.dismissable and self.is_topmost():
            self.dismiss()
            return True
        return False

    def on_touch_down(self, touch: Any) -> bool:
        """Inside: to the parts; beside: close."""
        if super().on_touch_down(touch) or touch.is_mouse_scrolling:
            return True
        x, y, w, h = self.sheet_box()
        if self.dismissable and not (x <= touch.x <= x + w and y <= touch.y <= y + h):
            self.dismiss()
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Nothing goes through."""
        super().on_touch_move(touch)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Nothing goes through."""
        super().on_touch_up(touch)
        return True
