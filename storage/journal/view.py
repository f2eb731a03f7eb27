"""A store's changes as one snapshot shows them, for reading the past of records while others write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from storage import codec
from storage.changes.log import Lane
from storage.changes.rules import IN_FORCE
from storage.changes.settle import Settling
from storage.changes.team import Team
from storage.crdt import meta
from storage.crdt.past import Applied
from storage.crdt.show import Family
from storage.crdt.state import RecordState
from storage.database import Connection
from storage.errors import DamagedTextError
from storage.journal.identity import Identity
from storage.journal.passed import passed_by
from storage.journal.past import StorePast
from storage.journal.sqllog import SqlLog
from storage.journal.trail import Trail


class Seen(NamedTuple):
    """A record as it lies in a snapshot."""

    collection: str
    doc_id: int
    state: RecordState
    last: int  # pointer at what touched it last


class _Nobody:
    """Nothing is applied in a view."""

    def apply(self, change: object) -> None:
        """Never called."""
        raise TypeError(change)

    recompute = apply

    def clear(self) -> None:
        """Never called."""
        raise TypeError


class ReadView:
    """One snapshot of the log and the records. For the thread that has the connection."""

    def __init__(self, connection: Connection, identity: Identity, team: Team) -> None:
        self._execute, self._identity = connection.execute, identity
        self.log = SqlLog(connection)
        self._settling = Settling(self.log, _Nobody(), identity.sealer, team, IN_FORCE)
        self.trail = Trail(connection, self.log, self._settling)
        self.past = StorePast(self.log, self._settling.vectors)
        self.past.history = lambda _record: list[Applied]()  # a replay brings its own

    def families(self, collection: str) -> Mapping[str, Family]:
        """How the schema wants the fields of a collection to be merged."""
        return self._identity.families(collection)

    def devices(self) -> dict[int, bytes]:
        """The device of each lane."""
        return {row.lane: row.device for row in self.log.lanes()}

    def own_lanes(self) -> list[Lane]:
        """The lanes of this device's feeds."""
        return list(self.log.lanes_of(self._identity.sealer.device))

    def passed(self) -> frozenset[bytes]:
        """The actions of this device that undo passes by."""
        return passed_by(self._execute)

    def record(self, collection: str, doc_id: int) -> Seen | None:
        """The record with an id, alive or in the trash; None if there is none."""
        cid = self._cid(collection)
        if cid is None:
            return None
        sql = f"SELECT doc, meta, last FROM r_{cid} WHERE id = ?"
        row = self._execute(sql, (doc_id,)).fetchone()
        if row is None:
            sql = "SELECT doc, meta, last FROM trash WHERE cid = ? AND id = ? ORDER BY seq DESC"
            row = self._execute(sql, (cid, doc_id)).fetchone()
        if row is None:
            return None
        text, packed, last = row
        if packed is None:
            raise DamagedTextError(f"record {doc_id} of {collection!r} has no state beside it")
        state = meta.decode(packed, codec.decode(text), collection, doc_id)
        return Seen(collection, doc_id, state, last or 0)

    def disputed(self) -> Iterator[tuple[str, int]]:
        """The records in which something waits for a decision: collection and id."""
        sql = "SELECT name, id FROM disputed JOIN collection USING(cid) ORDER BY cid, id"
        yield from self._execute(sql).fetchall()

    def _cid(self, collection: str) -> int | None:
        row = self._execute("SELECT cid FROM collection WHERE name = ?", (collection,)).fetchone()
        return None if row is None else int(row[0])
