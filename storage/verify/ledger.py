"""The log of changes as one snapshot has it, with what it takes to open changes and to follow a record's history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from storage.changes.header import Dependency
from storage.changes.log import Lane
from storage.changes.opening import OpenedChange
from storage.changes.rules import IN_FORCE
from storage.changes.sealer import Sealer
from storage.changes.settle import Settling
from storage.changes.team import Team
from storage.crdt.digest import Digester
from storage.crdt.dots import Dot, Ref
from storage.database import Connection
from storage.journal.identity import Families
from storage.journal.past import StorePast
from storage.journal.sqllog import SqlLog

_STORED: Final = (
    "SELECT seq, number, hash, place, group_end, stamp, action, kind, undoes, earlier, body FROM change"
    " WHERE lane = ? ORDER BY number"
)


class Stored(NamedTuple):
    """One change as it lies in its table."""

    seq: int
    number: int
    hash: bytes
    place: int
    group_end: int
    stamp: int | None
    action: bytes | None
    kind: int | None
    undoes: bytes | None
    earlier: bytes | None
    body: bytes


class SnapshotLog(SqlLog):
    """The log of a snapshot; writes nothing."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._named: dict[bytes, Dependency] = {}

    def stored(self, lane: int) -> Iterator[Stored]:
        """The changes of a lane by their numbers, whatever is wrong with them."""
        return (Stored(*row) for row in self._execute(_STORED, (lane,)))

    def expect(self, dependencies: Iterable[Dependency]) -> None:
        """What `find` is asked next: where it must be, is told by who names it, so that nothing is searched for."""
        self._named = {each.hash: each for each in dependencies}

    def find(self, change: bytes) -> Ref | None:
        """Where the change with this hash stands."""
        named = self._named.get(change)
        if named is None:
            return super().find(change)
        for row in self.family(named.feed):
            if row.start < named.number <= row.linked:
                entry = self.entry(row.lane, named.number)
                if entry is not None and entry.hash == change:
                    return Ref(row.lane, named.number)
        return None

    def claim(self, feed: bytes, device: bytes) -> None:
        """A check keeps nothing."""

    def end_of_group(self, lane: int, number: int) -> int | None:
        """The last number of the transaction that a change is in; None if it is not here."""
        sql = (
            "SELECT number FROM change WHERE lane = ? AND number >= ? AND group_end"
            " ORDER BY number LIMIT 1"
        )
        row = self._execute(sql, (lane, number)).fetchone()
        return None if row is None else int(row[0])


class Ledger:
    """One snapshot's changes, and the questions that checks ask of them."""

    def __init__(
        self, connection: Connection, sealer: Sealer, team: Team, families: Families
    ) -> None:
        self.connection, self.sealer, self.team, self.families = connection, sealer, team, families
        self.log = SnapshotLog(connection)
        self.settling = Settling(self.log, _Nobody(), sealer, team)
        self.vectors = self.settling.vectors
        self.past = StorePast(self.log, self.vectors)
        self.digester = Digester(sealer.digest_key(), self.past.name_of)
        self.rules = IN_FORCE
        self.unread: set[int] = set()  # places of accepted changes that cannot be read

    def name(self, lane: Lane, number: int | None = None) -> str:
        """How a problem calls a feed, or a change of it."""
        feed = f"feed {lane.feed.hex()[:8]}"
        if lane.parent is not None:
            feed += f" branch {lane.first.hex()[:8]}"
        return feed if number is None else f"{feed}/{number}"


class _Nobody:
    """Keeps no records: a check applies no change."""

    def apply(self, change: OpenedChange) -> None:
        raise TypeError(change)

    def recompute(self, records: set[Dot]) -> None:
        raise TypeError(records)

    def clear(self) -> None:
        raise TypeError
