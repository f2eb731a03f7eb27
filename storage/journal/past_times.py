"""What callers ask about the past of a workspace's records, and what waits for their decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.crdt import show
from storage.crdt.operations import Alive, Dead, Operation, Set, Unset
from storage.crdt.values import ABSENT, Value, normal_fields
from storage.journal.actions import Actions, Taken
from storage.journal.journal import Journal
from storage.journal.replay import Replay, Version
from storage.journal.states import Kept


@dataclass(frozen=True, slots=True)
class Sibling:
    """One of several values that a field was given by devices that did not know of each other."""

    value: Value
    device: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class Undecided:
    """A field with siblings, the shown one first; or, with `field` None, a record that was deleted while edited."""

    collection: str
    doc_id: int
    field: str | None
    siblings: tuple[Sibling, ...]


class PastTimes:
    """History, undo and decisions of one store. Any thread: each method has its own transaction."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    # -- one record ----------------------------------------------------------------------------------------------
    def history(self, collection: str, doc_id: int) -> list[Version]:
        """Every version of a record, the oldest first; empty if there is no such record."""
        with self._journal.reading():
            kept = self._journal.states.under(collection, doc_id)
            if kept is None:
                return []
            devices = {row.lane: row.device for row in self._journal.log.lanes()}
            return list(self._replay(kept).versions(devices))

    def as_of(self, collection: str, doc_id: int, ms: int) -> dict[str, Any] | None:
        """A record's document as it was at a time (ms since 1970 UTC); None if it was not there, or in the trash."""
        with self._journal.reading():
            kept = self._journal.states.under(collection, doc_id)
            if kept is None:
                return None
            state = self._replay(kept).at(ms, self._journal.log.first_applied_ms())
            if state is None or not show.alive(state):
                return None
            return show.document(state, self._journal.families(collection))

    def _replay(self, kept: Kept) -> Replay:
        touches = [touch for touch in self._journal.trail.of(kept.last) if touch.accepted]
        families = self._journal.families(kept.collection)
        return Replay(kept.collection, kept.state.dot, touches, self._journal.past, families)

    def purge(self, collection: str, ids: Sequence[int]) -> list[int]:
        """Delete for good, as people see it, until it is undone: out of lists and trash. Gives those there were."""
        done = []
        with self._journal.writing():
            for doc_id in ids:
                kept = self._journal.states.under(collection, doc_id)
                if kept is not None and not show.purged(kept.state):
                    self._journal.change(kept, [Dead(purge=True)])
                    done.append(doc_id)
        return done

    # -- actions -------------------------------------------------------------------------------------------------
    def undo(self) -> Taken | None:
        """Take back the last action of this device that stands; None if there is none."""
        with self._journal.writing():
            actions = Actions(self._journal)
            done = actions.to_undo()
            return None if done is None else actions.undo(done)

    def redo(self) -> Taken | None:
        """Make what was undone last again; None if there is nothing, or something new was done since."""
        with self._journal.writing():
            actions = Actions(self._journal)
            done = actions.to_redo()
            return None if done is None else actions.undo(done, redo=True)

    def can(self) -> tuple[bool, bool]:
        """Whether there is something to undo, and something to redo."""
        with self._journal.reading():
            actions = Actions(self._journal)
            return actions.to_undo() is not None, actions.to_redo() is not None

    # -- decisions -----------------------------------------------------------------------------------------------
    def undecided(self, collections: Sequence[str] | None = None) -> list[Undecided]:
        """What waits for a decision, by collection and record."""
        with self._journal.reading():
            found: list[Undecided] = []
            devices = {row.lane: row.device for row in self._journal.log.lanes()}
            for collection, doc_id in self._journal.states.disputed():
                if collections is None or collection in collections:
                    kept = self._journal.states.under(collection, doc_id)
                    if kept is not None:
                        found += self._undecided(kept, devices)
            return found

    def settle(self, collection: str, doc_id: int, field: str | None, value: Value = None) -> None:
        """Decide: the field holds this value and no other; with no field, the record stays. Raises KeyError."""
        with self._journal.writing():
            kept = self._journal.states.under(collection, doc_id)
            if kept is None:
                raise KeyError(doc_id)
            decided: Operation = Alive()
            if field is not None:
                there = value is not ABSENT
                decided = Set(normal_fields({field: value})) if there else Unset((field,))
            self._journal.change(kept, [decided])

    def undecided_in(self, collection: str, doc_id: int) -> list[Undecided]:
        """What waits for a decision in one record."""
        with self._journal.reading():
            kept = self._journal.states.under(collection, doc_id)
            devices = {row.lane: row.device for row in self._journal.log.lanes()}
            return [] if kept is None else self._undecided(kept, devices)

    def _undecided(self, kept: Kept, devices: Mapping[int, bytes]) -> list[Undecided]:
        found = [
            Undecided(
                kept.collection,
                kept.doc_id,
                each.field,
                tuple(
                    Sibling(entry.shown, devices[entry.dot.lane], entry.stamp)
                    for entry in each.siblings
                ),
            )
            for each in show.conflicts(kept.state)
            if each.item is None
        ]
        if show.brought_back(kept.state):
            found.append(Undecided(kept.collection, kept.doc_id, None, ()))
        return found
