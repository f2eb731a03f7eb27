"""What a check finds, how far it has come, and whether it was asked to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from storage.database import Connection
from storage.verify.kinds import MEANINGS

MAX_PROBLEMS: Final = 200
STEP: Final = 1_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it must be."""

    kind: str
    where: str
    detail: str

    @property
    def meaning(self) -> str:
        """What it means for people's data, and what to do."""
        return MEANINGS[self.kind]


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, how much of it, and what was found."""

    checked: dict[str, int]
    problems: tuple[Problem, ...]
    cancelled: bool = False
    digest: str | None = (
        None  # of the workspace, as computed, in hexadecimal; None if there is none
    )

    @property
    def ok(self) -> bool:
        """Whether all is as it must be."""
        return not self.problems and not self.cancelled


class CancelledError(Exception):
    """Asked to stop."""


@dataclass
class Check:
    """One run of `verify`, over one snapshot."""

    progress: Callable[[str, int], None] | None
    cancel: Callable[[], bool] | None
    checked: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    connection: Connection = None
    digest: str | None = None

    def bad(self, kind: str, where: str, detail: str) -> None:
        """Note a problem; beyond a limit they only count as not being there."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(kind, where, detail))

    def count(self, what: str, by: int = 1) -> None:
        """Note that so many more were checked. Raises CancelledError."""
        total = self.checked[what] = self.checked.get(what, 0) + by
        if total % STEP < by:
            if self.progress is not None:
                self.progress(what, total)
            if self.cancel is not None and self.cancel():
                raise CancelledError
