"""Everything that makes a store's writes changes: team log, changes, what waits, states of records, digest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from storage.database import Connection
from storage.journal.identity import Identity
from storage.verify.changes import check_changes
from storage.verify.ledger import Ledger
from storage.verify.reaching import check_reach
from storage.verify.report import Check
from storage.verify.states import States
from storage.verify.team import check_team
from storage.verify.touches import Touches
from storage.verify.waiting import check_waiting

Part = Callable[[str, Callable[[], None]], None]


def makes_changes(connection: Connection) -> bool:
    """Whether the writes of this store are changes."""
    sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'change'"
    return connection.execute(sql).fetchone() is not None


class History:
    """One run over one snapshot. `part(where, check)` runs a check and survives what cannot be read at all."""

    def __init__(
        self, check: Check, connection: Connection, identity: Identity, names: Mapping[int, str]
    ) -> None:
        self._check, self._connection, self._identity = check, connection, identity
        self._names = names
        self._team = identity.team
        self._touches = Touches()
        self._done: set[str] = set()

    def run(self, part: Part) -> None:
        """Check all of it; what builds on a check that could not be ended is left out."""

        def run(where: str, check: Callable[[], None]) -> bool:
            part(where, lambda: self._to_its_end(where, check))
            return where in self._done

        run("team log", self._fold)
        check, identity = self._check, self._identity
        ledger = Ledger(self._connection, identity.sealer, self._team, identity.families)
        looked = run("changes", lambda: check_changes(check, ledger, self._touches))
        run("what waits", lambda: check_waiting(check, ledger))
        states = States(check, ledger, self._touches, self._names)
        if run("states", states.run):
            run("books", lambda: self._books(ledger, states.digest))
            if looked:
                run("histories", lambda: check_reach(check, ledger, self._touches, states))

    def _to_its_end(self, where: str, check: Callable[[], None]) -> None:
        check()
        self._done.add(where)

    def _fold(self) -> None:
        self._team = check_team(self._check, self._connection, self._identity)

    def _books(self, ledger: Ledger, digest: int) -> None:
        bad = self._check.bad
        sql = "SELECT k, v FROM engine WHERE k IN ('changes', 'feed', 'digest')"
        noted = dict(self._connection.execute(sql).fetchall())
        self._check.digest = digest.to_bytes(32).hex()
        if int.from_bytes(noted.get("digest", b"")) != digest:
            bad("wrong_digest", "books", "the digest is not that of the records")
        feed = noted.get("feed")
        own = {row.feed for row in ledger.log.lanes_of(ledger.sealer.device)}
        if feed is not None and feed not in own:
            bad("wrong_feed", "books", "the feed that this device writes is not its own")
        if "changes" not in noted:
            bad("damaged_structure", "books", "it is not noted that its writes are changes")
