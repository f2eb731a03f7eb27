"""The sentence below a cell whose text its column does not take."""

from __future__ import annotations

from kivy.metrics import dp
from kivy.properties import StringProperty

from app.views.house.batch import Batch, text_width, wrap
from app.views.house.lines import type_of
from app.views.house.painted import Painted
from app.views.house.theme import Roles

WIDEST = 320  # dp


class Refusal(Painted):
    """Why a text was not taken, below its cell."""

    text = StringProperty()
    watch = ("text",)

    def fit(self) -> None:
        """Take the size that the sentence needs."""
        room = dp(WIDEST) - dp(20)
        count = len(wrap("small", self.text, room))
        wide = min(room, text_width("small", self.text)) if count == 1 else room
        self.size = wide + dp(21), count * self.step + dp(12)

    @property
    def step(self) -> float:
        """From line to line, in pixels."""
        return float(type_of("small").px * 4 / 3)

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """White on red, a line each."""
        b.rounded(0, 0, w, h, dp(6), r.error)
        for i, line in enumerate(wrap("small", self.text, w - dp(20))):
            y = h - dp(6) - (i + 1) * self.step
            b.write("small", line, dp(10), y, self.step, r.on_error, w - dp(20))
