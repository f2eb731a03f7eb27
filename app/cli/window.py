"""The window, and the demonstration; the only commands that need the window's libraries."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.session import session
from app.errors import WindowMissingError

# What the desktop extra brings; anything else that is missing is a fault of the program.
_LIBRARIES = (
    "kivy",
    "kivymd",
    "materialyoucolor",
    "asynckivy",
    "asyncgui",
    "PIL",
    "fontTools",
    "bidi",
)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("app")(open_window)
    app.command("demo")(demo)


def open_window(context: typer.Context) -> None:
    """Open the window (the same as no command)."""
    run = session(context)
    settings = run.settings()
    try:
        from app.views.main import run as show
    except ModuleNotFoundError as error:
        raise _explained(error) from error
    show(run.program.places.home, settings)


def demo(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Draw the pictures there instead of opening a window."),
    ] = None,
) -> None:
    """Show the program over a sample, in a home that is gone afterwards."""
    session(context).settings()
    try:
        from app.demo import run as show
    except ModuleNotFoundError as error:
        raise _explained(error) from error
    show(out)


def _explained(error: ModuleNotFoundError) -> Exception:
    missing = (error.name or "").partition(".")[0]
    return WindowMissingError(missing) if missing in _LIBRARIES else error
