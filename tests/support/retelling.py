"""Makes records of opened changes as `docs/format.md` says, with none of the program's code.

The slow way: all operations of a record are kept, each with what its author had applied, and every question is answered
from them. Feeds that forked, records that want one id and ordered items are more than it follows.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from loro import LoroDoc

from tests.support.reader import Change, unpacked

ABSENT = object()
CONTENT = {1, 2, 3, 4, 5, 6, 7, 8}
SIGNS = "0123456789abcdefghjkmnpqrstvwxyz"
FAMILIES = {"longtext": "text", "choices": "set", "tags": "set"}  # by the kind of a field


class Dot(NamedTuple):
    """An operation's name."""

    feed: bytes
    number: int
    at: int


class Done(NamedTuple):
    """An operation, what its author had seen, and what orders it."""

    dot: Dot
    operation: list[Any]
    seen: Mapping[bytes, int]
    stamp: int
    hash: bytes

    def sees(self, other: Dot) -> bool:
        """Whether its author had applied another operation, one that was told before this one."""
        return self.seen.get(other.feed, 0) >= other.number

    @property
    def rank(self) -> tuple[int, bytes, int]:
        """The greatest of concurrent writes is shown."""
        return self.stamp, self.hash, self.dot.at


@dataclass
class Record:
    """Everything that was ever done to one record, in causal order."""

    collection: str
    dot: Dot
    done: list[Done] = field(default_factory=list)

    @property
    def id(self) -> int:
        """The id it has, since nobody else wants it."""
        wanted: int = self.done[0].operation[1]
        return wanted

    @property
    def created_ms(self) -> int:
        """When its author made it."""
        return self.done[0].stamp

    @property
    def alive(self) -> bool:
        """Whether it is there."""
        return "alive" in self.life

    @property
    def life(self) -> set[str]:
        """What live claims say: alive, dead, purged."""
        claims: list[tuple[Dot, str]] = []
        for one in self.done:
            code = one.operation[0]
            says = "alive" if code in CONTENT or code == 16 else None
            if code == 15:
                says = "purged" if one.operation[1] else "dead"
            if says:
                claims = [(dot, said) for dot, said in claims if not one.sees(dot)]
                claims.append((one.dot, says))
        return {says for _, says in claims}

    def document(self, families: Mapping[str, str]) -> dict[str, Any]:
        """What is shown of it."""
        names = dict.fromkeys(name for one in self.done for name in _fields(one.operation))
        shown = {}
        for name in names:
            first = families.get(name)
            order = ["number", "set", "text"]
            for family in [first, *order] if first else order:
                value = _SHOWN[family](name, self.done)
                if value is not ABSENT:
                    shown[name] = value
                    break
        return shown

    def live(self, name: str) -> list[tuple[Any, ...]]:
        """The live writes of a field: (operation, value, fallback), with what was added to each."""
        writes: list[Done] = []
        for one in self.done:
            code, of = one.operation[0], _fields(one.operation)
            if name in of and code in {2, 3}:
                writes = [old for old in writes if not one.sees(old.dot)] + [one]
            elif name in of and code == 4:
                covered = [dot for dot in one.operation[4] if one.sees(dot)]
                writes = [old for old in writes if old.dot not in covered] + [one]
        return [(one, _value(one, name), _is_fallback(one, writes)) for one in writes]


def _fields(operation: list[Any]) -> Iterable[str]:
    code, *rest = operation
    if code in {2, 3}:
        names: Iterable[str] = rest[0]
        return names
    return [rest[0]] if code in {4, 5, 6, 7, 8} else []


def _value(one: Done, name: str) -> Any:
    code = one.operation[0]
    if code == 2:
        return one.operation[1][name]
    if code == 4 and one.operation[2]:
        return one.operation[2][0]
    return ABSENT


def _is_fallback(one: Done, writes: list[Done]) -> bool:
    if one.operation[0] != 4 or one.operation[5]:
        return False
    over = one.operation[3]
    others = (other for other in writes if other is not one and other.dot != over)
    return over is None or all(other.sees(over) for other in others)


def _number(name: str, done: list[Done]) -> Any:
    """The shown write, with what was added to it."""
    adds = [one for one in done if one.operation[0] == 5 and one.operation[1] == name]
    live = Record("", done[0].dot, done).live(name)
    if not live:
        return _sum(ABSENT, [Fraction(*one.operation[2:]) for one in adds])
    write, value, _ = max(live, key=lambda each: (not each[2], each[0].rank))
    amounts = [Fraction(*one.operation[2:]) for one in adds if not write.sees(one.dot)]
    if write.operation[0] == 4 and write.operation[6]:
        amounts.append(Fraction(*write.operation[6]))
    return _sum(value, amounts)


def _sum(value: Any, amounts: list[Fraction]) -> Any:
    if not amounts or (value is not ABSENT and type(value) not in {int, float}):
        return value
    total = sum(amounts) + (0 if value is ABSENT else Fraction(value))
    if type(value) is not float and total.denominator == 1:
        return total.numerator
    return float(total)


