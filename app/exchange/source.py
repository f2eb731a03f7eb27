"""What every reader gives: sheets with columns that were judged, then their cells, batch by batch.

A file is walked through twice: `scan` looks at all of it and decides, `batches` gives the cells. Nothing
is stored before the whole file was seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.exchange.infer import Verdict
from app.exchange.limits import NAMED
from app.exchange.progress import Meter

SAMPLE_ROWS = 20  # what a preview shows


@dataclass(frozen=True)
class Column:
    """A column as found: the name it will have, what it is, whether its cells bear the guard mark."""

    name: str
    verdict: Verdict
    guarded: bool = False


@dataclass(frozen=True)
class FieldFacts:
    """A field as our own export describes it."""

    name: str
    title: str
    kind: str
    options: dict[str, Any]


@dataclass
class Sheet:
    """One collection's worth of a file; `name` is "" where the file's own name is to be used."""

    name: str
    columns: list[Column]
    unit: str  # what rows are counted in: "line" or "record"
    rows: int = 0
    skipped: int = 0
    exported: bool = False
    title: str = ""
    icon: str | None = None
    fields: list[FieldFacts] = field(default_factory=list)
    sample: list[list[Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Batch:
    """Cells of some rows, a list per column of the sheet; `ids` only from our own export."""

    sheet: int
    cells: list[list[Any]]
    numbers: list[int]  # line or record, from 1
    ids: list[int] | None = None


@dataclass(frozen=True)
class Facts:
    """How the file was read, for people: "CSV", "utf-8", the delimiter's name."""

    format: str
    encoding: str
    delimiter: str = ""
    header: bool = True


class Source(Protocol):
    """A file to be imported."""

    @property
    def facts(self) -> Facts:
        """How the file is read; complete after `scan`."""

    @property
    def size_bytes(self) -> int:
        """How large the file is."""

    def scan(self, meter: Meter) -> list[Sheet]:
        """Look at the whole file."""

    def batches(self, meter: Meter) -> Iterator[Batch]:
        """All cells, in the order of the file; after `scan`."""

    def warnings(self) -> list[str]:
        """A sentence for each thing that was met; complete after `scan`."""


def counted(count: int, one: str, many: str) -> str:
    """A sentence's beginning that agrees with its number: "1 value was", "2 values were"."""
    return f"{count:,} {one if count == 1 else many}"


def named(unit: str, count: int, first: list[int]) -> str:
    """Where something was met: "line 4", "lines 4, 7 and 9", "lines 4, 7, 9 and 20 more"."""
    numbers = first[:NAMED]
    more = count - len(numbers)
    if count == 1:
        return f"{unit} {numbers[0]:,}"
    shown = [f"{number:,}" for number in numbers]
    if more > 0:
        return f"{unit}s {', '.join(shown)} and {more:,} more"
    return f"{unit}s {', '.join(shown[:-1])} and {shown[-1]}"
