"""What callers ask about the past of a workspace's records, and what waits for their decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.crdt import show
from storage.crdt.operations import Alive, Dead, Operation, Set, Unset
from storage.crdt.values import ABSENT, Value, normal_fields
from storage.journal.actions import Actions, Deeds, Step, Taken, no_step
from storage.journal.journal import Journal
from storage.journal.replay import Replay, Version
from storage.journal.view import ReadView, Seen


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
        with self._journal.reading() as view:
            seen = view.record(collection, doc_id)
            return [] if seen is None else list(_replay(view, seen).versions(view.devices()))

    def as_of(self, collection: str, doc_id: int, ms: int) -> dict[str, Any] | None:
        """A record's document as it was at a time (ms since 1970 UTC); None if it was not there, or in the trash."""
        with self._journal.reading() as view:
            seen = view.record(collection, doc_id)
            if seen is None:
                return None
            state = _replay(view, seen).at(ms, view.log.first_applied_ms())
            if state is None or not show.alive(state):
                return None
            return show.document(state, view.families(collection))

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
    def undo(self, action: bytes | None = None, step: Step = no_step) -> Taken | None:
        """Take back the last action of this device that stands, or `action` if it stands; None if there is none.

        An action of which nothing is left to take back is passed by from then on: next time it is the one before it.
        `step` hears how far it is; what it raises takes everything back.
        """
        with self._journal.writing():
            actions = Actions(self._journal)
            done = actions.to_undo(action, self._journal.passed())
            if done is None:
                return None
            taken = actions.undo(done, step=step)
            if not taken.records:
                self._journal.pass_by(done.id)
            return taken

    def redo(self, step: Step = no_step) -> Taken | None:
        """Make what was undone last again; None if there is nothing, or something new was done since."""
        with self._journal.writing():
            actions = Actions(self._journal)
            done = actions.to_redo()
            return None if done is None else actions.undo(done, redo=True, step=step)

    def can(self) -> tuple[bool, bool]:
        """Whether there is something to undo, and something to redo."""
        with self._journal.reading() as view:
            deeds = Deeds(view.log, view.own_lanes())
            last = deeds.to_undo(passed=view.passed())
            return last is not None, deeds.to_redo() is not None

    # -- decisions -----------------------------------------------------------------------------------------------
    def undecided(self, collections: Sequence[str] | None = None) -> list[Undecided]:
        """What waits for a decision, by collection and record."""
        with self._journal.reading() as view:
            devices = view.devices()
            return [
                each
                for collection, doc_id in list(view.disputed())
                if collections is None or collection in collections
                for each in _undecided(view.record(collection, doc_id), devices)
            ]

    def undecided_in(self, collection: str, doc_id: int) -> list[Undecided]:
        """What waits for a decision in one record."""
        with self._journal.reading() as view:
            return list(_undecided(view.record(collection, doc_id), view.devices()))

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


def _replay(view: ReadView, seen: Seen) -> Replay:
    touches = [touch for touch in view.trail.of(seen.last) if touch.accepted]
    families = view.families(seen.collection)
    return Replay(seen.collection, seen.state.dot, touches, view.past, families)


def _undecided(seen: Seen | None, devices: Mapping[int, bytes]) -> Iterator[Undecided]:
    if seen is None:
        return
    for each in show.conflicts(seen.state):
        if each.item is None:
            siblings = [
                Sibling(entry.shown, devices[entry.dot.lane], entry.stamp)
                for entry in each.siblings
            ]
            yield Undecided(seen.collection, seen.doc_id, each.field, tuple(siblings))
    if show.brought_back(seen.state):
        yield Undecided(seen.collection, seen.doc_id, None, ())
