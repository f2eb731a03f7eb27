"""Which record of a collection has which id, where several would like the same (rule 3).

The id that a record would like is nearly always its own, and then nothing is kept here. Of several that would like one,
those that another one saw give way, and of the rest all but the one with the smallest change hash: they get an id made
from their dot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final, NamedTuple

from storage.crdt.dots import Cause, Dot
from storage.database import Connection
from storage.journal.past import StorePast

_DERIVED: Final = 1 << 62  # such an id's time lies after the year 2054


class Claimant(NamedTuple):
    """A record and the id it has."""

    record: Dot
    doc_id: int


def derived_id(change: bytes, at: int) -> int:
    """The id of a record that cannot have the one it would like."""
    hashed = hashlib.blake2b(change + at.to_bytes(4), digest_size=8, person=b"CHrecordid").digest()
    return _DERIVED | int.from_bytes(hashed) >> 2


class Wishes:
    """The ids that more than one record would like."""

    def __init__(self, connection: Connection, past: StorePast) -> None:
        self._execute, self._past = connection.execute, past
        self._any: bool | None = None

    def forget(self) -> None:
        """Look again whether there are any."""
        self._any = None

    def id_of(self, record: Dot) -> int | None:
        """The id of a record that shares a wish with another one; None for all others."""
        if self._any is None:
            self._any = self._execute("SELECT 1 FROM claimant LIMIT 1").fetchone() is not None
        if not self._any:
            return None
        sql = "SELECT id FROM claimant WHERE lane = ? AND number = ? AND at = ?"
        row = self._execute(sql, tuple(record)).fetchone()
        return None if row is None else int(row[0])

    def claimants(self, cid: int, wish: int) -> list[Claimant]:
        """The records that are known to share a wish."""
        sql = "SELECT lane, number, at, id FROM claimant WHERE cid = ? AND wish = ?"
        return [Claimant(Dot(*dot), i) for *dot, i in self._execute(sql, (cid, wish)).fetchall()]

    def decide(
        self, wish: int, records: Iterable[Dot], new: tuple[Dot, Cause] | None = None
    ) -> dict[Dot, int]:
        """The id of each of the records that would like the same; `new` is being applied and not among them yet."""
        wanting = unseen = set(records)
        if new is not None:
            wanting = wanting | {new[0]}
            unseen = {one for one in unseen if not new[1].sees(one)} | {new[0]}
        ids = {record: self.derived(record) for record in wanting}
        if wanting:
            ids[min(self._unseen(unseen), key=self._rank)] = wish
        return ids

    def settle(
        self, cid: int, wish: int, records: Iterable[Dot], new: tuple[Dot, Cause] | None = None
    ) -> dict[Dot, int]:
        """Decide who has the id, and keep it; gives the id of each record."""
        ids = self.decide(wish, records, new)
        self._execute("DELETE FROM claimant WHERE cid = ? AND wish = ?", (cid, wish))
        for record, doc_id in ids.items():
            self.note(cid, wish, record, doc_id)
        return ids

    def note(self, cid: int, wish: int, record: Dot, doc_id: int) -> None:
        """Keep the id of a record that shares its wish with others."""
        self._execute(
            "INSERT OR REPLACE INTO claimant VALUES (?, ?, ?, ?, ?, ?)",
            (cid, wish, *record, doc_id),
        )
        self._any = True

    def _unseen(self, records: set[Dot]) -> list[Dot]:
        """Those that none of the others had seen."""
        sees = self._past.sees
        return [one for one in records if not any(sees(o, one) for o in records if o != one)]

    def _rank(self, record: Dot) -> tuple[bytes, int]:
        return self._past.stamp_and_hash(record.lane, record.number)[1], record.at

    def derived(self, record: Dot) -> int:
        """The id that is made from a record's dot."""
        return derived_id(self._past.stamp_and_hash(record.lane, record.number)[1], record.at)
