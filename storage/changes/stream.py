"""Makes the changes of one transaction as it goes: every operation gets its dot at once, a full change is sealed early.

So a transaction may be as large as the disk: only the change that is being filled is held in memory. All of them are
one group (rule 20); nothing is coalesced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from storage.changes import header, parts
from storage.changes.author import Author, Draft, Written
from storage.changes.coalesce import Item, RecordEdits, own
from storage.changes.envelope import MAX_PARTS, NO_HASH
from storage.changes.errors import MayNotWriteError
from storage.changes.header import MAX_DEPENDENCIES, MAX_FEEDS, Header
from storage.changes.pack import Packer, Sheet
from storage.changes.parts import MAX_PLAIN_BYTES
from storage.changes.team import Team
from storage.changes.vectors import Vector, join
from storage.crdt.dots import Cause, Dot, index_of
from storage.crdt.operations import Add, Alive, Create, Dead, Operation, Set, Unset

_EASY: Final = frozenset({Create, Set, Unset, Add, Dead, Alive})


class Place(NamedTuple):
    """Where a stream stands: what is sealed, and what is in the change that is being filled."""

    sealed: int
    previous: bytes
    number: int
    filled: tuple[bytes, ...]
    feeds: dict[bytes, int]
    used: int


class Stream:
    """The changes of one transaction. `draft` says what their headers say; its edits are not looked at.

    Raises MayNotWriteError.
    """

    def __init__(self, author: Author, team: Team, draft: Draft, next_lane: int) -> None:
        if not team.may_write(team.head[0], author.device):
            raise MayNotWriteError
        self.row = author.open_lane()
        self.feed = author.feed or b""  # that its changes are in
        self.lane = next_lane if self.row is None else self.row.lane
        vector: Vector = {} if self.row is None else author.vectors.before(self.row)
        self._needs, self.advances = author.dependencies(self.row, vector)
        self.vector = join(vector, self.advances)
        self._seen = author.vectors.seen(self.vector)
        self.first = 1 if self.row is None else self.row.linked + 1
        self._packer = Packer(self.first, author.marks(self.lane, self.vector))
        sheets = self._packer.sheets
        while len(self._needs) > len(sheets) * MAX_DEPENDENCIES:
            sheets.append(Sheet(sheets[-1].number + 1))
        self._author, self._team, self._draft = author, team, draft
        self._previous = NO_HASH if self.row is None else self.row.tip
        self._sealed = 0

    @property
    def has_full(self) -> bool:
        """Whether `full` would give any."""
        return len(self._packer.sheets) > 1

    @property
    def stamp(self) -> int:
        """Of all its changes, ms since 1970 UTC."""
        return self._draft.stamp

    @property
    def action(self) -> tuple[bytes, int, bytes | None]:
        """Id, kind and the action undone or redone, as its headers say."""
        return self._draft.action, self._draft.kind, self._draft.of

    def cause(self, number: int) -> Cause:
        """The cause of an operation in the change with this number. It has no hash yet: nobody may order by it."""
        return Cause(self.lane, number, self.stamp, b"", self._seen)

    def add(
        self, collection: str, record: Dot | None, operations: Sequence[Operation]
    ) -> list[Dot]:
        """Put operations on one record after those before; gives the dot of each. `record` is None for a creation.

        Raises RefusedOperationError.
        """
        easily = self._easily(collection, record, operations)
        if easily is not None:
            return easily
        items = [Item(operation, (at,)) for at, operation in enumerate(operations)]
        self._packer.add(RecordEdits(collection, record or own(0), items))
        dots = [self._packer.placed(at) for at in range(len(items))]
        return [Dot(self.lane, number, at) for _, number, at in dots]

    def _easily(
        self, collection: str, record: Dot | None, operations: Sequence[Operation]
    ) -> list[Dot] | None:
        """As `add`, for operations that anybody can surely read and that fit; None for others."""
        if not _EASY.issuperset(map(type, operations)):
            return None
        sheet = self._packer.sheets[-1]
        part = len(sheet.parts) + 1
        if part >= MAX_PARTS or len(sheet.feeds) >= MAX_FEEDS:
            return None
        plain = parts.encode(parts.Part(collection, record, tuple(operations)), self._packer.write)
        if sheet.used + len(plain) > MAX_PLAIN_BYTES:
            return None
        sheet.parts.append(plain)
        sheet.used += len(plain)
        first = index_of(part, 0)
        return [Dot(self.lane, sheet.number, first + at) for at in range(len(operations))]

    def full(self) -> list[Written]:
        """The changes that are full, sealed."""
        sheets = self._packer.sheets
        ready, sheets[:] = sheets[:-1], sheets[-1:]
        return [self._seal(sheet, last=False) for sheet in ready]

    def so_far(self) -> list[Written]:
        """All changes that hold anything, sealed; the stream goes on in a new one."""
        sheets = self._packer.sheets
        if sheets[-1].parts:
            sheets.append(Sheet(sheets[-1].number + 1))
        return self.full()

    def end(self) -> list[Written]:
        """The rest of the changes, sealed; the stream ends here."""
        return [*self.full(), self._seal(self._packer.sheets[-1], last=True)]

    @property
    def place(self) -> Place:
        """Where it stands, for `back_to`. What is full must have been taken."""
        sheet = self._packer.sheets[-1]
        filling = (sheet.number, tuple(sheet.parts), dict(sheet.feeds), sheet.used)
        return Place(self._sealed, self._previous, *filling)

    def back_to(self, place: Place) -> None:
        """Forget what came after."""
        sheet = Sheet(place.number)
        sheet.parts, sheet.feeds, sheet.used = list(place.filled), dict(place.feeds), place.used
        self._packer.sheets[:] = [sheet]
        self._sealed, self._previous = place.sealed, place.previous

    def _seal(self, sheet: Sheet, *, last: bool) -> Written:
        draft = self._draft
        told = self._needs[self._sealed * MAX_DEPENDENCIES : (self._sealed + 1) * MAX_DEPENDENCIES]
        head = Header(
            *(draft.member, draft.action, draft.kind, draft.of, draft.stamp),
            *(tuple(told), tuple(sheet.feeds)),
        )
        plains = (header.encode(head), *sheet.parts)
        made = self._author.sealed(self._team, sheet.number, self._previous, plains, last=last)
        self._previous = made.hash
        self._sealed += 1
        return Written(made, plains)
