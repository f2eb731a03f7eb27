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
from typing import Any

from storage.changes.absorb import Absorber, Outcome, Position
from storage.changes.author import Author
from storage.changes.header import ORDINARY
from storage.changes.log import Lane
from storage.changes.opening import OpenedChange
from storage.changes.team import Team
from storage.crdt import show
from storage.crdt.digest import Digester
from storage.crdt.dots import Dot
from storage.crdt.operations import (
    Operation,
)
from storage.crdt.past import Applied
from storage.crdt.show import Family
from storage.engine import Engine
from storage.errors import MixedTransactionError
from storage.journal.adoption import Adoption
from storage.journal.difference import between
from storage.journal.identity import Identity
from storage.journal.life import Life
from storage.journal.passed import pass_by, passed_by
from storage.journal.past import StorePast
from storage.journal.pointers import pack
from storage.journal.replay import Replay
from storage.journal.sqllog import SqlLog
from storage.journal.states import Kept, States
from storage.journal.tables import TABLES
from storage.journal.trail import Trail
from storage.journal.view import ReadView
from storage.journal.writing import Action, Writing
from storage.row import Row, State


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
        self._writing = Writing(
            *(engine, identity, self.states, self._author, digester, self._life),
            log=self.log,
            past=self.past,
            team=lambda: self.team,
            ready=self._read_if_old,
        )
        self._digest_stored = 0
        self._known = False
        self._chain_known = len(identity.chain)
        self._team_before: tuple[Team, int] | None = None  # while a transaction hears of the team

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
        if self._writing.action is not None:
            yield self._writing.action
            return
        self._writing.action = action or self.new_action()
        try:
            yield self._writing.action
        finally:
            self._writing.action = None

    def new_action(self, kind: int = ORDINARY, of: bytes | None = None) -> Action:
        """An action that several transactions may belong to."""
        return self._writing.new_action(kind, of)

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
        return self._writing.created(collection, doc_id, document, anew=anew)

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
        return self._writing.written(collection, doc_id, old, before, document, added)

    def died(self, collection: str, doc_id: int, old: Row, *, purge: bool) -> State:
        """A record that goes into the trash, or is removed."""
        return self._writing.died(collection, doc_id, old, purge=purge)

    def revived(self, collection: str, doc_id: int, old: Row) -> State:
        """A record that comes back."""
        return self._writing.revived(collection, doc_id, old)

    def seal_so_far(self) -> None:
        """Put what this transaction has written into the log, for whoever reads a record's history now."""
        self._writing.seal_so_far()

    # -- transactions (storage.journaling) -----------------------------------------------------------------------
    def place(self) -> object:
        """Where the transaction stands."""
        return self._writing.place()

    def back_to(self, place: object) -> None:
        """An inner write was taken back."""
        self._team_back()
        self.log.forget()
        self.trail.forget()
        self.states.forget()
        self._writing.back_to(place)

    def finish(self) -> None:
        """The transaction is about to be committed: write its changes."""
        self._writing.finish()
        if self._known and self.states.digest != self._digest_stored:
            self._execute(
                "INSERT OR REPLACE INTO engine VALUES ('digest', ?)",
                (self.states.digest.to_bytes(32),),
            )
            self._digest_stored = self.states.digest

    def committed(self) -> None:
        """It is durable."""
        self._team_before = None
        self._life.committed()

    def forget(self) -> None:
        """What is cached may be old."""
        self._team_back()
        self._known = False
        self._life.forget()
        self._writing.forget()
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
        self._refuse_mixed()
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
        """Keep chain records that were heard, and go on with the chain as it is followed now.

        Raises MixedTransactionError in a transaction that has written records.
        """
        self._refuse_mixed()
        if self._team_before is None:
            self._team_before = self.team, self._chain_known
        self._read_if_old()
        self._keep_chain(records)
        self.past.keep_names()
        self.absorber.extend(team)

    def _refuse_mixed(self) -> None:
        if self._writing.under_way:
            raise MixedTransactionError(MixedTransactionError.__doc__)

    def _team_back(self) -> None:
        """What was heard in a transaction that was taken back was not heard."""
        if self._team_before is not None:
            self.absorber.settling.team, self._chain_known = self._team_before
            self._team_before = None

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
        own, goes_on = self._identity.sealer.device, None
        if self.log.lane(cause.lane).device == own:  # it comes back from others, or is applied anew
            goes_on = self.log.last_of(own, header.action, cause.lane, cause.number)
        self.log.applied(
            seq,
            int(self._engine.clock() * 1000),
            (header.action, header.kind, header.of),
            goes_on,
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
        last, stamp = self._writing.write(kept.state, row, operations, digest)
        self.states.lay(kept, last, stamp)

    def rewriting(self, kept: Kept, field: str, text: str) -> list[Operation]:
        """The operations that make a long text of a record another one."""
        families = self.families(kept.collection)
        before = show.document(kept.state, families)
        after = {**before, field: text}
        return between(before, after, {}, kept.state, families, self._writing.writable_text)

    def replay(self, kept: Kept) -> tuple[Replay, dict[int, bytes]]:
        """The past of a record, to be made again, and the device of each lane."""
        touches = [touch for touch in self.trail.of(kept.last) if touch.accepted]
        families = self.families(kept.collection)
        replay = Replay(kept.collection, kept.state.dot, touches, self.past, families)
        return replay, {row.lane: row.device for row in self.log.lanes()}

    def history(self, record: Dot) -> list[Applied]:
        """The accepted operations on a record, the latest first."""
        return self.states.history(record)
