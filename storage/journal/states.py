"""Records as the merge core makes them, laid into rows and trash: what accepted changes say, here and elsewhere.

1. A record that is alive has a row, one that is not lies in the trash, one whose creation does not count has neither.
2. Row, state, search index, indexed values, counters and digest change together, in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from storage import codec
from storage.changes.log import NOWHERE
from storage.changes.opening import OpenedChange, RecordPart
from storage.crdt import meta, show
from storage.crdt.digest import Digester
from storage.crdt.dots import POSITION_BITS, Cause, Dot
from storage.crdt.operations import Create, TextEdit
from storage.crdt.past import Applied
from storage.crdt.record import absorb, evaluate
from storage.crdt.state import RecordState
from storage.engine import Engine
from storage.errors import DamagedTextError
from storage.journal.identity import Families
from storage.journal.past import StorePast
from storage.journal.pointers import pointer
from storage.journal.trail import Trail
from storage.journal.wishes import Wishes
from storage.row import Row, Stamp, State
from storage.rows import Chunk, Rows, differing

MOST_KNOWN: Final = 10_000


@dataclass(slots=True)
class Kept:
    """A record as it is kept: its row, or where it lies in the trash; neither for one that is new."""

    collection: str
    doc_id: int
    state: RecordState
    row: Row | None = None
    trash: int | None = None
    document: dict[str, Any] = field(
        default_factory=dict
    )  # of its row; the state shares its values

    @property
    def last(self) -> int:
        """The pointer at what touched it last."""
        return 0 if self.row is None or self.row.state is None else self.row.state.last


class States:
    """The states of a store's records. For the thread that has the transaction."""

    def __init__(
        self,
        engine: Engine,
        past: StorePast,
        trail: Trail,
        digester: Digester,
        families: Families,
    ) -> None:
        self._engine, self._past, self._trail = engine, past, trail
        self._digester, self._families = digester, families
        self.wishes = Wishes(engine.db.writer, past)
        self._known: dict[Dot, tuple[str, int]] = {}
        self._derived_early: set[tuple[str, Dot]] = set()  # ids of records whose change had no hash
        self.digest = 0

    def forget(self) -> None:
        """Drop what is cached."""
        self._known.clear()
        self.wishes.forget()
        self._past.forget()

    # -- finding -------------------------------------------------------------------------------------------------
    def find(self, record: Dot, collection: str) -> Kept | None:
        """A record by its identity; None if it is not kept, since its creation does not count."""
        doc_id = self._id_of(record)
        if doc_id is None:
            return None
        rows = Rows(self._engine, collection)
        row = rows.get(doc_id)
        if row is not None:
            found = self._kept(collection, doc_id, row, None)
            if found.state.dot == record:
                return found
        for place, lying in rows.in_trash(doc_id, purged=True):
            found = self._kept(collection, doc_id, lying, place)
            if found.state.dot == record:
                return found
        return None

    def under(self, collection: str, doc_id: int) -> Kept | None:
        """The record with an id, alive or in the trash; None if there is none."""
        rows = Rows(self._engine, collection)
        row = rows.get(doc_id)
        if row is not None:
            return self._kept(collection, doc_id, row, None)
        for place, lying in rows.in_trash(doc_id, purged=True):
            return self._kept(collection, doc_id, lying, place)
        return None

    def disputed(self) -> list[tuple[str, int]]:
        """The records in which something waits for a decision: collection and id."""
        sql = "SELECT name, id FROM disputed JOIN collection USING(cid) ORDER BY cid, id"
        return [(name, doc_id) for name, doc_id in self._engine.db.writer.execute(sql).fetchall()]

    def note_dispute(self, collection: str, doc_id: int, state: RecordState, *, was: bool) -> None:
        """Keep whether something in a record waits for a decision; `was`: perhaps something did."""
        now = may_be_disputed(state) and is_disputed(state)
        if now or was:
            cid = Rows(self._engine, collection).cid()
            sql = "INSERT OR IGNORE INTO disputed VALUES (?, ?)"
            if not now:
                sql = "DELETE FROM disputed WHERE cid = ? AND id = ?"
            self._engine.db.writer.execute(sql, (cid, doc_id))

    def state_of(self, collection: str, doc_id: int, row: Row) -> RecordState:
        """The state beside a row."""
        return _decoded(collection, doc_id, row, codec.decode(row.text))

    def made(self, collection: str, doc_id: int, record: Dot) -> None:
        """A record was created here under this id."""
        self._remember(record, (collection, doc_id))

    def _remember(self, record: Dot, created: tuple[str, int]) -> None:
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        self._known[record] = created

    def clear(self) -> None:
        """Forget all records: all changes will be applied again."""
        execute = self._engine.db.writer.execute
        for name in self._engine.names():
            Rows(self._engine, name).clear()
        execute("DELETE FROM trash")
        execute("DELETE FROM claimant")
        execute("DELETE FROM disputed")
        self.digest = 0
        self.forget()

    def history(self, record: Dot) -> list[Applied]:
        """The accepted operations on a record, the latest first."""
        known = self._known.get(record)
        if known is None:
            known = self._created(record)
        found = None if known is None else self.find(record, known[0])
        return [] if found is None else self._trail.applied(found.last)

    def _kept(self, collection: str, doc_id: int, row: Row, trash: int | None) -> Kept:
        document = codec.decode(row.text)
        state = _decoded(collection, doc_id, row, dict(document))
        return Kept(collection, doc_id, state, row, trash, document)

    def _id_of(self, record: Dot) -> int | None:
        shared = self.wishes.id_of(record)
        if shared is not None:
            return shared
        known = self._known.get(record) or self._created(record)
        return None if known is None else known[1]

    def _created(self, record: Dot) -> tuple[str, int] | None:
        """The collection of a record, and the id it would like, from the change that created it."""
        created = self._trail.creation(record)
        if created is not None:
            self._remember(record, created)
        return created

    # -- what changes say ----------------------------------------------------------------------------------------
    def apply(self, change: OpenedChange, seq: int) -> dict[int, int]:
        """Take an accepted change; gives for each of its parts the pointer at what touched the record before."""
        with self._trail.applying(seq) as earlier:
            for part in change.parts:
                number = part.operations[-1][0].at >> POSITION_BITS
                last = self._apply_part(part, change.cause, pointer(seq, number))
                if last:
                    earlier[number] = last
        return earlier

    def _apply_part(self, part: RecordPart, cause: Cause, now: int) -> int:
        if part.record.lane == NOWHERE:
            return 0
        first = part.operations[0]
        if type(first[1]) is Create and first[0] == part.record:
            kept = Kept(part.collection, first[1].id, RecordState(part.collection, part.record))
            self._remember(part.record, (part.collection, first[1].id))
        else:
            found = self.find(part.record, part.collection)
            if found is None:
                return 0
            kept = found
        before = self._digest_of(kept)
        for dot, operation in part.operations:
            absorb(kept.state, operation, dot, cause, self._past)
            if isinstance(operation, TextEdit):
                self._past.keep_text(kept.state, operation.field)
        last = kept.last
        if kept.row is None:
            self._settle_wish(kept, cause)
        self.digest = self._digester.moved(self.digest, before, kept.state)
        self.lay(kept, now, cause.stamp)
        return last

    def recompute(self, records: Iterable[Dot]) -> None:
        """Compute records anew from their accepted changes, and under the names that these have now."""
        self._past.forget_texts()
        before: dict[Dot, int] = {}
        for record in records:
            kept = self._find(record)
            if kept is not None:
                before[record] = self._digest_of(kept)
        self._past.renew_names()
        for record, digest in before.items():
            found = self._find(record)  # anew: another one may have left it its id
            if found is not None:
                self._recompute(found, digest)

    def _find(self, record: Dot) -> Kept | None:
        created = self._known.get(record) or self._created(record)
        return None if created is None else self.find(record, created[0])

    def _recompute(self, found: Kept, before: int) -> None:
        touches = [touch for touch in self._trail.of(found.last) if touch.accepted]
        done = [one for touch in touches for one in touch.operations]
        state = evaluate(found.collection, found.state.dot, done, self._past)
        if state is None or state.id is None:
            self._drop(found, before)
            return
        found.state = state
        self.digest = self._digester.moved(self.digest, before, state)
        self.lay(found, found.last, max(touch.stamp for touch in touches))

    def _drop(self, found: Kept, before: int) -> None:
        """A record whose creation does not count."""
        self._take_away(found)
        self.digest = self._digester.moved(self.digest, before, None)
        wish = found.state.id
        if wish is not None and self.wishes.id_of(found.state.dot) is not None:
            cid = Rows(self._engine, found.collection).cid()
            others = [one.record for one in self.wishes.claimants(cid, wish)]
            left = [
                self._must_find(one, found.collection) for one in others if one != found.state.dot
            ]
            if left:
                self._share_out(wish, left, None)
            else:
                self.wishes.settle(cid, wish, ())

    # -- rows ----------------------------------------------------------------------------------------------------
    def _digest_of(self, kept: Kept) -> int:
        return 0 if kept.row is None else self._digester.of(kept.state)

    def lay(self, kept: Kept, last: int, stamp: int) -> None:
        """Put a record where it belongs, as its state is now."""
        state, rows = kept.state, Rows(self._engine, kept.collection)
        old = kept.row
        document = show.document(state, self._families(kept.collection))
        was = kept.document
        if was:  # fields stay where people saw them
            document = {name: document[name] for name in was if name in document} | document
        beside = State(meta.encode(state, document, kept.doc_id), last, stamp)
        self.note_dispute(kept.collection, kept.doc_id, state, was=True)
        if show.alive(state):
            if old is not None and kept.trash is None:
                news = differing(was, document)
                rows.put_again(kept.doc_id, old, was, document, news, beside)
                return
            if old is None:
                chunk = Chunk(rows.held().indexed)
                rows.take(chunk, kept.doc_id, document, beside)
                rows.put(chunk)
                self._note_id(kept)
            else:
                rows.come_back(kept.doc_id, old, document, beside)
        else:
            made = old.stamp.created_ms if old is not None else stamp
            position = None if old is None else old.position
            row = Row(codec.encode(document), Stamp(made, stamp), position, None)
            purged = show.purged(state)
            if old is not None and kept.trash is None:
                rows.bury(kept.doc_id, row, stamp, beside, purged=purged)
                return
            rows.lay_in_trash(kept.doc_id, row, stamp, beside, purged=purged)
        if kept.trash is not None:
            rows.leave_trash(kept.trash)

    def _note_id(self, kept: Kept) -> None:
        """The next id given out here lies above all that are there."""
        held = Rows(self._engine, kept.collection).held()
        if kept.doc_id > held.last:
            held.last = kept.doc_id
            held.dirty = True

    # -- ids -----------------------------------------------------------------------------------------------------
    def _settle_wish(self, kept: Kept, cause: Cause) -> None:
        """Give a new record its id; another one may have to give way."""
        if kept.state.id is not None:
            others = self._wishing(kept.collection, kept.state.id)
            if others:
                kept.doc_id = self._share_out(kept.state.id, others, (kept.state.dot, cause))

    def take_over(self, collection: str, wish: int, record: Dot) -> None:
        """A record is made here with the id of some in the trash, which get another: its author saw them all."""
        rows = Rows(self._engine, collection)
        cid = rows.cid()
        for place, row in rows.in_trash(wish, purged=True):
            kept = self._kept(collection, wish, row, place)
            self._derived_early.add((collection, kept.state.dot))
            self._name_anew(kept, cid)
        self.wishes.note(cid, wish, record, wish)

    def settle_ids(self) -> None:
        """The transaction's changes have their hashes now: ids that were made before are made of them."""
        while self._derived_early:
            collection, record = self._derived_early.pop()
            kept = self.find(record, collection)
            if kept is not None and kept.trash is not None and kept.doc_id != kept.state.id:
                self._name_anew(kept, Rows(self._engine, collection).cid())

    def _name_anew(self, kept: Kept, cid: int) -> None:
        """Give a record in the trash the id that is made from its dot."""
        row, wish, place = kept.row, kept.state.id, kept.trash
        if row is None or wish is None or place is None:
            return
        doc_id = self.wishes.derived(kept.state.dot)
        beside = meta.encode(kept.state, codec.decode(row.text), doc_id)
        Rows(self._engine, kept.collection).rename_in_trash(place, doc_id, beside)
        self.wishes.note(cid, wish, kept.state.dot, doc_id)
        self.note_dispute(kept.collection, kept.doc_id, _NOTHING, was=True)
        self.note_dispute(kept.collection, doc_id, kept.state, was=False)

    def _wishing(self, collection: str, wish: int) -> list[Kept]:
        """The records that would like an id."""
        rows = Rows(self._engine, collection)
        shared = self.wishes.claimants(rows.cid(), wish)
        if shared:
            return [self._must_find(one.record, collection) for one in shared]
        row = rows.get(wish)
        there = [] if row is None else [self._kept(collection, wish, row, None)]
        lying = rows.in_trash(wish, purged=True)
        return there + [self._kept(collection, wish, each, place) for place, each in lying]

    def _must_find(self, record: Dot, collection: str) -> Kept:
        found = self.find(record, collection)
        if found is None:
            raise DamagedTextError(f"record {record} of {collection!r} is not where it should be")
        return found

    def _share_out(self, wish: int, there: list[Kept], new: tuple[Dot, Cause] | None) -> int:
        """Decide anew who has an id, move those that have another now; gives the new record's."""
        records = [each.state.dot for each in there]
        if not records and new is None:
            return wish
        collection = there[0].collection if there else ""
        cid = Rows(self._engine, collection).cid()
        ids = self.wishes.settle(cid, wish, records, new)
        moving = [each for each in there if ids[each.state.dot] != each.doc_id]
        for each in moving:
            self._take_away(each)
        for each in moving:
            each.doc_id = ids[each.state.dot]
            self._lay_anew(each)
        return wish if new is None else ids[new[0]]

    def _take_away(self, kept: Kept) -> None:
        self.note_dispute(kept.collection, kept.doc_id, _NOTHING, was=True)
        rows = Rows(self._engine, kept.collection)
        if kept.trash is None:
            rows.delete(kept.doc_id)
        else:
            rows.leave_trash(kept.trash)

    def _lay_anew(self, kept: Kept) -> None:
        """Lay a record that was taken away under its new id."""
        rows, row = Rows(self._engine, kept.collection), kept.row
        if row is None:
            return
        self.note_dispute(kept.collection, kept.doc_id, kept.state, was=False)
        document = show.document(kept.state, self._families(kept.collection))
        stamp = row.stamp.changed_ms
        beside = State(meta.encode(kept.state, document, kept.doc_id), kept.last, stamp)
        if show.alive(kept.state):
            rows.come_back(kept.doc_id, row, document, beside)
        else:
            purged = show.purged(kept.state)
            rows.lay_in_trash(kept.doc_id, row, stamp, beside, purged=purged)


def may_be_disputed(state: RecordState) -> bool:
    """Whether it pays to ask `is_disputed`."""
    return bool(state.fields) or len(state.life) > 1


def is_disputed(state: RecordState) -> bool:
    """Whether something in a record waits for a decision."""
    return show.brought_back(state) or bool(show.conflicts(state))


_NOTHING: Final = RecordState("", Dot(NOWHERE, 0, 0))


def _decoded(collection: str, doc_id: int, row: Row, document: dict[str, Any]) -> RecordState:
    """The state beside a row; takes its document over."""
    if row.state is None:
        raise DamagedTextError(f"record {doc_id} of {collection!r} has no state beside it")
    return meta.decode(row.state.meta, document, collection, doc_id)
