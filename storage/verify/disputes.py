"""The list of the records in which something waits for a decision."""

from __future__ import annotations

from storage.crdt.state import RecordState
from storage.journal.states import is_disputed
from storage.verify.kept import Kept
from storage.verify.ledger import Ledger
from storage.verify.report import Check


class Disputes:
    """Checks that just those records are listed."""

    def __init__(self, check: Check, ledger: Ledger) -> None:
        self._check = check
        self._listed = set(ledger.connection.execute("SELECT cid, id FROM disputed").fetchall())

    def check(self, kept: Kept, state: RecordState) -> None:
        """Whether a record is listed as it must be."""
        at = (kept.cid, kept.doc_id)
        listed = at in self._listed
        self._listed.discard(at)
        if listed != is_disputed(state):
            said = "it is listed" if listed else "it is not listed"
            self._check.bad("wrong_dispute", kept.where, f"{said} among what waits for a decision")

    def end(self) -> None:
        """Whoever is left is listed, and not there."""
        for cid, doc_id in sorted(self._listed):
            said = "a record that is not there is listed among what waits for a decision"
            self._check.bad("wrong_dispute", f"collection {cid}/{doc_id}", said)
