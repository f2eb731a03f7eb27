"""Decides on linked changes in their causal order: applies what counts, cuts off what does not (rules 20-26, 31).

1. A lane is decided from its beginning, group by group. A change that counts is applied after everything its author
   had applied, except what lies beyond a fence; one that does not count needs nothing and is decided at once.
2. What is applied here may come to be cut off: then the records it touched are computed anew.
3. Nothing is decided by the order of arrival, the clock, or who sent a change.
4. What a fence names is waited for, even where it cuts a group and so does not count itself: whoever sends changes on
   sends all up to it, and only what lies beyond may be kept back (rule 29).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from storage.changes import envelope, fences
from storage.changes.accept import Claim, Reach, Verdict, judge_group
from storage.changes.envelope import Envelope
from storage.changes.errors import BrokenSealError, MalformedChangeError, UnknownEpochError
from storage.changes.log import Cut, Lane, Log, Why
from storage.changes.needs import Awaiting, Needs, Unmet
from storage.changes.opening import GroupReader, OpenedChange, Plain, plain, unseal
from storage.changes.rules import IN_FORCE, ChangeRules
from storage.changes.sealer import Sealer
from storage.changes.team import Team
from storage.changes.vectors import Vector, Vectors, join
from storage.crdt.dots import Cause, Dot, Ref

_KEY_OF_EPOCH: Final = b"epoch:"


class Records(Protocol):
    """The state that applied changes make."""

    def apply(self, change: OpenedChange) -> None:
        """Take an accepted change, after all that its author had seen."""

    def recompute(self, records: set[Dot]) -> None:
        """Compute records anew from those of their changes that are accepted now (`Lane.extent`).

        Called when applied changes were cut off, and when changes are called by other names since a fork is known, or
        is no more: then with all records that these changes touched, at once.
        """

    def clear(self) -> None:
        """Forget everything: all changes will be applied again."""


class Fresh(NamedTuple):
    """A change that was just linked; its plain parts if it was made here."""

    change: Envelope
    plains: Sequence[bytes] | None = None


class Settling:
    """Decides on the linked changes of one log. Whoever calls has the log's transaction open."""

    def __init__(
        self,
        log: Log,
        records: Records,
        sealer: Sealer,
        team: Team,
        rules: ChangeRules = IN_FORCE,
    ) -> None:
        self.vectors = Vectors(log, rules)
        self._team = team
        self.sealer = sealer
        self._log, self._records, self._rules = log, records, rules
        self._awaiting = Awaiting(log, self.vectors, rules)
        self._accepted: set[tuple[bytes, bytes, int]] = (
            set()
        )  # device, head, epoch under this chain

    @property
    def team(self) -> Team:
        """The chain as it is known here."""
        return self._team

    @team.setter
    def team(self, team: Team) -> None:
        self._team = team
        self._accepted.clear()

    def advance(
        self, ready: Iterable[int], fresh: Mapping[tuple[int, int], Fresh] | None = None
    ) -> None:
        """Decide what can be decided in these lanes, and in those that waited for it."""
        queue = list(ready)
        while queue:
            row = self._log.lane(queue.pop())
            first = row.applied + 1
            try:
                self._decide(row, fresh or {})
                waits = None
            except Unmet as unmet:
                waits = unmet.key
            if waits != self._log.waits_for(row.lane):
                self._log.wait(row.lane, waits)
            if row.applied >= first:
                self._log.save(row)
                queue.extend(self._woken(row, first))
                if self._late(row, first):
                    # Only about forks behind fences and about liars, so the long way is good enough.
                    self.rebuild()

    def why_waiting(self, row: Lane) -> Why:
        """What the undecided changes of a lane wait for."""
        key = self._log.waits_for(row.lane)
        if key is None:
            return Why.GROUP
        return Why.KEY if key.startswith(_KEY_OF_EPOCH) else Why.DEPENDENCY

    def recheck(self, feeds: Iterable[bytes]) -> None:
        """Cut off what the fences of the chain, as it is now, let not count in these feeds."""
        dropped: list[tuple[Lane, int, int]] = []
        for feed in feeds:
            for row in self._log.family(feed):
                for reach in fences.reaches(self._log, self._team, row):
                    cut = fences.cut_by(self._log, row, reach)
                    if cut is not None:
                        dropped += self._cut(row, cut)
        self._recompute(dropped)

    def split(self, at: Ref, branch: Lane) -> None:
        """Take in that a feed forked at a change: if that is inside a group, no side of it counts from there."""
        if at.number and not _end(self._log, at):
            start = self._log.group_start(at.lane, at.number)
            dropped = self._cut(branch, Cut(0, branch.start, Verdict.SPLIT_GROUP))
            trunk = Cut(0, start - 1, Verdict.SPLIT_GROUP)
            dropped += self._cut(self._log.lane(at.lane), trunk)
            self._recompute(dropped)

    def rebuild(self) -> None:
        """Decide on every change anew, in a state that is empty: the chain is another one."""
        self._records.clear()
        self.vectors.forget()
        every = list(self._log.lanes())
        for row in every:
            row.applied, row.cuts, row.limit = row.start, (), envelope.MAX_NUMBER
            self._log.save(row)
        for row in every:
            if row.parent is not None:
                self.split(row.parent, row)
        self.recheck({row.feed for row in every})
        self.advance([row.lane for row in every])

    def open(self, at: Ref, *, aside: bool = False) -> OpenedChange:
        """One decided change, opened again, with what came in pieces put together at its last piece.

        Raises KeyError, SealError, MalformedChangeError; what was rejected has no vector of its own but its feed's.
        """
        row = self._log.lane(at.lane)
        reader = GroupReader(self._log, row)
        opened: OpenedChange | None = None
        for number in range(self._log.group_start(at.lane, at.number), at.number + 1):
            change = envelope.decode(self._log.raw(at.lane, number))
            told = unseal(change, self.sealer, aside=aside)
            cause = self.cause_of(row, told)
            opened = reader.read(told, self.past_of(cause), cause)
        if opened is None:
            raise KeyError(at)
        return opened

    # ------------------------------------------------------------------------------- deciding

    def _decide(self, row: Lane, fresh: Mapping[tuple[int, int], Fresh]) -> None:
        """Go on in a lane until it ends or waits (Unmet)."""
        if row.applied == row.start and row.parent is not None and row.applied < row.linked:
            self._parent_decided(row)
        reaches = fences.reaches(self._log, self._team, row)
        while row.applied < row.linked:
            if row.limit <= row.applied:
                row.applied = row.linked
                return
            group = self._group(row, fresh)
            clear = group[0].change.clear
            verdict = Verdict.ACCEPTED
            looked_at = (row.device, clear.head, clear.epoch)
            if reaches or len(group) > 1 or looked_at not in self._accepted:
                verdict = self._verdict(row, group, reaches)
                if verdict.accepted and not reaches and len(group) == 1:
                    self._accepted.add(looked_at)
            if verdict.accepted:
                if not group[-1].change.clear.group_end:
                    return
                verdict = self._apply(row, group)
            if not verdict.accepted:
                self._cut(row, Cut(0, row.applied, verdict))

    def _parent_decided(self, row: Lane) -> None:
        if row.parent is None:
            return
        parent = self._log.lane(row.parent.lane)
        if parent.applied < row.parent.number:
            entry = self._log.entry(*row.parent)
            raise Unmet(b"" if entry is None else entry.hash)
        if parent.limit < row.parent.number:
            self._cut(row, Cut(0, row.start, Verdict.AFTER_REJECTED))

    def _group(self, row: Lane, fresh: Mapping[tuple[int, int], Fresh]) -> list[Fresh]:
        """The changes from the first undecided one to the end of its group, as far as they are here."""
        group: list[Fresh] = []
        for number in range(row.applied + 1, row.linked + 1):
            each = fresh.get((row.lane, number))
            if each is None:
                each = Fresh(envelope.decode(self._log.raw(row.lane, number)))
            group.append(each)
            if each.change.clear.group_end:
                break
        return group

    def _verdict(self, row: Lane, group: Sequence[Fresh], reaches: Sequence[Reach]) -> Verdict:
        # A group whose end is not here has one more change at least: it may lie beyond a fence already.
        end = row.applied + len(group) + (not group[-1].change.clear.group_end)
        claims: list[Claim] = []
        for each in group:
            clear = each.change.clear
            claims.append(Claim(row.device, clear.place, clear.head, clear.epoch, end))
        return judge_group(claims, self._team, reaches)

    def _apply(self, row: Lane, group: Sequence[Fresh]) -> Verdict:
        """Apply a complete group that may count, unless it cannot be read. Raises Unmet."""
        try:
            told = [
                unseal(each.change, self.sealer)
                if each.plains is None
                else plain(each.change, each.plains)
                for each in group
            ]
            needs = [self._awaiting.of(row, each.header.dependencies, self._team) for each in told]
            opened, vector = self._read(row, told, needs)
        except UnknownEpochError as unknown:
            raise Unmet(_KEY_OF_EPOCH + str(unknown.epoch).encode()) from None
        except (BrokenSealError, MalformedChangeError):
            return Verdict.BROKEN
        for change, (advances, _) in zip(opened, needs, strict=True):
            cause = change.cause
            self._log.note(row.lane, cause.number, cause.stamp, advances)
            self._records.apply(change)
        before = row.applied
        row.applied += len(group)
        self.vectors.remember(row, vector)
        for change, (_, waived) in zip(opened, needs, strict=True):
            for missing in waived:
                self._log.waive(missing, Ref(row.lane, change.cause.number))
        self._after(row, before)
        return Verdict.ACCEPTED

    def _read(
        self, row: Lane, told: Sequence[Plain], needs: Sequence[Needs]
    ) -> tuple[list[OpenedChange], Vector]:
        vector = self.vectors.before(row)
        reader = GroupReader(self._log, row)
        opened: list[OpenedChange] = []
        for each, (advances, _) in zip(told, needs, strict=True):
            if advances:
                vector = join(vector, advances)
            change = each.change
            number, seen = change.clear.number, self.vectors.seen(vector)
            cause = Cause(row.lane, number, each.header.stamp, change.hash, seen)
            opened.append(reader.read(each, vector, cause))
        reader.finish()
        return opened, vector

    def past_of(self, cause: Cause) -> Vector:
        """What the author of a decided change had applied, whether that counts or not: how its dots are read."""
        vector = dict(self.vectors.of(Ref(cause.lane, cause.number)))
        del vector[cause.lane]
        return vector

    def cause_of(self, row: Lane, told: Plain) -> Cause:
        """What the author of a decided change had seen, for the merge core."""
        clear = told.change.clear
        vector = dict(self.vectors.of(Ref(row.lane, clear.number)))
        del vector[row.lane]
        seen = self.vectors.seen(vector)
        return Cause(row.lane, clear.number, told.header.stamp, told.change.hash, seen)

    # ------------------------------------------------------------------------- consequences

    def _woken(self, row: Lane, first: int) -> list[int]:
        """The lanes that may go on now that changes of this one are decided."""
        woken: list[int] = []
        if self._log.anybody_waits():
            named = {fence.hash for fence in self._team.fences(row.device, row.feed)}
            for number in range(first, row.applied + 1):
                entry = self._log.entry(row.lane, number)
                if entry is None:
                    continue
                woken.extend(self._log.waiting(entry.hash))
                if entry.hash in named:  # tells of what comes behind it that nobody waits for that
                    every = self._log.lanes()
                    woken.extend(o.lane for o in every if self._log.waits_for(o.lane) is not None)
        return woken

    def _after(self, row: Lane, before: int) -> None:
        """What an applied group means for what was applied before it."""
        family = self._log.family(row.feed)
        if len(family) > 1 and any(_meets(row, before, other) for other in family):
            self._records.recompute(self._renamed(row.feed))

    def _late(self, row: Lane, first: int) -> bool:
        """Whether decided changes came late: somebody who had seen them is applied already, as if they were not there.

        A rejected one makes a difference only where the feed forked: it tells which branch had been seen. One that
        counts was called fenced by an author who lied, whose change is looked at again too.
        """
        if not self._log.anything_waived():
            return False
        forked = len(self._log.family(row.feed)) > 1
        late = False
        for number in range(first, row.applied + 1):
            entry = self._log.entry(row.lane, number)
            if entry is not None and self._log.waived(entry.hash):
                self._log.unwaive(entry.hash)
                late = late or forked or number <= row.extent
        return late

    def _renamed(self, feed: bytes) -> set[Dot]:
        """The records with dots that have other names, since a fork is known now, or is no more."""
        family = self._log.family(feed)
        lowest = min((row.start for row in family if row.parent is not None), default=None)
        touched: set[Dot] = set()
        for row in family if lowest is not None else ():
            touched |= self._touched(row, max(lowest or 0, row.start) + 1, row.extent)
        return touched

    def _cut(self, row: Lane, cut: Cut) -> list[tuple[Lane, int, int]]:
        """Cut a lane and the branches that leave it behind the cut. Returns what was applied and counts no more."""
        cut = cut._replace(number=max(cut.number, row.start))
        if any(old.place <= cut.place and old.number <= cut.number for old in row.cuts):
            return []
        before = row.extent
        row.cuts = (*row.cuts, cut)
        row.limit = min(row.limit, cut.number)
        self._log.save(row)
        dropped = [(row, row.extent + 1, before)] if before > row.extent else []
        for child in self._log.family(row.feed):
            parent = child.parent
            if parent is not None and parent.lane == row.lane and parent.number > cut.number:
                after = Cut(cut.place, child.start, Verdict.AFTER_REJECTED)
                dropped += self._cut(child, after)
        return dropped

    def _recompute(self, dropped: Sequence[tuple[Lane, int, int]]) -> None:
        """Take out of the state what was cut off (rule 26)."""
        if not dropped or not self._rules.fences_recompute:
            return
        touched: set[Dot] = set()
        for row, first, last in dropped:
            touched |= self._touched(row, first, last)
        for feed in {row.feed for row, _, _ in dropped}:
            touched |= self._renamed(feed)
        self._records.recompute(touched)

    def _touched(self, row: Lane, first: int, last: int) -> set[Dot]:
        touched: set[Dot] = set()
        for number in range(first, last + 1):
            opened = self.open(Ref(row.lane, number), aside=True)
            touched.update(part.record for part in opened.parts)
        return touched


def _meets(row: Lane, before: int, branch: Lane) -> bool:
    """Whether a lane that was applied from `before` on went past the fork at which a branch begins."""
    if branch.parent is None:
        return False
    at_fork = row.lane in {branch.lane, branch.parent.lane}
    return at_fork and before <= branch.parent.number < row.applied


def _end(log: Log, at: Ref) -> bool:
    entry = log.entry(*at)
    return entry is not None and entry.group_end
