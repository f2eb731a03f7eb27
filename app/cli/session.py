"""What one run of a command has: where it works, how it writes, and how it unlocks.

A passphrase comes from --passphrase-file, COMMONHOLD_PASSPHRASE, or a question; there is no
question when stdin is no terminal.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from app.cli.output import Output
from app.compose import Program
from app.errors import BadInputError, NoSuchRecordError

if TYPE_CHECKING:
    from app.home import Home
    from app.settings import Settings
    from app.workspace import Workspace

_PASSPHRASE_LIMIT_BYTES = 4096


@dataclass(frozen=True)
class Session:
    """One run."""

    program: Program
    output: Output
    workspace_name: str | None = None
    passphrase_file: Path | None = None

    def settings(self) -> "Settings":
        """Read the settings and open the log."""
        return self.program.start()

    def home(self) -> "Home":
        """Open the home, unlocked if a passphrase was given without asking, or else by the keyring if it may."""
        self.program.start()
        home = self.program.open_home()
        if home.locked:
            if (given := self.given_passphrase()) is not None:
                home.unlock(given)
            elif "keyring" in home.slots:
                self._unlock_by_keyring(home)
        return home

    def _unlock_by_keyring(self, home: "Home") -> None:
        from sync.errors import KeyringKeyMissingError, KeyringRefusedError

        try:
            home.unlock_by_keyring()
        except (KeyringKeyMissingError, KeyringRefusedError) as error:
            self.output.say(str(error))

    def unlocked_home(self) -> "Home":
        """Open the home, asking for the passphrase if that is possible; VaultLockedError if not."""
        home = self.home()
        if home.locked:
            asked = self._ask("Passphrase: ") if self.may_ask else None
            if asked is None:
                from sync.errors import VaultLockedError

                error = VaultLockedError(home.places.vault)
                error.hint = "Give the passphrase with COMMONHOLD_PASSPHRASE or --passphrase-file."
                raise error
            home.unlock(asked)
        return home

    @contextmanager
    def workspace(self, *, read_only: bool = False) -> Iterator["Workspace"]:
        """Open the workspace that was named, or the only one, and close it again."""
        with self.unlocked_home().workspace(self.workspace_name, read_only=read_only) as workspace:
            for loss in workspace.store.losses:
                self.output.say(loss)
            yield workspace

    @property
    def may_ask(self) -> bool:
        """Whether a person is there to answer."""
        return sys.stdin is not None and sys.stdin.isatty()

    def given_passphrase(self) -> str | None:
        """Return the passphrase that came by file or environment, or None."""
        if self.passphrase_file is not None:
            return _from_file(self.passphrase_file)
        return self.program.environment.get("COMMONHOLD_PASSPHRASE")

    def new_passphrase(self) -> str | None:
        """Return a passphrase to set up with: given, or asked for twice; None if neither is possible."""
        given = self.given_passphrase()
        return self._asked("New passphrase: ", twice=True) if given is None else given

    def secret(
        self, question: str, variable: str, file: Path | None, *, twice: bool = False
    ) -> str | None:
        """Return a secret from a file, a variable, or a question; None if neither is possible."""
        given = self.program.environment.get(variable) if file is None else _from_file(file)
        return self._asked(question, twice=twice) if given is None else given

    def _asked(self, question: str, *, twice: bool) -> str | None:
        if not self.may_ask:
            return None
        first = self._ask(question)
        if twice and first != self._ask("The same again: "):
            raise BadInputError("The two passphrases differ; nothing was changed.")
        return first

    @staticmethod
    def _ask(question: str) -> str:
        import getpass

        return getpass.getpass(question)


def session(context: typer.Context) -> Session:
    """Return the run that a command belongs to."""
    return cast("Session", context.obj)


def record_id(text: str) -> int:
    """Return the number of a record id as it is written outside; NoSuchRecordError if it is none."""
    from storage import decode_id

    try:
        return decode_id(text)
    except ValueError:
        raise NoSuchRecordError(text) from None


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_PASSPHRASE_LIMIT_BYTES + 1)
    except OSError as error:
        raise BadInputError(f"The file {path} cannot be read: {error.strerror}.") from None
    if len(data) > _PASSPHRASE_LIMIT_BYTES:
        raise BadInputError(f"The file {path} is too large to hold a passphrase or a code.")
    return data.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")