def _set(name: str, done: list[Done]) -> Any:
    elements: list[tuple[Done, bytes, Any]] = []
    for one in done:
        if one.operation[:2] == [6, name]:
            elements += [(one, canonical(value), value) for value in one.operation[2]]
        elif one.operation[:2] == [7, name]:
            gone = {
                (canonical(v), dot) for v, dots in one.operation[2] for dot in dots if one.sees(dot)
            }
            elements = [each for each in elements if (each[1], each[0].dot) not in gone]
    elements.sort(key=lambda each: each[0].rank)
    return list({form: value for _, form, value in reversed(elements)}.values())[::-1] or ABSENT


def _text(name: str, done: list[Done]) -> Any:
    edits = [one.operation[2] for one in done if one.operation[:2] == [8, name]]
    if not edits:
        return ABSENT
    document = LoroDoc()
    for edit in edits:
        assert document.import_(edit).pending is None
    return document.get_text("text").to_string()


_SHOWN = {"number": _number, "set": _set, "text": _text}


def canonical(value: Any) -> bytes:
    """The form in which values are compared."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


# -- from changes ------------------------------------------------------------------------------


def retell(changes: Iterable[Change]) -> dict[str, dict[int, Record]]:
    """The records of a workspace, by collection and id."""
    records: dict[Dot, Record] = {}
    pieces: dict[bytes, bytes] = {}
    for change, seen in _causally(changes):
        for collection, record, place, operations in _whole(change, pieces):
            dot = place(0) if record is None else _resolved(change, record)
            kept = records.setdefault(dot, Record(collection, dot))
            assert kept.collection == collection
            for at, operation in operations:
                resolved = _with_dots(change, operation)
                kept.done.append(Done(place(at), resolved, seen, change.stamp, change.hash))
    found: dict[str, dict[int, Record]] = defaultdict(dict)
    for one in records.values():
        assert one.id not in found[one.collection]
        found[one.collection][one.id] = one
    return dict(found)


def _causally(changes: Iterable[Change]) -> Iterator[tuple[Change, Mapping[bytes, int]]]:
    """Each change after all that its author had applied, with that."""
    vectors: dict[bytes, dict[bytes, int]] = {bytes(32): {}}
    waiting = list(changes)
    while waiting:
        left = []
        for change in waiting:
            needed = (change.previous, *change.needs)
            if not all(each in vectors for each in needed):
                left.append(change)
                continue
            vector: dict[bytes, int] = {}
            for each in needed:
                for feed, number in vectors[each].items():
                    vector[feed] = max(number, vector.get(feed, 0))
            vector[change.feed] = change.number
            vectors[change.hash] = vector
            yield change, vector
        assert len(left) < len(waiting), "a dependency is missing"
        waiting = left


def _whole(
    change: Change, pieces: dict[bytes, bytes]
) -> Iterator[tuple[str, Any, Any, list[tuple[int, list[Any]]]]]:
    """The parts of a change; an operation in pieces, which are kept by feed, is whole at its last one."""
    for number, (collection, record, operations) in enumerate(change.parts, 1):

        def place(at: int, part: int = number) -> Dot:
            return Dot(change.feed, change.number, part << 16 | at)

        if operations[0][0] == 0:
            ((_, last, data),) = operations
            pieces[change.feed] = pieces.get(change.feed, b"") + data
            if last:
                yield collection, record, place, [(0, unpacked(pieces.pop(change.feed)))]
        else:
            yield collection, record, place, list(enumerate(operations))


def _resolved(change: Change, dot: list[int]) -> Dot:
    feed, number, index = dot
    return Dot(change.feed if feed == -1 else change.feeds[feed], number, index)


def _with_dots(change: Change, operation: list[Any]) -> list[Any]:
    """An operation with the dots in it resolved."""
    code = operation[0]
    if code == 4:
        _, name, value, over, dots, ordinary, added = operation
        over = None if over is None else _resolved(change, over)
        return [4, name, value, over, [_resolved(change, dot) for dot in dots], ordinary, added]
    if code == 7:
        removed = [
            (value, [_resolved(change, dot) for dot in dots]) for value, dots in operation[2]
        ]
        return [7, operation[1], removed]
    assert code <= 8 or code >= 15, "ordered items are more than this follows"
    return operation


# -- as an export says it ----------------------------------------------------------------------


def told(records: Mapping[str, Mapping[int, Record]]) -> dict[str, dict[str, dict[str, Any]]]:
    """By collection and id the fields of the records that are there, in collections that are there."""
    schema = {
        name: [one.document({}) for one in records.get(name, {}).values() if one.alive]
        for name in ("_collections", "_fields")
    }
    out: dict[str, dict[str, dict[str, Any]]] = {}
    for slug in (each["slug"] for each in schema["_collections"]):
        families = {
            each["slug"]: FAMILIES[each["kind"]]
            for each in schema["_fields"]
            if each["collection"] == slug and each["kind"] in FAMILIES
        }
        out[slug] = {
            spelled(one.id): one.document(families)
            for one in records.get(slug, {}).values()
            if one.alive
        }
    return out


def spelled(record: int) -> str:
    """A record's id as people see it."""
    return "".join(SIGNS[record >> 5 * at & 31] for at in reversed(range(13)))
