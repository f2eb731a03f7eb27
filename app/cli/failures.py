"""From an error to what a person reads, what a program reads, and the exit code.

0 done, 1 refused or failed, 2 wrong usage, 3 locked or wrong passphrase, 4 not in step or not
reachable, 5 damaged data found, 130 stopped by the person.
"""

import re
from typing import Final, NamedTuple

from app.cli.output import Output
from app.errors import AppError, WhereError

FAILED: Final = 1
USAGE: Final = 2
LOCKED: Final = 3
DAMAGED: Final = 5
STOPPED: Final = 130

# By name: looking up an exit code must not load the packages that the errors live in.
_EXITS: Final = {
    "UsageError": USAGE,
    "WhereError": USAGE,
    "WrongPassphraseError": LOCKED,
    "WrongRecoveryCodeError": LOCKED,
    "BadRecoveryCodeError": LOCKED,
    "NoSheetError": LOCKED,
    "KeyringKeyMissingError": LOCKED,
    "VaultLockedError": LOCKED,
    "DamagedVaultError": DAMAGED,
    "DamagedStoreError": DAMAGED,
    "DamagedTextError": DAMAGED,
    "DamagedBlobError": DAMAGED,
    "MissingBlobError": DAMAGED,
    "WrongKeyError": DAMAGED,  # the vault opened, so its key is right: the file is not what was written
    "MissingStoreError": DAMAGED,
    "DamagedTeamError": DAMAGED,
}
_OURS: Final = ("app", "sync", "storage")


class UsageError(AppError):
    """A command line that says two things that exclude each other, or lacks one."""


class Failure(NamedTuple):
    """An error as it leaves the program."""

    code: str
    message: str
    hint: str
    exit: int
    pointer: str = ""


def failure(error: BaseException) -> Failure:
    """Put any error into words; one that nobody foresaw is named as the program's own fault."""
    if _is_usage(error):
        return Failure("usage", _sentence(error), _usage_hint(error), USAGE)
    if isinstance(error, OSError):
        return Failure(
            "system",
            _system(error),
            "Check that the place is there and has room and rights.",
            FAILED,
        )
    if not _is_foreseen(error):
        kind = type(error).__name__
        message = (
            f"Something went wrong inside the program ({kind}). What was saved before is safe."
        )
        return Failure("internal", message, "The log says where: 'commonhold logs'.", FAILED)
    exits = [_EXITS[each.__name__] for each in type(error).__mro__ if each.__name__ in _EXITS]
    pointer = f"{error.text}\n{' ' * error.position}^" if isinstance(error, WhereError) else ""
    message = str(error) or (type(error).__doc__ or "").strip()
    return Failure(
        code_of(error), message, getattr(error, "hint", ""), [*exits, FAILED][0], pointer
    )


def code_of(error: BaseException) -> str:
    """Return an error's name as programs read it: WrongPassphraseError is wrong_passphrase."""
    bare = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", bare).lower()


def tell(found: Failure, output: Output) -> int:
    """Write a failure where it belongs and return the exit code."""
    if output.as_json:
        error = {"code": found.code, "message": found.message, "hint": found.hint}
        output.value({"error": error})
    else:
        lines = [found.message, *found.pointer.splitlines(), found.hint]
        output.say("\n".join(line for line in lines if line))
    return found.exit


def is_bug(error: BaseException) -> bool:
    """Whether an error is the program's own fault and its place belongs in the log."""
    return not (_is_usage(error) or _is_foreseen(error) or isinstance(error, OSError))


def _is_usage(error: BaseException) -> bool:
    """Errors of the command line's parser; it brings them from a place of its own."""
    return hasattr(error, "format_message")


def _is_foreseen(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] in _OURS


def _sentence(error: BaseException) -> str:
    said: str = error.format_message()  # type: ignore[attr-defined]  # the parser's errors have it
    return said


def _usage_hint(error: BaseException) -> str:
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "") or "commonhold"
    return f"'{command} --help' shows how it is used."


def _system(error: OSError) -> str:
    return (
        f"{error.strerror or type(error).__name__}{f': {error.filename}' if error.filename else ''}"
    )
