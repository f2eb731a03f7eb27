"""What people see of a record's past and of conflicts: names instead of device ids, and words for what happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NOBODY = ("", "")


@dataclass(frozen=True)
class Version:
    """One version of a record; `fields` holds (before, after) of what differs, None where there was no value."""

    n: int
    at_ms: int
    member: str
    device: str
    what: str
    fields: Mapping[str, tuple[Any, Any]]
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """One of the values that a field was given by people who did not know of each other; `n` counts from 1."""

    n: int
    value: Any
    member: str
    device: str
    at_ms: int


@dataclass(frozen=True)
class Decision:
    """A field to decide on, the shown value first; `field` is None for a record that was deleted while edited."""

    collection: str
    record: int
    field: str | None
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Undone:
    """What undo or redo did: in how many records, and how many things it left since others had decided on them."""

    records: int
    left: int
