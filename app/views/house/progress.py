"""Long work: what it is, how far, how long still, and a way to stop it (`on_cancel`)."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.metrics import dp, sp
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from app.views.house import looks
from app.views.house.batch import Batch
from app.views.house.controls import PushButton
from app.views.house.painted import Painted
from app.views.house.skin import skin
from app.views.house.theme import Roles, mix

looks.load("components/progress.kv")

TICKS = 10  # frames a second while how far is unknown
SEGMENT = 0.3


class ProgressLine(Painted):
    """A bar; `value` from 0 to 1, below 0 when nobody knows how far it is."""

    value = NumericProperty(-1)
    phase = NumericProperty(0)
    watch = ("value", "phase")

    def __init__(self, **kwargs: Any) -> None:
        self._event: Any = None
        super().__init__(**kwargs)
        self.fbind("value", self._run)
        self.fbind("parent", self._run)
        self._run()

    def _run(self, *_: Any) -> None:
        moving = self.value < 0 and self.parent is not None and not skin.reduced_motion
        if moving and self._event is None:
            self._event = Clock.schedule_interval(self._tick, 1 / TICKS)
        elif not moving and self._event is not None:
            self._event.cancel()
            self._event = None

    def _tick(self, _dt: float) -> None:
        self.phase = (self.phase + 1 / (2 * TICKS)) % 1

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Track and what is done."""
        tall = int(dp(6))
        y = (h - tall) // 2
        b.rounded(0, y, w, tall, tall // 2, mix(r.ground(self.ground), r.primary, 0.2))
        if self.value >= 0:
            b.rounded(0, y, max(tall, w * min(1.0, self.value)), tall, tall // 2, r.primary)
        else:
            b.rounded(self.phase * (1 - SEGMENT) * w, y, w * SEGMENT, tall, tall // 2, r.primary)


class ProgressPanel(Painted, FloatLayout):
    """Title, note and bar, and a button that stops the work."""

    title, note = StringProperty(), StringProperty()
    value = NumericProperty(-1)
    cancel_text = StringProperty("Stop")
    stoppable = BooleanProperty(True)
    watch = ("title", "note", "stoppable")

    __events__ = ("on_cancel",)

    def __init__(self, **kwargs: Any) -> None:
        self.bar, self.button = ProgressLine(size_hint=(None, None)), PushButton(kind="outlined")
        super().__init__(**kwargs)
        self.add_widget(self.bar)
        self.add_widget(self.button)
        self.button.bind(on_release=lambda *_: self.dispatch("on_cancel"))
        for name in ("pos", "size", "value", "cancel_text", "ground", "stoppable"):
            self.fbind(name, self._lay)
        self._lay()

    def on_cancel(self) -> None:
        """Stop was pressed."""

    def _lay(self, *_: Any) -> None:
        self.bar.value, self.button.text = self.value, self.cancel_text
        self.bar.ground = self.button.ground = self.ground
        self.button.disabled = not self.stoppable
        self.button.right = self.x + self.width
        self.button.center_y = self.y + self.height / 2
        self.bar.size = max(1, self.width - self.button.width - dp(24)), dp(8)
        self.bar.pos = self.x, self.y + self.height / 2 - dp(4)

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Words above and below the bar."""
        room, tall = w - self.button.width - dp(24), sp(20)
        b.write("strong", self.title, 0, h / 2 + dp(8), tall, r.text, room)
        b.write("small", self.note, 0, h / 2 - dp(8) - tall, tall, r.muted, room)
