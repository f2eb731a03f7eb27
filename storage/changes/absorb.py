"""Takes in changes from anybody, in any order, any number of times: proves, links and holds them (rules 20-25, 31).

A change goes through four doors. *Well formed*: its bytes are a change of this workspace, with all its parts. *Known
head*: its author's chain record is on the chain here. *Genuine*: its signature verifies, or a genuine change of its
feed links to it, so that one signature at the end of a run proves the run. *Linked*: the change before it is here. What
waits before the last door is held, bounded by a quota; what is through is kept, counts in the feed's position and is
decided on by `settle`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from storage.changes import envelope
from storage.changes.accept import Verdict
from storage.changes.author import Written
from storage.changes.envelope import Envelope
from storage.changes.errors import MalformedChangeError
from storage.changes.lanes import branch_id, mark
from storage.changes.log import Lane, Log, Why
from storage.changes.rules import IN_FORCE, ChangeRules
from storage.changes.sealer import Sealer
from storage.changes.settle import Fresh, Records, Settling
from storage.changes.team import Team
from storage.crdt.dots import Ref


class Standing(StrEnum):
    """What became of a change that came in."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"  # kept and shown, outside the state
    HELD = "held"
    DUPLICATE = "duplicate"
    REFUSED = "refused"  # not kept: it is no change of this workspace


class Outcome(NamedTuple):
    """What became of one change, and why, in words."""

    standing: Standing
    hash: bytes | None  # None if the bytes were no change
    why: Why | Verdict | str = ""


class Quota(NamedTuple):
    """How much is held of what is not linked or not proved yet."""

    changes: int = 20_000
    size_bytes: int = 64 << 20


USUAL_QUOTA: Final = Quota()


class Position(NamedTuple):
    """How far one feed, or one branch of it, has come."""

    number: int
    hash: bytes


