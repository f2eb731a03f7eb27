"""What people see of a record's past and of conflicts: names instead of device ids, and words for what happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import BadInputError

NOBODY = ("", "")


@dataclass(frozen=True)
class Version:
    """One version of a record; `fields` holds (before, after) of what differs, None where there was no value.

    Versions of one `action` were made by one edit, such as typing that paused.
    """

    n: int
    at_ms: int
    member: str
    device: str
    what: str
    fields: Mapping[str, tuple[Any, Any]]
    document: Mapping[str, Any]
    action: bytes = b""


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

    def both(self) -> Any:
        """All the values in one: texts line by line, lists joined. Raises BadInputError for what cannot be joined."""
        values = [one.value for one in self.choices if one.value is not None]
        if values and all(isinstance(each, str) for each in values):
            return "\n".join(values)
        if values and all(isinstance(each, list) for each in values):
            joined: list[Any] = []
            for each in (one for some in values for one in some):
                if each not in joined:
                    joined.append(each)
            return joined
        raise BadInputError(
            "Only texts and lists can be kept both. Nothing was changed.",
            hint="Keep one of them, or give another value.",
        )


@dataclass(frozen=True)
class Undone:
    """What undo or redo did: in how many records, and what it left.

    `left` counts what was written over meanwhile, by others or here; `texts` the long texts in which somebody wrote
    since.
    """

    records: int
    left: int
    texts: int
