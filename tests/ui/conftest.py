"""The window for tests: one, offscreen, unpaced; each test finds it empty, light and 1280 x 800.

Kivy is set up here, before any test module of this folder imports it.
"""

from __future__ import annotations

import os
from pathlib import Path

from app.views.house import boot

boot.prepare(Path(os.environ["KIVY_HOME"]), size=(1600, 1300), max_fps=0, offscreen=True)

import pytest  # noqa: E402
from kivy.animation import Animation  # noqa: E402
from kivy.core.window import Window  # noqa: E402

from app.views.house import stage  # noqa: E402
from app.views.house.focus import by_keyboard, focused  # noqa: E402
from app.views.house.skin import Skin, skin  # noqa: E402
from app.views.house.theme import rgba  # noqa: E402

SIZE = (1280, 800)


def _reset():
    for child in list(Window.children):
        Animation.cancel_all(child)
        held = focused(child)
        if held is not None:
            held.focus = False
    stage.clear()
    fresh = Skin()
    for name in ("seed", "dark", "density", "text_scale", "reduced_motion"):
        setattr(skin, name, getattr(fresh, name))
    by_keyboard.on = False
    Window.mouse_pos = (0, 0)
    Window.clearcolor = rgba(skin.roles.page)
    stage.resize(*SIZE)


@pytest.fixture
def window():
    """The empty window."""
    _reset()
    yield Window
    _reset()


@pytest.fixture
def show(window):
    """Put a widget into the window and let it lay itself out."""

    def put(widget, frames=4):
        stage.put(widget)
        stage.pump(frames)
        return widget

    return put


class Clipboard:
    """A clipboard of the test's own."""

    def __init__(self):
        self.text = ""

    def copy(self, text):
        self.text = text

    def paste(self):
        return self.text


@pytest.fixture
def clipboard():
    return Clipboard()
