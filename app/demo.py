"""`commonhold demo`: the window over a made-up workspace; without a display, pictures of it.

Nothing of the person's own is touched: the home it shows is made for the moment and removed afterwards.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from app import sample
from app.compose import program
from app.home import Home
from app.places import Places
from app.sample_team import work_apart
from app.settings import Settings
from app.views import pictures
from app.views.house import boot

FOLDER = "commonhold-demo"


def run(out: Path | None) -> int:
    """Show the sample in a window; with `out`, or where there is no display, draw pictures there instead."""
    scratch = Path(tempfile.mkdtemp(prefix="commonhold-demo-"))
    try:
        home = scratch / "home"
        make_home(home)
        if out is None and boot.display_available():
            from app.views.main import run as show

            return show(home, Settings())
        where = out if out is not None else Path.cwd() / FOLDER
        if out is None:
            print("There is no display here, so the window is drawn into pictures:")  # noqa: T201 -- its output
        for path in pictures.draw(home, where, scratch):
            print(path)  # noqa: T201 -- the command's output
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 0


def make_home(home: Path) -> None:
    """Set up an unprotected home with the sample in it."""
    home.mkdir()
    Places(home).portable.touch()  # it leaves nothing behind
    clock = program(home).clock
    made = Home.create(
        home,
        member="Ann Berger",
        device="front desk",
        workspace=sample.NAME,
        unprotected=True,
        clock=clock,
    )
    with made.workspace() as workspace:
        sample.fill(workspace)
        work_apart(workspace, clock)
