"""What the program refuses or fails to do; each message is the sentence that people read.

AppError                        .hint: what to do
├── HomeError                   one person's installation (.path)
│   ├── NoHomeError
│   ├── LostVaultError          records are there, and the file with their keys is gone
│   ├── HomeExistsError
│   ├── HomeNotEmptyError       a folder with other things in it
│   ├── HomeNotWrittenError     whose fault: the disk, or its rights
│   ├── MissingStoreError       a workspace is listed, and its data file is gone
│   └── DamagedTeamError        what its store says of its team is not what was written
├── BadNameError                a name that nothing can have (.name)
├── NameTakenError              a name that something else has (.name)
├── NotHereError                asked for by name or id (.name), and not there
│   ├── NoSuchWorkspaceError
│   ├── NoSuchCollectionError
│   ├── NoSuchFieldError
│   ├── NoSuchRecordError
│   └── NoSuchVersionError      of a record that is there
├── ManyWorkspacesError         which one, of several
├── FieldValueError             a value that its field's kind does not take (.reason)
├── KindError                   no kind of field, or one that this version cannot fill (.kind)
├── WhereError                  a condition that cannot be read (.text, .position)
├── SettingError                an unknown or bad setting (.key, .where)
├── StoppedError                somebody stopped what was under way
├── BadInputError               a file or an argument that is not what was asked for
└── WindowMissingError          the window's libraries are not installed
"""

from collections.abc import Iterable
from pathlib import Path

_SHOWN = 80  # signs of a name or value in a message


class AppError(Exception):
    """The program could not do what was asked."""

    hint = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        if hint:
            self.hint = hint


