"""Every error is ours, stands in the tree, and says what happened, what it means for the data and what to do."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlite

import storage
from storage import errors
from storage.database import Database
from storage.errors import StorageError, StoreFileError

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, StorageError)
]
ABOUT_FILES = [
    kind for kind in KINDS if issubclass(kind, StoreFileError) and kind is not StoreFileError
]
SAFE = re.compile(
    r"untouched|Nothing was (changed|written)|nothing was changed|No record was changed|is safe|left as it is"
)
TO_DO = re.compile(r"\b(Copy|Use|Choose|Update|Check|Make|See|Keep)\b [^.]+\.$")


@pytest.mark.parametrize("kind", ABOUT_FILES)
def test_a_sentence_says_what_it_means_and_what_to_do(kind: type[StoreFileError]) -> None:
    said = str(kind(Path("home") / "store.db"))

    assert "home" in said.split(". ", maxsplit=1)[0]
    assert SAFE.search(said), said
    assert TO_DO.search(said), said


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_stands_in_the_tree_and_in_the_face(kind: type[StorageError]) -> None:
    assert kind.__name__ in (ast.get_docstring(ast.parse(inspect.getsource(errors))) or "")
    assert getattr(storage, kind.__name__) is kind
    assert kind.__name__.endswith("Error")


@pytest.mark.parametrize(
    "kind", [errors.StoreBusyError, errors.StoreClosedError, errors.TransactionLostError]
)
def test_the_docstring_of_the_others_is_what_a_person_reads(kind: type[StorageError]) -> None:
    assert re.search(r"Nothing (was|of it was) (written|saved)|is safe", kind.__doc__ or "")


def test_facts_are_in_attributes() -> None:
    error = errors.DiskFullError("store.db", "detail")

    assert (error.path, error.detail) == (Path("store.db"), "detail")
    assert str(error).endswith("(detail)")


def fault(name: str, text: str) -> sqlite.Error:
    """An exception of SQLite's with an extended name."""
    error: sqlite.Error = sqlite.OperationalError(text)
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("SQLITE_FULL", "database or disk is full", errors.DiskFullError),
        ("SQLITE_CORRUPT_INDEX", "database disk image is malformed", errors.DamagedStoreError),
        ("SQLITE_NOTADB", "file is not a database", errors.DamagedStoreError),
        (
            "SQLITE_READONLY_DBMOVED",
            "attempt to write a readonly database",
            errors.ReadOnlyStoreError,
        ),
        ("SQLITE_PERM", "access permission denied", errors.ReadOnlyStoreError),
        ("SQLITE_BUSY_SNAPSHOT", "database is locked", errors.StoreBusyError),
        ("SQLITE_LOCKED", "database table is locked", errors.StoreBusyError),
        ("SQLITE_IOERR_FSYNC", "disk I/O error", errors.DriveGoneError),
        ("", "Cannot operate on a closed database.", errors.StoreClosedError),
        ("SQLITE_ERROR", "no such function: half", StorageError),
    ],
)
def test_exceptions_of_sqlite_leave_as_ours(name: str, text: str, kind: type[StorageError]) -> None:
    assert type(Database(None, None).translate(fault(name, text))) is kind


def test_after_a_failed_read_malformed_means_the_drive() -> None:
    database = Database(None, None)
    database.translate(fault("SQLITE_IOERR_READ", "disk I/O error"))

    said = database.translate(fault("SQLITE_CORRUPT", "database disk image is malformed"))

    assert type(said) is errors.DriveGoneError
