"""A second look at a store that makes changes: what another device makes of its changes alone must be what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from storage import Store, codec
from storage.changes.absorb import Standing
from storage.crdt.state import RecordState
from storage.journal.identity import no_families
from storage.journal.journal import Journal
from storage.rows import Rows
from tests.support.founders import Families, onlooker


class Laid(NamedTuple):
    """A record where it lies."""

    collection: str
    doc_id: int
    place: str  # "row", "trash" or "hidden"
    document: dict[str, Any]


class Replay:
    """Another device that takes in what a store writes, change by change, and compares."""

    def __init__(self, families: Families = no_families) -> None:
        self.store = Store(identity=onlooker(families))
        self._reached: dict[bytes, int] = {}

    def close(self) -> None:
        """Forget all."""
        self.store.close()

    def take_in(self, store: Store) -> int:
        """Take in what is new in a store; how many changes that was. AssertionError if a feed became shorter."""
        log, new, there = store.journal.log, [], {}
        for row in log.lanes():
            there[row.first] = row.linked
            reached = self._reached.get(row.first, row.start)
            new += [log.raw(row.lane, n) for n in range(reached + 1, row.linked + 1)]
        for first, reached in self._reached.items():
            if there.get(first, 0) < reached:
                raise AssertionError(
                    f"of {reached} changes of a feed {there.get(first, 0)} are left"
                )
        self._reached = there
        with self.store.transaction():
            outcomes = self.store.journal.receive(new)
        wrong = [each for each in outcomes if each.standing is not Standing.ACCEPTED]
        if wrong:
            raise AssertionError(f"not accepted: {wrong[:3]}")
        return len(new)

    def difference(self, store: Store) -> str:
        """Take in what is new; then the first thing in which the two differ, in words, '' where they are equal."""
        self.take_in(store)
        if wrong := miscounted(store):
            return wrong
        if store.journal.digest != self.store.journal.digest:
            return first_difference(laid(store), laid(self.store)) or "the digest"
        return first_difference(laid(store), laid(self.store))


def miscounted(store: Store) -> str:
    """What a store's digest should be and is not; '' where it is the sum over its records."""
    with store.transaction():
        journal = store.journal
        summed = sum(journal._digester.of(state) for _, state in _states(journal)) % (1 << 256)
        kept = journal.digest
    return "" if summed == kept else f"the digest is {kept:x}, its records add up to {summed:x}"


def laid(store: Store) -> list[Laid]:
    """All records of a store, sorted."""
    with store.transaction():
        found = [each for each, _ in _states(store.journal)]
    return sorted(found, key=repr)


def first_difference(one: list[Laid], other: list[Laid]) -> str:
    """The first record that only one of two stores has as it is there; '' if they are equal."""
    mine, theirs = set(map(repr, one)), set(map(repr, other))
    if mine == theirs and len(one) == len(other):
        return ""
    return f"here {sorted(mine - theirs)[:2]}, of its changes {sorted(theirs - mine)[:2]}"[:500]


def _states(journal: Journal) -> Iterator[tuple[Laid, RecordState]]:
    """Every record with its state, in the caller's transaction."""
    engine = journal._engine
    execute, state_of = engine.db.writer.execute, journal.states.state_of
    for cid, name in execute("SELECT cid, name FROM collection").fetchall():
        rows = Rows(engine, name)
        for (doc_id,) in execute(f"SELECT id FROM r_{cid}").fetchall():
            row = rows.get(doc_id)
            assert row is not None
            state = state_of(name, doc_id, row)
            yield Laid(name, doc_id, "row", codec.decode(row.text)), state
        sql = "SELECT DISTINCT id, purged FROM trash WHERE cid = ?"
        ids = dict(execute(sql, (cid,)).fetchall())
        for doc_id in ids:
            seen = {place for place, _ in rows.in_trash(doc_id)}
            for place, row in rows.in_trash(doc_id, purged=True):
                where = "trash" if place in seen else "hidden"
                yield Laid(name, doc_id, where, codec.decode(row.text)), state_of(name, doc_id, row)
