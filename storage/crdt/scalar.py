"""The one value of a field: register and number together (`rules.md` 5-7).

1. A write covers the entries that its author saw; a restore covers the dots it names, and of those only what it saw.
2. Entries stand best first: ordinary ones before fallback ones, then by greatest (stamp, change hash, index).
3. An entry carries the sum of the accepted additions that it did not see; `loose` is the sum of all. Both are exact,
   and None, not zero, if there was no addition.
"""

from __future__ import annotations

from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

from storage.crdt import amounts
from storage.crdt.dots import Dot
from storage.crdt.operations import Add, ItemRestore, Restore
from storage.crdt.step import Step, in_order
from storage.crdt.values import ABSENT, Value, same


class Kind(IntEnum):
    """How an entry was written."""

    WRITTEN = 0
    RESTORED = 1  # by undo: fallback if all others know what came back
    REDONE = 2


class Entry(NamedTuple):
    """One live write."""

    dot: Dot
    stamp: int
    value: Value
    total: Fraction | None = None  # of the additions that its author did not see, or brought back
    kind: Kind = Kind.WRITTEN
    over: Dot | None = None  # the write whose value a restore brought back
    fallback: bool = False

    @property
    def shown(self) -> Value:
        """Its value, additions included."""
        return amounts.shown(self.value, self.total)


class Scalar:
    """The live writes of a field, and its additions."""

    __slots__ = ("entries", "last", "loose")

    def __init__(
        self,
        entries: list[Entry] | None = None,
        loose: Fraction | None = None,
        last: dict[int, int] | None = None,
    ) -> None:
        self.entries = entries if entries is not None else []
        self.loose = loose
        self.last = last if last is not None else {}  # by lane, the number of the last addition

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scalar):
            return NotImplemented
        alike = self.loose == other.loose and self.last == other.last
        return alike and _comparable(self.entries) == _comparable(other.entries)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Scalar({self.entries!r}, {self.loose!r}, {self.last!r})"

    def write(self, value: Value, step: Step) -> None:
        """A plain write, or with ABSENT a removal (rule 5)."""
        sees = step.cause.sees
        kept = [old for old in self.entries if not sees(old.dot)]
        kept.append(Entry(step.dot, step.cause.stamp, value, self._unseen(step)))
        self._arrange(kept, step)

    def restore(self, operation: Restore | ItemRestore, step: Step) -> None:
        """Undo or redo of a write (rule 6)."""
        covered = {dot for dot in operation.dots if step.cause.sees(dot)}
        kept = [old for old in self.entries if old.dot not in covered]
        kind = Kind.REDONE if operation.ordinary else Kind.RESTORED
        total = self._unseen(step)
        if isinstance(operation, Restore) and operation.added is not None:
            total = amounts.plus(total, operation.added)
        value, stamp = operation.value, step.cause.stamp
        kept.append(Entry(step.dot, stamp, value, total, kind, operation.over))
        self._arrange(kept, step)

    def add(self, amount: Fraction, step: Step) -> None:
        """An addition (rule 7). No live entry can have seen it, for it arrives after all that saw it not."""
        self.loose = amounts.plus(self.loose, amount)
        self.last[step.dot.lane] = step.dot.number
        self.entries = [old._replace(total=amounts.plus(old.total, amount)) for old in self.entries]

    @property
    def shown(self) -> Value:
        """The value that people see, ABSENT if there is none."""
        if self.entries:
            return self.entries[0].shown
        return amounts.shown(ABSENT, self.loose)

    @property
    def siblings(self) -> list[Entry]:
        """The shown entry and those that ask for a decision beside it, best first (rules 5, 6)."""
        return [entry for entry in self.entries if not entry.fallback] or self.entries[:1]

    @property
    def in_conflict(self) -> bool:
        """Whether two siblings have different values, what was added to each included."""
        siblings = self.siblings
        return any(not same(siblings[0].shown, one.shown) for one in siblings[1:])

    def _unseen(self, step: Step) -> Fraction | None:
        """The sum of the additions absorbed so far that the step's author did not see."""
        sees, last = step.cause.sees, self.last
        if not step.rules.counts_keep_unseen:
            return None
        if all(sees(Dot(lane, number, 0)) for lane, number in last.items()):
            return None
        total: Fraction | None = None
        for operation, dot, _ in step.operations():
            absorbed = dot.number <= last.get(dot.lane, 0)
            if isinstance(operation, Add) and absorbed and not sees(dot):
                total = amounts.plus(total, operation.amount)
        return total

    def _arrange(self, entries: list[Entry], step: Step) -> None:
        if any(entry.kind is Kind.RESTORED for entry in entries):
            entries = [_flagged(entry, entries, step) for entry in entries]
        best_first = in_order(entries, step)[::-1]
        self.entries = sorted(best_first, key=lambda entry: entry.fallback)


def _flagged(entry: Entry, entries: list[Entry], step: Step) -> Entry:
    """The entry, as fallback or ordinary: fallback iff every other live write knew what it brought back (rule 6)."""
    if entry.kind is not Kind.RESTORED:
        return entry
    over = entry.over
    known = over is None or all(
        other is entry or other.dot == over or step.past.sees(other.dot, over) for other in entries
    )
    return entry._replace(fallback=known)


def _comparable(entries: list[Entry]) -> list[tuple[object, ...]]:
    return [(*entry[:2], type(entry.value), *entry[2:]) for entry in entries]
