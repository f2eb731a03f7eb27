"""What the grid asks of whoever has its rows; written by view-models, which never import this.

1. Every call is made on the window's thread and answers at once; reading happens on a worker.
2. Nothing is ever asked for all rows: `row` for what is in sight, `collect` for what is copied.
3. While held, the order stands still: a row being edited neither moves nor vanishes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

Cells = Sequence[Any]


class RowSource(Protocol):
    """Rows of one query in view order, each a sequence with one value per column."""

    count: int
    """How many rows there are; changes only right before `on_reset`."""
    ready: bool
    """False until the first rows are known: the grid shows ghosts, not "nothing here"."""
    on_rows: Callable[[int, int], None]
    """Set by the grid; called when rows first (inclusive) to last (exclusive) differ or have come."""
    on_reset: Callable[[], None]
    """Set by the grid; called when the count or the order differ."""

    def row(self, index: int, /) -> Cells | None:
        """The cells of a row, or None while its page is on the way (asking is what fetches it)."""

    def id_at(self, index: int, /) -> int | None:
        """The record in a row, or None when not known."""

    def index_of(self, doc_id: int, /) -> int | None:
        """The row of a record when that is known without a search, else None."""

    def locate(self, doc_id: int, found: Callable[[int | None], None], /) -> None:
        """Find a record's row on a worker."""

    def loaded(self, first: int, last: int, /) -> bool:
        """Whether rows `first` to `last`, both inclusive, are all here."""

    def put(self, doc_id: int, values: Mapping[str, Any], /) -> None:
        """Show an edit at once, by column name; who commits it is not the grid's business."""

    def hold(self, on: bool, /) -> None:  # noqa: FBT001 -- a switch is a bool
        """Keep the order as it is (True) until let go (False); `on_reset` then follows if it must."""

    def collect(self, first: int, count: int, done: Callable[[Sequence[Cells]], None], /) -> None:
        """Read a stretch of rows on a worker and hand it to `done` on the window's thread."""


class NoRows:
    """The source of a grid that has none yet: for ever on its way."""

    count = 0
    ready = False

    def __init__(self) -> None:
        self.on_rows: Callable[[int, int], None] = lambda _first, _last: None
        self.on_reset: Callable[[], None] = lambda: None

    def row(self, _index: int) -> Cells | None:
        """None is here."""
        return None

    def id_at(self, _index: int) -> int | None:
        """None is known."""
        return None

    def index_of(self, _doc_id: int) -> int | None:
        """None is known."""
        return None

    def locate(self, _doc_id: int, found: Callable[[int | None], None]) -> None:
        """Nowhere."""
        found(None)

    def loaded(self, _first: int, _last: int) -> bool:
        """Nothing is."""
        return False

    def put(self, _doc_id: int, _values: Mapping[str, Any]) -> None:
        """Nothing to show it in."""

    def hold(self, _on: bool) -> None:  # noqa: FBT001 -- as in RowSource
        """Nothing moves."""

    def collect(self, _first: int, _count: int, done: Callable[[Sequence[Cells]], None]) -> None:
        """Nothing to read."""
        done([])
