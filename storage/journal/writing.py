"""What this device writes in one transaction, laid into states at once, and sealed change by change.

Its author has seen everything that is here, so that nothing has to be merged. For the thread that has the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any, Final, NamedTuple

from storage import codec
from storage.changes.author import Author, Draft, Written
from storage.changes.header import ORDINARY
from storage.changes.stream import Place, Stream
from storage.changes.team import Team
from storage.crdt import meta, show
from storage.crdt.digest import Digester
from storage.crdt.dots import POSITION_BITS, Dot
from storage.crdt.edits import Edits
from storage.crdt.life import Claim, Says
from storage.crdt.operations import (
    Alive,
    Create,
    Dead,
    Include,
    Operation,
    Restore,
    Set,
    TextEdit,
)
from storage.crdt.record import absorb
from storage.crdt.state import Mark, RecordState
from storage.crdt.text import MAX_PEER, Text
from storage.crdt.values import normal_fields
from storage.engine import Engine
from storage.journal.difference import between, fresh
from storage.journal.identity import Identity
from storage.journal.life import Life
from storage.journal.past import StorePast
from storage.journal.pointers import pack, pointer
from storage.journal.sqllog import SqlLog
from storage.journal.states import States, may_be_disputed
from storage.row import Row, State

ACTION_BYTES: Final = 8
MOST_FRESH: Final = 1_000


class Action(NamedTuple):
    """What a person does: all changes with one id."""

    id: bytes
    kind: int = ORDINARY
    of: bytes | None = None


class _Place(NamedTuple):
    stream: Place | None
    earlier: dict[int, dict[int, int]]
    digest: int
    unsettled: frozenset[Dot]
    life: bytes | None


class Writing:
    """The changes that one transaction makes. `ready` reads what is kept of the journal if it is old."""

    def __init__(  # noqa: PLR0913  # each is a room that it writes through
        self,
        engine: Engine,
        identity: Identity,
        states: States,
        author: Author,
        digester: Digester,
        life: Life,
        *,
        log: SqlLog,
        past: StorePast,
        team: Callable[[], Team],
        ready: Callable[[], None],
    ) -> None:
        self._engine, self._identity, self._execute = engine, identity, engine.db.writer.execute
        self._states, self._author, self._digester, self._life = states, author, digester, life
        self._log, self._past, self._team, self._ready = log, past, team, ready
        self.action: Action | None = None  # that what is written now belongs to
        self._stream: Stream | None = None
        self._seq = 0  # of the first change of the stream
        self._earlier: dict[int, dict[int, int]] = {}  # by change number, of what is not sealed yet
        self._unsettled: set[Dot] = set()  # records whose order needs the change's hash
        self._fresh: set[bytes] = set()  # actions that nothing was ever written of

    def created(
        self, collection: str, doc_id: int, document: dict[str, Any], *, anew: bool = False
    ) -> State:
        """A new record."""
        text = codec.encode(document)
        if "-0.0" in text or "\\ud" in text:  # perhaps not in normal form
            values = normal_fields(document)
            document.clear()
            document.update(values)
        stream = self._open()
        families = self._identity.families(collection)
        made: list[Operation] = [Create(doc_id)]
        texts: dict[str, Text] = {}
        if families:
            made += fresh(document, families, partial(self._new_text, texts))
        elif document:
            made.append(Set(document))
        dots = stream.add(collection, None, made)
        state = RecordState(collection, dots[0], doc_id)
        if families or dots[0].number != dots[-1].number:
            for operation in made:
                if isinstance(operation, TextEdit):  # the text has its own edit already
                    edits = state.in_full(operation.field).edits = Edits()
                    edits.text = texts[operation.field]
            self._absorb(state, made, dots, stream)
        else:
            state.life = [Claim(dots[0], Says.ALIVE)]
            if document:
                state.values, state.base = document, Mark(dots[1], stream.stamp)
        self._states.digest = self._digester.moved(self._states.digest, None, state)
        last = self._chain(dots, 0)
        self._seal_full()
        self._states.made(collection, doc_id, dots[0])
        if anew:
            self._states.take_over(collection, doc_id, dots[0])
        return State(meta.encode(state, document, doc_id), last, stream.stamp)

    def written(
        self,
        collection: str,
        doc_id: int,
        old: Row,
        before: dict[str, Any],
        document: dict[str, Any],
        added: Mapping[str, Fraction],
    ) -> State | None:
        """Other values of a record."""
        families = self._identity.families(collection)
        state = meta.decode(_state(old).meta, dict(before), collection, doc_id)
        digest = self._digester.of(state)
        texts = self.writable_text
        operations = between(before, document, added, state, families, texts)
        if not operations:
            return None
        made = self._write_in_place(state, doc_id, old, operations, digest)
        shown = show.document(state, families)
        if shown.keys() != document.keys():
            order = [name for name in document if name in shown]
            document.clear()
            document.update(dict.fromkeys(order))
        document.update(shown)
        return State(meta.encode(state, document, doc_id), *made)

    def died(self, collection: str, doc_id: int, old: Row, *, purge: bool) -> State:
        """A record that goes into the trash, or is removed."""
        return self._changed(collection, doc_id, old, [Dead(purge)])

    def revived(self, collection: str, doc_id: int, old: Row) -> State:
        """A record that comes back."""
        return self._changed(collection, doc_id, old, [Alive()])

    def _changed(
        self, collection: str, doc_id: int, old: Row, operations: Sequence[Operation]
    ) -> State:
        state = self._states.state_of(collection, doc_id, old)
        digest = self._digester.of(state)
        made = self._write_in_place(state, doc_id, old, operations, digest)
        document = show.document(state, self._identity.families(collection))
        return State(meta.encode(state, document, doc_id), *made)

    def _write_in_place(
        self,
        state: RecordState,
        doc_id: int,
        old: Row,
        operations: Sequence[Operation],
        digest: int,
    ) -> tuple[int, int]:
        """As `write`, for a record that stays under its id: what it has to decide on is noted anew."""
        disputed = may_be_disputed(state)
        made = self.write(state, old, operations, digest)
        if disputed:
            self._states.note_dispute(state.collection, doc_id, state, was=True)
        return made

    def write(
        self, state: RecordState, old: Row, operations: Sequence[Operation], digest: int
    ) -> tuple[int, int]:
        """Write operations on a record into its state, whose digest was `digest`.

        Gives the pointer at them and their stamp.
        """
        stream = self._open()
        dots = stream.add(state.collection, state.dot, operations)
        self._absorb(state, operations, dots, stream)
        self._states.digest = self._digester.moved(self._states.digest, digest, state)
        last = self._chain(dots, _state(old).last)
        self._seal_full()
        return last, stream.stamp

    def _chain(self, dots: Sequence[Dot], last: int) -> int:
        """Let the parts that these dots are in follow what `last` points at; gives the pointer at the last one."""
        for place in sorted({(dot.number, dot.at >> POSITION_BITS) for dot in dots}):
            if last:
                self._earlier.setdefault(place[0], {})[place[1]] = last
            last = self._pointer_at(*place)
        return last

    def _absorb(
        self,
        state: RecordState,
        operations: Sequence[Operation],
        dots: Sequence[Dot],
        stream: Stream,
    ) -> None:
        for operation, dot in zip(operations, dots, strict=True):
            absorb(state, operation, dot, stream.cause(dot.number), self._past)
            if isinstance(operation, TextEdit):
                self._past.keep_text(state, operation.field)
            if isinstance(operation, Include | Restore) and _tie(state, operation.field, dot):
                self._unsettled.add(state.dot)

    def writable_text(self, record: Dot | None, field: str) -> Text:
        """A text to edit; an empty one for a field that has none yet."""
        text = Text() if record is None else self._past.text(record, field)
        text.write_as(int.from_bytes(self._identity.random(8)) % MAX_PEER)
        return text

    def _new_text(self, made: dict[str, Text], record: Dot | None, field: str) -> Text:
        made[field] = self.writable_text(record, field)
        return made[field]

    def _open(self) -> Stream:
        if self._stream is None:
            self._ready()
            self._life.look()
            action = self.action
            if action is None:
                action = self.new_action()
            stamp = int(self._engine.clock() * 1000)
            draft = Draft((), action.id, stamp, action.kind, action.of)
            self._stream = self._past.stream = Stream(
                self._author, self._team(), draft, self._log.next_lane()
            )
            self._seq = self._log.next_seq()
        return self._stream

    def _pointer_at(self, number: int, part: int) -> int:
        first = 0 if self._stream is None else self._stream.first
        return pointer(self._seq + number - first, part)

    def _seal_full(self) -> None:
        stream = self._stream
        if stream is not None and stream.has_full:
            for written in stream.full():
                self._keep(stream, written)

    @property
    def under_way(self) -> bool:
        """Whether this transaction has written anything."""
        return self._stream is not None

    def seal_so_far(self) -> None:
        """Put what this transaction has written into the log, for whoever reads a record's history now."""
        if self._stream is not None:
            for written in self._stream.so_far():
                self._keep(self._stream, written)

    def _keep(self, stream: Stream, written: Written) -> None:
        """Put a sealed change of this device at the end of its lane."""
        change = written.change
        number = change.clear.number
        row = stream.row
        if row is None:
            clear = change.clear
            row = stream.row = self._log.add_lane(
                clear.feed, self._identity.sealer.device, None, change
            )
            self._remember_feed(clear.feed)
            self._life.begin()
        earlier = self._earlier.pop(number, {})
        action = stream.action
        self._log.keep(
            *(row, change, stream.stamp, int(self._engine.clock() * 1000), action),
            *(self._before(action[0], row.lane, number), pack(earlier)),
        )
        if number == stream.first and stream.advances:
            self._log.note(row.lane, number, stream.stamp, stream.advances)
        row.linked = row.applied = number
        row.tip, row.place = change.hash, change.clear.place

    def _before(self, action: bytes, lane: int, number: int) -> int:
        """The place of the action's change before; 0 if this is its first."""
        if action in self._fresh:
            self._fresh.discard(action)
            return 0
        return self._log.last_of(self._identity.sealer.device, action, lane, number)

    def new_action(self, kind: int = ORDINARY, of: bytes | None = None) -> Action:
        """An action that nothing was written of yet."""
        made = Action(self._identity.random(ACTION_BYTES), kind, of)
        if len(self._fresh) > MOST_FRESH:  # that many were begun and never used
            self._fresh.clear()
        self._fresh.add(made.id)
        return made

    def _remember_feed(self, feed: bytes) -> None:
        self._execute("INSERT OR REPLACE INTO engine VALUES ('feed', ?)", (feed,))

    # -- the life of a transaction -------------------------------------------------------------------------------
    def place(self) -> object:
        """Where the transaction stands."""
        self._ready()
        stream = None if self._stream is None else self._stream.place
        return _Place(
            stream,
            {number: dict(parts) for number, parts in self._earlier.items()},
            self._states.digest,
            frozenset(self._unsettled),
            self._life.begun,
        )

    def back_to(self, place: object) -> None:
        """An inner write was taken back."""
        assert isinstance(place, _Place)  # noqa: S101  # what `place` gave
        self._earlier, self._states.digest = dict(place.earlier), place.digest
        self._unsettled = set(place.unsettled)
        self._life.back_to(place.life)
        if place.stream is None:
            self._stream = self._past.stream = None
        elif self._stream is not None:
            self._stream.back_to(place.stream)
            # A lane that began in what was taken back is not there any more, and will be begun again.
            there = (row for row in self._log.lanes() if row.lane == self._stream.lane)
            self._stream.row = next(there, None)

    def finish(self) -> None:
        """The transaction is about to be committed: write its changes."""
        stream = self._stream
        if stream is not None:
            for written in stream.end():
                self._keep(stream, written)
            if stream.row is not None:
                self._author.vectors.remember(stream.row, stream.vector)
            self._stream = self._past.stream = None
            if self._unsettled:
                self._states.recompute(self._unsettled)
                self._unsettled.clear()
            self._states.settle_ids()

    def forget(self) -> None:
        """The transaction was taken back, or another process wrote."""
        self._stream = self._past.stream = None
        self._earlier.clear()
        self._unsettled.clear()


def _state(row: Row) -> State:
    if row.state is None:
        raise TypeError("a row of a store that makes changes has a state")
    return row.state


def _tie(state: RecordState, field: str, dot: Dot) -> bool:
    """Whether what was just written stands beside another change's work of the same stamp: hashes order them then."""
    found = state.fields.get(field)
    if found is None:
        return False
    beside = [(one.dot, one.stamp) for one in found.scalar.entries]
    beside += [(one.dot, one.stamp) for one in found.elements]
    stamp = next((at for one, at in beside if one == dot), None)
    return any(at == stamp and one[:2] != dot[:2] for one, at in beside)
