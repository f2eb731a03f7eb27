"""Makes the changes of one transaction: what it did, after what, signed and sealed (rules 17-22, 27, 29, 31).

A device writes to one feed as long as it can. When that feed forked, was cut off, or holds numbers that are not decided
here, it opens a new one: what it wrote before stays as it is, and nothing is ever written twice under one number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import Struct

from storage.changes import envelope, header, lanes
from storage.changes.coalesce import Edit, coalesce
from storage.changes.envelope import NO_HASH, Clear, Envelope
from storage.changes.errors import MalformedChangeError, MayNotWriteError, RefusedOperationError
from storage.changes.header import MAX_DEPENDENCIES, ORDINARY, Dependency, Header
from storage.changes.log import Lane, Log
from storage.changes.pack import Packer, Sheet
from storage.changes.rules import IN_FORCE, ChangeRules
from storage.changes.sealer import SALT_BYTES, Sealer
from storage.changes.team import Team
from storage.changes.vectors import Vector, Vectors, join
from storage.crdt.dots import Dot, Ref

FEED_BYTES = 16


class Draft(Struct, frozen=True):
    """What a transaction did, and in which action (rule 17); `stamp` is in milliseconds since 1970 UTC."""

    edits: Sequence[Edit]
    action: bytes  # 8 random bytes
    stamp: int
    kind: int = ORDINARY
    of: bytes | None = None  # the action that is undone or redone
    member: bytes | None = None  # who acts, at a station


class Written(NamedTuple):
    """One change made here, and its parts before they were sealed."""

    change: Envelope
    plains: tuple[bytes, ...]


class Author:
    """Writes changes of this device. `feed` is where it wrote last in this life of its database, None if nowhere."""

    def __init__(
        self,
        log: Log,
        sealer: Sealer,
        vectors: Vectors,
        random: Callable[[int], bytes],
        *,
        feed: bytes | None = None,
        rules: ChangeRules = IN_FORCE,
    ) -> None:
        self.feed = feed
        self._log, self._sealer, self.vectors = log, sealer, vectors
        self._random, self._rules = random, rules

    @property
    def device(self) -> bytes:
        """Whose changes they are."""
        return self._sealer.device

    def compose(self, draft: Draft, team: Team) -> list[Written]:
        """The changes of one transaction, to be given to `Absorber.write` before anything else is absorbed.

        Raises MayNotWriteError, RefusedOperationError, UnknownEpochError.
        """
        if not team.may_write(team.head[0], self._sealer.device):
            raise MayNotWriteError
        if not draft.edits:
            return []
        row = self.open_lane()
        vector: Vector = {} if row is None else self.vectors.before(row)
        needs, advanced = self.dependencies(row, vector)
        packer = Packer(
            1 if row is None else row.linked + 1,
            self.marks(None if row is None else row.lane, join(vector, advanced)),
        )
        sheets = packer.sheets
        while len(needs) > len(sheets) * MAX_DEPENDENCIES:
            sheets.append(Sheet(sheets[-1].number + 1))
        for record in coalesce(draft.edits):
            packer.add(record)
        previous = NO_HASH if row is None else row.tip
        written: list[Written] = []
        for i, sheet in enumerate(sheets):
            told = needs[i * MAX_DEPENDENCIES : (i + 1) * MAX_DEPENDENCIES]
            plains = (_header(draft, told, sheet), *sheet.parts)
            made = self.sealed(team, sheet.number, previous, plains, last=i + 1 == len(sheets))
            previous = made.hash
            written.append(Written(made, plains))
        return written

    def open_lane(self) -> Lane | None:
        """The lane to go on in; None, with a new feed, if there is none or no more."""
        family = self._log.family(self.feed) if self.feed is not None else ()
        if len(family) == 1 and family[0].applied == family[0].linked <= family[0].limit:
            return family[0]
        if self.feed is None or family:
            self.feed = self._random(FEED_BYTES)
        return None

    def dependencies(
        self, own: Lane | None, vector: Vector
    ) -> tuple[list[Dependency], dict[int, int]]:
        """Every feed or branch that advanced here since the author's last change (rule 18)."""
        rows = [
            row
            for row in self._log.lanes()
            if row.extent > max(row.start, vector.get(row.lane, 0)) and row is not own
        ]
        if not self._rules.all_advances_named:
            seen = [self.vectors.of(Ref(row.lane, row.extent)) for row in rows]
            rows = [
                row
                for i, row in enumerate(rows)
                if all(
                    j == i or other.get(row.lane, 0) < row.extent for j, other in enumerate(seen)
                )
            ]
        needs: list[Dependency] = []
        advanced: dict[int, int] = {}
        for row in rows:
            entry = self._log.entry(row.lane, row.extent)
            if entry is None:
                raise KeyError(row.lane)
            known = any(vector.get(other.lane) for other in self._log.family(row.feed))
            device = None if known else row.device
            needs.append(Dependency(row.feed, device, row.extent, entry.hash, entry.place))
            for lane, number in self.vectors.closed(Ref(row.lane, row.extent)).items():
                advanced[lane] = max(number, advanced.get(lane, 0))
        return needs, advanced

    def marks(self, own: int | None, vector: Vector) -> Callable[[Dot], bytes | None]:
        """What names the feed of a dot in a change of the lane `own`, whose author had applied `vector`."""

        def mark(dot: Dot) -> bytes | None:
            if dot.lane == own:
                return None
            return lanes.mark(self._log, dot.lane, dot.number, lambda lane: vector.get(lane, 0))

        return mark

    def sealed(
        self, team: Team, number: int, previous: bytes, plains: tuple[bytes, ...], *, last: bool
    ) -> Envelope:
        """One change of this device, signed and sealed."""
        place, head = team.head
        epoch, salt = team.epoch_at(place), self._random(SALT_BYTES)
        sealed = self._sealer.seal_all(epoch, salt, plains)
        clear = Clear(
            version=1,
            workspace=self._sealer.workspace,
            feed=self.feed or b"",
            number=number,
            device=self._sealer.device if number == 1 else None,
            previous=previous,
            place=place,
            head=head,
            epoch=epoch,
            compartment=0,
            salt=salt,
            group_end=last,
            part_hashes=tuple(map(envelope.part_hash, sealed)),
        )
        signed = envelope.encode_clear(clear)
        return envelope.assemble(clear, signed, self._sealer.sign(signed), sealed)


def _header(draft: Draft, needs: Sequence[Dependency], sheet: Sheet) -> bytes:
    told = Header(
        *(draft.member, draft.action, draft.kind, draft.of, draft.stamp),
        *(tuple(needs), tuple(sheet.feeds)),
    )
    plain = header.encode(told)
    try:
        header.decode(plain)
    except MalformedChangeError as error:
        # A draft out of bounds: everybody else would set the change aside.
        raise RefusedOperationError(error.reason) from None
    return plain
