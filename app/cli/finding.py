"""`search` and `verify`: finding records, and checking that all is well."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.failures import DAMAGED, code_of, failure
from app.cli.session import Session, session
from app.errors import AppError

if TYPE_CHECKING:
    from app.workspace import Workspace
    from storage import Hit, StorageError


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("search")(search)
    app.command("verify")(verify)


def search(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Words; the last may be unfinished.")],
    inside: Annotated[
        str | None, typer.Option("--in", metavar="COLL", help="Only in this collection.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="How many at most.")] = 50,
) -> None:
    """Find records by words in them, best first; one slip in a word does no harm."""
    run = session(context)
    with run.workspace() as workspace:
        found = workspace.search(text, inside, limit)
        hits = [_hit(workspace, each) for each in found.hits]
    if run.output.as_json:
        run.output.value({"hits": hits, "total": found.total})
        return
    if not hits:
        run.output.say("Nothing was found.")
        return
    run.output.table(
        ("id", "collection", "title", "found in"),
        [(each["id"], each["collection"], each["title"], each["snippet"]) for each in hits],
    )
    run.output.say(f"{len(hits)} of {found.total}{' or more' if found.more else ''} records")


def verify(context: typer.Context) -> None:
    """Check everything from the ground up: pages, records, indexes, changes and signatures."""
    from storage import StorageError

    run = session(context)
    home = run.unlocked_home()
    named = [each.name for each in home.facts().workspaces]
    checked: dict[str, int] = {}
    problems: list[dict[str, str]] = []
    digests: dict[str, str | None] = {}
    for name in [run.workspace_name] if run.workspace_name else named:
        try:
            with home.workspace(name) as workspace, _progress(run) as progress:
                report = workspace.store.verify(progress=progress)
        except (AppError, StorageError) as error:
            if failure(error).exit != DAMAGED:
                raise
            problems.append({"kind": code_of(error), "where": name, "detail": _unopened(error)})
            continue
        digests[name] = report.digest
        for what, count in report.checked.items():
            checked[what] = checked.get(what, 0) + count
        problems += [_problem(each, name if len(named) > 1 else "") for each in report.problems]
    _report(run, checked, problems, digests)
    if problems:
        raise typer.Exit(DAMAGED)


def _hit(workspace: "Workspace", hit: "Hit") -> dict[str, Any]:
    from app.model.snippets import snippet
    from storage import encode_id

    title = workspace.title_of(hit.table, hit.document)
    pieces = snippet(hit.document, hit.words, besides=title)
    return {
        "id": encode_id(hit.doc_id),
        "collection": hit.table,
        "title": title,
        "snippet": "".join(text for text, _ in pieces),
        "score": hit.score,
    }


@contextmanager
def _progress(run: Session) -> Iterator[Callable[[str, int], None] | None]:
    """Say in one line what is being checked, to a person who watches."""
    if not run.output.interactive:
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("Checking") as status:
        yield lambda what, count: status.update(f"Checking {what.replace('_', ' ')}: {count}")


def _unopened(error: "AppError | StorageError") -> str:
    """Why a workspace could not be checked; the error's own words would send the person to this very check."""
    from storage import DamagedStoreError

    if isinstance(error, DamagedStoreError):
        return f"Nothing in it could be checked: the bytes of its file are not what was written ({error.detail})."
    return str(error)


def _problem(problem: Any, workspace: str) -> dict[str, str]:
    where = f"{workspace}: {problem.where}" if workspace else problem.where
    return {
        "kind": problem.kind,
        "where": where,
        "detail": problem.detail,
        "meaning": problem.meaning,
    }


def _report(
    run: Session,
    checked: dict[str, int],
    problems: list[dict[str, str]],
    digests: dict[str, str | None],
) -> None:
    if run.output.as_json:
        only = next(iter(digests.values())) if len(digests) == 1 else None
        told = {"ok": not problems, "digest": only, "checked": checked, "problems": problems}
        run.output.value(told | {"digests": digests})
        return
    if checked:
        run.output.table(
            ("checked", "number"),
            [(what.replace("_", " "), str(count)) for what, count in checked.items()],
        )
    if problems:
        for each in problems:  # whole sentences, which no table holds
            run.output.line(f"{each['where']}: {each['detail']} ({each['kind']})")
        for meaning in dict.fromkeys(each.get("meaning", "") for each in problems):
            if meaning:
                run.output.line(meaning)
        run.output.say(
            "Damage was found. Copy the whole folder before anything else, then put back a backup."
        )
    else:
        run.output.line("All is well.")
