"""The settings screen: each choice shows at once and is written down."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from app.viewmodels.appearance import DENSITIES, TEXT_SIZES, THEMES, Appearance, AppearanceState
from app.viewmodels.desk import Desk
from app.views.house import looks
from app.views.house.controls import Chip
from app.views.screen import ScreenView
from app.views.security import SecuritySection

looks.load("settings.kv")


class SettingsView(ScreenView):
    """`narrow`: no pane of its own under it; `place` is where the data lies."""

    desk = ObjectProperty()
    narrow = BooleanProperty(False)
    under = StringProperty("pane")
    workspace = StringProperty()
    place = StringProperty()
    show_keys = ObjectProperty(None, allownone=True)

    def __init__(self, desk: Desk, appearance: Appearance, place: str, **kwargs: Any) -> None:
        self._chips: dict[tuple[str, Any], Chip] = {}
        self.security: SecuritySection | None = None
        super().__init__(
            appearance,
            desk=desk,
            workspace=f"Workspace “{desk.workspace.name}”",
            place=f"Everything lies in {place}, and nowhere else.",
            **kwargs,
        )
        self.fbind("narrow", self._grounds)
        for name, title in THEMES:
            self._chip("themes", name, title, appearance.choose_theme)
        for name, title in DENSITIES:
            self._chip("densities", name, title, appearance.choose_density)
        for percent in TEXT_SIZES:
            self._chip("sizes", percent, f"{percent} %", appearance.choose_text_size)
        if desk.security is not None:
            self.security = SecuritySection(desk.security, self._lock)
            self.ids.security.add_widget(self.security)
        self._grounds()
        self.shown(self.state)

    def _chip(self, group: str, value: Any, title: str, choose: Callable[[Any], None]) -> None:
        chip = Chip(text=title, pos_hint={"center_y": 0.5})
        chip.bind(on_release=lambda *_: partial(choose, value)())
        self._chips[group, value] = chip
        self.ids[group].add_widget(chip)

    def _grounds(self, *_: Any) -> None:
        self.under = "page" if self.narrow else "pane"
        for chip in self._chips.values():
            chip.ground = self.under
        if self.security is not None:
            self.security.ground = self.under

    def _lock(self) -> None:
        if self.desk.lock is not None:
            self.desk.lock()

    def close(self) -> None:
        """The workspace closes."""
        super().close()
        if self.security is not None:
            self.security.close()

    def shown(self, state: AppearanceState) -> None:
        """Which choices stand."""
        chosen = {"themes": state.theme, "densities": state.density, "sizes": state.text_size}
        for (group, value), chip in self._chips.items():
            chip.selected = chosen[group] == value
