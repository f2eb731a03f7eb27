"""Which panes stand side by side at a width: compact, medium, expanded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

COMPACT_BELOW = 600
EXPANDED_FROM = 1024
COLLECTIONS_FROM = 1200
HISTORY_FROM = 1200  # below it the history lies over the window
ALL_FROM = 1560  # the history has a pane, and the collections keep theirs


class Width(Enum):
    """The three classes of Material's adaptive layout."""

    COMPACT = "compact"
    MEDIUM = "medium"
    EXPANDED = "expanded"


class Place(Enum):
    """Where one can go from the rail or the bottom bar."""

    RECORDS = "records"
    SEARCH = "search"
    DECIDE = "decide"
    TRASH = "trash"
    SETTINGS = "settings"


@dataclass(frozen=True)
class Panes:
    """What stands in the window; exactly the true ones are drawn, from left to right."""

    rail: bool = False
    bar: bool = False
    collections: bool = False
    view: bool = False
    record: bool = False
    history: bool = False


def width_of(width_dp: float) -> Width:
    """The class of a window's width in dp."""
    if width_dp < COMPACT_BELOW:
        return Width.COMPACT
    return Width.MEDIUM if width_dp < EXPANDED_FROM else Width.EXPANDED


def panes(
    width_dp: float,
    *,
    collection_open: bool,
    record_open: bool,
    records: bool,
    history_open: bool = False,
) -> Panes:
    """What to draw; `records` is false on search, what is to be decided, trash and settings."""
    width = width_of(width_dp)
    if width is Width.COMPACT:
        first = records and not collection_open
        return Panes(
            bar=True,
            collections=first and not record_open,
            view=not first and not record_open,
            record=record_open,
        )
    history = history_open and record_open and width_dp >= HISTORY_FROM
    wide = width_dp >= (ALL_FROM if history else COLLECTIONS_FROM)
    return Panes(rail=True, collections=wide, view=True, record=record_open, history=history)
