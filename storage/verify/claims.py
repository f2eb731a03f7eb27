"""Which record has which id, where several would like the same (rule 3)."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from storage.crdt.dots import Dot
from storage.crdt.state import RecordState
from storage.journal.wishes import Wishes
from storage.verify.kept import Kept
from storage.verify.ledger import Ledger
from storage.verify.report import Check


class _Claim(NamedTuple):
    cid: int
    wish: int
    record: Dot
    doc_id: int


class Claims:
    """Checks ids against what is noted of those that are shared."""

    def __init__(self, check: Check, ledger: Ledger) -> None:
        self._check = check
        self._wishes = Wishes(ledger.connection, ledger.past)
        sql = "SELECT cid, wish, lane, number, at, id FROM claimant ORDER BY cid, wish"
        rows = ledger.connection.execute(sql).fetchall()
        claims = [_Claim(cid, wish, Dot(*dot), doc_id) for cid, wish, *dot, doc_id in rows]
        self._claims = {one.record: one for one in claims}
        self._decide()

    def _decide(self) -> None:
        """Who has an id must follow from the changes alone."""
        by_wish = groupby(self._claims.values(), key=lambda one: (one.cid, one.wish))
        for (_, wish), group in by_wish:
            noted = {one.record: one.doc_id for one in group}
            try:
                right = self._wishes.decide(wish, noted)
            except LookupError:
                right = None
            if noted != right:
                said = "who of several records has it is noted otherwise than their changes say"
                self._check.bad("wrong_id", f"id {wish}", said)

    def check(self, kept: Kept, state: RecordState) -> None:
        """Whether a record has the id that it must have."""
        claim = self._claims.pop(state.dot, None)
        right = state.id
        if claim is not None:
            right = claim.doc_id if (claim.cid, claim.wish) == (kept.cid, state.id) else None
        if kept.doc_id != right:
            self._check.bad("wrong_id", kept.where, "by its changes it has another id")

    def end(self) -> None:
        """Whoever is left is noted, and not there."""
        for claim in self._claims.values():
            said = "a record is noted to have it that is not there"
            self._check.bad("wrong_id", f"id {claim.doc_id}", said)
