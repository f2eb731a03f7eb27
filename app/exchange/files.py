"""Which file it is and what it holds; and writing one so that it is whole or not there."""

import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from app.errors import quoted
from app.exchange.encoding import is_wide
from app.exchange.errors import UnknownFormatError, UnreadableFileError, UnwritableFileError
from storage.durable import sync_folder

CSV: Final = "csv"
JSON: Final = "json"
LINES: Final = "ndjson"
_BY_SUFFIX: Final = {
    ".csv": CSV, ".tsv": CSV, ".tab": CSV, ".psv": CSV, ".txt": CSV,
    ".json": JSON, ".ndjson": LINES, ".jsonl": LINES,
}  # fmt: skip
_TOLD: Final = {"csv": CSV, "tsv": CSV, "json": JSON, "ndjson": LINES, "jsonl": LINES}
# Files that are recognised only to say what to do with them.
_OTHER: Final = (
    (b"PK\x03\x04", "a workbook or another zipped file", "Open it and save it as CSV."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Open it in Excel and save it as CSV."),
    (b"SQLite format 3\0", "a SQLite database", "Export its tables as CSV, one file each."),
    (b"%PDF", "a PDF document", "Get the data as CSV or JSON from where it came from."),
    (b"\x1f\x8b", "a compressed file", "Unpack it first."),
    (b"\x89PNG\r\n", "a picture", "Choose the file with the data."),
    (b"\xff\xd8\xff", "a picture", "Choose the file with the data."),
    (b"GIF8", "a picture", "Choose the file with the data."),
)
_NOT_IN_TEXT: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1e\x7f]")  # a delimiter may be \x1f
_MANY: Final = 0.02  # the share of such bytes that no text has
Identity = tuple[int, int, int]


def readable(path: Path) -> Path:
    """The path, if a file that can be read twice is there."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            with path.open("rb"):
                return path
    except FileNotFoundError:
        raise UnreadableFileError(
            f"There is no file {path}. Nothing was imported.",
            hint="Save standard input to a file first: it has to be read twice."
            if str(path) == "-"
            else "Look for a typing error in the name.",
        ) from None
    except OSError as error:
        raise unreadable(path, error) from None
    what = "a folder" if stat.S_ISDIR(mode) else "no file that can be read twice"
    raise UnreadableFileError(
        f"{path} is {what}. Nothing was imported.", hint="Name a file; save a stream to one first."
    )


def unreadable(path: Path, error: OSError) -> UnreadableFileError:
    """The error for a file that the system does not let us read."""
    return UnreadableFileError(
        f"{path} cannot be read: {error.strerror or error}. Nothing was imported.",
        hint="Check that the drive is there and that you may read the file.",
    )


def identity(path: Path) -> Identity:
    """What changes when the file does: (file, size, time)."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def is_still(path: Path, before: Identity) -> bool:
    """Whether the file is there and the same as before."""
    try:
        return identity(path) == before
    except OSError:
        return False


def format_of(path: Path, told: str | None = None, *, writing: bool = False) -> str:
    """CSV, JSON or LINES: told, by the name's ending, or by the first bytes of the file."""
    done = "exported" if writing else "imported"
    if told is not None:
        if (known := _TOLD.get(told.lower())) is None:
            raise UnknownFormatError(
                f"The format {quoted(told)} is not known. Nothing was {done}.",
                hint="There are csv and json.",
            )
        return known
    found = _BY_SUFFIX.get(path.suffix.lower())
    if writing:
        if found is None:
            raise UnknownFormatError(
                f"The name {quoted(path.name)} does not say in which format to write. Nothing was {done}.",
                hint="Let it end in .json or .csv, or tell the format.",
            )
        return found
    with path.open("rb") as file:
        head = file.read(4096)
    for begin, what, hint in _OTHER:
        if head.startswith(begin):
            raise UnknownFormatError(
                f"{path.name} is {what}, and this version reads CSV and JSON. Nothing was imported.",
                hint=hint,
            )
    if found is not None:
        return found
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    if text[:1] in {b"{", b"["}:
        return JSON
    if len(_NOT_IN_TEXT.findall(head)) > _MANY * len(head) and not is_wide(head):
        raise UnknownFormatError(
            f"{path.name} holds no text, and this version reads CSV and JSON. Nothing was imported.",
            hint="If it is one of them all the same, tell the format.",
        )
    return CSV


def format_sentences(path: Path, told: str | None, known: str) -> list[str]:
    """What is said of a format that neither was told nor stands in the file's name."""
    if told is not None or path.suffix.lower() in _BY_SUFFIX or known != CSV:
        return []
    return [
        (
            f"The name {quoted(path.name)} does not say what the file is; it was read as CSV. If it is something "
            "else, tell the format and import it again."
        )
    ]


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that takes the place of `path` when all is written and on the disk.

    An exception leaves what was there. A new file is its owner's alone; one that was there keeps its rights.
    Through a link the file that it names is written; a device, a pipe or a folder is never replaced.
    """
    try:
        path = _ordinary(path)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error) from None
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        part.unlink(missing_ok=True)


def _ordinary(path: Path) -> Path:
    """Where the file lies that the path leads to, if an ordinary one is there or none."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnwritableFileError(
                f"{path} is no ordinary file, so nothing was written there.",
                hint="Name a file; what is there already is replaced as a whole.",
            )
    return Path(os.path.realpath(path))


def _unwritable(path: Path, error: OSError) -> UnwritableFileError:
    return UnwritableFileError(
        f"{path} cannot be written: {error.strerror or error}. Your data is untouched, and so is a file "
        "of that name.",
        hint="Check that the folder is there, that you may write to it and that its disk has room.",
    )
