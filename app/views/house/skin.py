"""The look that is on now: one per process, because there is one window; everything painted follows it.

    #:import skin app.views.house.skin.skin        in KV: `skin.roles`, `skin.row_dp` are bound, not copied
    skin.dark = True                               repaints all that is painted, in one frame

The entry point sets it from the settings; screens change it only through the settings.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kivy.event import EventDispatcher
from kivy.metrics import Metrics, dp
from kivy.properties import (
    BooleanProperty,
    BoundedNumericProperty,
    ObjectProperty,
    OptionProperty,
    StringProperty,
)

from app.views.house import theme


class Skin(EventDispatcher):
    """Theme, density, text size and motion. `roles` follows `seed` and `dark`; bind to it."""

    seed = StringProperty(theme.SEEDS["Harbour"])
    dark = BooleanProperty(False)
    density = OptionProperty("normal", options=tuple(theme.DENSITIES))
    text_scale = BoundedNumericProperty(1.0, min=0.8, max=2.0)
    reduced_motion = BooleanProperty(False)
    roles = ObjectProperty(theme.roles(), rebind=True)  # without it KV keeps the first theme

    def on_seed(self, *_: Any) -> None:
        """Grow the colours anew."""
        with _no_collection():
            self.roles = theme.roles(self.seed, dark=self.dark)

    on_dark = on_seed

    def on_text_scale(self, *_: Any) -> None:
        """Everything that measures in sp follows."""
        Metrics.fontscale = self.text_scale

    @property
    def row_dp(self) -> int:
        """Height of a grid row in dp."""
        return theme.DENSITIES[self.density]

    def seconds(self, usual: float) -> float:
        """How long a movement takes: none under reduced motion."""
        return 0.0 if self.reduced_motion else usual


def grown(size_dp: float) -> float:
    """Pixels of what grows with large text, as icons and panes do; small text leaves it as it is."""
    return float(dp(size_dp) * max(1.0, skin.text_scale))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Kivy raises ReferenceError when a widget is collected in the middle of the very rule that colours it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


skin = Skin()
