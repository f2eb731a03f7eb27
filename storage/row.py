"""One record as it lies in the file. Values only."""

from __future__ import annotations

from typing import NamedTuple


class Stamp(NamedTuple):
    """When a record was made and last changed, ms since 1970 UTC by its author's clock."""

    created_ms: int
    changed_ms: int


class State(NamedTuple):
    """What the merge core keeps of a record beside its document, and what last touched it (`journal.pointers`).

    `stamp_ms` is that of the change; 0 where it was read from a row.
    """

    meta: bytes
    last: int
    stamp_ms: int = 0


class Row(NamedTuple):
    """A record as it lies in the file; `state` is None in a store that makes no changes."""

    text: str
    stamp: Stamp
    position: int | None
    state: State | None


def row_of(
    text: str, made: int, changed: int, position: int | None, meta: bytes | None, last: int | None
) -> Row:
    """A row as it was read."""
    state = None if meta is None else State(meta, last or 0)
    return Row(text, Stamp(made, changed), position, state)
