"""Makes every write of a store a change, and takes the changes of other devices in.

One for each open store with an identity; it implements `storage.journaling.Journal`. What a device writes itself is
laid into the row at once: its author has seen everything that is here, so that nothing has to be merged. What others
wrote goes through `storage.changes.absorb`.

1. Changes, rows, states and digest are committed together or not at all.
2. The feed's numbers are taken inside the write transaction; what is cached is dropped when another process wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from typing import Any, Final, NamedTuple

from storage import codec
from storage.changes.absorb import Absorber, Outcome, Position
from storage.changes.author import Author, Draft, Written
from storage.changes.header import ORDINARY
from storage.changes.log import Lane
from storage.changes.opening import OpenedChange
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
from storage.crdt.past import Applied
from storage.crdt.record import absorb
from storage.crdt.show import Family
from storage.crdt.state import Mark, RecordState
from storage.crdt.text import MAX_PEER, Text
from storage.crdt.values import normal_fields
from storage.engine import Engine
from storage.journal.adoption import Adoption
from storage.journal.difference import between, fresh
from storage.journal.identity import Identity
from storage.journal.life import Life
from storage.journal.passed import pass_by, passed_by
from storage.journal.past import StorePast
from storage.journal.pointers import pack, pointer
from storage.journal.replay import Replay
from storage.journal.sqllog import SqlLog
from storage.journal.states import Kept, States, may_be_disputed
from storage.journal.tables import TABLES
from storage.journal.trail import Trail
from storage.journal.view import ReadView
from storage.row import Row, State

ACTION_BYTES: Final = 8


class Action(NamedTuple):
    """What a person does: all changes with one id."""

    id: bytes
    kind: int = ORDINARY
    of: bytes | None = None


class _Place(NamedTuple):
    stream: Place | None
    earlier: dict[int, dict[int, int]]
    digest: int
    unsettled: frozenset[tuple[str, Dot]]


class Journal:
    """The changes of one store. For the thread that has the transaction, but where it says otherwise."""

    def __init__(self, engine: Engine, identity: Identity) -> None:
        self._engine, self._identity = engine, identity
        self._execute = engine.db.writer.execute
        self.log = SqlLog(engine.db.writer)
        self.absorber = Absorber(self.log, self, identity.sealer, identity.team)
        settling = self.absorber.settling
        self.trail = Trail(engine.db.writer, self.log, settling)
        self.past = StorePast(self.log, settling.vectors)
        digester = Digester(identity.sealer.digest_key(), self.past.name_of)
        self.states = States(engine, self.past, self.trail, digester, identity.families)
        self.past.history = self.states.history
        self._digester = digester
        self._author = Author(self.log, identity.sealer, settling.vectors, identity.random)
        self._life = Life(engine.books, self.log, self._author, identity.random)
        self._stream: Stream | None = None
        self._seq = 0  # of the first change of the stream
        self._earlier: dict[int, dict[int, int]] = {}  # by change number, of what is not sealed yet
        self._unsettled: set[tuple[str, Dot]] = set()  # records whose order needs the change's hash
        self._action: Action | None = None
        self._latest: dict[bytes, int] = {}  # of each action that may go on, its last change
        self._digest_stored = 0
        self._known = False
        self._chain_known = len(identity.chain)

    def prepare(self) -> None:
        """Make the tables of changes, if they are not there; records that are there already become changes now."""
        self._engine.journal = self
        if self._engine.db.read_only or self._engine.books.makes_changes:
            return
        with self._engine.writing():
            if self._engine.books.adopted:  # another process was quicker
                return
            for statement in TABLES:
                self._execute(statement)
            self._execute("INSERT INTO engine VALUES ('changes', 1)")
            self._keep_chain(self._identity.chain)
            Adoption(self._engine, self).run()

    # -- what callers ask ----------------------------------------------------------------------------------------
    @property
    def team(self) -> Team:
        """The chain as this store knows it."""
        return self.absorber.team

    @property
    def digest(self) -> int:
        """The workspace's digest as of the last commit or this transaction."""
        self._read_if_old()
        return self.states.digest

    def families(self, collection: str) -> Mapping[str, Family]:
        """How the schema wants the fields of a collection to be merged."""
        return self._identity.families(collection)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction of the store, or part of the one that is under way."""
        with self._engine.writing():
            self._read_if_old()
            self.seal_so_far()
            yield

    @contextmanager
    def reading(self) -> Iterator[ReadView]:
        """The changes as of the last commit, or as this thread's transaction sees them; others may write meanwhile."""
        database = self._engine.db
        if database.holds_transaction():
            self.seal_so_far()
        with database.reading(long=True) as connection, database.snapshot(connection):
            yield ReadView(connection, self._identity, self.team)

    def own_lanes(self) -> Sequence[Lane]:
        """The lanes of this device's feeds."""
        self._read_if_old()
        return self.log.lanes_of(self._identity.sealer.device)

    def positions(self) -> dict[bytes, Position]:
        """Of each feed the last change that is here, accepted or not."""
        return self.absorber.positions()

    @contextmanager
    def acting(self, action: Action | None = None) -> Iterator[Action]:
        """Let what is written now belong to one action; inside another one it belongs to that."""
        if self._action is not None:
            yield self._action
            return
        self._action = action or Action(self._identity.random(ACTION_BYTES))
        try:
            yield self._action
        finally:
            self._action = None

    def new_action(self, kind: int = ORDINARY, of: bytes | None = None) -> Action:
        """An action that several transactions may belong to."""
        return Action(self._identity.random(ACTION_BYTES), kind, of)

    def passed(self) -> frozenset[bytes]:
        """The actions of this device that undo passes by, for nothing was left of them to take back."""
        return passed_by(self._execute)

    def pass_by(self, action: bytes) -> None:
        """Let undo go on to the action before this one."""
        pass_by(self._execute, action)

    # -- writes (storage.journaling) -----------------------------------------------------------------------------
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
        self.states.digest = self._digester.moved(self.states.digest, None, state)
        last = self._chain(dots, 0)
        self._seal_full()
        self.states.made(collection, doc_id, dots[0])
        if anew:
            self.states.take_over(collection, doc_id, dots[0])
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
        texts = self._writable_text
        operations = between(before, document, added, state, families, texts)
        if not operations:
            return None
        disputed = may_be_disputed(state)
        made = self._write(state, old, operations, digest)
        if disputed:
            self.states.note_dispute(collection, doc_id, state, was=True)
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
        state = self.states.state_of(collection, doc_id, old)
        disputed = may_be_disputed(state)
        made = self._write(state, old, operations, self._digester.of(state))
        if disputed:
            self.states.note_dispute(collection, doc_id, state, was=True)
        document = show.document(state, self._identity.families(collection))
        return State(meta.encode(state, document, doc_id), *made)

    def _write(
        self, state: RecordState, old: Row, operations: Sequence[Operation], digest: int
    ) -> tuple[int, int]:
        """Write operations on a record into its state, whose digest was `digest`.

        Gives the pointer at them and their stamp.
        """
        stream = self._open()
        dots = stream.add(state.collection, state.dot, operations)
        self._absorb(state, operations, dots, stream)
        self.states.digest = self._digester.moved(self.states.digest, digest, state)
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
            absorb(state, operation, dot, stream.cause(dot.number), self.past)
            if isinstance(operation, TextEdit):
                self.past.keep_text(state, operation.field)
            if isinstance(operation, Include | Restore) and _tie(state, operation.field, dot):
                self._unsettled.add((state.collection, state.dot))

    def _writable_text(self, record: Dot | None, field: str) -> Text:
        """A text to edit; an empty one for a field that has none yet."""
        text = Text() if record is None else self.past.text(record, field)
        text.write_as(int.from_bytes(self._identity.random(8)) % MAX_PEER)
        return text

    def _new_text(self, made: dict[str, Text], record: Dot | None, field: str) -> Text:
        made[field] = self._writable_text(record, field)
        return made[field]

    def _open(self) -> Stream:
        if self._stream is None:
            self._read_if_old()
            self._life.look()
            action = self._action or Action(self._identity.random(ACTION_BYTES))
            stamp = int(self._engine.clock() * 1000)
            draft = Draft((), action.id, stamp, action.kind, action.of)
            self._stream = self.past.stream = Stream(
                self._author, self.team, draft, self.log.next_lane()
            )
            self._seq = self.log.next_seq()
        return self._stream

    def _pointer_at(self, number: int, part: int) -> int:
        first = 0 if self._stream is None else self._stream.first
        return pointer(self._seq + number - first, part)

    def _seal_full(self) -> None:
        stream = self._stream
        if stream is not None and stream.has_full:
            for written in stream.full():
                self._keep(stream, written)

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
            row = stream.row = self.log.add_lane(
                clear.feed, self._identity.sealer.device, None, change
            )
            self._remember_feed(clear.feed)
            self._life.begin()
        earlier = self._earlier.pop(number, {})
        action = stream.action
        self.log.keep(
            *(row, change, stream.stamp, int(self._engine.clock() * 1000), action),
            *(self._latest.get(action[0], 0), pack(earlier)),
        )
        self._latest[action[0]] = self._seq + number - stream.first
        if number == stream.first and stream.advances:
            self.log.note(row.lane, number, stream.stamp, stream.advances)
        row.linked = row.applied = number
        row.tip, row.place = change.hash, change.clear.place

    def _remember_feed(self, feed: bytes) -> None:
        self._execute("INSERT OR REPLACE INTO engine VALUES ('feed', ?)", (feed,))

    # -- transactions (storage.journaling) -----------------------------------------------------------------------
    def place(self) -> object:
        """Where the transaction stands."""
        self._read_if_old()
        stream = None if self._stream is None else self._stream.place
        return _Place(
            stream,
            {number: dict(parts) for number, parts in self._earlier.items()},
            self.states.digest,
            frozenset(self._unsettled),
        )

    def back_to(self, place: object) -> None:
        """An inner write was taken back."""
        assert isinstance(place, _Place)  # noqa: S101  # what `place` gave
        self.log.forget()
        self.trail.forget()
        self.states.forget()
        self._earlier, self.states.digest = dict(place.earlier), place.digest
        self._unsettled = set(place.unsettled)
        if place.stream is None:
            self._stream = self.past.stream = None
        elif self._stream is not None:
            self._stream.back_to(place.stream)
            # A lane that began in what was taken back is not there any more, and will be begun again.
            there = (row for row in self.log.lanes() if row.lane == self._stream.lane)
            self._stream.row = next(there, None)

    def finish(self) -> None:
        """The transaction is about to be committed: write its changes."""
        stream = self._stream
        if stream is not None:
            for written in stream.end():
                self._keep(stream, written)
            if stream.row is not None:
                self.absorber.settling.vectors.remember(stream.row, stream.vector)
            self._stream = self.past.stream = None
            if self._unsettled:
                self.states.recompute({record for _, record in self._unsettled})
                self._unsettled.clear()
            self.states.settle_ids()
        if self._known and self.states.digest != self._digest_stored:
            self._execute(
                "INSERT OR REPLACE INTO engine VALUES ('digest', ?)",
                (self.states.digest.to_bytes(32),),
            )
            self._digest_stored = self.states.digest

    def committed(self) -> None:
        """It is durable."""
        self._life.committed()

    def forget(self) -> None:
        """What is cached may be old."""
        self._known = False
        self._life.forget()
        self._stream = self.past.stream = None
        self._earlier.clear()
        self._unsettled.clear()
        self._latest.clear()
        self.log.forget()
        self.trail.forget()
        self.states.forget()
        self.absorber.settling.vectors.forget()

    def _read_if_old(self) -> None:
        if self._known:
            return
        sql = "SELECT k, v FROM engine WHERE k IN ('feed', 'digest')"
        rows = dict(self._execute(sql).fetchall())
        self._author.feed = rows.get("feed")
        self.states.digest = self._digest_stored = int.from_bytes(rows.get("digest", b""))
        self._known = True
        self._follow_chain()

    def _follow_chain(self) -> None:
        """Another process may have heard more of the team; what that means for changes is settled already."""
        sql = "SELECT record FROM chain WHERE seq > ? ORDER BY seq"
        added = [row[0] for row in self._execute(sql, (self._chain_known,)).fetchall()]
        if added and self._identity.follow is not None:
            self.absorber.settling.team = self._identity.follow(added)
            self._chain_known += len(added)

    # -- other devices' changes ----------------------------------------------------------------------------------
    def receive(self, changes: Iterable[bytes]) -> list[Outcome]:
        """Take in changes of other devices, in any order; one outcome for each.

        If changes of this device's own feed are among them that were not here, the feed is left (rule 53).
        """
        self._read_if_old()
        self.past.keep_names()
        with self._life.compared():
            return self.absorber.receive(changes)

    def distrust_feed(self, reason: str) -> None:
        """Let the next transaction begin a new feed: the file was put back from elsewhere, or a peer knows better.

        Nothing that was written is touched. `reason` is for the log. In a transaction of its own, or part of one.
        """
        with self.writing():
            self._life.end(reason)

    def compare_own(self, known: Mapping[bytes, Position]) -> bool:
        """Hear what a peer has of each feed and branch (rule 53); false if the feed written to here is left for it.

        It is left if the peer has more of it than there is here, or another change under the same number.
        """
        with self.writing():
            return self._life.compare(known)

    def extend(self, records: Sequence[bytes], team: Team) -> None:
        """Keep chain records that were heard, and go on with the chain as it is followed now."""
        self._read_if_old()
        self._keep_chain(records)
        self.past.keep_names()
        self.absorber.extend(team)

    def _keep_chain(self, records: Sequence[bytes]) -> None:
        for record in records:
            self._execute("INSERT INTO chain(record) VALUES (?)", (record,))
        self._chain_known = int(self._execute("SELECT count(*) FROM chain").fetchone()[0])

    def apply(self, change: OpenedChange) -> None:
        """An accepted change (`storage.changes.settle.Records`)."""
        cause = change.cause
        self.past.keep_names(self.log.lane(cause.lane).feed)
        seq = self.log.seq(cause.lane, cause.number)
        earlier = self.states.apply(change, seq)
        header = change.header
        self.log.applied(
            seq,
            int(self._engine.clock() * 1000),
            (header.action, header.kind, header.of),
            pack(earlier),
        )

    def recompute(self, records: set[Dot]) -> None:
        """Records whose accepted changes are others now."""
        self.states.recompute(records)

    def clear(self) -> None:
        """All changes will be applied again."""
        self.states.clear()

    def change(self, kept: Kept, operations: Sequence[Operation]) -> None:
        """Write operations on a record that is kept, and lay it where it then belongs."""
        row = kept.row
        if row is None:
            raise KeyError(kept.doc_id)
        digest = self._digester.of(kept.state)
        last, stamp = self._write(kept.state, row, operations, digest)
        self.states.lay(kept, last, stamp)

    def rewriting(self, kept: Kept, field: str, text: str) -> list[Operation]:
        """The operations that make a long text of a record another one."""
        families = self.families(kept.collection)
        before = show.document(kept.state, families)
        after = {**before, field: text}
        return between(before, after, {}, kept.state, families, self._writable_text)

    def replay(self, kept: Kept) -> tuple[Replay, dict[int, bytes]]:
        """The past of a record, to be made again, and the device of each lane."""
        touches = [touch for touch in self.trail.of(kept.last) if touch.accepted]
        families = self.families(kept.collection)
        replay = Replay(kept.collection, kept.state.dot, touches, self.past, families)
        return replay, {row.lane: row.device for row in self.log.lanes()}

    def history(self, record: Dot) -> list[Applied]:
        """The accepted operations on a record, the latest first."""
        return self.states.history(record)


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
