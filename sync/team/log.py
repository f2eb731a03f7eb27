"""What a device has heard of its team: every valid record, the branch it follows, and evidence of second records.

Owns no file and no clock. Records may come in any order and any number of times.

1. Nothing enters that is not valid after the record before it; what comes too early waits, within a quota.
2. The first valid branch seen is followed, and its extensions, and left only by rule 35 (`sync.team.choice`).
3. A second record for a place is kept and shown; it stops nothing (rule 36).
4. A new log that hears the same in the same order follows the same branch; so does one that hears `records`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from sync.errors import BacklogError, ForeignRecordError, NotJoinedError, TeamLogError
from sync.team.choice import better, leaves_for
from sync.team.fold import begin, follow
from sync.team.records import Record
from sync.team.state import State
from sync.team.view import TeamView
from sync.team.wire import Takeover

WAITING: Final = 256  # records whose predecessors are missing
WAITING_BYTES: Final = 1 << 20
SENT: Final = 64  # records in one answer
SENT_BYTES: Final = 256 * 1024

Standing = Literal["new", "known", "waiting"]


@dataclass(slots=True, eq=False)
class _Node:
    """A valid record with the state after it."""

    record: Record
    state: State
    parent: _Node | None
    children: list[_Node] = field(default_factory=list)  # in the order seen

    def path(self) -> list[_Node]:
        """From the genesis to this."""
        back, node = [self], self
        while node.parent is not None:
            node = node.parent
            back.append(node)
        return back[::-1]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two records for one place: the one seen first, or followed now, and another, with who signed that."""

    place: int
    author: bytes
    first: bytes
    other: bytes
    takeover: bool  # a takeover may do so; a keeper may not
    raw: bytes = field(repr=False)  # the other, as it came


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a record, and of those that had waited for it."""

    standing: Standing
    before: bytes  # the head followed before
    after: bytes  # and now
    switched: bool  # the branch was left for another: what was accepted is to be judged again
    added: tuple[
        bytes, ...
    ]  # the records that are known from now on, in order: this one, and those that had waited
    refused: tuple[TeamLogError, ...]  # of those that had waited


class TeamLog:
    """The records one device knows. Not for several threads at once."""

    def __init__(
        self, genesis: bytes, *, workspace: bytes | None = None, anchor: bytes | None = None
    ) -> None:
        """Begin with the genesis. `anchor` is the head of an invitation: no chain without it is taken (rule 39).

        Raises TeamLogError; ForeignRecordError if the genesis is not that of the workspace.
        """
        record = Record.parse(genesis)
        if workspace is not None and record.hash != workspace:
            raise ForeignRecordError
        root = _Node(record, begin(record), None)
        self._nodes = {record.hash: root}
        self._takeovers: list[_Node] = []
        self._anchor = anchor if anchor != record.hash else None
        self._followed = root
        self._places = {record.hash: 0}
        self._view = TeamView(root.state, self._places)
        self._waiting: dict[
            bytes, dict[bytes, Record]
        ] = {}  # hash of the one before -> those after it

    # -- what is known -------------------------------------------------------------------------

    @property
    def joined(self) -> bool:
        """Whether the head that the invitation named has come."""
        return self._anchor is None

    @property
    def team(self) -> TeamView:
        """The followed branch. Raises NotJoinedError."""
        if not self.joined:
            raise NotJoinedError
        return self._view

    @property
    def state(self) -> State:
        """The fold of the followed branch. Raises NotJoinedError."""
        return self.team.state

    @property
    def workspace(self) -> bytes:
        """The workspace's id."""
        return self._followed.state.workspace

    def __contains__(self, head: object) -> bool:
        """Whether the record with this hash is known, on whatever branch."""
        return head in self._nodes

    def state_at(self, head: bytes) -> State:
        """The state after a record on whatever branch. Raises KeyError."""
        return self._nodes[head].state

    @property
    def records(self) -> tuple[bytes, ...]:
        """All records: the followed branch first, then the others as they came. To be stored in this order."""
        followed = [node.record for node in self._followed.path()]
        hashes = {record.hash for record in followed}
        others = [node.record for hash_, node in self._nodes.items() if hash_ not in hashes]
        return tuple(record.raw for record in (*followed, *others))

    @property
    def waiting(self) -> int:
        """How many records wait for one before them."""
        return sum(len(some) for some in self._waiting.values())

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Every second record for a place, ascending by place."""
        found = [one for node in self._nodes.values() for one in self._seconds(node)]
        return tuple(sorted(found, key=lambda one: (one.place, one.other)))

    def _seconds(self, node: _Node) -> Iterator[Evidence]:
        if len(node.children) > 1:
            first = next(
                (child for child in node.children if child.record.hash in self._places),
                node.children[0],
            )
            for child in node.children:
                if child is not first:
                    record = child.record
                    yield Evidence(
                        record.body.place,
                        record.author,
                        first.record.hash,
                        record.hash,
                        isinstance(record.act, Takeover),
                        record.raw,
                    )

    def after(self, head: bytes, device: bytes | None = None) -> tuple[bytes, ...]:
        """Records that lead from a head that the caller names to the followed one, within one answer (rule 42).

        Empty if the head is not known here. A caller's `device` that was removed gets no record after its removal.
        """
        node = self._nodes.get(head)
        while node is not None and node.record.hash not in self._places:
            node = node.parent
        if node is None or not self.joined:
            return ()
        answer: list[bytes] = []
        for step in self._followed.path()[node.state.place :]:
            state, raw = step.state, step.record.raw
            if step is not node:
                if len(answer) == SENT or sum(map(len, answer)) + len(raw) > SENT_BYTES:
                    break
                answer.append(raw)
            if device in state.known and device not in state.devices:
                break
        return tuple(answer)

    # -- what comes ----------------------------------------------------------------------------

    def receive(self, raw: bytes) -> Heard:
        """Take a record, whatever way it came. Raises TeamLogError, and then nothing has changed."""
        record = Record.parse(raw)
        before = self._followed
        if record.hash in self._nodes:
            return self._heard("known", before)
        if record.body.workspace != self.workspace:
            raise ForeignRecordError
        if record.body.previous not in self._nodes:
            self._wait(record)
            return self._heard("waiting", before)
        self._take(record)
        added, refused = self._take_waiting(record)
        return self._heard("new", before, added, refused)

    def _heard(
        self,
        standing: Standing,
        before: _Node,
        added: tuple[bytes, ...] = (),
        refused: tuple[TeamLogError, ...] = (),
    ) -> Heard:
        switched = before.record.hash not in self._places
        return Heard(
            standing, before.state.head, self._followed.state.head, switched, added, refused
        )

    def forget_waiting(self) -> int:
        """Drop what waits, as when the connection that brought it ends. Returns how many records that were."""
        waiting = self.waiting
        self._waiting.clear()
        return waiting

    def _wait(self, record: Record) -> None:
        some = [one for after in self._waiting.values() for one in after.values()]
        if record.hash in self._waiting.get(record.body.previous, {}):
            return
        if (
            len(some) >= WAITING
            or sum(len(one.raw) for one in some) + len(record.raw) > WAITING_BYTES
        ):
            raise BacklogError(len(some))
        self._waiting.setdefault(record.body.previous, {})[record.hash] = record

    def _take_waiting(self, first: Record) -> tuple[tuple[bytes, ...], tuple[TeamLogError, ...]]:
        """Take what waited for a record, and for that in turn. What was taken, the first with it, and the refusals."""
        taken, refused = [first], list[TeamLogError]()
        for earlier in taken:  # which grows
            for record in self._waiting.pop(earlier.hash, {}).values():
                try:
                    self._take(record)
                except TeamLogError as problem:
                    refused.append(problem)
                else:
                    taken.append(record)
        return tuple(record.raw for record in taken), tuple(refused)

    def _take(self, record: Record) -> None:
        """Add a record whose predecessor is known. Raises TeamLogError."""
        parent = self._nodes[record.body.previous]
        node = _Node(record, follow(parent.state, record), parent)
        parent.children.append(node)
        self._nodes[record.hash] = node
        if isinstance(record.act, Takeover):
            self._takeovers.append(node)
        if record.hash == self._anchor:
            self._anchor = None
            self._go_to(node)
        elif parent is self._followed:
            self._go_to(node)
        self._choose()

    # -- which branch --------------------------------------------------------------------------

    def _choose(self) -> None:
        """Leave the followed branch while another one is to be followed instead; each step goes to a better one."""
        while (best := self._best()) is not None:
            self._go_to(best)

    def _best(self) -> _Node | None:
        best: _Node | None = None
        for node in self._takeovers:
            if node.record.hash in self._places:
                continue
            if leaves_for(self._followed.state, node.state) and (
                best is None or better(node.state, best.state)
            ):
                best = node
        return best

    def _go_to(self, node: _Node) -> None:
        """Follow a record and, from there, the extensions that were seen first."""
        while node.children:
            node = node.children[0]
        if node.parent is self._followed:
            self._places[node.record.hash] = node.state.place
        else:
            self._places = {step.record.hash: step.state.place for step in node.path()}
        self._followed = node
        self._view = TeamView(node.state, self._places)
