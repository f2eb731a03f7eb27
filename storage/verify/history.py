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
    return connection.execute("SELECT 1 FROM engine WHERE k = 'changes'").fetchone() is not None


class History:
    """One run over one snapshot. `part(where, check)` runs a check and survives what cannot be read at all."""

    def __init__(
        self, check: Check, connection: Connection, identity: Identity, names: Mapping[int, str]
    ) -> None:
        self._check, self._connection, self._identity = check, connection, identity
        self._names = names
        self._team = identity.team
        self._touches = Touches()

    def run(self, part: Part) -> None:
        """Check all of it."""
        part("team log", self._fold)
        part("changes", self._look)

    def _fold(self) -> None:
        self._team = check_team(self._check, self._connection, self._identity)

    def _look(self) -> None:
        check, identity = self._check, self._identity
        ledger = Ledger(self._connection, identity.sealer, self._team, identity.families)
        check_changes(check, ledger, self._touches)
        check_waiting(check, ledger)
        states = States(check, ledger, self._touches, self._names)
        states.run()
        check_reach(check, ledger, self._touches, states)
        self._books(ledger, states.digest)

    def _books(self, ledger: Ledger, digest: int) -> None:
        sql = "SELECT k, v FROM engine WHERE k IN ('feed', 'digest')"
        noted = dict(self._connection.execute(sql).fetchall())
        self._check.digest = digest.to_bytes(32).hex()
        if int.from_bytes(noted.get("digest", b"")) != digest:
            self._check.bad("wrong_digest", "books", "the digest is not that of the records")
        feed = noted.get("feed")
        own = {row.feed for row in ledger.log.lanes_of(ledger.sealer.device)}
        if feed is not None and feed not in own:
            self._check.bad(
                "wrong_feed", "books", "the feed that this device writes is not its own"
            )
