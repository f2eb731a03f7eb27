"""A record's past, made again from what touched it: its versions, and what it was at a time (`rules.md` 57)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from storage.changes.header import REDO, UNDO
from storage.crdt import show
from storage.crdt.dots import Dot
from storage.crdt.operations import Dead
from storage.crdt.past import Applied, Past
from storage.crdt.record import absorb, causally
from storage.crdt.show import Family
from storage.crdt.state import RecordState
from storage.crdt.text import Text
from storage.crdt.values import ABSENT, Value, same
from storage.journal.trail import Touch

What = Literal["created", "changed", "trashed", "purged", "restored", "undone", "redone"]
Fields = dict[str, tuple[Value, Value]]


@dataclass(frozen=True, slots=True)
class Version:
    """What one change made of a record. `fields` holds what is shown otherwise since: (before, after)."""

    n: int  # from 1
    at_ms: int  # its author's claim, ms since 1970 UTC
    device: bytes
    action: bytes
    what: What
    fields: Mapping[str, tuple[Value, Value]]
    document: Mapping[str, Any]
    alive: bool


class _Replayed:
    """The past for a replay: texts begin empty and live in the state that is being made."""

    def __init__(self, past: Past, operations: Iterable[Applied]) -> None:
        self._past, self._operations = past, tuple(operations)
        self.sees, self.stamp_and_hash, self.name_of = past.sees, past.stamp_and_hash, past.name_of

    def operations(self, record: Dot, field: str) -> Iterable[Applied]:  # noqa: ARG002  # one record only
        """The operations that are replayed."""
        return self._operations

    def text(self, record: Dot, field: str) -> Text:  # noqa: ARG002  # of any field
        """An empty text: the first edit begins it."""
        return Text()


class Replay:
    """Makes the past of one record again. `touches` are what touched it and counts, in any order."""

    def __init__(
        self,
        collection: str,
        record: Dot,
        touches: Iterable[Touch],
        past: Past,
        families: Mapping[str, Family],
    ) -> None:
        self._collection, self._record, self._families = collection, record, families
        self._touches = sorted(touches, key=lambda touch: causally(touch.operations[0]))
        every = [one for touch in self._touches for one in touch.operations]
        self._past = _Replayed(past, every)

    def versions(self, device_of: Mapping[int, bytes]) -> Iterator[Version]:
        """Every version in causal order; `device_of` names the device of a lane."""
        state = RecordState(self._collection, self._record)
        before: dict[str, Any] = {}
        was_alive = False
        for n, touch in enumerate(self._touches, 1):
            self._absorb(state, touch)
            after, alive = show.document(state, self._families), show.alive(state)
            yield Version(
                *(n, touch.stamp, device_of[touch.at.lane], touch.header.action),
                *(_what(n, touch, was_alive=was_alive, alive=alive), _differing(before, after)),
                *(after, alive),
            )
            before, was_alive = after, alive

    def at(self, ms: int, first_applied_ms: int) -> RecordState | None:
        """The record as it was at a time; None if it was not there yet.

        What this device applied by then counts; for a time before it applied anything, what was stamped by then,
        with all that it builds on.
        """
        by_stamp = ms < first_applied_ms
        left_out: list[Touch] = []
        state: RecordState | None = None
        for touch in self._touches:
            late = touch.stamp > ms if by_stamp else touch.applied_ms > ms
            cause = touch.operations[0].cause
            if late or any(cause.sees(gone.operations[0].dot) for gone in left_out):
                left_out.append(touch)
                continue
            state = state or RecordState(self._collection, self._record)
            self._absorb(state, touch)
        return state if state is not None and state.id is not None else None

    def _absorb(self, state: RecordState, touch: Touch) -> None:
        for one in touch.operations:
            absorb(state, one.operation, one.dot, one.cause, self._past)


_KINDS: Final[Mapping[int, What]] = {UNDO: "undone", REDO: "redone"}


def _what(n: int, touch: Touch, *, was_alive: bool, alive: bool) -> What:
    kinds = {type(one.operation) for one in touch.operations}
    if Dead in kinds and not alive:
        purged = any(isinstance(o.operation, Dead) and o.operation.purge for o in touch.operations)
        return "purged" if purged else "trashed"
    if touch.header.kind in _KINDS:
        return _KINDS[touch.header.kind]
    if n == 1:
        return "created"
    return "restored" if alive and not was_alive else "changed"


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Fields:
    found: Fields = {}
    for name in (*before, *(name for name in after if name not in before)):
        old, new = before.get(name, ABSENT), after.get(name, ABSENT)
        if not same(old, new):
            found[name] = (old, new)
    return found
