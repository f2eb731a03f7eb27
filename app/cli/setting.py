"""`config` and `logs`: how the program is set, and what it wrote down."""

from typing import Annotated

import typer

from app.cli.session import session

config = typer.Typer(
    help="Settings: each value, and where it came from.", invoke_without_command=True
)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(config, name="config")
    app.command("logs")(show_logs)


@config.callback()
def usual(context: typer.Context) -> None:
    """Show the settings if nothing else is asked for."""
    if context.invoked_subcommand is None:
        show(context)


@config.command("show")
def show(context: typer.Context) -> None:
    """Show each setting, its value and where that came from."""
    from app.settings import specs, unknown_variables

    run = session(context)
    settings = run.settings()
    for variable in unknown_variables(run.program.environment):
        run.output.say(f"{variable} is set in the environment, and is no setting: a slip?")
    rows = {
        each.key: (settings.value(each.key), settings.origin(each.key), each) for each in specs()
    }
    if run.output.as_json:
        found = {
            key: {
                "value": value,
                "origin": origin.layer,
                "where": origin.where,
                "about": each.about,
            }
            for key, (value, origin, each) in rows.items()
        }
        run.output.value({"settings": found})
        return
    run.output.table(
        ("setting", "value", "from", "what it is"),
        [
            (key, _spelled(value), origin.where or origin.layer, each.about)
            for key, (value, origin, each) in rows.items()
        ],
    )


@config.command("set")
def set_value(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Such as appearance.theme.")],
    value: Annotated[str, typer.Argument(metavar="VALUE")],
) -> None:
    """Set one value in your own settings file; everything else in it stays."""
    from app.settings import write

    run = session(context)
    written = write(run.program.places.settings, key, value)
    if run.output.as_json:
        run.output.value({"key": key, "value": written, "path": str(run.program.places.settings)})
    else:
        run.output.line(f"{key} is {_spelled(written)} now.")


@config.command("path")
def path(context: typer.Context) -> None:
    """Print where your own settings file is, or would be."""
    run = session(context)
    place = run.program.places.settings
    if run.output.as_json:
        run.output.value({"path": str(place), "exists": place.exists()})
    else:
        run.output.line(str(place))


def show_logs(
    context: typer.Context,
    lines: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many of the last lines.")
    ] = 50,
) -> None:
    """Print the end of the log, and where it lies."""
    from app.logs import FILE_NAME, tail

    run = session(context)
    folder = run.program.places.logs
    found = tail(folder, lines)
    if run.output.as_json:
        run.output.value({"path": str(folder / FILE_NAME), "lines": found})
        return
    run.output.say(str(folder / FILE_NAME))
    for line in found:
        run.output.line(line)


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
