"""Choosing a file in the window itself: folders and the files that can be imported, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.viewmodels.observed import Observed
from app.viewmodels.work import Work

ENDINGS = (".csv", ".tsv", ".txt", ".json")
MOST = 2_000
KILO = 1_000
TWO_DIGITS = 100


@dataclass(frozen=True)
class Entry:
    """A folder, or a file that can be chosen."""

    name: str
    path: Path
    folder: bool
    size_bytes: int = 0

    @property
    def note(self) -> str:
        """How large a file is, in words."""
        return "" if self.folder else spoken_size(self.size_bytes)


@dataclass(frozen=True)
class ChooserState:
    """`entries` are what `folder` holds; `cut` when it holds more than can be listed."""

    open: bool = False
    folder: Path = Path()
    entries: tuple[Entry, ...] = ()
    loaded: bool = False
    cut: bool = False
    error: str = ""


class Chooser(Observed[ChooserState]):
    """Walks folders on a worker: a drive that sleeps never stops the window."""

    def __init__(self, work: Work, start: Path) -> None:
        super().__init__(ChooserState(folder=start))
        self._work = work
        self._chosen: Callable[[str], None] = _nobody

    def open(self, chosen: Callable[[str], None]) -> None:
        """Show the folder that was looked at last."""
        self._chosen = chosen
        self._show(open=True)
        self.enter(self.state.folder)

    def close(self) -> None:
        """Choose nothing."""
        self._show(open=False)

    def enter(self, folder: Path) -> None:
        """Look into a folder."""
        self._show(folder=folder, entries=(), loaded=False, cut=False, error="")

        def done(found: tuple[tuple[Entry, ...], bool]) -> None:
            if self.state.folder == folder:
                self._show(entries=found[0], cut=found[1], loaded=True)

        def failed(error: Exception) -> None:
            if self.state.folder == folder:
                reason = (
                    error.strerror if isinstance(error, OSError) and error.strerror else str(error)
                )
                self._show(loaded=True, error=f"This folder cannot be read: {reason}.")

        self._work.read(lambda: listing(folder), done, failed)

    def up(self) -> None:
        """Look into the folder above."""
        if self.state.folder.parent != self.state.folder:
            self.enter(self.state.folder.parent)

    def take(self, entry: Entry) -> None:
        """Enter a folder, or choose a file."""
        if entry.folder:
            self.enter(entry.path)
        else:
            self._show(open=False)
            self._chosen(str(entry.path))


def listing(folder: Path) -> tuple[tuple[Entry, ...], bool]:
    """(folders and importable files by name, whether there were too many to list all)."""
    folders: list[Entry] = []
    files: list[Entry] = []
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        try:
            if path.is_dir():
                folders.append(Entry(path.name, path, folder=True))
            elif path.suffix.lower() in ENDINGS:
                files.append(Entry(path.name, path, folder=False, size_bytes=path.stat().st_size))
        except OSError:
            continue  # a dead link or a folder that may not be looked into: not to be chosen
    found = sorted(folders, key=_by_name) + sorted(files, key=_by_name)
    return tuple(found[:MOST]), len(found) > MOST


def spoken_size(size_bytes: int) -> str:
    """A size as people say it, in two or three digits."""
    if size_bytes < KILO:
        return f"{size_bytes} bytes"
    size = float(size_bytes)
    for unit in ("kB", "MB", "GB"):
        size /= KILO
        if size < KILO:
            return f"{size:.2g} {unit}" if size < TWO_DIGITS else f"{size:.0f} {unit}"
    return f"{size:,.0f} GB"


def _by_name(entry: Entry) -> str:
    return entry.name.casefold()


def _nobody(_path: str) -> None:
    """Nothing was asked for."""
