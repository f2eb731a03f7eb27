"""What is checked of the replicas of a simulation at a quiescent point.

1. A replica is the pure function over its own set: acceptance, vectors, live entries, sums, life, sets, documents, ids.
2. Nothing that ever came is gone: it counts and stands in its record's history, is set aside and shown, or waits.
3. Equal heads and clipped vectors have equal digests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from storage.changes.absorb import Outcome, Standing
from storage.crdt import show
from storage.crdt.dots import Dot, Ref
from storage.crdt.items import Item
from storage.crdt.scalar import Scalar
from storage.crdt.state import Field, RecordState
from storage.crdt.values import ABSENT
from tests.support.sim_library import Change, Library, PartRead, bits
from tests.support.sim_replica import BrokenError, Replica
from tests.support.sim_store import StoreBody
from tests.support.sim_truth import Facts, Global, Truth
from tests.support.sim_values import form

Where = Callable[[Dot], Global]


class Checks:
    """Compares replicas with the truth, which is told once for each set of changes."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._truths: dict[Any, Truth] = {}

    def all(self, replicas: Iterable[Replica]) -> None:
        """Check each of them, and those against each other that must have one digest. Raises BrokenError."""
        digests: dict[Any, tuple[int, Replica]] = {}
        for replica in replicas:
            self._one(replica)
            absorber = replica.body.absorber
            key = absorber.team.head, tuple(sorted(absorber.clipped().items()))
            digest = replica.body.digest()
            other = digests.setdefault(key, (digest, replica))
            if other[0] != digest:
                told = f"{replica.name} and {other[1].name} have one head and vector"
                raise BrokenError(f"{told}, and two digests")

    def truth_of(self, replica: Replica) -> Truth:
        """What the replica must be."""
        team, here = replica.hearing.view, replica.here
        key = (team.head, here, frozenset(replica.epochs))
        truth = self._truths.get(key)
        if truth is None:
            truth = self._truths[key] = Truth(self._library, team, here, replica.epochs)
        return truth

    def _one(self, replica: Replica) -> None:
        truth = self.truth_of(replica)
        for index in set(replica.came):
            self._change(replica, self._library.changes[index], truth)
        clipped = {name: tuple(end) for name, end in replica.body.absorber.clipped().items()}
        if clipped != truth.clipped:
            told = f"the clipped vector is {clipped}, not {truth.clipped}"
            raise BrokenError(f"{replica.name}: {told}")
        facts = {
            replica.to_global(state.dot): facts_of(state, replica.to_global)
            for state in replica.body.states()
        }
        if set(facts) != set(truth.facts):
            raise BrokenError(f"{replica.name} has other records: {set(facts) ^ set(truth.facts)}")
        for record, told_here in facts.items():
            _compare(f"{replica.name}: {record[0].hex()[:8]}", told_here, truth.facts[record])
        if isinstance(replica.body, StoreBody):
            self._store(replica, replica.body, truth.facts)

    def _store(self, replica: Replica, body: StoreBody, facts: dict[Global, Facts]) -> None:
        for fault in body.faults():
            raise BrokenError(f"{replica.name}: {fault}")
        for _, doc_id, state, _ in body.kept():
            wanted = facts[replica.to_global(state.dot)]["id"]
            if doc_id != wanted:
                raise BrokenError(f"{replica.name}: the id {doc_id} should be {wanted}")

    # -- one change

    def _change(self, replica: Replica, change: Change, truth: Truth) -> None:
        log, name = replica.body.log, f"{replica.name}: change {change.index}"
        outcome = replica.body.absorber.standing(change.hash)
        counts = bool(truth.accepted >> change.index & 1)
        if (outcome.standing is Standing.ACCEPTED) != counts:
            should = "should" if counts else "should not"
            told = f"is {outcome.standing} ({outcome.why}), and {should} count"
            raise BrokenError(f"{name} {told}")
        at = log.find(change.hash)
        if at is None:
            if log.is_held(change.hash) is None:
                raise BrokenError(f"{name} is gone: {outcome.why}")
        elif log.raw(*at) != change.envelope.raw:
            raise BrokenError(f"{name} is altered")
        elif counts:
            self._past(replica, change, at, truth)
        else:
            self._aside(replica, change, at, outcome)

    def _past(self, replica: Replica, change: Change, at: Ref, truth: Truth) -> None:
        """What its author had seen, and that all it did is in the history of its records."""
        cause = replica.body.absorber.settling.vectors.cause(at)
        seen = self._bits(replica, {**cause.seen, at.lane: at.number}) & truth.accepted
        should = change.past & truth.accepted
        if seen != should:
            told = f"saw {sorted(bits(seen))}, should {sorted(bits(should))}"
            raise BrokenError(f"{replica.name}: change {change.index} {told}")
        for part in change.parts:
            if part.record in truth.records and not self._in_history(replica, part, at):
                told = f"what change {change.index} did is not in its record's history"
                raise BrokenError(f"{replica.name}: {told}")

    def _in_history(self, replica: Replica, part: PartRead, at: Ref) -> bool:
        record = replica.to_local(self._library, part.record)
        there = {one.dot.at for one in replica.body.history(record) if one.dot[:2] == at}
        return {one.at for one in part.done} <= there

    def _aside(self, replica: Replica, change: Change, at: Ref, outcome: Outcome) -> None:
        absorber = replica.body.absorber
        if outcome.standing is Standing.REJECTED:
            if at not in {ref for ref, _ in absorber.set_aside()}:
                raise BrokenError(
                    f"{replica.name}: change {change.index} is not shown as set aside"
                )
            if change.envelope.clear.epoch in replica.epochs:
                absorber.settling.open(at, aside=True)

    def _bits(self, replica: Replica, vector: dict[int, int]) -> int:
        log, found = replica.body.log, 0
        for lane, last in vector.items():
            for number in range(log.lane(lane).start + 1, last + 1):
                entry = log.entry(lane, number)
                if entry is not None:
                    found |= 1 << self._library.index[entry.hash]
        return found


