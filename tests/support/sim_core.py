"""The pure core as a replica: `storage.changes` over dicts, with the states of records beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storage.changes.absorb import Absorber
from storage.changes.author import Author, Draft
from storage.changes.coalesce import Edit
from storage.changes.lanes import name_of
from storage.changes.opening import OpenedChange
from storage.changes.rules import ChangeRules
from storage.changes.settle import Settling
from storage.crdt.digest import Digester
from storage.crdt.dots import Dot, Ref
from storage.crdt.edits import settle
from storage.crdt.operations import Create, TextEdit, fields_of
from storage.crdt.past import Applied
from storage.crdt.record import absorb, evaluate
from storage.crdt.rules import Rules
from storage.crdt.state import RecordState
from storage.crdt.step import Step
from storage.crdt.text import Text
from sync.keys import Keyring
from sync.membership import TeamView
from tests.support.memory_log import MemoryLog
from tests.support.teams import Chance


class Records:
    """The states of records in a dict: `storage.changes.settle.Records` and `storage.crdt.past.Past` in one."""

    def __init__(self, log: MemoryLog, digest_key: bytes, rules: Rules) -> None:
        self.log, self.rules = log, rules
        self.settling: Settling  # of the absorber that fills this, set once that is made
        self.applied: dict[Dot, list[Applied]] = {}
        self.created: dict[Dot, str] = {}
        self.states: dict[Dot, RecordState] = {}
        self.digester = Digester(digest_key, self.name_of)

    # -- what absorbing says

    def apply(self, change: OpenedChange) -> None:
        cause = change.cause
        for part in change.parts:
            done = [Applied(operation, dot, cause) for dot, operation in part.operations]
            self.applied.setdefault(part.record, []).extend(done)
            first = done[0]
            if isinstance(first.operation, Create) and first.dot == part.record:
                self.created[part.record] = part.collection
                self.states[part.record] = RecordState(part.collection, part.record)
            state = self.states.get(part.record)
            if state is not None:
                for one in done:
                    absorb(state, one.operation, one.dot, cause, self, self.rules)

    def recompute(self, records: set[Dot]) -> None:
        for record in records:
            done = self.operations_on(record)
            self.applied[record] = done
            state = None
            if any(one.dot == record for one in done):
                state = evaluate(self.created[record], record, done, self, self.rules)
            if state is None:
                self.states.pop(record, None)
            else:
                self.states[record] = state

    def clear(self) -> None:
        self.applied.clear()
        self.created.clear()
        self.states.clear()

    # -- what the merge core asks

    def sees(self, later: Dot, earlier: Dot) -> bool:
        try:
            return self.settling.vectors.sees(later, earlier)
        except KeyError:
            return False

    def stamp_and_hash(self, lane: int, number: int) -> tuple[int, bytes]:
        entry = self.log.entry(lane, number)
        if entry is None:
            raise KeyError((lane, number))
        return self.log.stamp(lane, number), entry.hash

    def name_of(self, lane: int, number: int) -> bytes:
        return name_of(self.log, lane, number)

    def operations(self, record: Dot, field: str) -> Iterable[Applied]:
        return [one for one in self.operations_on(record) if field in fields_of(one.operation)]

    def operations_on(self, record: Dot) -> list[Applied]:
        cause = self.settling.vectors.cause
        kept = []
        for one in self.applied.get(record, ()):
            row = self.log.lane(one.dot.lane)
            if one.dot.number <= row.limit:
                fresh = cause(Ref(one.dot.lane, one.dot.number))
                kept.append(one._replace(cause=fresh))
        return kept

    def text(self, record: Dot, field: str) -> Text:
        edits = [
            one for one in self.operations(record, field) if isinstance(one.operation, TextEdit)
        ]
        if not edits:
            return Text()
        step = Step(record, field, edits[0].dot, edits[0].cause, self, self.rules)
        return settle(edits, step).text or Text()

    def digest(self) -> int:
        return sum(map(self.digester.of, self.states.values())) % (1 << 256)


class Core:
    """One replica of the pure core."""

    def __init__(
        self,
        ring: Keyring,
        chance: Chance,
        rules: ChangeRules,
        merging: Rules,
        team: TeamView,
    ) -> None:
        self.log, self.ring, self.chance = MemoryLog(), ring, chance
        self.records = Records(self.log, ring.digest_key(), merging)
        self.absorber = Absorber(self.log, self.records, ring, team, rules=rules)
        self.records.settling = self.absorber.settling
        self.author = Author(self.log, ring, self.absorber.settling.vectors, chance, rules=rules)

    def close(self) -> None:
        """Nothing is open."""

    def states(self) -> list[RecordState]:
        return list(self.records.states.values())

    def digest(self) -> int:
        return self.records.digest()

    def history(self, record: Dot) -> list[Applied]:
        return self.records.operations_on(record)

    def past(self) -> Records:
        return self.records

    def receive(self, raws: list[bytes]) -> None:
        self.absorber.receive(raws)

    def extend(self, _records: Sequence[bytes], team: TeamView) -> None:
        self.absorber.extend(team)

    def wake(self) -> None:
        self.absorber.wake()

    def write(self, edits: list[Edit], stamp: int, kind: int, of: bytes | None) -> list[bytes]:
        draft = Draft(edits, self.chance(8), stamp, kind, of)
        written = self.author.compose(draft, self.absorber.team)
        self.absorber.write(written)
        return [each.change.raw for each in written]

    @property
    def feed(self) -> bytes | None:
        return self.author.feed

    @feed.setter
    def feed(self, feed: bytes | None) -> None:
        self.author.feed = feed
