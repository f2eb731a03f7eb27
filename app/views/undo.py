"""Undo and redo as buttons, and the sheet that shows how far a long one is."""

from __future__ import annotations

from typing import Any

from kivy.metrics import dp
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from app.viewmodels.undoing import Undoing, UndoingState
from app.views.house.controls import IconButton
from app.views.house.panes import Caption
from app.views.house.progress import ProgressPanel
from app.views.house.skin import grown


class UndoButtons(BoxLayout):
    """Two buttons, faded while there is nothing to undo or redo; as large as they are."""

    ground = StringProperty("page")

    def __init__(self, undoing: Undoing, **kwargs: Any) -> None:
        free = {"pos_hint": {"center_x": 0.5, "center_y": 0.5}}
        self.undo = IconButton(icon="undo", label="Undo (Ctrl Z)", **free)
        self.redo = IconButton(icon="redo", label="Redo (Ctrl Shift Z)", **free)
        super().__init__(size_hint=(None, None), **kwargs)
        self.undo.bind(on_release=lambda *_: undoing.undo())
        self.redo.bind(on_release=lambda *_: undoing.redo())
        for button in (self.undo, self.redo):
            self.add_widget(button)
        for name in ("minimum_width", "minimum_height", "orientation"):
            self.fbind(name, self._fit)
        self.fbind("ground", self._fit)
        self._fit()
        self._stop = undoing.observe(self._shown)

    def close(self) -> None:
        """The view is going away."""
        self._stop()

    def _fit(self, *_: Any) -> None:
        self.size = self.minimum_width or dp(40), self.minimum_height or dp(40)
        self.undo.ground = self.redo.ground = self.ground

    def _shown(self, state: UndoingState) -> None:
        busy = bool(state.runs)
        self.undo.disabled = busy or not state.can_undo
        self.redo.disabled = busy or not state.can_redo


class UndoPanel(BoxLayout):
    """What is being undone or redone, how far it is, and a way to stop it."""

    natural_height = NumericProperty(0)

    def __init__(self, undoing: Undoing, **kwargs: Any) -> None:
        super().__init__(
            orientation="vertical", size_hint=(None, None), padding=dp(24), spacing=dp(12), **kwargs
        )
        self.title = Caption(style="title", ground="sheet")
        self.progress = ProgressPanel(
            ground="sheet", note="Stopped, it leaves everything as it is."
        )
        self.add_widget(self.title)
        self.add_widget(self.progress)
        self.progress.bind(on_cancel=lambda *_: undoing.stop())
        self.natural_height = grown(40) + dp(32) + grown(28) + dp(60)
        self._stop = undoing.observe(self._shown)

    @property
    def stop(self) -> Any:
        """Where the keyboard goes."""
        return self.progress.button

    def close(self) -> None:
        """The sheet is gone."""
        self._stop()

    def _shown(self, state: UndoingState) -> None:
        self.title.text = "Stopping…" if state.stopping else state.runs
        self.progress.value = state.share
        self.progress.title = f"{state.share:.0%}"
        self.progress.stoppable = not state.stopping