def _compare(name: str, here: Facts, truth: Facts) -> None:
    for what in ("life", "fields", "document", "collection"):
        if here[what] != truth[what]:
            one, other = _differing(here[what], truth[what])
            raise BrokenError(f"{name}: {what} is\n{one}\nand should be\n{other}")


def _differing(one: Any, other: Any) -> tuple[Any, Any]:
    """Of two mappings only the entries that differ."""
    if not isinstance(one, dict):
        return one, other
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    return {name: one.get(name) for name in names}, {name: other.get(name) for name in names}


def facts_of(state: RecordState, where: Where) -> Facts:
    """The facts of a state, as `Truth.facts` has them."""
    fields: dict[str, Any] = {}
    for name in sorted({*state.values, *state.fields}):
        field = state.fields.get(name) or Field(state.scalar_of(name))
        edits = field.edits
        fields[name] = {
            "entries": _entries(field.scalar, where),
            "loose": field.scalar.loose,
            "set": [(where(one.dot), form(one.value)) for one in field.elements],
            "items": [_item(one, where) for one in field.items],
            "text": None if edits is None else (edits.content, sorted(map(where, edits.aside))),
        }
    shown = show.document(state)
    return {
        "collection": state.collection,
        "life": sorted((where(one.dot), int(one.says)) for one in state.life),
        "fields": fields,
        "document": {name: form(value) for name, value in shown.items() if value is not ABSENT},
    }


def _item(item: Item, where: Where) -> tuple[Any, ...]:
    life = sorted((where(one.dot), int(one.says)) for one in item.life)
    values = {name: _entries(one, where) for name, one in sorted(item.values.items())}
    return where(item.dot), life, _entries(item.position, where), values


def _entries(scalar: Scalar, where: Where) -> list[tuple[Any, ...]]:
    return [
        (where(one.dot), one.stamp, form(one.value), one.total, one.fallback, one.value)
        for one in scalar.entries
    ]
