"""A sheet in the middle of the window that holds one panel."""

from __future__ import annotations

from typing import Any

from kivy.metrics import dp

from app.views.house.menus import SheetGround
from app.views.house.overlay import Overlay
from app.views.house.skin import grown


class PanelSheet(Overlay):
    """`panel` is as large as it may be: `width_dp` by `height_dp`, less in a small window.

    One that has a `natural_height` is as high as that.
    """

    def __init__(self, panel: Any, width_dp: float, height_dp: float, **kwargs: Any) -> None:
        self.back = SheetGround(lifted=False, size_hint=(None, None))
        self.panel = panel
        self._most = width_dp, height_dp
        super().__init__(**kwargs)
        self.add_widget(self.back)
        self.add_widget(panel)
        if hasattr(panel, "natural_height"):
            panel.fbind("natural_height", self._place)

    def lay(self) -> None:
        """In the middle."""
        wide = grown(self._most[0])
        high = getattr(self.panel, "natural_height", 0) or grown(self._most[1])
        size = min(wide, self.width - dp(24)), min(high, self.height - dp(24))
        pos = (self.width - size[0]) / 2, (self.height - size[1]) / 2
        for part in (self.back, self.panel):
            part.size, part.pos = size, pos

    def sheet_box(self) -> tuple[float, float, float, float]:
        """The box of the sheet."""
        return self.back.x, self.back.y, self.back.width, self.back.height

    def take_focus(self) -> None:
        """Where the panel wants it."""
        first = getattr(self.panel, "stop", None)
        if first is not None:
            first.focus = True
