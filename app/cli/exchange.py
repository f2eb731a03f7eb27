"""`import` and `export`: data in from files, and out again."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.failures import UsageError
from app.cli.session import Session, session

if TYPE_CHECKING:
    from app.exchange.progress import Progress
    from app.exchange.run import ImportReport


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("import")(import_file)
    app.command("export")(export)


def import_file(  # noqa: PLR0917 - options of a command
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The file.")],
    into: Annotated[
        str | None, typer.Option(metavar="COLL", help="The collection to fill.")
    ] = None,
    file_format: Annotated[
        str | None,
        typer.Option("--format", metavar="F", help="csv or json, if its name does not tell."),
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Update records that agree in this field.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")
    ] = False,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Encoding of a CSV file; else guessed.")
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(metavar="SIGN", help="Between columns of a CSV file; else guessed."),
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option(
            "--header/--no-header",
            help="Whether the first line of a CSV file has the names; else guessed.",
        ),
    ] = None,
) -> None:
    """Import a file: all of it or nothing. What is there already is not made twice."""
    from app.exchange.run import import_file as bring_in

    run = session(context)
    usual = run.settings().importing.encoding
    told = encoding or (None if usual == "guess" else usual)
    with run.workspace() as workspace, _progress(run, "Importing") as progress:
        report = bring_in(
            workspace,
            path,
            into=into,
            format=file_format,
            key=key,
            dry_run=dry_run,
            encoding=told,
            delimiter=delimiter,
            header=header,
            progress=progress,
        )
    _show_import(run, report)


def export(
    context: typer.Context,
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="The file to write; - is standard output.")
    ],
    file_format: Annotated[
        str | None,
        typer.Option("--format", metavar="F", help="json or csv, if the name does not tell."),
    ] = None,
    collection: Annotated[
        str | None, typer.Option("--collection", metavar="COLL", help="Only this collection.")
    ] = None,
) -> None:
    """Write all collections (JSON) or one (CSV, JSON) to a file."""
    from app.exchange.run import export as write_out

    run = session(context)
    streamed = path == "-"
    if streamed and run.output.as_json:
        raise UsageError(
            "Standard output cannot take the export and the report of --json at once. Nothing was exported.",
            hint="Leave --json out, or name a file.",
        )
    with run.workspace() as workspace, _progress(run, "Exporting") as progress:
        report = write_out(
            workspace,
            sys.stdout.buffer if streamed else path,
            format=file_format,
            collection=collection,
            progress=progress,
        )
    if run.output.as_json:
        run.output.value(_as_json(report))
    elif not streamed:
        run.output.line(f"Written to {path}.")


@contextmanager
def _progress(run: Session, what: str) -> Iterator["Callable[[Progress], None] | None"]:
    """Show how far it is, to a person who watches."""
    if not run.output.interactive:
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} records"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(what, total=None, rows=0)
        yield lambda now: bars.update(bar, completed=now.done, total=now.total, rows=now.rows)


def _show_import(run: Session, report: "ImportReport") -> None:
    if run.output.as_json:
        run.output.value(_as_json(report))
        return
    run.output.table(
        ("collection", "created", "updated", "unchanged", "skipped"),
        [
            (
                each.name,
                str(each.created),
                str(each.updated),
                str(each.unchanged),
                str(each.skipped),
            )
            for each in report.collections
        ],
    )
    for warning in report.warnings:
        run.output.say(warning)
    if report.dry_run:
        run.output.say("A dry run: nothing was changed.")


def _as_json(report: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(report)
