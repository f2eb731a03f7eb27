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

import msgspec
from loro import LoroDoc

from tests.support.reader import Change, hashed, unpacked

ABSENT = object()
CONTENT = {1, 2, 3, 4, 5, 6, 7, 8}
SAYS = ("alive", "dead", "purged")
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
        return {SAYS[says] for _, says in self.claims}

    @property
    def claims(self) -> list[tuple[Dot, int]]:
        """The live claims; of several by one change that it is alive, the first."""
        claims: list[tuple[Dot, int]] = []
        for one in self.done:
            code = one.operation[0]
            says = 0 if code in CONTENT or code == 16 else None
            if code == 15:
                says = 2 if one.operation[1] else 1
            here = [dot for dot, said in claims if said == 0 and dot[:2] == one.dot[:2]]
            if says is None or (says == 0 and here):
                continue
            claims = [(dot, said) for dot, said in claims if not one.sees(dot)]
            claims.append((one.dot, says))
        return claims

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
        """The live writes of a field: (operation, value, fallback), the one that is shown first."""
        writes: list[Done] = []
        for one in self.done:
            code, of = one.operation[0], _fields(one.operation)
            if name in of and code in {2, 3}:
                writes = [old for old in writes if not one.sees(old.dot)] + [one]
            elif name in of and code == 4:
                covered = [dot for dot in one.operation[4] if one.sees(dot)]
                writes = [old for old in writes if old.dot not in covered] + [one]
        live = [(one, _value(one, name), _is_fallback(one, writes)) for one in writes]
        live.sort(key=lambda each: each[0].rank, reverse=True)
        return sorted(live, key=lambda each: bool(each[2]))


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
    live = Record("", done[0].dot, done).live(name)
    if not live:
        return _sum(ABSENT, _amounts(name, done, None))
    write, value, _ = live[0]
    return _sum(value, _amounts(name, done, write))


def _amounts(name: str, done: list[Done], write: Done | None) -> list[Fraction]:
    """All that was added, or what was added to one live write."""
    adds = [one for one in done if one.operation[0] == 5 and one.operation[1] == name]
    amounts = [
        Fraction(*one.operation[2:]) for one in adds if write is None or not write.sees(one.dot)
    ]
    if write is not None and write.operation[0] == 4 and write.operation[6]:
        amounts.append(Fraction(*write.operation[6]))
    return amounts


def _sum(value: Any, amounts: list[Fraction]) -> Any:
    if not amounts or (value is not ABSENT and type(value) not in {int, float}):
        return value
    total = sum(amounts) + (0 if value is ABSENT else Fraction(value))
    if type(value) is not float and total.denominator == 1:
        return total.numerator
    return float(total)


def _set(name: str, done: list[Done]) -> Any:
    elements = _elements(name, done)
    return list({form: value for _, form, value in reversed(elements)}.values())[::-1] or ABSENT


def _elements(name: str, done: list[Done]) -> list[tuple[Done, bytes, Any]]:
    """What is live in a set: the operation that put it in, the value in canonical form, the value."""
    elements: list[tuple[Done, bytes, Any]] = []
    for one in done:
        if one.operation[:2] == [6, name]:
            elements += [(one, canonical(value), value) for value in one.operation[2]]
        elif one.operation[:2] == [7, name]:
            removed = [(canonical(value), dots) for value, dots in one.operation[2]]
            gone = {(form, dot) for form, dots in removed for dot in dots if one.sees(dot)}
            elements = [each for each in elements if (each[1], each[0].dot) not in gone]
    return sorted(elements, key=lambda each: each[0].rank)


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


# -- the digest --------------------------------------------------------------------------------


def digest(records: Mapping[str, Mapping[int, Record]], key: bytes) -> bytes:
    """The workspace's digest."""
    total = sum(
        int.from_bytes(hashed(msgspec.msgpack.encode(_facts(one)), "CHdigest", key=key))
        for several in records.values()
        for one in several.values()
    )
    return (total % (1 << 256)).to_bytes(32)


def _facts(record: Record) -> list[Any]:
    claims = sorted([*dot, says] for dot, says in record.claims)
    values: dict[str, Any] = {}
    writes: list[list[Any]] = []
    fields: list[list[Any]] = []
    for name in {name for one in record.done for name in _fields(one.operation)}:
        live, added = record.live(name), _amounts(name, record.done, None)
        elements, edits = _elements(name, record.done), _edits(name, record.done)
        plain = len(live) == 1 and not (added or elements or edits)
        if plain and live[0][1] is not ABSENT and live[0][0].operation[0] == 2:
            write = live[0][0]
            values[name] = live[0][1]
            writes.append([write.stamp, *write.dot, name])
        elif live or added or elements or edits:
            scalar = [_exactly(added), *(_entry(name, record.done, *each) for each in live)]
            several = [[*one.dot, one.stamp, form] for one, form, _ in elements]
            fields.append([name, scalar, several, [], _text_facts(name, record.done)])
    return [
        *(1, record.collection, *record.dot, record.id),
        *(claims[0] if len(claims) == 1 else claims, canonical(values)),
        *(_writes(writes) if writes else None, sorted(fields) or None),
    ]


def _writes(writes: list[list[Any]]) -> list[Any]:
    oldest = min(writes)[:4]
    others = [[name, *write] for *write, name in writes if write != oldest]
    return [*oldest, sorted(others)]


def _entry(name: str, done: list[Done], write: Done, value: Any, fallback: object) -> list[Any]:
    restores = write.operation[0] == 4
    kind = (2 if write.operation[5] else 1) if restores else 0
    form = None if value is ABSENT else canonical(value)
    added = _exactly(_amounts(name, done, write))
    return [*write.dot, write.stamp, kind, bool(fallback), form, added]


def _exactly(amounts: list[Fraction]) -> str | None:
    return str(sum(amounts, Fraction())) if amounts else None


def _edits(name: str, done: list[Done]) -> list[Done]:
    return [one for one in done if one.operation[:2] == [8, name]]


def _text_facts(name: str, done: list[Done]) -> list[bytes] | None:
    edits = _edits(name, done)
    if not edits:
        return None
    marks = [
        hashed(
            one.dot.feed + one.dot.number.to_bytes(8, "big") + one.dot.at.to_bytes(4, "big"),
            "CHtextedit",
        )
        for one in edits
    ]
    total = sum(map(int.from_bytes, marks)) % (1 << 256)
    return [hashed(_text(name, done).encode(), ""), total.to_bytes(32)]


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
