"""Every record computed anew from its accepted changes, and compared with what is kept of it; the digest of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from storage.crdt import meta, show
from storage.crdt.dots import Dot
from storage.crdt.past import Applied
from storage.crdt.record import evaluate
from storage.crdt.state import RecordState
from storage.crdt.values import canonical
from storage.errors import DamagedTextError
from storage.verify.claims import Claims
from storage.verify.disputes import Disputes
from storage.verify.histories import BrokenHistoryError, Histories, UnreadError
from storage.verify.kept import Kept, kept_records
from storage.verify.ledger import Ledger
from storage.verify.report import Check
from storage.verify.touches import Touches


class States:
    """Checks the state of every record."""

    def __init__(
        self, check: Check, ledger: Ledger, touches: Touches, names: Mapping[int, str]
    ) -> None:
        self._check, self._ledger, self._touches, self._names = check, ledger, touches, names
        self._histories = Histories(ledger)
        self._unproved = 0
        self.unknown = 0  # rows of which nothing says which record they are
        self._operations: list[Applied] = []  # of the record that is being looked at
        ledger.past.history = lambda _: self._operations
        self.digest = 0

    def run(self) -> None:
        """Look at all of them."""
        claims, disputes = Claims(self._check, self._ledger), Disputes(self._check, self._ledger)
        complete = True
        for kept in kept_records(self._ledger.connection, self._names):
            self._check.count("states")
            truth = self._record(kept)
            if truth is not None:
                claims.check(kept, truth)
                disputes.check(kept, truth)
            else:
                complete = False
        if complete:  # else what is left may be of those
            claims.end()
            disputes.end()
        if self._unproved:
            said = f"{self._unproved} records cannot be computed anew: a change in their history cannot be read"
            self._check.bad("unproved_record", "records", said)

    def places(self, buckets: frozenset[int]) -> Iterator[tuple[Dot, Kept, set[int] | None]]:
        """Of the records in these buckets which it is, where it is kept, and the pointers that are reached.

        None for pointers that do not lead to the end, which was named already.
        """
        for kept in kept_records(self._ledger.connection, self._names):
            record = self._record_of(kept)
            if record is not None and self._touches.bucket(record) in buckets:
                try:
                    steps = {one.pointer for one in self._histories.of(record, kept.last)}
                except (BrokenHistoryError, UnreadError):
                    yield record, kept, None
                else:
                    yield record, kept, steps

    def _record_of(self, kept: Kept) -> Dot | None:
        """Which record it is: by its state, else by its history."""
        return meta.record_of(kept.meta or b"") or self._histories.record_at(kept.last)

    def _record(self, kept: Kept) -> RecordState | None:
        """Look at one of them; gives what its changes make of it, if they can be read."""
        document = kept.document()
        state = None if document is None else self._state(kept, document)
        record = self._record_of(kept)
        if record is None:
            self.unknown += 1
            return None
        try:
            truth = self._computed(kept, record)
        except BrokenHistoryError as error:
            self._check.bad("broken_history", kept.where, str(error))
            self._sum(state)
            return None
        except UnreadError:
            self._unproved += 1
            self._sum(state)
            return None
        if truth is None or truth.id is None:
            self._check.bad("stray_record", kept.where, "no change that counts has made it")
            return None
        self._sum(truth)
        self._place(kept, truth)
        if document is not None:
            self._compare(kept, document, state, truth)
        return truth

    def _state(self, kept: Kept, document: dict[str, Any]) -> RecordState | None:
        try:
            return meta.decode(kept.meta or b"", dict(document), kept.collection, kept.doc_id)
        except DamagedTextError as error:
            self._check.bad("unreadable_state", kept.where, error.detail)
            return None

    def _sum(self, state: RecordState | None) -> None:
        if state is not None:
            with suppress(LookupError, DamagedTextError):  # it names changes that are not here
                self.digest = self._ledger.digester.moved(self.digest, None, state)

    def _computed(self, kept: Kept, record: Dot) -> RecordState | None:
        done: list[Applied] = []
        for step in self._histories.of(record, kept.last):
            if step.collection != kept.collection:
                raise BrokenHistoryError("its history leads to a record of another collection")
            self._touches.reached(record, step.pointer)
            done += step.operations
        self._operations = done
        return evaluate(kept.collection, record, done, self._ledger.past)

    def _compare(
        self, kept: Kept, document: dict[str, Any], state: RecordState | None, truth: RecordState
    ) -> None:
        bad, where = self._check.bad, kept.where
        shown = show.document(truth, self._ledger.families(kept.collection))
        if canonical(shown) != canonical(document):
            bad("wrong_document", where, "its values are not those that its changes make")
        elif state is not None and state != truth:
            bad("wrong_state", where, "what is kept beside its values is not what its changes make")

    def _place(self, kept: Kept, truth: RecordState) -> None:
        """Whether it lies where it must."""
        bad, where = self._check.bad, kept.where
        if show.alive(truth) == kept.in_trash:
            there = "in the trash" if kept.in_trash else "among those that are not in the trash"
            bad("misplaced_record", where, f"by its changes it must not be {there}")
        elif kept.in_trash and show.purged(truth) != kept.purged:
            bad("misplaced_record", where, "it is noted wrongly whether it is deleted for good")
