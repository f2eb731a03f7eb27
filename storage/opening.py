"""Judges a file before SQLite touches it: whether it can be a store, and whether the key fits.

SQLite would fold a log into a file even when it cannot read it; so a wrong key or a stranger's file is refused here,
by looking at its bytes alone. For encrypted files this rests on SQLCipher's page: encrypted bytes, a nonce of 16, and
an HMAC-SHA256 of both with the page's number; the first 16 bytes of page 1 are the salt. The salt is derived from the
key, so a damaged first page can be told from a wrong key, and read again from the log.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from storage.errors import (
    DriveGoneError,
    NetworkDriveError,
    NotAStoreError,
    ReadOnlyStoreError,
    WrongKeyError,
)
from storage.log import frames_in_log
from storage.places import is_network_drive

PAGE_BYTES: Final = 4096
SALT_BYTES: Final = 16
_HMAC_BYTES: Final = 32
_PLAIN: Final = b"SQLite format 3\0"
_NAME_BYTES: Final = 255 - len("-journal")  # the longest that SQLite appends
_LOOKED_AT: Final = 16  # pages that are asked whether the key fits


def salt_of(key: bytes) -> bytes:
    """The salt that a store with this key begins with."""
    return hmac.digest(key, b"commonhold store salt", hashlib.sha256)[:SALT_BYTES]


def look_before(path: Path, key: bytes | None, *, create: bool) -> bool:
    """Whether there is a file to open; False when one may be made. Raises StoreFileError and its kinds."""
    if is_network_drive(path.parent):
        raise NetworkDriveError(path)
    try:
        with path.open("rb") as file:
            start = file.read(_LOOKED_AT * PAGE_BYTES)
            size = file.seek(0, os.SEEK_END)
    except FileNotFoundError:
        if not create:
            raise NotAStoreError(path, "there is no such file") from None
        if not path.parent.is_dir():
            raise NotAStoreError(path, "its folder does not exist") from None
        if len(os.fsencode(path.name)) > _NAME_BYTES:
            raise NotAStoreError(path, "its name is too long") from None
        return False
    except IsADirectoryError:
        raise NotAStoreError(path, "it is a folder") from None
    except NotADirectoryError:
        raise NotAStoreError(path, "its folder is a file") from None
    except PermissionError as error:
        if path.is_dir():  # what Windows says about folders
            raise NotAStoreError(path, "it is a folder") from error
        raise ReadOnlyStoreError(path, "it may not even be read") from error
    except OSError as error:
        raise _unreachable(path, error) from error
    if (
        start and not path.with_name(path.name + "-journal").exists()
    ):  # else its making was cut short: SQLite mends it
        _judge(path, start, size, key)
    return True


def _unreachable(path: Path, error: OSError) -> NotAStoreError | DriveGoneError:
    if error.errno == errno.ENAMETOOLONG:
        return NotAStoreError(path, "its name is too long")
    return DriveGoneError(path, error.strerror or "")


def _judge(path: Path, start: bytes, size: int, key: bytes | None) -> None:
    """Raise what is wrong with a file that begins like this, as far as its bytes tell."""
    if key is None and start.startswith(_PLAIN):
        return
    if key is not None and start.startswith(salt_of(key)):
        return
    if start.startswith(_PLAIN):
        raise NotAStoreError(path, "it is a database without encryption")
    if _is_text(start[:PAGE_BYTES]):
        what = "it looks like JSON" if start.lstrip()[:1] in {b"{", b"["} else "it looks like text"
        raise NotAStoreError(path, what)
    if any(_is_ours(*page, key) for page in _pages(path, start)):
        return  # only the first page is damaged; SQLite reads it from the log, or says so
    if size % PAGE_BYTES:
        raise NotAStoreError(path, "it is neither a database nor encrypted")
    raise WrongKeyError(path, "it is encrypted, and no key was given" if key is None else "")


def _is_text(start: bytes) -> bool:
    try:
        text = start.decode()
    except UnicodeDecodeError as error:
        if error.start < len(start) - 3:  # not just a character cut at the end
            return False
        text = start[: error.start].decode()
    return not any(sign < " " and sign not in "\t\n\r\f\x1b" for sign in text)


def _pages(path: Path, start: bytes) -> Iterator[tuple[int, bytes]]:
    """Some pages of the file and of the log, with their numbers."""
    for number in range(2, len(start) // PAGE_BYTES + 1):
        yield number, start[(number - 1) * PAGE_BYTES : number * PAGE_BYTES]
    yield from frames_in_log(path)


def _is_ours(number: int, page: bytes, key: bytes | None) -> bool:
    """Whether a page belongs to a store with this key. Of plain ones only the first says so."""
    if key is None:
        return number == 1 and page.startswith(_PLAIN)
    return _is_sealed(number, page, key)


def _is_sealed(number: int, page: bytes, key: bytes) -> bool:
    """Whether a page was written with this key."""
    salt = bytes(one ^ 0x3A for one in salt_of(key))
    sealing = hashlib.pbkdf2_hmac("sha512", key, salt, 2, _HMAC_BYTES)
    body = page[SALT_BYTES if number == 1 else 0 : -_HMAC_BYTES] + number.to_bytes(4, "little")
    return hmac.compare_digest(hmac.digest(sealing, body, hashlib.sha256), page[-_HMAC_BYTES:])
