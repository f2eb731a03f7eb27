"""Which changes count, judged anew: what is accepted, what is cut off, and what waits (rules 20-24, 31)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from storage.changes import envelope, fences
from storage.changes.accept import Claim, Verdict, judge
from storage.changes.errors import MalformedChangeError, SealError
from storage.changes.log import Lane
from storage.changes.needs import Awaiting, Needs, Unmet
from storage.changes.opening import GroupReader, unseal
from storage.crdt.dots import Ref
from storage.errors import DamagedTextError
from storage.verify.ledger import Ledger
from storage.verify.reading import Found, Looked

_BY_CHAIN = (Verdict.OFF_CHAIN, Verdict.NO_ROLE, Verdict.OTHER_EPOCH, Verdict.FENCED)


class Acceptance:
    """Judges the changes of one lane, one after the other. `ended` says whether the lane itself is rightly cut."""

    def __init__(self, ledger: Ledger, row: Lane) -> None:
        self._ledger, self._row = ledger, row
        self._reaches = fences.reaches(ledger.log, ledger.team, row)
        self._awaiting = Awaiting(ledger.log, ledger.vectors, ledger.rules)
        self._end: int | None = row.start  # of the present transaction
        self._seen: dict[int, int] = {}
        self._rejected: Verdict | None = None  # of the transaction at which the lane is cut
        self._cut_end = 0

    def judge(self, looked: Looked) -> None:
        """Whether a change counts as it is noted to."""
        stored, row = looked.stored, self._row
        if self._end is not None and stored.number > self._end:
            self._end = self._ledger.log.end_of_group(row.lane, stored.number)
        if stored.number == row.limit + 1:
            self._cut_end = self._end or row.linked
        if looked.change is None:
            return
        clear = looked.change.clear
        end = row.linked if self._end is None else self._end
        claim = Claim(row.device, clear.place, clear.head, clear.epoch, end)
        verdict = judge(claim, self._ledger.team, self._reaches)
        if stored.number <= row.extent:
            if not verdict.accepted:
                looked.wrong.append(("wrong_acceptance", f"it counts, although {verdict}"))
            elif self._end is None:
                said = "it counts, although its transaction is not complete"
                looked.wrong.append(("wrong_acceptance", said))
            self._dependencies(looked)
        elif row.limit < stored.number <= self._cut_end and not verdict.accepted:
            self._rejected = verdict

    def ended(self) -> list[Found]:
        """What is wrong with where the lane ends to count, and with what it waits for."""
        row, log = self._row, self._ledger.log
        wrong: list[Found] = []
        if row.extent < row.linked and row.limit <= row.extent and not self._rightly_cut():
            said = f"from change {row.limit + 1} on it does not count, and nothing says why"
            wrong.append(("wrong_acceptance", said))
        undecided = row.limit > row.applied and row.applied < row.linked
        if undecided and log.waits_for(row.lane) is None and self._complete_after(row.applied):
            wrong.append(("wrong_acceptance", "changes wait in it that nothing is waited for"))
        return wrong

    def _complete_after(self, applied: int) -> bool:
        return self._ledger.log.end_of_group(self._row.lane, applied + 1) is not None

    def _rightly_cut(self) -> bool:
        row, log = self._row, self._ledger.log
        if self._rejected in _BY_CHAIN:
            return True
        parent = row.parent
        if parent is not None and row.limit == row.start:
            above = log.lane(parent.lane)
            entry = log.entry(*parent)
            if above.limit < parent.number or entry is None or not entry.group_end:
                return True
        for child in log.family(row.feed):
            if child.parent is not None and child.parent.lane == row.lane:
                entry = log.entry(*child.parent)
                if row.limit < child.parent.number and entry and not entry.group_end:
                    return True
        return self._broken()

    def _broken(self) -> bool:
        """Whether what follows the last change that counts cannot be read as one transaction."""
        row, ledger = self._row, self._ledger
        reader = GroupReader(ledger.log, row)
        try:
            for number in range(row.limit + 1, self._cut_end + 1):
                change = envelope.decode(ledger.log.raw(row.lane, number))
                told = unseal(change, ledger.sealer)
                with suppress(Unmet):
                    self._awaiting.of(row, told.header.dependencies, ledger.team)
                cause = ledger.settling.cause_of(row, told)
                reader.read(told, ledger.settling.past_of(cause), cause)
            reader.finish()
        except (SealError, MalformedChangeError, LookupError):
            return True
        return False

    # -- dependencies --------------------------------------------------------------------------------------------
    def _dependencies(self, looked: Looked) -> None:
        """What its author had applied must be here, and be noted so."""
        if looked.told is None:
            return
        told, ledger, number = looked.told.header.dependencies, self._ledger, looked.stored.number
        ledger.log.expect(told)
        try:
            needs = self._awaiting.of(self._row, told, ledger.team)
        except Unmet:
            said = "it counts, although a change that its author knew is not here"
            looked.wrong.append(("wrong_acceptance", said))
            return
        except MalformedChangeError as error:
            looked.wrong.append(("wrong_acceptance", f"it counts, although {error.reason}"))
            return
        finally:
            ledger.log.expect(())
        try:
            right = self._noted(needs, number)
        except (DamagedTextError, LookupError):
            right = False
        if not right:
            said = "what its author had seen is noted otherwise"
            looked.wrong.append(("wrong_advance", said))

    def _noted(self, needs: Needs, number: int) -> bool:
        for lane, reached in needs.advances.items():
            self._seen[lane] = max(reached, self._seen.get(lane, 0))
        log = self._ledger.log
        noted = log.advances(self._row.lane, number)
        waived = all(Ref(self._row.lane, number) in log.waived(one) for one in needs.waived)
        return waived and self._counting(noted) == self._counting(self._seen)

    def _counting(self, vector: Mapping[int, int]) -> dict[int, int]:
        """A vector as far as it counts: nobody sees what was cut off, whenever it came."""
        log = self._ledger.log
        counting = {lane: min(number, log.lane(lane).extent) for lane, number in vector.items()}
        return {lane: number for lane, number in counting.items() if number > log.lane(lane).start}
