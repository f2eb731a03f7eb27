"""The steps from format to format. A step that was released is never changed again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from storage.database import Connection

Tell = Callable[
    [float], None
]  # hears how much of a step is done, from 0 to 1; may raise to stop it


@dataclass(frozen=True, slots=True)
class Step:
    """What makes a store of one format one of the next.

    `run` works on the writing connection, inside a transaction that it neither begins nor ends.
    """

    makes: int  # the format after it
    says: str  # what it does, for people who wait for it
    run: Callable[[Connection, Tell], None]


STEPS: Final[tuple[Step, ...]] = ()  # format 1 was the first
