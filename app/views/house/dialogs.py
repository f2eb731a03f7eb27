"""Dialogs, for what cannot be undone or must be answered now; what can be undone gets a snackbar instead.

Dialog("Delete for good?", "12 records will be gone from all computers.",
       [Answer("Cancel"), Answer("Delete for good", run, kind="danger")]).open()
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from kivy.metrics import dp
from kivy.uix.widget import Widget

from app.views.house.controls import PushButton
from app.views.house.focus import trap
from app.views.house.menus import SheetGround
from app.views.house.overlay import Overlay
from app.views.house.panes import Caption
from app.views.house.skin import grown

WIDTH = 480  # dp at most
PAD = 24  # dp


@dataclass(frozen=True)
class Answer:
    """A button of a dialog; `run` may return False to keep the dialog open."""

    text: str
    run: Callable[[], bool | None] | None = None
    kind: str = "text"


class Dialog(Overlay):
    """Title, words, an optional widget of its own height, and answers; the last answer is the main one."""

    def __init__(
        self,
        title: str,
        text: str,
        answers: Sequence[Answer],
        *,
        content: Widget | None = None,
        **kwargs: Any,
    ) -> None:
        self.back = SheetGround(lifted=False, size_hint=(None, None))
        self.heading = Caption(
            text=title, style="title", lines=0, ground="sheet", size_hint=(None, None)
        )
        self.words = Caption(
            text=text, role="muted", lines=0, ground="sheet", size_hint=(None, None)
        )
        self.content = content
        self.buttons = [self._button(answer) for answer in answers]
        super().__init__(**kwargs)
        for part in (self.back, self.heading, self.words, content, *self.buttons):
            if part is not None:
                self.add_widget(part)
        if content is not None:
            content.size_hint = None, None
            content.fbind("height", self._place)

    def _button(self, answer: Answer) -> PushButton:
        button = PushButton(text=answer.text, kind=answer.kind, ground="sheet")
        button.bind(on_release=partial(self._answered, answer))
        return button

    def _answered(self, answer: Answer, *_: Any) -> None:
        if answer.run is not None and answer.run() is False:
            return
        self.dismiss()

    def lay(self) -> None:
        """In the middle; buttons at the lower right, stacked when they do not fit beside each other."""
        if self.parent is None:
            return
        pad, gap = dp(PAD), dp(12)
        wide = min(grown(WIDTH), self.width - dp(32))
        parts = [part for part in (self.heading, self.words, self.content) if part is not None]
        if not self.words.text:
            parts.remove(self.words)
        for part in parts:
            part.width = wide - 2 * pad
            if isinstance(part, Caption):
                part.height = part.natural_height
        beside = sum(button.width + dp(8) for button in self.buttons) <= wide - pad
        rows = [self.buttons] if beside else [[button] for button in reversed(self.buttons)]
        button_h = max((button.height for button in self.buttons), default=0)
        high = (
            2 * pad
            + sum(part.height + gap for part in parts)
            + dp(8)
            + len(rows) * (button_h + dp(8))
            - dp(8)
        )
        x, top = (self.width - wide) / 2, (self.height + high) / 2
        self.back.size, self.back.pos = (wide, high), (x, top - high)
        self._stack(parts, x + pad, top - pad, gap)
        self._place_buttons(rows, x + wide - pad, top - high + pad, button_h)

    @staticmethod
    def _stack(parts: Sequence[Any], x: float, y: float, gap: float) -> None:
        for part in parts:
            y -= part.height
            part.pos = x, y
            y -= gap

    @staticmethod
    def _place_buttons(
        rows: Sequence[Sequence[PushButton]], right: float, y: float, high: float
    ) -> None:
        for row in reversed(rows):
            x = right
            for button in reversed(row):
                x -= button.width
                button.pos = x, y
                x -= dp(8)
            y += high + dp(8)

    def sheet_box(self) -> tuple[float, float, float, float]:
        """The box of the dialog."""
        return self.back.x, self.back.y, self.back.width, self.back.height

    def take_focus(self) -> None:
        """To the first thing of the content that takes it, else to the main answer; Tab stays inside."""
        inside = (
            []
            if self.content is None
            else [w for w in self.content.walk(restrict=True) if hasattr(w, "is_focusable")]
        )
        able = [w for w in inside if w.is_focusable and not w.disabled]
        trap([*able, *self.buttons])
        first = able[0] if able else self.buttons[-1] if self.buttons else None
        if first is not None:
            first.focus = True
