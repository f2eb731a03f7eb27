"""The window for tests: one, offscreen, unpaced; each test finds it empty, light and 1280 x 800.

Kivy is set up here, before any test module of this folder imports it.
"""

from __future__ import annotations

import os
import shutil
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
from tests.support.grids import made_up_grid  # noqa: E402
from tests.support.window import make_sample, opened  # noqa: E402

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


@pytest.fixture
def grid(show, clipboard):
    """A focused grid over made-up rows."""
    return made_up_grid(show, clipboard)


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory):
    """A home with the sample in it, made once; only copies of it are opened."""
    return make_sample(tmp_path_factory.mktemp("sample") / "home")


@pytest.fixture
def home(sample_home, tmp_path):
    """A home of the test's own with the sample in it."""
    return Path(shutil.copytree(sample_home, tmp_path / "home"))


@pytest.fixture
def files(tmp_path):
    """The folder that the file chooser begins in, with one table."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "tools.csv").write_text("Tool,Code,Count\nDrill,007,3\nBelt,010,4\nStrap,011,5\n")
    return folder


@pytest.fixture
def window_open(home, files, show):
    """The whole window over the sample, its first list open."""
    with opened(home, show, start=files) as window:
        window.until(lambda: window.desk.records.state.ready)
        yield window
