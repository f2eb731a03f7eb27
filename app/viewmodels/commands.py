"""What can be done or gone to, one line each; the palette lists them and finds them by their letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """A line of the palette; `note` says of what kind a record is that it leads to."""

    name: str
    icon: str
    run: Callable[[], None]
    keys: str = ""
    note: str = ""
