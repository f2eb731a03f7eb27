"""The window's entry: prepares Kivy, then runs the application until its window is closed."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

from app.compose import program
from app.errors import AppError
from app.places import NAME
from app.settings import Settings
from app.views.house import boot

log = logging.getLogger(__name__)

USUAL_SIZE = 1280, 800
LEAST, MOST = 360, 16_384  # pixels of a remembered side that can be believed
SIZE_FILE = "window.json"


def run(home_path: Path, settings: Settings) -> int:
    """Show the window over a home and return the exit code; the caller is the first to import Kivy."""
    if not boot.display_available() and "SDL_VIDEODRIVER" not in os.environ:
        raise AppError(
            "There is no display here, so the window cannot open. Nothing was changed.",
            hint="Every command works without it ('commonhold --help'); "
            "'commonhold demo --out DIR' draws the window into pictures.",
        )
    cache = cache_folder()
    boot.prepare(cache / "kivy", size=remembered_size(cache))

    from kivy.core.window import Window

    from app.views.application import CommonholdApp

    made = program(home_path)
    places = made.places
    app = CommonholdApp(home_path, settings, places.settings, made.clock, state=places.state)
    Window.bind(on_request_close=lambda *_: remember_size(cache, tuple(Window.size)))
    app.run()
    return 0


def cache_folder() -> Path:
    """Where the window keeps what it can lose: Kivy's own files, and its size."""
    import platformdirs

    return platformdirs.user_cache_path(NAME, appauthor=False)


def remembered_size(folder: Path) -> tuple[int, int]:
    """The size that the window had when it was closed, or the usual one."""
    try:
        kept: Any = json.loads((folder / SIZE_FILE).read_text("utf-8"))
        wide, high = (int(side) for side in kept["size"])
    except (OSError, ValueError, KeyError, TypeError):
        return USUAL_SIZE
    if LEAST <= wide <= MOST and LEAST <= high <= MOST:
        return wide, high
    return USUAL_SIZE


def remember_size(folder: Path, size: tuple[int, int]) -> bool:
    """Keep the window's size; False, so that the window closes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SIZE_FILE).write_text(json.dumps({"size": list(size)}), "utf-8")
    except OSError:
        log.warning("the window's size could not be kept")
    return False