class Absorber:
    """Takes in changes. Whoever calls has the log's transaction open; nothing here waits or reads a clock."""

    def __init__(
        self,
        log: Log,
        records: Records,
        sealer: Sealer,
        team: Team,
        *,
        rules: ChangeRules = IN_FORCE,
        quota: Quota = USUAL_QUOTA,
    ) -> None:
        self.settling = Settling(log, records, sealer, team, rules)
        self._log, self._sealer, self._rules, self._quota = log, sealer, rules, quota

    @property
    def team(self) -> Team:
        """The chain as it is known here."""
        return self.settling.team

    def receive(self, changes: Iterable[bytes]) -> list[Outcome]:
        """Take in changes; one outcome for each, in order. Bytes that are no change are refused in words."""
        outcomes: list[Outcome | None] = []
        news: dict[bytes, Envelope] = {}
        for raw in changes:
            outcome = self._look(raw, news)
            outcomes.append(outcome if isinstance(outcome, Outcome) else None)
        refused: dict[bytes, str] = {}
        for run in _runs(news.values()):
            self._admit(run, refused)
        waiting = iter(news)
        return [
            outcome if outcome is not None else self._outcome(next(waiting), refused)
            for outcome in outcomes
        ]

    def write(self, written: Sequence[Written]) -> None:
        """Take in the changes of one transaction made here by `Author.compose`."""
        if written:
            self._link([Fresh(each.change, each.plains) for each in written])

    def extend(self, team: Team) -> None:
        """Go on with a longer chain, or with another branch of it that this device now follows."""
        before, self.settling.team = self.settling.team, team
        place, head = before.head
        if team.place_of(head) != place:
            self.settling.rebuild()
        else:
            feeds = {
                row.feed
                for device in team.fenced_after(place)
                for row in self._log.lanes_of(device)
            }
            self.settling.recheck(feeds)
        for key in self._log.held_keys(Why.HEAD):
            if team.place_of(key) is not None:
                self._admit_held(key)
        self.wake()

    def wake(self) -> None:
        """Look again at everything that waits: keys or fences have come."""
        self.settling.advance([row.lane for row in self._log.lanes() if row.applied < row.linked])

    def standing(self, change: bytes) -> Outcome:
        """How the change with this hash stands now."""
        return self._outcome(change, {})

    def set_aside(self) -> Iterator[tuple[Ref, Verdict]]:
        """The rejected changes, which are kept and shown; also behind one that still waits."""
        for row in self._log.lanes():
            for number in range(max(row.limit, row.start) + 1, row.linked + 1):
                yield Ref(row.lane, number), _why_cut(row, number)

    def positions(self) -> dict[bytes, Position]:
        """Of each feed and branch the last change here, accepted or not (rule 21)."""
        return self._vector(lambda row: row.linked)

    def ends(self, device: bytes) -> dict[bytes, list[Position]]:
        """The last change that counts of each feed of a device, of each branch if it forked: what fences it (27)."""
        ends: dict[bytes, list[Position]] = {}
        for row in self._log.lanes_of(device):
            entry = self._log.entry(row.lane, row.extent)
            if entry is not None and not self._goes_on(row, row.extent, _extent):
                ends.setdefault(row.feed, []).append(Position(row.extent, entry.hash))
        return ends

    def clipped(self) -> dict[bytes, Position]:
        """Of each feed and branch the last change that is applied and counts: with the head it fixes the digest."""
        return self._vector(_extent)

    # ----------------------------------------------------------------------------------- doors

    def _look(self, raw: bytes, news: dict[bytes, Envelope]) -> Outcome | Envelope:
        """The first door; what goes through joins the news."""
        try:
            change = envelope.decode(raw)
        except MalformedChangeError as error:
            return Outcome(Standing.REFUSED, None, str(error))
        if change.clear.workspace != self._sealer.workspace:
            return Outcome(Standing.REFUSED, change.hash, "It belongs to another workspace.")
        if change.hash in news or self._log.find(change.hash) is not None:
            return Outcome(Standing.DUPLICATE, change.hash)
        if not change.whole:
            return Outcome(Standing.HELD, change.hash, Why.PART)
        if self._log.is_held(change.hash) is not None:
            return Outcome(Standing.DUPLICATE, change.hash)
        news[change.hash] = change
        return change

    def _admit(self, run: Sequence[Envelope], refused: dict[bytes, str]) -> None:
        """Take a run of linked changes through the other doors, and what was held for any of them."""
        todo = [list(run)]
        while todo:
            run = todo.pop()
            genuine = self._genuine(run, refused)
            if genuine:
                self._link([Fresh(change) for change in genuine])
                for change in genuine:
                    held = self._log.held(change.hash)
                    todo.extend(self._held_run(envelope.decode(raw)) for raw in held)

    def _admit_held(self, key: bytes) -> None:
        for raw in self._log.held(key):
            self._admit(self._held_run(envelope.decode(raw)), {})

    def _held_run(self, change: Envelope) -> list[Envelope]:
        """A held change, and the held ones that follow it, as long as each is followed by one only."""
        run = [change]
        while True:
            after = self._log.held(run[-1].hash)
            if len(after) != 1:
                return run
            run.append(envelope.decode(after[0]))

    def _genuine(self, run: Sequence[Envelope], refused: dict[bytes, str]) -> list[Envelope]:
        """The beginning of a run that may be linked; the rest is held or refused."""
        first = run[0]
        before: Ref | None = None
        if first.clear.number > 1:
            before = self._log.find(first.clear.previous)
            if before is None:
                self._hold(run, Why.LINK, first.clear.previous, refused)
                return []
        device, place, wrong = self._follows(first, before)
        if wrong:
            self._refuse(run, wrong, refused)
            return []
        known = len(run)
        head = b""
        for i, change in enumerate(run):
            clear = change.clear
            if clear.head == head and clear.place == place:
                continue
            found = self.team.place_of(clear.head)
            if found is None:
                self._hold(run[i:], Why.HEAD, clear.head, refused)
                known = i
                break
            if found != clear.place or clear.place < place:
                reason = "It names a state of the team before the one that its device knew already."
                self._refuse(run[i:], reason, refused)
                known = i
                break
            head, place = clear.head, clear.place
        while known:
            last = run[known - 1]
            if self._sealer.verify(device, last.signed, last.signature):
                break
            self._refuse([last], "It is not signed by the device it names.", refused)
            known -= 1
        return list(run[:known])

    def _follows(self, first: Envelope, before: Ref | None) -> tuple[bytes, int, str]:
        """Whose change it must be, the place its head is not before, and what is wrong with it."""
        clear = first.clear
        if before is None:
            if self._rules.branches_count or not self._log.family(clear.feed):
                return clear.device or b"", 0, ""
            return b"", 0, "Its number is taken."
        row, entry = self._log.lane(before.lane), self._log.entry(*before)
        if entry is None or before.number + 1 != clear.number or row.feed != clear.feed:
            return b"", 0, "It follows a change that is not the one before it in its feed."
        if not self._rules.branches_count and before.number < row.linked:
            return b"", 0, "Its number is taken."
        return row.device, entry.place, ""

    def _link(self, run: Sequence[Fresh]) -> None:
        """Put genuine changes where they belong, and decide on them."""
        first = run[0].change
        before = self._log.find(first.clear.previous) if first.clear.number > 1 else None
        row, forked = self._lane_for(first, before)
        fresh: dict[tuple[int, int], Fresh] = {}
        for each in run:
            change = each.change
            clear = change.clear
            self._log.append(row.lane, change)
            row.linked, row.tip, row.place = clear.number, change.hash, clear.place
            fresh[row.lane, clear.number] = each
            self._log.release(change.hash)
        self._log.save(row)
        if forked is not None:
            self.settling.split(forked, row)
        if len(self._log.family(row.feed)) > 1:
            # A longer branch may show where the one that a fence names begins.
            self.settling.recheck([row.feed])
        self.settling.advance([row.lane], fresh)

    def _lane_for(self, first: Envelope, before: Ref | None) -> tuple[Lane, Ref | None]:
        """The lane that a change belongs to, and where the feed forked if it opens a branch."""
        feed = first.clear.feed
        if before is None:
            family = self._log.family(feed)
            fork = Ref(family[0].lane, 0) if family else None
            return self._log.add_lane(feed, first.clear.device or b"", fork, first), fork
        row = self._log.lane(before.lane)
        if row.linked == before.number:
            return row, None
        return self._log.add_lane(feed, row.device, before, first), before

    # --------------------------------------------------------------------------------- waiting

    def _hold(
        self, run: Sequence[Envelope], why: Why, key: bytes, refused: dict[bytes, str]
    ) -> None:
        """Hold a run: the first for the key, each other for the one before it."""
        changes, size = self._log.held_room()
        for change in run:
            if self._log.is_held(change.hash) is None:
                changes, size = changes + 1, size + len(change.raw)
                if changes > self._quota.changes or size > self._quota.size_bytes:
                    refused[change.hash] = "Too much is waiting already; it can be asked for again."
                    continue
            self._log.hold(change, why, key)
            why, key = Why.LINK, change.hash

    def _refuse(self, run: Sequence[Envelope], reason: str, refused: dict[bytes, str]) -> None:
        for change in run:
            self._log.release(change.hash)
            refused[change.hash] = reason
            reason = "It follows a change that was refused."

    def _outcome(self, change: bytes, refused: dict[bytes, str]) -> Outcome:
        at = self._log.find(change)
        if at is None:
            why = self._log.is_held(change)
            if why is not None:
                return Outcome(Standing.HELD, change, why)
            return Outcome(Standing.REFUSED, change, refused.get(change, "It is not here."))
        row = self._log.lane(at.lane)
        if at.number <= row.extent:
            return Outcome(Standing.ACCEPTED, change, Verdict.ACCEPTED)
        if at.number > row.limit:
            return Outcome(Standing.REJECTED, change, _why_cut(row, at.number))
        return Outcome(Standing.HELD, change, self.settling.why_waiting(row))

    def _vector(self, extent: Callable[[Lane], int]) -> dict[bytes, Position]:
        vector: dict[bytes, Position] = {}
        for row in self._log.lanes():
            number = extent(row)
            entry = self._log.entry(row.lane, number)
            if entry is not None and not self._goes_on(row, number, extent):
                named = mark(self._log, row.lane, number, lambda lane: extent(self._log.lane(lane)))
                name = named if len(named) == len(row.feed) else branch_id(row.feed, named)
                vector[name] = Position(number, entry.hash)
        return vector

    def _goes_on(self, row: Lane, number: int, extent: Callable[[Lane], int]) -> bool:
        """Whether a branch goes on from where a lane ends: then the branch has the feed's last change."""
        at = Ref(row.lane, number)
        return any(
            child.parent == at and extent(child) > number for child in self._log.family(row.feed)
        )


def _extent(row: Lane) -> int:
    return row.extent


def _why_cut(row: Lane, number: int) -> Verdict:
    """The verdict of the cut that a rejected number lies next behind."""
    behind = [cut for cut in row.cuts if cut.number < number]
    return max(behind, key=lambda cut: cut.number).verdict if behind else Verdict.AFTER_REJECTED


def _runs(changes: Iterable[Envelope]) -> Iterator[list[Envelope]]:
    """Runs in which each change follows the one before."""
    run: list[Envelope] = []
    for change in changes:
        if run and (
            change.clear.previous != run[-1].hash
            or change.clear.number != run[-1].clear.number + 1
            or change.clear.feed != run[-1].clear.feed
        ):
            yield run
            run = []
        run.append(change)
    if run:
        yield run
