"""`init`, `status`, `workspace`: setting up, and what is here."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.failures import DAMAGED, FAILED, UsageError, failure
from app.cli.output import plain, size
from app.cli.session import Session, session
from app.errors import AppError, quoted
from app.version import VERSION

if TYPE_CHECKING:
    from app.home import Home
    from sync.vault import WorkspaceEntry

_ROLE = "owner"  # of whoever set a workspace up; others come with joining

workspaces = typer.Typer(help="The workspaces of this home.", no_args_is_help=False)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("init")(init)
    app.command("status")(status)
    app.add_typer(workspaces, name="workspace")


def init(
    context: typer.Context,
    name: Annotated[str, typer.Option(metavar="NAME", help="Your name.")],
    device: Annotated[str, typer.Option(metavar="NAME", help="This computer's name.")],
    unprotected: Annotated[
        bool,
        typer.Option("--unprotected", help="No passphrase: whoever has the disk can read all."),
    ] = False,
    keyring: Annotated[
        bool,
        typer.Option(
            "--keyring", help="Let the system's keyring unlock it besides the passphrase."
        ),
    ] = False,
) -> None:
    """Set up a home with one workspace (named by --workspace).

    The passphrase comes from --passphrase-file, COMMONHOLD_PASSPHRASE or a question.
    """
    run = session(context)
    if keyring and unprotected:
        raise UsageError("--keyring and --unprotected exclude each other.")
    if unprotected and run.passphrase_file is not None:
        raise UsageError("--unprotected and --passphrase-file exclude each other.")
    passphrase = None if unprotected else run.new_passphrase()
    if passphrase is None and not unprotected:
        raise UsageError(
            "A passphrase is missing. Nothing was changed.",
            hint="Give one with COMMONHOLD_PASSPHRASE or --passphrase-file, or say --unprotected.",
        )
    from app.home import FIRST_WORKSPACE, Home

    run.settings()
    if keyring:
        Home.prove_keyring()
    home = Home.create(
        run.program.places.home,
        member=name,
        device=device,
        workspace=run.workspace_name or FIRST_WORKSPACE,
        passphrase=passphrase,
        unprotected=unprotected,
        clock=run.program.clock,
        state=run.program.places.state,
    )
    if keyring:
        home.keep_signed_in()
    if unprotected:
        if run.output.as_json:
            run.output.say("Unprotected: whoever can read this folder can read all the data in it.")
    else:
        run.output.say(
            "Make a recovery sheet next: 'commonhold passphrase recovery-sheet'. "
            "Without one a forgotten passphrase is the end of the data."
        )
    _show_status(run, home)


def status(context: typer.Context) -> None:
    """Show what is here: whose it is, locked or not, workspaces, sizes, version."""
    run = session(context)
    _show_status(run, run.home())


@workspaces.command("list")
def list_workspaces(context: typer.Context) -> None:
    """List the workspaces."""
    run = session(context)
    found = _workspaces(run.unlocked_home())
    if run.output.as_json:
        run.output.value({"workspaces": found})
    else:
        _print_workspaces(run, found)
    _leave_with_problems(found)


@workspaces.command("create")
def create_workspace(
    context: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")]
) -> None:
    """Make one more workspace."""
    run = session(context)
    home = run.unlocked_home()
    with home.create_workspace(name) as workspace:
        made = next(each for each in home.facts().workspaces if each.id == workspace.id)
    if run.output.as_json:
        run.output.value(_facts(home, made))
    else:
        run.output.line(f"The workspace {made.name} is made.")


def _show_status(run: Session, home: "Home") -> None:
    facts = None if home.locked else home.facts()
    found = _workspaces(home)
    shown = {
        "version": VERSION,
        "home": str(home.places.home),
        "device": {
            "id": facts.device_id if facts else None,
            "name": facts.device_name if facts else None,
        },
        "member": facts.member_name if facts else None,
        "locked": home.locked,
        "protection": home.protection,
        "slots": list(home.slots),
        "workspaces": found,
    }
    if run.output.as_json:
        run.output.value(shown)
    else:
        run.output.line(f"Commonhold {VERSION} at {home.places.home}")
        if facts is None:
            run.output.line(
                "Locked: names and numbers are shown once it is unlocked by its passphrase."
            )
        else:
            run.output.line(f"{facts.member_name} on {facts.device_name}, {_protected(home)}")
        _print_workspaces(run, found)
    _leave_with_problems(found)


_PROTECTIONS = {
    "passphrase": "protected by a passphrase",
    "unprotected": "unprotected: whoever can read this folder can read all the data",
}


def _protected(home: "Home") -> str:
    """What keeps others out, and which other ways in there are."""
    ways = {"keyring": "opened by the system's keyring", "recovery": "a recovery sheet was made"}
    return "; ".join(
        [_PROTECTIONS[home.protection], *(ways[each] for each in home.slots if each in ways)]
    )


def _workspaces(home: "Home") -> list[dict[str, Any]]:
    if home.locked:
        return [
            {
                "name": None,
                "id": None,
                "role": None,
                "records": None,
                "bytes": home.bytes_on_disk(each),
            }
            for each in home.folders()
        ]
    return [_facts(home, entry) for entry in home.facts().workspaces]


def _facts(home: "Home", entry: "WorkspaceEntry") -> dict[str, Any]:
    """What is told of a workspace; one that cannot be opened has a "problem", and hides no other."""
    from storage import StorageError

    facts: dict[str, Any] = {"name": entry.name, "id": entry.id, "role": _ROLE, "records": None}
    try:
        with home.workspace(entry.name) as workspace:
            facts["records"] = sum(each.records for each in workspace.collections())
    except (AppError, StorageError) as error:
        found = failure(error)
        facts["problem"] = {
            "code": found.code,
            "message": found.message,
            "hint": found.hint,
            "damaged": found.exit == DAMAGED,
        }
    return facts | {"bytes": home.bytes_on_disk(entry.folder)}


def _print_workspaces(run: Session, found: list[dict[str, Any]]) -> None:
    run.output.table(
        ("workspace", "role", "records", "size"),
        [
            (plain(each["name"]), plain(each["role"]), plain(each["records"]), size(each["bytes"]))
            for each in found
        ],
    )
    for each in found:
        if problem := each.get("problem"):
            said = f"{quoted(each['name'])}: {problem['message']}"
            run.output.say("\n".join(line for line in (said, problem["hint"]) if line))


def _leave_with_problems(found: list[dict[str, Any]]) -> None:
    """End with the code of damage if any was met, else with that of failure if anything else was in the way."""
    problems = [each["problem"] for each in found if "problem" in each]
    if problems:
        raise typer.Exit(DAMAGED if any(each["damaged"] for each in problems) else FAILED)
