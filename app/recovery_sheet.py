"""The recovery sheet: the words around its code, and a file of it that only its owner may read."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

from app.errors import BadInputError
from app.home import HomeFacts
from storage.durable import sync_file, sync_folder
from sync.durable import PRIVATE_FILE
from sync.vault import RecoveryCode

FILE_NAME: Final = "commonhold-recovery-sheet.txt"

_HALF: Final = 18  # signs of the code on its first line, with the dash that ends it

_SHEET: Final = """\
COMMONHOLD RECOVERY SHEET

For {member} on {device}, made on {made}

        {first}
        {second}

What it does
    When the passphrase is forgotten, this code sets a new one on this computer:
    "Forgot it? Use the recovery sheet" in the locked window, or the command
        commonhold passphrase unlock-with-recovery

    It is also the private half of the recovery key of {covers}.
    Their epoch keys are sealed to that key, and it can name a new keeper. So this
    sheet and any copy of such a workspace are enough to become its owner again,
    even when every computer of yours is gone.

What to do with it
    Print it or copy it by hand, and keep it where you keep a passport: not beside
    the computer, and not on it. Then delete this file if you have one.
    Whoever has this sheet and your computer's disk, or a copy of a workspace that
    it covers, can read everything in it.

What to know
    Commonhold keeps no copy of the code and cannot show it again.
    A newer sheet takes the place of this one.
    Capitals and dashes do not matter. 0 and O are the same sign, and so are 1, I
    and L. The last sign checks the others: a typing error is noticed.
"""


def text(code: RecoveryCode, facts: HomeFacts, made: date) -> str:
    """Return the sheet as it is printed."""
    return _SHEET.format(
        member=facts.member_name,
        device=facts.device_name,
        made=made.isoformat(),
        first=code.text[:_HALF],
        second=code.text[_HALF:],
        covers=_covers(facts),
    )


def write(path: Path, make: Callable[[], str]) -> None:
    """Write a sheet into a new file; the sheet is made only once the file is there. BadInputError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    except FileExistsError:
        raise BadInputError(
            f"{path} is there already; nothing was changed.", hint="Choose another name."
        ) from None
    except OSError as error:
        raise BadInputError(
            f"{path} cannot be written: {error.strerror}. Nothing was changed.",
            hint="Choose another place.",
        ) from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(make())
            file.flush()
            sync_file(file.fileno())
    except BaseException as error:
        with suppress(OSError):
            path.unlink()
        if isinstance(error, OSError):
            raise BadInputError(
                f"{path} could not be written: {error.strerror}. Nothing is left of it.",
                hint="Choose another place.",
            ) from None
        raise
    sync_folder(path.parent)


def _covers(facts: HomeFacts) -> str:
    """Which workspaces the sheet is for, in words; those that were joined have their founder's sheet."""
    founded = [f"“{each.name}”" for each in facts.workspaces if each.recovery is not None]
    return ", ".join([*founded, "workspaces founded here later"])
