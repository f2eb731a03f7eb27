"""Tips: what an icon alone does, in words, after the mouse has rested on it or Tab has reached it."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.metrics import dp
from kivy.properties import StringProperty

from app.views.house.batch import Batch, text_width
from app.views.house.hover import hover
from app.views.house.painted import Painted
from app.views.house.theme import Roles

REST = 0.6  # seconds


class Tip(Painted):
    """A dark label."""

    text = StringProperty()
    watch = ("text",)

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Words on the inverse ground."""
        b.rounded(0, 0, w, h, dp(6), r.inverse)
        b.write("small", self.text, dp(10), 0, h, r.on_inverse, w - dp(20))


class Tips:
    """Shows one tip at a time; the entry point makes one and keeps it."""

    def __init__(self) -> None:
        self.tip: Tip | None = None
        self._owner: Any = None
        self._rested = Clock.create_trigger(self._show, REST)
        Window.bind(mouse_pos=self._moved, on_touch_down=self._hide, on_key_down=self._hide)

    def _moved(self, *_: Any) -> None:
        if self.tip is not None and hover.over is not self._owner:
            self._hide()
        self._rested.cancel()
        words: str = getattr(hover.over, "label", "")
        if self.tip is None and words:
            self._rested()

    def _show(self, _dt: float) -> None:
        owner = hover.over
        words: str = getattr(owner, "label", "")
        if owner is None or not words or owner.get_root_window() is None:
            return
        self._owner = owner
        self.tip = Tip(
            text=words, size_hint=(None, None), size=(text_width("small", words) + dp(21), dp(28))
        )
        x, y = owner.to_window(owner.center_x, owner.y)
        left = min(max(dp(4), x - self.tip.width / 2), Window.width - self.tip.width - dp(4))
        low = y - self.tip.height - dp(6)
        self.tip.pos = left, low if low > dp(4) else y + owner.height + dp(6)
        Window.add_widget(self.tip)

    def _hide(self, *_: Any) -> None:
        self._rested.cancel()
        tip, self.tip, self._owner = self.tip, None, None
        if tip is not None:
            Window.remove_widget(tip)
