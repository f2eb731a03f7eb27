"""The product's own store as a replica: in memory, with an identity; people write through TinyDB's face."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from tinydb import operations
from tinydb.table import Document

from storage import Store
from storage.changes.absorb import Absorber
from storage.changes.team import Folded
from storage.crdt import show
from storage.crdt.dots import Dot
from storage.crdt.operations import Operation
from storage.crdt.past import Applied
from storage.crdt.show import Family
from storage.crdt.state import RecordState
from storage.journal.identity import Identity
from storage.journal.past import StorePast
from storage.journal.sqllog import SqlLog
from storage.rows import Rows
from sync.keys import Keyring
from sync.membership import TeamView
from tests.support import sim_acts
from tests.support.sim_chain import Hearing
from tests.support.teams import Chance

COLLECTION = "people"
FAMILIES: Mapping[str, Family] = {"tags": "set", "body": "text", "count": "number"}


class StoreBody:
    """One store, and what the simulation asks of it."""

    def __init__(
        self,
        ring: Keyring,
        chance: Chance,
        now_ms: Callable[[], int],
        families: Mapping[str, Family],
        hearing: Hearing,
        fold: Callable[[Sequence[bytes]], Folded],
    ) -> None:
        self.ring, self.families = ring, families
        identity = Identity(
            sealer=ring,
            team=hearing.view,
            random=chance,
            families=lambda _collection: families,
            chain=hearing.records,
            fold=fold,
        )
        self.store = Store(identity=identity, clock=lambda: now_ms() / 1000)
        self.journal = self.store.journal
        self.log: SqlLog = self.journal.log
        self.absorber: Absorber = self.journal.absorber
        self._seq = 0

    def kept(self) -> Iterator[tuple[str, int, RecordState, bool]]:
        """Every record: collection, id, state and whether it has a row."""
        engine = self.store._engine
        execute = engine.db.writer.execute
        for name in engine.names():
            rows = Rows(engine, name)
            cid = rows.held().cid
            for (doc_id,) in execute(f"SELECT id FROM r_{cid}").fetchall():
                row = rows.get(doc_id)
                assert row is not None
                yield name, doc_id, self.journal.states.state_of(name, doc_id, row), True
            sql = "SELECT DISTINCT id FROM trash WHERE cid = ?"
            for (doc_id,) in execute(sql, (cid,)).fetchall():
                for _, row in rows.in_trash(doc_id, purged=True):
                    yield name, doc_id, self.journal.states.state_of(name, doc_id, row), False

    def close(self) -> None:
        self.store.close()

    def states(self) -> list[RecordState]:
        return [state for _, _, state, _ in self.kept()]

    def digest(self) -> int:
        return self.journal.digest

    def digest_anew(self) -> int:
        """The digest as it is by the states that are kept."""
        return sum(map(self.journal._digester.of, self.states())) % (1 << 256)

    def history(self, record: Dot) -> list[Applied]:
        return self.journal.history(record)

    def past(self) -> StorePast:
        return self.journal.past

    def receive(self, raws: list[bytes]) -> None:
        with self.journal.writing():
            self.journal.receive(raws)

    def extend(self, records: Sequence[bytes], team: TeamView) -> None:
        with self.journal.writing():
            self.journal.extend(records, team)

    def wake(self) -> None:
        with self.journal.writing():
            self.absorber.wake()

    def news(self) -> list[bytes]:
        """The changes that came into the log since this was asked last."""
        sql = "SELECT seq, body FROM change WHERE seq > ? ORDER BY seq"
        found = self.store._engine.db.writer.execute(sql, (self._seq,)).fetchall()
        if found:
            self._seq = found[-1][0]
        return [body for _, body in found]

    @property
    def feed(self) -> bytes | None:
        return self.journal._author.feed

    @feed.setter
    def feed(self, feed: bytes | None) -> None:
        with self.journal.writing():
            self.journal._author.feed = feed
            if feed is not None:
                sql = "INSERT OR REPLACE INTO engine VALUES ('feed', ?)"
                self.store._engine.db.writer.execute(sql, (feed,))
                self.journal._life.begin()  # the mark says nothing against it

    # -- what people do ----------------------------------------------------------------------------

    def act(self, dice: random.Random, makers: Sequence[str]) -> str:
        """One thing that a person, or a program, does; says what."""
        names = [name for name, _ in _ACTS]
        what = dice.choices(names, [weight for _, weight in _ACTS])[0]
        getattr(self, f"_{what}")(dice, makers)
        return what

    def _some(self, dice: random.Random, many: int = 1) -> list[int]:
        ids = [document.doc_id for document in self.store.table(COLLECTION).all()]
        return dice.sample(ids, min(many, len(ids)))

    def _values(self, dice: random.Random) -> dict[str, Any]:
        values: dict[str, Any] = {"title": dice.choice(sim_acts.VALUES)}
        if dice.random() < 0.5:
            values["count"] = dice.choice((0, 3, 2.5))
        if dice.random() < 0.3:
            values["tags"] = dice.sample(sim_acts.TAGS, dice.choice((0, 1, 2)))
        if dice.random() < 0.2:
            values["body"] = dice.choice(("one two", "one two three", "grün"))
        return values

    def _insert(self, dice: random.Random, _makers: Sequence[str]) -> None:
        table = self.store.table(COLLECTION)
        document: Any = self._values(dice)
        wish = dice.choice(sim_acts.CLASHING)
        if dice.random() < 0.4 and not table.contains(doc_id=wish):
            document = Document(document, wish)
        table.insert(document)

    def _update(self, dice: random.Random, _makers: Sequence[str]) -> None:
        self.store.table(COLLECTION).update(self._values(dice), doc_ids=self._some(dice, 2))

    def _delete(self, dice: random.Random, _makers: Sequence[str]) -> None:
        for doc_id in self._some(dice):
            document = self.store.table(COLLECTION).get(doc_id=doc_id)
            if document:
                name = dice.choice(sorted(document))
                self.store.table(COLLECTION).update(operations.delete(name), doc_ids=[doc_id])

    def _increment(self, dice: random.Random, _makers: Sequence[str]) -> None:
        table = self.store.table(COLLECTION)
        for doc_id in self._some(dice):
            document = table.get(doc_id=doc_id)
            if type(document.get("count")) in (int, float):
                amount = dice.choice((1, -1, 0.1, 5))
                table.update(operations.add("count", amount), doc_ids=[doc_id])

    def _remove(self, dice: random.Random, _makers: Sequence[str]) -> None:
        self.store.table(COLLECTION).remove(doc_ids=self._some(dice))

    def _trash(self, dice: random.Random, _makers: Sequence[str]) -> None:
        self.store.table(COLLECTION).trash(self._some(dice))

    def _restore(self, dice: random.Random, _makers: Sequence[str]) -> None:
        table = self.store.table(COLLECTION)
        lying = [
            document.doc_id
            for document in table.trashed()
            if not table.contains(doc_id=document.doc_id)
        ]
        table.restore(dice.sample(lying, min(1, len(lying))))

    def _purge(self, dice: random.Random, _makers: Sequence[str]) -> None:
        self.store.past.purge(COLLECTION, self._some(dice))

    def _undo(self, _dice: random.Random, _makers: Sequence[str]) -> None:
        self.store.past.undo()

    def _redo(self, _dice: random.Random, _makers: Sequence[str]) -> None:
        self.store.past.redo()

    def _settle(self, dice: random.Random, _makers: Sequence[str]) -> None:
        waiting = self.store.past.undecided()
        if waiting:
            one = dice.choice(waiting)
            value = dice.choice(one.siblings).value if one.siblings else None
            self.store.past.settle(one.collection, one.doc_id, one.field, value)

    def _several(self, dice: random.Random, makers: Sequence[str]) -> None:
        """A transaction, an inner one of which may be taken back."""
        with self.store.transaction():
            self._update(dice, makers)
            with suppress(_TakenBackError), self.store.transaction():
                self._insert(dice, makers)
                if dice.random() < 0.3:
                    raise _TakenBackError
            self._increment(dice, makers)

    def _nothing(self, dice: random.Random, makers: Sequence[str]) -> None:
        """A transaction that is taken back."""
        with suppress(_TakenBackError), self.store.transaction():
            self._insert(dice, makers)
            self._update(dice, makers)
            raise _TakenBackError

    def _merge(self, dice: random.Random, makers: Sequence[str]) -> None:
        """An operation of any family, as the app's editors write it."""
        with self.journal.writing():
            for doc_id in self._some(dice):
                kept = self.journal.states.under(COLLECTION, doc_id)
                assert kept is not None
                made: list[Operation] = sim_acts.MAKERS[dice.choice(makers)](
                    dice, kept.state, self.journal.past.text
                )
                if made:
                    self.journal.change(kept, made)

    # -- checks ------------------------------------------------------------------------------------

    def faults(self) -> Iterator[str]:
        """What does not fit together in the store."""
        if self.digest() != self.digest_anew():
            yield "the digest is not that of its records"
        table = self.store.table(COLLECTION)
        shown = {document.doc_id: dict(document) for document in table.all()}
        for name, doc_id, state, has_row in self.kept():
            if has_row != show.alive(state):
                yield f"{doc_id} of {name} lives and has no row, or the other way round"
            if has_row and sim_acts.spelled(shown.get(doc_id)) != sim_acts.spelled(
                show.document(state, self.families)
            ):
                yield f"{doc_id} of {name} shows {shown.get(doc_id)}, its state {state}"
        if len(table) != len(shown):
            yield f"{len(table)} records are counted, {len(shown)} are there"
        report = self.store.verify()
        if not report.ok:
            yield f"verify: {[str(problem) for problem in report.problems[:3]]}"


class _TakenBackError(Exception):
    pass


_ACTS: Sequence[tuple[str, int]] = (
    *(("insert", 3), ("update", 6), ("delete", 1), ("increment", 3), ("remove", 1), ("trash", 2)),
    *(("restore", 2), ("purge", 1), ("undo", 3), ("redo", 2), ("settle", 1), ("several", 2)),
    *(("nothing", 1), ("merge", 5)),
)
