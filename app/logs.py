"""The log: what the program did and what went wrong, for the person whose computer it is.

Never what is in records, names, passphrases or keys: callers log constant messages and ids.
"""

import contextlib
import logging
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from sync.durable import PRIVATE_FILE, make_private_folder

FILE_NAME = "commonhold.log"
_SIZE_LIMIT_BYTES = 1 << 20
_OLD_FILES = 4
_MOST_LINES = 500  # of one error and those before it
_OURS: Sequence[str] = ("app", "sync", "storage")


class _PrivateFile(RotatingFileHandler):
    """A log file that only its owner may read."""

    def _open(self) -> TextIOWrapper:
        stream = super()._open()
        Path(self.baseFilename).chmod(PRIVATE_FILE)
        return stream

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Go on without: a full disk must not print into somebody's work."""


class _Discreet(logging.Formatter):
    """Says of an error its kind and where it happened; its message may hold what people typed."""

    def formatException(  # noqa: N802 - the library's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        lines: list[str] = []
        error = ei[1]
        while error is not None and len(lines) < _MOST_LINES:
            frames = [line.rstrip() for line in traceback.format_tb(error.__traceback__)]
            lines = [*frames, f"{type(error).__module__}.{type(error).__qualname__}", *lines]
            hidden = error.__suppress_context__
            error = error.__cause__ or (None if hidden else error.__context__)
        return "\n".join(lines)


def configure(folder: Path | None, level: str) -> None:
    """Send our log records to a rotating file in a folder; with None, or where that fails, nowhere."""
    handler: logging.Handler = logging.NullHandler()
    if folder is not None:
        # A full or read-only disk must not stop reading.
        with contextlib.suppress(OSError):
            make_private_folder(folder)
            handler = _PrivateFile(
                folder / FILE_NAME,
                maxBytes=_SIZE_LIMIT_BYTES,
                backupCount=_OLD_FILES,
                encoding="utf-8",
                errors="backslashreplace",
                delay=True,
            )
    handler.setFormatter(_Discreet("%(asctime)s %(levelname)s %(process)d %(name)s %(message)s"))
    for name in _OURS:
        logger = logging.getLogger(name)
        for old in list(logger.handlers):
            logger.removeHandler(old)
            old.close()
        logger.addHandler(handler)
        logger.setLevel(level.upper())
        logger.propagate = False


def tail(folder: Path, lines: int) -> list[str]:
    """Return the last lines of the log, oldest first; none if there is no log yet."""
    try:
        text = (folder / FILE_NAME).read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return text.splitlines()[-lines:] if lines else []
