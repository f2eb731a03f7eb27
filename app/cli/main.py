"""The program's commands, put together, and the one place where a run begins and ends."""

import errno
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TextIO

import typer

from app import compose, logs
from app.cli import (
    attach,
    collections,
    exchange,
    finding,
    home,
    passphrase,
    past,
    records,
    setting,
    window,
)
from app.cli.failures import STOPPED, Failure, UsageError, failure, is_bug, tell
from app.cli.output import Output
from app.cli.session import Session

log = logging.getLogger(__name__)

app = typer.Typer(
    name="commonhold",
    help="A team's records on the team's own machines. Without a command: the window.",
    add_completion=False,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
home.add_to(app)
passphrase.add_to(app)
collections.add_to(app)
records.add_to(app)
past.add_to(app)
attach.add_to(app)
finding.add_to(app)
exchange.add_to(app)
setting.add_to(app)
window.add_to(app)


@app.callback()
def begin(
    context: typer.Context,
    home_folder: Annotated[
        str | None,
        typer.Option(
            "--home", metavar="DIR", help="The installation to work on (or COMMONHOLD_HOME)."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON value on stdout.")
    ] = False,
    workspace: Annotated[
        str | None,
        typer.Option("--workspace", metavar="NAME", help="Which workspace, if there are several."),
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Unlock with the passphrase in this file.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set a setting for this run (repeat)."),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Read what holds for every command."""
    output = Output(as_json=as_json)
    if version:
        from app.version import VERSION

        output.value({"version": VERSION}) if as_json else output.line(VERSION)
        raise typer.Exit
    if (
        home_folder is not None and not home_folder.strip()
    ):  # a script's variable that was never set
        raise UsageError("--home names no folder. Nothing was changed.")
    home = Path(home_folder) if home_folder else None
    program = compose.program(home, overrides=_pairs(settings or []))
    named = workspace or program.environment.get("COMMONHOLD_WORKSPACE") or None
    file = passphrase_file or program.environment.get("COMMONHOLD_PASSPHRASE_FILE") or None
    context.obj = Session(program, output, named, Path(file) if file else None)
    if context.invoked_subcommand is None:
        window.open_window(context)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; no error gets past it."""
    _speak_safely()
    logs.configure(
        None, "info"
    )  # until a home is there to hold the log, nothing of it reaches stderr
    arguments = _options_first(arguments)
    output = Output(as_json=_wants_json(arguments))
    try:
        code = _invoked(arguments)
        sys.stdout.flush()
    except (KeyboardInterrupt, EOFError, typer.Abort):
        output.say("Stopped. What was not finished was not kept.")
        return STOPPED
    except BrokenPipeError:
        return _reader_gone()
    except Exception as error:  # noqa: BLE001 - the boundary: everything is put in words here
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            return _reader_gone()
        if is_bug(error):
            log.error("a command failed inside: %s", _where(error))  # noqa: TRY400 - no record contents
        return _told(failure(error), output)
    return code


def _invoked(arguments: Sequence[str]) -> int:
    command = typer.main.get_command(app)
    try:
        with command.make_context("commonhold", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    return 0


_WITH_VALUE = ("--home", "--workspace", "--passphrase-file", "--set")


def _options_first(arguments: Sequence[str]) -> list[str]:
    """Let the options that hold for every command stand anywhere before `--`."""
    first: list[str] = []
    rest: list[str] = []
    remaining = list(arguments)
    while remaining and remaining[0] != "--":
        argument = remaining.pop(0)
        if argument == "--json" or argument.startswith(tuple(f"{each}=" for each in _WITH_VALUE)):
            first.append(argument)
        elif argument in _WITH_VALUE and remaining:
            first += [argument, remaining.pop(0)]
        else:
            rest.append(argument)
    return first + rest + remaining


def _wants_json(arguments: Sequence[str]) -> bool:
    return "--json" in arguments[: arguments.index("--") if "--" in arguments else None]


def _pairs(settings: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for each in settings:
        key, equals, value = each.partition("=")
        if not equals:
            raise UsageError(f"--set wants KEY=VALUE, not {each}.")
        pairs[key] = value
    return pairs


def _speak_safely() -> None:
    """No sign of a record may stop the program: what the terminal lacks is printed as an escape.

    A stream that was closed before we began takes everything and shows nothing.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - it stays open to the end
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _told(found: Failure, output: Output) -> int:
    """Write a failure where it belongs; if stdout cannot take it (a full disk), beside it."""
    for where in (output, Output(as_json=False)):
        try:
            sys.stdout.flush()
            tell(found, where)
            sys.stdout.flush()
        except OSError:
            _drop(sys.stdout)
        else:
            return found.exit
    _drop(sys.stderr)
    return found.exit


def _reader_gone() -> int:
    """The program that read our output ended: so do we, without a word."""
    _drop(sys.stdout)
    return 1


def _drop(stream: TextIO) -> None:
    """Send what a stream still holds nowhere: else Python complains at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _where(error: BaseException) -> str:
    """Name the kind of an error and the lines it passed, never what it was about."""
    passed = []
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        passed.append(f"{frame.f_globals.get('__name__')}:{frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' > '.join(passed)}"
