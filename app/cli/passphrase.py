"""`passphrase`, `lock`, `unlock`: the ways into a home, made, changed and used.

No secret is ever an argument: arguments are seen by other programs and kept in a shell's history.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.failures import UsageError
from app.cli.session import Session, session
from app.errors import BadInputError

if TYPE_CHECKING:
    from app.home import Home
    from sync.vault import RecoveryCode

passphrase = typer.Typer(help="The passphrase and the recovery sheet.", no_args_is_help=False)

_NewPassphraseFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The new passphrase is in this file."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(passphrase, name="passphrase")
    app.command("lock")(lock)
    app.command("unlock")(unlock)


@passphrase.command("set")
def set_passphrase(context: typer.Context, new_passphrase_file: _NewPassphraseFile = None) -> None:
    """Change the passphrase, or set one where there is none.

    The new one comes from --new-passphrase-file, COMMONHOLD_NEW_PASSPHRASE or a question.
    """
    run = session(context)
    home = run.unlocked_home()
    home.set_passphrase(_new(run, new_passphrase_file))
    _tell(
        run, home, "The passphrase is set. The data was not written again: its keys are the same."
    )


@passphrase.command("recovery-sheet")
def recovery_sheet(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write it there, for you alone, instead of printing it."),
    ] = None,
) -> None:
    """Make a recovery sheet, shown this once; an older sheet then opens nothing any more."""
    from app import recovery_sheet as sheets

    run = session(context)
    home = run.unlocked_home()
    replaced = "recovery" in home.slots
    made: list[RecoveryCode] = []

    def make() -> str:
        made.append(home.make_sheet())
        today = datetime.fromtimestamp(run.program.clock(), UTC).astimezone().date()
        return sheets.text(made[0], home.facts(), today)

    if out is not None:
        try:
            sheets.write(out, make)
        except BadInputError as error:
            if made:
                error.hint = (
                    "Make another sheet, in another place: this one is lost, and one made before opens "
                    "nothing any more. The passphrase is as it was."
                )
            raise
        _tell(
            run,
            home,
            f"The recovery sheet is in {out}. Print it, then delete the file.",
            file=str(out),
        )
    else:
        printed = make()
        if run.output.as_json:
            run.output.value(_ways(home) | {"code": made[0].text, "file": None})
        else:
            run.output.line(printed.rstrip("\n"))
    if replaced:
        run.output.say("The sheet made before opens nothing here any more: destroy it.")


@passphrase.command("unlock-with-recovery")
def unlock_with_recovery(
    context: typer.Context,
    code_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The recovery code is in this file.")
    ] = None,
    new_passphrase_file: _NewPassphraseFile = None,
) -> None:
    """Set a new passphrase with the code of the recovery sheet; the old one is not needed.

    The code comes from --code-file, COMMONHOLD_RECOVERY_CODE or a question; the new passphrase from
    --new-passphrase-file, COMMONHOLD_NEW_PASSPHRASE or a question.
    """
    run = session(context)
    run.settings()
    home = run.program.open_home()
    code = run.secret("Recovery code: ", "COMMONHOLD_RECOVERY_CODE", code_file)
    if code is None:
        raise UsageError(
            "The recovery code is missing. Nothing was changed.",
            hint="Give it with COMMONHOLD_RECOVERY_CODE or --code-file.",
        )
    home.unlock_by_sheet(code, _new(run, new_passphrase_file))
    _tell(run, home, "Unlocked, and the new passphrase is set. The recovery sheet stays good.")


def lock(context: typer.Context) -> None:
    """Take the key out of the system's keyring, so that the passphrase is needed again."""
    run = session(context)
    run.settings()
    home = run.program.open_home()
    home.refuse_unprotected()
    emptied = home.sign_out()
    said = (
        "Locked: the keyring holds its key no more."
        if emptied
        else "It is locked: every command needs the passphrase."
    )
    _tell(run, home, f"{said} A window that is open locks with Ctrl L.")


def unlock(context: typer.Context) -> None:
    """Try the passphrase and, where the system's keyring is a way in, give it the key again."""
    run = session(context)
    home = run.unlocked_home()
    if home.sign_in():
        said = "Unlocked: from now on the keyring opens it."
    elif "keyring" in home.slots:
        said = "Unlocked: the keyring opens it."
    else:
        said = "That is the passphrase. No keyring holds it, so each command needs it."
    _tell(
        run,
        home,
        said if home.protection == "passphrase" else "It is unprotected, and always open.",
    )


def _new(run: Session, file: Path | None) -> str:
    """The passphrase to set; UsageError where there is none and nobody to ask."""
    found = run.secret("New passphrase: ", "COMMONHOLD_NEW_PASSPHRASE", file, twice=True)
    if found is None:
        raise UsageError(
            "The new passphrase is missing. Nothing was changed.",
            hint="Give it with COMMONHOLD_NEW_PASSPHRASE or --new-passphrase-file.",
        )
    return found


def _ways(home: "Home") -> dict[str, object]:
    return {"locked": home.locked, "protection": home.protection, "slots": list(home.slots)}


def _tell(run: Session, home: "Home", said: str, **more: object) -> None:
    if run.output.as_json:
        run.output.value(_ways(home) | more)
    else:
        run.output.line(said)
