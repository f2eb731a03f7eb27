"""Undo and redo of what this device did, action by action, across restarts (`rules.md` 6, *an action*).

What there is to undo follows from the device's own changes: each says in its header which action it belongs to, and
whether that undid or redid another one. Nothing else is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from storage.changes.header import ORDINARY, REDO, UNDO
from storage.changes.log import Lane
from storage.crdt.dots import POSITION_BITS, Dot
from storage.crdt.operations import Create, Operation
from storage.crdt.past import Applied
from storage.crdt.undo import Because, Left, undo
from storage.journal.journal import Journal
from storage.journal.pointers import pointer
from storage.journal.sqllog import SqlLog
from storage.journal.states import Kept
from storage.journal.texts import text_before


class Done(NamedTuple):
    """An action of this device that can be undone, or an undo that can be redone."""

    id: bytes
    kind: int
    of: bytes | None
    last: int  # place of its last change


class Remains(NamedTuple):
    """What undo or redo left as it is, since others, or later actions, have decided on it."""

    collection: str
    doc_id: int
    left: Left


class Taken(NamedTuple):
    """What undo or redo did: in how many records, and what it left."""

    records: int
    remains: tuple[Remains, ...]


# Hears how many changes of an action are done, of how many; what it raises stops the work.
Step = Callable[[int, int], None]

MOST_REMAINS = 1_000


def no_step(_done: int, _of: int) -> None:
    """Nobody asks how far it is."""


class Deeds:
    """What this device did, from its own lanes."""

    def __init__(self, log: SqlLog, own: Iterable[Lane]) -> None:
        self._log, self.lanes = log, frozenset(row.lane for row in own)

    def to_undo(self, action: bytes | None = None, passed: Collection[bytes] = ()) -> Done | None:
        """The last action that stands and is not among those `passed` by; with `action` this one, if it stands."""
        undone: set[bytes] = set()
        redone: set[bytes] = set()
        for done in self._backwards():
            if done.kind == REDO and done.of is not None:
                redone.add(done.of)
            elif done.kind == UNDO and done.of is not None:
                if done.id not in redone:
                    undone.add(done.of)
            elif done.kind == ORDINARY and action is None:
                if done.id not in undone and done.id not in passed:
                    return done
            elif done.id == action:
                return done if done.kind == ORDINARY and done.id not in undone else None
        return None

    def to_redo(self) -> Done | None:
        """The last undo, if nothing new was done since."""
        redone: set[bytes] = set()
        for done in self._backwards():
            if done.kind == REDO and done.of is not None:
                redone.add(done.of)
            elif done.kind == UNDO:
                if done.id not in redone:
                    return done
            else:
                return None
        return None

    def _backwards(self) -> Iterator[Done]:
        """Every action of this device, by its last change, the latest first."""
        log = self._log
        heads = {lane: log.done(lane, log.lane(lane).linked + 1) for lane in self.lanes}
        seen: set[bytes] = set()
        while True:
            latest = max(
                (lane for lane, head in heads.items() if head is not None),
                key=lambda lane: heads[lane][1],  # type: ignore[index]  # those that are None are left out
                default=None,
            )
            if latest is None:
                return
            head = heads[latest]
            assert head is not None  # noqa: S101  # just asked
            number, seq, action, kind, of = head
            heads[latest] = log.done(latest, number)
            if action not in seen:
                seen.add(action)
                yield Done(action, kind, of, seq)


class Actions(Deeds):
    """Undo and redo in the caller's transaction."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal.log, journal.own_lanes())
        self._journal = journal

    def undo(self, done: Done, *, redo: bool = False, step: Step = no_step) -> Taken:
        """Take an action back; with `redo`, an undo. What `step` raises takes back what was done until then."""
        kind = REDO if redo else UNDO
        touched = 0
        remains: list[Remains] = []
        with self._journal.acting(self._journal.new_action(kind, done.id)):
            for kept, own, history in self._records(done, step):
                reversal = undo(
                    own, kept.state, history, self._journal.past, self._is_mine, redo=redo
                )
                operations = list(reversal.operations)
                for left in reversal.left:
                    written = self._text(done, kept, left)
                    operations += written
                    if not written and len(remains) < MOST_REMAINS:
                        remains.append(Remains(kept.collection, kept.doc_id, left))
                if operations:
                    touched += 1
                    self._journal.change(kept, operations)
        return Taken(touched, tuple(remains))

    def _text(self, done: Done, kept: Kept, left: Left) -> list[Operation]:
        """What makes a long text again what it was before an action, if it is as the action left it."""
        if left.because is not Because.TEXT or left.field is None:
            return []
        replay, devices = self._journal.replay(kept)
        text = text_before(list(replay.versions(devices)), done.id, left.field)
        return [] if text is None else self._journal.rewriting(kept, left.field, text)

    def _is_mine(self, dot: Dot) -> bool:
        return dot.lane in self.lanes

    # -- the records of an action --------------------------------------------------------------------------------
    def _records(
        self, done: Done, step: Step
    ) -> Iterator[tuple[Kept, list[Applied], list[Applied]]]:
        """Each record that an action touched: as it is kept, what the action did to it, and all of its history."""
        states, settled = self._journal.states, set[Dot]()
        changes = list(self._journal.log.of_action(done.last))
        for n, (seq, at) in enumerate(changes):
            step(n, len(changes))
            opened = self._journal.trail.opened(at)
            for part in reversed(opened.parts):
                first = part.operations[0]
                created = type(first[1]) is Create and first[0] == part.record
                if part.record in settled:
                    if created:  # nothing of the action is before it
                        settled.discard(part.record)
                    continue
                if not created:
                    settled.add(part.record)
                kept = states.find(part.record, part.collection)
                if kept is None:
                    continue
                here = pointer(seq, part.operations[-1][0].at >> POSITION_BITS)
                if created and kept.last == here:
                    own = [Applied(op, dot, opened.cause) for dot, op in part.operations]
                    yield kept, own, own
                else:
                    yield kept, *self._history(kept, done.id)

    def _history(self, kept: Kept, action: bytes) -> tuple[list[Applied], list[Applied]]:
        own: list[Applied] = []
        every: list[Applied] = []
        for touch in self._journal.trail.of(kept.last):
            if touch.accepted:
                every += touch.operations
                if touch.header.action == action and touch.at.lane in self.lanes:
                    own += touch.operations
        return own, every
