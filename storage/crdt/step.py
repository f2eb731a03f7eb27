"""One operation being absorbed, with all that its effect may depend on; and the order of concurrent writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol, TypeVar

from storage.crdt.dots import Cause, Dot
from storage.crdt.past import Applied, Past
from storage.crdt.rules import Rules


class Step(NamedTuple):
    """Where the state of a field stands while an operation is absorbed into it."""

    record: Dot
    field: str
    dot: Dot
    cause: Cause
    past: Past
    rules: Rules

    def hash_of(self, dot: Dot) -> bytes:
        """The hash of the change that a dot stands in."""
        if dot.lane == self.cause.lane and dot.number == self.cause.number:
            return self.cause.hash
        return self.past.stamp_and_hash(dot.lane, dot.number)[1]

    def operations(self) -> Iterable[Applied]:
        """The accepted operations on the field; some may not be absorbed yet."""
        return self.past.operations(self.record, self.field)


class Stamped(Protocol):
    """What has a dot and its author's stamp."""

    @property
    def dot(self) -> Dot:
        """Of the operation that wrote it."""
        ...

    @property
    def stamp(self) -> int:
        """Of that operation's change."""
        ...


Written = TypeVar("Written", bound=Stamped)


def in_order(written: list[Written], step: Step) -> list[Written]:
    """By stamp, change hash and index (rules 5, 8, 55). Hashes are looked up only if two changes have one stamp."""
    if len(written) < 2:  # noqa: PLR2004  # nothing to order
        return written
    change_of: dict[int, tuple[int, int]] = {}
    for one in written:
        change = one.dot[:2]
        if change_of.setdefault(one.stamp, change) != change:
            return sorted(written, key=lambda one: (one.stamp, step.hash_of(one.dot), one.dot.at))
    return sorted(written, key=lambda one: (one.stamp, one.dot.at))
