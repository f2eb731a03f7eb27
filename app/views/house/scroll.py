"""HouseScroll: what a screen scrolls in, by whole pixels."""

from __future__ import annotations

from typing import Any

from kivy.uix.scrollview import ScrollView


class HouseScroll(ScrollView):
    """Between pixels, glyphs are blurred and show the edge of what stands beside them in the atlas."""

    def update_from_scroll(self, *args: Any) -> None:
        """Move the content, then onto the nearest pixel."""
        super().update_from_scroll(*args)
        x, y = self.g_translate.xy
        self.g_translate.xy = round(x), round(y)
