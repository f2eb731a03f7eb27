"""The window, and the demonstration; the only commands that need the window's libraries."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from app.cli.session import session
from app.errors import WindowMissingError

_LIBRARIES = ("kivy", "kivymd")  # what the desktop extra brings; the rest of it comes with them


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("app")(open_window)
    app.command("demo")(demo)


def open_window(context: typer.Context) -> None:
    """Open the window (the same as no command)."""
    run = session(context)
    settings = run.settings()
    _need_libraries()
    from app.views.main import run as show

    _leave(show(run.program.places.home, settings))


def demo(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Draw the pictures there instead of opening a window."),
    ] = None,
) -> None:
    """Show the program over a sample, in a home that is gone afterwards."""
    session(context).settings()
    _need_libraries()
    from app.demo import run as show

    _leave(show(out))


def _need_libraries() -> None:
    for name in _LIBRARIES:
        try:
            found = find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise WindowMissingError(name)


def _leave(code: int) -> None:
    if code:
        raise typer.Exit(code)