class HomeError(AppError):
    """Something about a home: one person's settings, keys and workspaces."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


class NoHomeError(HomeError):
    """Nothing was set up here yet."""

    hint = "Set it up with 'commonhold init --name YOU --device THIS-COMPUTER', or name another folder with --home."

    def __init__(self, path: Path) -> None:
        super().__init__(path, f"Nothing is set up at {path} yet.")


class LostVaultError(HomeError):
    """There are records here, and the file with their keys is gone."""

    hint = (
        "Put vault.json back from a copy of this folder. "
        "Do not set up anew here: that would not bring the records back."
    )

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            f"{path} holds records, but vault.json, which has their keys, is missing. "
            "Nobody can read them without it. Nothing was changed.",
        )


class HomeExistsError(HomeError):
    """A home is here already."""

    hint = "Look at it with 'commonhold status', or choose another folder with --home."

    def __init__(self, path: Path) -> None:
        super().__init__(path, f"{path} is set up already; nothing was changed.")


class HomeNotEmptyError(HomeError):
    """The folder holds other things."""

    hint = "Choose an empty or a new folder with --home."

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(
            path, f"{path} holds other things already ({found}); nothing was changed there."
        )


class HomeNotWrittenError(HomeError):
    """The folder cannot be written to."""

    hint = "Check that the folder may be written to and that its disk has room."

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, f"{path} cannot be written to ({reason}); nothing was changed.")


class MissingStoreError(HomeError):
    """The data file of a workspace is gone."""

    hint = "Put the file back, from a backup if need be: nothing was made in its place."

    def __init__(self, path: Path, workspace: str) -> None:
        super().__init__(path, f"The data of the workspace {quoted(workspace)} is not at {path}.")


class DamagedTeamError(HomeError):
    """The team log of a workspace cannot be read."""

    hint = "Copy the whole folder before anything else, then put back a backup."

    def __init__(self, path: Path, workspace: str, reason: str) -> None:
        super().__init__(
            path,
            f"The workspace {quoted(workspace)} cannot be opened: what is known of its team, from which its keys "
            f"come, is not what was written. {reason} Nothing was changed.",
        )


class BadNameError(AppError):
    """A name that nothing can have."""

    hint = "Choose another name."

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{quoted(name)} cannot be a name here: {reason}. Nothing was changed.")
        self.name = name


class NameTakenError(AppError):
    """A name that something else has."""

    def __init__(self, what: str, name: str, *, hint: str = "") -> None:
        super().__init__(
            f"There is a {what} {quoted(name)} already; nothing was changed.", hint=hint
        )
        self.name = name


class NotHereError(AppError):
    """Something asked for by its name or id is not there."""

    what = "thing"

    def __init__(self, name: str, known: Iterable[str] = (), *, inside: str = "") -> None:
        super().__init__(
            f"There is no {self.what} {quoted(name)}{inside}.", hint=did_you_mean(name, known)
        )
        self.name = name


class NoSuchWorkspaceError(NotHereError):
    """There is no such workspace in this home."""

    what = "workspace"
    hint = "'commonhold workspace list' names those there are."


class NoSuchCollectionError(NotHereError):
    """There is no such collection in the workspace."""

    what = "collection"
    hint = "'commonhold collection list' names those there are."

    @classmethod
    def of_trash(cls, name: str, known: Iterable[str]) -> "NoSuchCollectionError":
        """It is not in the trash, whether or not it is anywhere else."""
        error = cls(name, known, inside=" in the trash")
        if error.hint == cls.hint:
            error.hint = "'commonhold collection list --trash' names those in it."
        return error


class NoSuchFieldError(NotHereError):
    """There is no such field in the collection."""

    what = "field"

    def __init__(self, name: str, collection: str, known: Iterable[str] = ()) -> None:
        super().__init__(name, known, inside=f" in {quoted(collection)}")
        self.collection = collection
        self.hint = self.hint or (
            f"'commonhold collection show {collection}' lists its fields; "
            f"'commonhold field add {collection} NAME KIND' adds one."
        )


class NoSuchRecordError(NotHereError):
    """There is no such record in the workspace."""

    what = "record"
    hint = "'commonhold search' and 'commonhold record list' show the ids."


class NoSuchVersionError(NotHereError):
    """A record has no version of this number."""

    what = "version"

    def __init__(self, n: int, there: int) -> None:
        super().__init__(str(n))
        self.hint = (
            f"The record has the versions 1 to {there}: 'commonhold record history ID' shows them. "
            "Nothing was changed."
        )


class StoppedError(AppError):
    """What was under way was stopped, and nothing of it was kept."""

    def __init__(self) -> None:
        super().__init__("Stopped. Everything is as it was before.")


class ManyWorkspacesError(AppError):
    """There are several workspaces, and none was named."""

    def __init__(self, names: Iterable[str]) -> None:
        listed = ", ".join(quoted(name) for name in names)
        super().__init__(
            "There are several workspaces here.", hint=f"Choose one with --workspace: {listed}."
        )


class FieldValueError(AppError, ValueError):
    """A value that its field's kind does not take; nothing was stored."""

    def __init__(self, reason: str, *, field: str = "", record: str = "") -> None:
        place = ", ".join(
            part for part in (record, f"field {quoted(field)}" if field else "") if part
        )
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason, self.field, self.record = reason, field, record
        if place:
            self.hint = "Nothing was stored. Correct the value and do it again."

    def at(self, field: str, record: str = "") -> "FieldValueError":
        """Return the same error with its place: which field, of which record."""
        return FieldValueError(self.reason, field=field, record=record)


class KindError(AppError):
    """No kind of field, or one that this version cannot fill yet."""

    def __init__(self, kind: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind = kind


class WhereError(AppError):
    """A condition that cannot be read."""

    def __init__(self, text: str, position: int, reason: str) -> None:
        found = text[position : position + 20]
        where = f"at sign {position + 1} ({found})" if found else "at its end"
        super().__init__(f"The condition cannot be read {where}: {reason}.")
        self.text, self.position, self.reason = text, position, reason
        self.hint = 'It is written like: state == "NY" and latitude > 40'


class SettingError(AppError):
    """An unknown or bad setting."""

    def __init__(self, key: str, where: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{where}: {reason}", hint=hint)
        self.key, self.where = key, where


class BadInputError(AppError):
    """A file or an argument that is not what was asked for; nothing was changed."""


class WindowMissingError(AppError):
    """The window's libraries are not installed."""

    hint = "Install the program with its 'desktop' extra; every other command works without it."

    def __init__(self, missing: str) -> None:
        super().__init__(f"The window cannot open: {missing} is not installed here.")


def quoted(text: str) -> str:
    """Put a name into quotes, shortened when it is long."""
    return f'"{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"}"'


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint naming what was probably meant, or nothing."""
    import difflib

    folded = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return f"Did you mean {quoted(folded[close[0]])}?" if close else ""
