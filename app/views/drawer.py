"""The collections over the window, at its left edge, where they have no pane of their own."""

from __future__ import annotations

from typing import Any

from kivy.metrics import dp

from app.views.house.batch import Batch
from app.views.house.focus import by_keyboard
from app.views.house.overlay import Overlay
from app.views.house.painted import Painted
from app.views.house.skin import grown
from app.views.house.theme import Roles

WIDTH_DP = 304


class DrawerGround(Painted):
    """The sheet under the list."""

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A box with rounded corners at its right."""
        b.rounded(-dp(16), 0, w + dp(16), h, dp(16), r.page)


class Drawer(Overlay):
    """Holds a view while it is open, and lets go of it afterwards; choosing a collection closes it."""

    def __init__(self, view: Any, **kwargs: Any) -> None:
        self.view = view
        self.back = DrawerGround(size_hint=(None, None))
        self._stop: Any = None
        super().__init__(**kwargs)
        self.add_widget(self.back)
        self.add_widget(view)
        view.size_hint = None, None
        view.inset = True

    def open(self) -> None:
        """Show it, and close it when another place is chosen."""
        super().open()
        desk, before = self.view.desk, self.view.desk.state
        opened = self.view.desk.records.state.slug

        def moved(_state: Any) -> None:
            if desk.state != before or desk.records.state.slug != opened:
                self.dismiss()

        stops = (desk.observe(moved), desk.records.observe(moved), desk.form.observe(self._form))
        self._stop = lambda: [stop() for stop in stops]

    def _form(self, state: Any) -> None:
        if state.ask is not None:
            self.dismiss()

    def lay(self) -> None:
        """The whole height, at the left."""
        width = min(grown(WIDTH_DP), self.width - dp(56))
        for part in (self.back, self.view):
            part.size, part.pos = (width, self.height), (0, 0)

    def sheet_box(self) -> tuple[float, float, float, float]:
        """The box of the sheet."""
        return 0, 0, self.back.width, self.height

    def take_focus(self) -> None:
        """To the list."""
        if by_keyboard.on:
            row = next(iter(self.view.list.rows.values()), None)
            if row is not None:
                row.focus = True

    def on_dismiss(self) -> None:
        """Let go of the view."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        if self.view.parent is self:
            self.remove_widget(self.view)
        self.view.size_hint = None, 1
        self.view.inset = False
