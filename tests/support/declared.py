"""The merge rules as they are declared: over all operations at once, by quantifiers, with nothing absorbed.

Slow, and written from `rules.md` 5-9 and 12 without looking at how `storage.crdt` does it. Text is not in it: its
meaning is its library's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from storage.crdt.dots import Cause, Dot
from storage.crdt.operations import (
    CONTENT,
    Add,
    Alive,
    Create,
    Dead,
    Exclude,
    Include,
    ItemAlive,
    ItemDead,
    ItemMove,
    ItemNew,
    ItemRestore,
    ItemSet,
    Restore,
    Set,
    Unset,
)
from storage.crdt.past import Applied
from storage.crdt.values import ABSENT, canonical


class Write(NamedTuple):
    """One write of one register, whatever it is a part of."""

    place: tuple[Any, ...]
    dot: Dot
    cause: Cause
    value: Any
    dots: tuple[Dot, ...] | None = None  # a restore covers these alone
    over: Dot | None = None
    ordinary: bool = True
    added: Fraction | None = None


def sees(later: Applied | Write, earlier: Applied | Write) -> bool:
    """Rule 4: in another change by the vector, in one change by position."""
    if later.dot[:2] == earlier.dot[:2]:
        return later.dot.at > earlier.dot.at
    lane, number, _ = earlier.dot
    if lane == later.dot.lane:
        return number < later.dot.number
    return number <= later.cause.seen.get(lane, 0)


def registers(applied: list[Applied]) -> dict[tuple[Any, ...], dict[Dot, tuple[bool, Any]]]:
    """For each register its live writes: whether fallback, and the value shown for it (rules 5-7)."""
    writes = [write for one in applied for write in _writes(one)]
    out: dict[tuple[Any, ...], dict[Dot, tuple[bool, Any]]] = {}
    for place in {write.place for write in writes}:
        of_place = [write for write in writes if write.place == place]
        live = [x for x in of_place if not any(_covers(y, x) for y in of_place)]
        adds = [one for one in applied if isinstance(one.operation, Add) and _is_of(one, place)]
        out[place] = {w.dot: (_fallback(w, live), _shown(w, adds)) for w in live}
    return out


def loose(applied: list[Applied], field: str) -> Fraction | None:
    """The sum of all additions on a field."""
    amounts = [
        one.operation.amount
        for one in applied
        if isinstance(one.operation, Add) and one.operation.field == field
    ]
    return sum(amounts, Fraction()) if amounts else None


def elements(applied: list[Applied]) -> dict[str, set[tuple[Dot, bytes]]]:
    """For each set its live elements (rule 8)."""
    out: dict[str, set[tuple[Dot, bytes]]] = {}
    for one in applied:
        if isinstance(one.operation, Include):
            field = one.operation.field
            for value in one.operation.values:
                if not any(_removes(other, field, canonical(value), one) for other in applied):
                    out.setdefault(field, set()).add((one.dot, canonical(value)))
    return out


def life(applied: Iterable[Applied]) -> set[str]:
    """What the live claims on the record say (rule 12)."""
    claims = []
    for one in applied:
        if isinstance(one.operation, Dead):
            claims.append((one, "purged" if one.operation.purge else "dead"))
        elif isinstance(one.operation, Alive) or type(one.operation) in CONTENT:
            claims.append((one, "alive"))
    return {says for one, says in claims if not any(sees(other, one) for other, _ in claims)}


def items(applied: list[Applied]) -> dict[Dot, set[str]]:
    """For each item what the live claims on it say (rule 9)."""
    claims = []
    for one in applied:
        match one.operation:
            case ItemNew():
                claims.append((one, one.dot, "alive"))
            case ItemSet(item=item) | ItemAlive(item=item):
                claims.append((one, item, "alive"))
            case ItemRestore(item=item, name=name) if name is not None:
                claims.append((one, item, "alive"))
            case ItemDead(item=item):
                claims.append((one, item, "dead"))
            case _:
                pass
    out: dict[Dot, set[str]] = {}
    for one, item, says in claims:
        if not any(sees(other, one) for other, of, _ in claims if of == item):
            out.setdefault(item, set()).add(says)
    return out


def _writes(one: Applied) -> Iterator[Write]:
    operation, dot, cause = one
    match operation:
        case Set(values=values):
            for name, value in values.items():
                yield Write((name,), dot, cause, value)
        case Unset(fields=fields):
            for name in fields:
                yield Write((name,), dot, cause, ABSENT)
        case Restore(field=field, value=value, over=over, dots=dots):
            restored = Write((field,), dot, cause, value, dots, over)
            yield restored._replace(ordinary=operation.ordinary, added=operation.added)
        case ItemNew(field=field, key=key, values=values):
            yield Write((field, dot, None), dot, cause, key)
            for name, value in values.items():
                yield Write((field, dot, name), dot, cause, value)
        case ItemSet(field=field, item=item, values=values):
            for name, value in values.items():
                yield Write((field, item, name), dot, cause, value)
        case ItemMove(field=field, item=item, key=key):
            yield Write((field, item, None), dot, cause, key)
        case ItemRestore(field=field, item=item, name=name, value=value, over=over, dots=dots):
            place = (field, item, name)
            yield Write(place, dot, cause, value, dots, over, operation.ordinary)
        case Create() | Dead() | Alive() | _:
            pass


def _is_of(one: Applied, place: tuple[Any, ...]) -> bool:
    return isinstance(one.operation, Add) and place == (one.operation.field,)


def _covers(y: Write, x: Write) -> bool:
    return sees(y, x) and (y.dots is None or x.dot in y.dots)


def _fallback(write: Write, live: list[Write]) -> bool:
    if write.dots is None or write.ordinary:
        return False
    if write.over is None:
        return True
    over = write._replace(dot=write.over)
    return all(other is write or other.dot == write.over or sees(other, over) for other in live)


def _shown(write: Write, adds: list[Applied]) -> Any:
    """The value with what its author did not see, exact: a Fraction where something was added."""
    unseen = [
        one.operation.amount
        for one in adds
        if isinstance(one.operation, Add) and not sees(write, one)
    ]
    countable = write.value is ABSENT or (
        isinstance(write.value, int | float) and not isinstance(write.value, bool)
    )
    if write.added is not None:
        unseen.append(write.added)
    if not unseen or not countable:
        return write.value
    return Fraction(0 if write.value is ABSENT else write.value) + sum(unseen, Fraction())


def _removes(other: Applied, field: str, form: bytes, one: Applied) -> bool:
    if not isinstance(other.operation, Exclude) or other.operation.field != field:
        return False
    named = any(
        one.dot in dots and canonical(value) == form for value, dots in other.operation.removed
    )
    return named and sees(other, one)
