"""Attaching files to records and writing them out again: the files of people, which may be anything or go at any time.

1. A file is read once, and refused if it changed meanwhile.
2. What is written out is whole or not there, and takes no other file's place unless it is told to.
3. The name that an attachment has is shown and never used as a path.
"""

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from app.errors import BadInputError, FieldValueError, NoSuchRecordError, quoted
from app.model.attached import joined
from app.model.schema import Field
from app.workspace import Workspace
from storage import encode_id
from storage.durable import sync_file, sync_folder

KINDS: Final = ("attachment", "image")
_PICTURES: Final = (
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"\xff\xd8\xff"),
    (0, b"GIF8"),
    (8, b"WEBP"),
    (0, b"BM"),
    (0, b"II*\0"),
    (0, b"MM\0*"),
    (4, b"ftypheic"),
    (4, b"ftypmif1"),
    (4, b"ftypavif"),
)
_HEAD_BYTES: Final = 16


def attach(workspace: Workspace, record: int, field: str, path: Path) -> dict[str, Any]:
    """Attach a file to a field of a record; gives what the record holds for it. 'undo' takes it back.

    Raises BadInputError, FieldValueError, NotHereError, StorageError; then nothing was changed.
    """
    _, found = _place(workspace, record, field)  # before a long file is read for nothing
    with _reading(path) as content:
        if found.kind == "image" and not _is_picture(content.head):
            raise FieldValueError(
                f"{quoted(path.name)} is no picture that is known here.",
            ).at(field)
        value = workspace.store.blobs.put(content, name=path.name)
    with workspace.store.transaction():
        slug, found = _place(workspace, record, field)
        there = workspace.table(slug).get(doc_id=record)
        held = there.get(field) if isinstance(there, dict) else None
        workspace.change(slug, [record], {field: joined(held, value, found.options)})
    workspace.store.blobs.tidy()
    return value


def save(workspace: Workspace, value: object, out: Path, *, force: bool = False) -> None:
    """Write the content of an attachment to a file; `force`: in the place of one that is there.

    Raises BadInputError, NoAttachmentError, BlobError; then no file was written.
    """
    with workspace.store.blobs.open(value) as content, _writing(out, force=force) as write:
        for part in content:
            write(part)


def _place(workspace: Workspace, record: int, field: str) -> tuple[str, Field]:
    """The collection and the field, if it is one for files and the record is there."""
    found = workspace.locate(record)
    if found is None:
        raise NoSuchRecordError(encode_id(record))
    if found.trashed_ms is not None:
        error = NoSuchRecordError(encode_id(record), inside=" outside the trash")
        error.hint = f"'commonhold record restore {encode_id(record)}' brings it back first."
        raise error
    held = workspace.collection(found.collection).field(field)
    if held.kind not in KINDS:
        raise BadInputError(
            f"The field {quoted(field)} is of kind {held.kind}, which holds no files. Nothing was attached.",
            hint=f"'commonhold field add {found.collection} NAME attachment' makes a field for files.",
        )
    return found.collection, held


# ---------------------------------------------------------------------------------- reading


class _Content:
    """An ordinary file while it is read."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path, self._file = path, descriptor
        self._before = os.fstat(descriptor)
        self._done = 0
        self.head = self._bytes(_HEAD_BYTES)
        os.lseek(descriptor, 0, os.SEEK_SET)

    def read(self, size: int, /) -> bytes:
        """The next bytes; at the end it is looked at whether the file is still what it was."""
        got = self._bytes(size)
        self._done += len(got)
        if not got and self._has_changed():
            raise BadInputError(
                f"The file {self._path} changed while it was read. Nothing was attached.",
                hint="Wait until whatever writes to it is done, and attach it again.",
            )
        return got

    def _bytes(self, size: int) -> bytes:
        try:
            return os.read(self._file, size)
        except OSError as error:
            raise _unreadable(self._path, error) from None

    def _has_changed(self) -> bool:
        now = os.fstat(self._file)
        before = (self._before.st_size, self._before.st_mtime_ns)
        return self._done != now.st_size or before != (now.st_size, now.st_mtime_ns)


@contextmanager
def _reading(path: Path) -> Iterator[_Content]:
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)  # a pipe that nobody writes to does not make us wait
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "no ordinary file"
            raise BadInputError(
                f"{path} is {what}. Nothing was attached.",
                hint="Name a file; pack a folder into an archive first.",
            )
        yield _Content(path, descriptor)
    finally:
        os.close(descriptor)


def _unreadable(path: Path, error: OSError | ValueError) -> BadInputError:
    if isinstance(error, FileNotFoundError):
        return BadInputError(
            f"There is no file {path}. Nothing was attached.",
            hint="Look for a typing error in the name.",
        )
    reason = getattr(error, "strerror", None) or str(error)
    return BadInputError(
        f"{path} cannot be read: {reason}. Nothing was attached.",
        hint="Check that the drive is there and that you may read the file.",
    )


def _is_picture(head: bytes) -> bool:
    return any(head.startswith(begin, at) for at, begin in _PICTURES)


# ---------------------------------------------------------------------------------- writing


@contextmanager
def _writing(out: Path, *, force: bool) -> Iterator[Any]:
    """What writes to a file that appears under its name when all of it is on the disk."""
    place = _free_place(out, force=force)
    with _told(out):
        handle, name = tempfile.mkstemp(prefix=".commonhold-", suffix=".part", dir=place.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:

            def write(data: bytes) -> None:
                with _told(out):
                    file.write(data)

            yield write
            with _told(out):
                file.flush()
                sync_file(file.fileno())
        with _told(out):
            part.replace(place) if force else _lay(part, place)
            sync_folder(place.parent)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _free_place(out: Path, *, force: bool) -> Path:
    """Where to write; BadInputError if something is there that must stay."""
    with _told(out):
        if force and out.exists():
            mode = out.stat().st_mode
        elif os.path.lexists(out):
            mode = out.lstat().st_mode
        else:
            return out
    if stat.S_ISDIR(mode):
        raise BadInputError(f"{out} is a folder. Nothing was written.", hint="Name a file in it.")
    if not force:
        raise _taken(out)
    if not stat.S_ISREG(mode) and not out.is_symlink():
        raise BadInputError(
            f"{out} is no ordinary file, so nothing was written there.", hint="Name a file."
        )
    return Path(os.path.realpath(out))


def _lay(part: Path, place: Path) -> None:
    """Give a file its name, if nothing has it; also where another program is just as quick."""
    try:
        os.link(part, place)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: the name is taken first
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        part.replace(place)


def _taken(out: Path) -> BadInputError:
    return BadInputError(
        f"There is something at {out} already, so nothing was written.",
        hint="Choose another name, or take its place with --force.",
    )


@contextmanager
def _told(out: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise _taken(out) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInputError(
            f"{out} cannot be written: {reason}. Your data is untouched, and so is a file of that name.",
            hint="Check that the folder is there, that you may write to it and that its disk has room.",
        ) from None
