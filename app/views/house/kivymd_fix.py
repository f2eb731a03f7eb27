"""KivyMD 2.0.0 with a floor under the size of its ripple's FBO; import it before any KivyMD widget is made.

RippleBehavior makes an FBO of the widget's size in `__init__`; a widget that KV gives its minimum height is 0 px high
then, and GL refuses it (MDSnackbar always crashes).
"""

from __future__ import annotations

from typing import Any

from kivy.graphics import Fbo
from kivymd.uix.behaviors import ripple_behavior


class SafeFbo(Fbo):
    """An FBO of at least one pixel."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        w, h = kwargs.get("size", (1, 1))
        kwargs["size"] = max(1, int(w)), max(1, int(h))
        super().__init__(*args, **kwargs)


ripple_behavior.Fbo = SafeFbo
