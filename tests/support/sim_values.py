"""What one accepted operation writes, adds and says: the small words of `sim_truth`, of its own making."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from storage.crdt import operations as op
from storage.crdt.values import ABSENT

Global = tuple[bytes, int]  # a dot as all replicas know it: hash of its change, index
Facts = dict[str, Any]  # of one record, see `Truth.facts`


class One(NamedTuple):
    """One accepted operation."""

    change: int
    at: int
    operation: op.Operation


class Entry(NamedTuple):
    """A write that may be live."""

    by: One
    value: Any
    restore: op.Restore | op.ItemRestore | None = None


def form(value: Any) -> str | None:
    """A value as rule *canonical* spells it."""
    if value is ABSENT:
        return None
    if isinstance(value, bytes):
        return "key " + value.hex()
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def derived(dot: Global) -> int:
    """The id that a record gets if another one has the id it would like."""
    hashed = hashlib.blake2b(dot[0] + dot[1].to_bytes(4), digest_size=8, person=b"CHrecordid")
    return 1 << 62 | int.from_bytes(hashed.digest()) >> 2


def branch_id(feed: bytes, first: bytes) -> bytes:
    """The name of a branch (rule 31)."""
    return hashlib.blake2b(feed + first, digest_size=16, person=b"CHbranch").digest()


def writes_of(done: list[One], field: str) -> Iterator[Entry]:
    for one in done:
        match one.operation:
            case op.Set(values=values):
                yield Entry(one, values[field])
            case op.Unset():
                yield Entry(one, ABSENT)
            case op.Restore(value=value):
                yield Entry(one, value, one.operation)
            case _:
                pass


def added_to(done: list[One], field: str) -> Iterator[tuple[One, Fraction]]:
    for one in done:
        if isinstance(one.operation, op.Add) and one.operation.field == field:
            yield one, one.operation.amount


def sum_of(amounts: Iterable[Fraction]) -> Fraction | None:
    found = list(amounts)
    return sum(found, Fraction()) if found else None


def move_of(one: One) -> Entry | None:
    match one.operation:
        case op.ItemNew(key=key) | op.ItemMove(key=key):
            return Entry(one, key)
        case op.ItemRestore(name=None, value=value):
            return Entry(one, value, one.operation)
        case _:
            return None


def names_in(operation: op.Operation) -> Iterable[str]:
    match operation:
        case op.ItemNew(values=values) | op.ItemSet(values=values):
            return values
        case op.ItemRestore(name=str(name)):
            return (name,)
        case _:
            return ()


def values_of(one: One, name: str) -> Iterator[Entry]:
    match one.operation:
        case op.ItemNew(values=values) | op.ItemSet(values=values) if name in values:
            yield Entry(one, values[name])
        case op.ItemRestore(name=inner, value=value) if inner == name:
            yield Entry(one, value, one.operation)
        case _:
            pass


def says_of(operation: op.Operation) -> int | None:
    match operation:
        case op.ItemDead():
            return 1
        case op.ItemNew() | op.ItemSet() | op.ItemAlive():
            return 0
        case op.ItemRestore(name=str()):
            return 0
        case _:
            return None


def clash(one: dict[int, tuple[int, int]], other: dict[int, tuple[int, int]]) -> bool:
    return any(
        peer in other and start < other[peer][1] and other[peer][0] < end
        for peer, (start, end) in one.items()
    )


def with_sum(value: Any, total: Fraction | None) -> Any:
    """A value with what was added to it."""
    number = type(value) in (int, float)
    if total is None or not (number or value is ABSENT):
        return value
    whole = total + (Fraction(value) if number else 0)
    if type(value) is not float and whole.denominator == 1:
        return int(whole)
    try:
        return float(whole) + 0.0
    except OverflowError:
        return round(whole)


def shown_of(said: dict[str, Any]) -> Any:
    """What a field shows if no schema says otherwise."""
    if said["entries"]:
        *_, total, _, value = said["entries"][0]
        shown = with_sum(value, total)
    else:
        shown = with_sum(ABSENT, said["loose"])
    if shown is not ABSENT:
        return shown
    if said["set"]:
        return [json.loads(one) for one in dict.fromkeys(spelled for _, spelled in said["set"])]
    if said["text"] is not None:
        return said["text"][0]
    alive = [one for one in said["items"] if any(says == 0 for _, says in one[1])]
    if alive:
        return [
            {
                name: each[0][-1]
                for name, each in values.items()
                if each and each[0][-1] is not ABSENT
            }
            for _, _, _, values in alive
        ]
    return ABSENT
