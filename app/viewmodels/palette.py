"""The command palette: letters in order find a command, and records by their words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.viewmodels.observed import Observed

SHOWN = 8
PAUSE_S = 0.08

Finder = Callable[[str, Callable[[tuple["Command", ...]], None]], None]


@dataclass(frozen=True)
class Command:
    """One line of the palette; equal names are one command."""

    name: str
    icon: str
    run: Callable[[], None]
    keys: str = ""
    note: str = ""


@dataclass(frozen=True)
class PaletteState:
    """`at` is the line that Enter takes."""

    open: bool = False
    text: str = ""
    found: tuple[Command, ...] = ()
    at: int = 0


class Palette(Observed[PaletteState]):
    """Opened over everything; `commands` says what can be done now, `records` finds what to go to."""

    def __init__(self, commands: Callable[[], tuple[Command, ...]], records: Finder) -> None:
        super().__init__(PaletteState())
        self._commands = commands
        self._records = records
        self._known: tuple[Command, ...] = ()

    def open(self) -> None:
        """Show everything that can be done."""
        self._known = self._commands()
        self._show(open=True, text="", found=self._known[:SHOWN], at=0)

    def close(self) -> None:
        """Go away without doing anything."""
        self._show(open=False, text="", found=(), at=0)

    def type(self, text: str) -> None:
        """Narrow to what the letters mean."""
        self._show(text=text, found=best(text, self._known), at=0)
        if text.strip():
            self._records(text, lambda commands: self._add(text, commands))

    def move(self, by: int) -> None:
        """Walk the lines; past the last comes the first."""
        if self.state.found:
            self._show(at=(self.state.at + by) % len(self.state.found))

    def take(self, at: int | None = None) -> None:
        """Do what a line says; without a number, the marked one."""
        index = self.state.at if at is None else at
        if 0 <= index < len(self.state.found):
            command = self.state.found[index]
            self.close()
            command.run()

    def _add(self, text: str, commands: tuple[Command, ...]) -> None:
        if self.state.open and self.state.text == text:
            own = best(text, self._known)[: SHOWN - min(len(commands), 4)]
            self._show(found=(own + commands)[:SHOWN])


def best(text: str, commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """The commands whose names hold the letters in order, best first."""
    if not text.strip():
        return commands[:SHOWN]
    scored = [
        (score(text, command.name), -place, command) for place, command in enumerate(commands)
    ]
    found = [(points, place, command) for points, place, command in scored if points is not None]
    found.sort(key=lambda entry: entry[:2], reverse=True)
    return tuple(command for _, _, command in found[:SHOWN])


def score(text: str, name: str) -> float | None:
    """How well letters in order fit a name, or None; starts of words and neighbours count most."""
    low, at, points, last = name.casefold(), 0, 0.0, -2
    for letter in text.casefold().replace(" ", ""):
        found = low.find(letter, at)
        if found < 0:
            return None
        word = next((i for i in range(at, len(low)) if low[i] == letter and _starts(low, i)), -1)
        if word >= 0 and found != last + 1:
            found = word
        points += 8 if found == last + 1 else 6 if _starts(low, found) else 1
        at, last = found + 1, found
    return points - len(name) / 50


def _starts(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()
