"""Which edits of a long text count (`rules.md` 10): a pure function of the accepted edits, whatever their order.

An edit is effective iff it can be read, no other accepted edit with a smaller (change hash, index) claims a counter
that it claims, and each change it needs holds effective edits of this text, and nothing but those. Else it is set
aside, whole, and kept to be shown. `absorb` decides the common case from what it knows and goes back to `settle`, which
looks at all edits, wherever anything is unusual.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import IntEnum
from hashlib import blake2b
from typing import Final, NamedTuple

from storage.crdt.dots import Dot, Ref
from storage.crdt.operations import TextEdit
from storage.crdt.past import Applied
from storage.crdt.step import Step
from storage.crdt.text import Claims, Text, claims
from storage.errors import UnreadableEditError

MODULUS: Final = 1 << 256


class Why(IntEnum):
    """Why an edit is set aside."""

    UNREADABLE = 0
    CLAIMED = 1  # another edit has its counters: a device was copied or set back
    NEEDS = 2  # it builds on what does not count


class Edits:
    """What a record knows of the edits of one of its texts."""

    __slots__ = ("aside", "content", "hash", "heads", "last", "text", "total")

    def __init__(self) -> None:
        self.content = ""
        self.hash = _hash("")
        self.total = 0  # the sum of the effective edits' marks, mod 2^256
        self.heads: tuple[Ref, ...] = ()  # the changes that a new edit needs
        self.last: dict[int, int] = {}  # by lane, the number of the last accepted edit
        self.aside: dict[Dot, Why] = {}
        self.text: Text | None = None  # as the last absorbed edit left it, for the store to keep

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Edits):
            return NotImplemented
        return self._facts() == other._facts()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Edits{self._facts()!r}"

    def read(self, text: Text) -> None:
        """Take over the content of a text."""
        self.text = text
        self.content = text.content
        self.hash = _hash(self.content)

    def _facts(self) -> tuple[object, ...]:
        return (self.content, self.hash, self.total, set(self.heads), self.last, self.aside)


class _Edit(NamedTuple):
    """One accepted edit and what decides about it."""

    dot: Dot
    needs: tuple[Ref, ...]
    update: bytes
    rank: tuple[bytes, int]
    claims: Claims | None  # None: unreadable


def absorb(edits: Edits, operation: TextEdit, step: Step) -> Edits:
    """The edits with one more."""
    if not edits.aside and _needs_are_heads(edits, operation):
        joined = _join(edits, operation, step)
        if joined:
            return edits
    before = (one for one in step.operations() if _absorbed(one, edits, step))
    return settle([*before, Applied(operation, step.dot, step.cause)], step)


def settle(applied: Iterable[Applied], step: Step) -> Edits:
    """The edits from scratch; only the `TextEdit` operations among `applied` are looked at."""
    known = {one.dot: _judged(one) for one in applied if isinstance(one.operation, TextEdit)}
    text, aside = _effective(known)
    out = Edits()
    out.aside = aside
    for dot in known:
        out.last[dot.lane] = max(dot.number, out.last.get(dot.lane, 0))
    good = [edit for dot, edit in known.items() if dot not in aside]
    out.total = sum(_mark(edit.dot, step) for edit in good) % MODULUS
    needed = {ref for edit in good for ref in edit.needs}
    heads = {Ref(edit.dot.lane, edit.dot.number) for edit in good} - needed
    out.heads = tuple(sorted(heads))
    out.read(text)
    return out


def _needs_are_heads(edits: Edits, operation: TextEdit) -> bool:
    """Whether what an edit needs is surely effective: the common case, known without looking anything up."""
    return set(operation.needs) <= set(edits.heads)


def _join(edits: Edits, operation: TextEdit, step: Step) -> bool:
    """Take an edit in, if nothing about it is unusual."""
    text = edits.text or step.past.text(step.record, step.field)
    try:
        claimed = claims(operation.update)
        if not text.is_own(operation.update) and text.overlaps(claimed):
            return False
        if not text.absorb(operation.update):
            return False
    except UnreadableEditError:
        return False
    edits.read(text)
    edits.total = (edits.total + _mark(step.dot, step)) % MODULUS
    edits.last[step.dot.lane] = step.dot.number
    heads = {*edits.heads, Ref(step.dot.lane, step.dot.number)} - set(operation.needs)
    edits.heads = tuple(sorted(heads))
    return True


def _absorbed(one: Applied, edits: Edits, step: Step) -> bool:
    """Whether the edits hold an operation already: the past may be ahead of them."""
    dot = one.dot
    if dot[:2] == step.dot[:2]:
        return dot.at < step.dot.at
    return dot.number <= edits.last.get(dot.lane, 0)


def _judged(one: Applied) -> _Edit:
    operation = one.operation
    if not isinstance(operation, TextEdit):
        raise TypeError(type(operation))
    rank = (one.cause.hash, one.dot.at)
    try:
        claimed = claims(operation.update)
    except UnreadableEditError:
        return _Edit(one.dot, operation.needs, operation.update, rank, None)
    return _Edit(one.dot, operation.needs, operation.update, rank, claimed)


def _effective(known: dict[Dot, _Edit]) -> tuple[Text, dict[Dot, Why]]:
    """The text of the edits that count, and the others."""
    aside = {dot: Why.UNREADABLE for dot, edit in known.items() if edit.claims is None}
    aside.update(dict.fromkeys(_outclaimed(known), Why.CLAIMED))
    while True:
        _spread(known, aside)
        good = sorted((e for dot, e in known.items() if dot not in aside), key=lambda e: e.rank)
        text, wrong = _taken_in(good)
        if not wrong:
            return text, aside
        aside.update(wrong)


def _outclaimed(known: dict[Dot, _Edit]) -> set[Dot]:
    """The edits that claim a counter which an edit of smaller rank claims too."""
    by_peer: defaultdict[int, list[tuple[int, int, _Edit]]] = defaultdict(list)
    for edit in known.values():
        for peer, (start, end) in (edit.claims or {}).items():
            by_peer[peer].append((start, end, edit))
    lost: set[Dot] = set()
    for ranges in by_peer.values():
        ranges.sort(key=lambda one: one[:2])
        open_ones: list[tuple[int, int, _Edit]] = []
        for start, end, edit in ranges:
            open_ones = [one for one in open_ones if one[1] > start]
            for _, _, other in open_ones:
                lost.add(max(edit, other, key=lambda one: one.rank).dot)
            open_ones.append((start, end, edit))
    return lost


def _spread(known: dict[Dot, _Edit], aside: dict[Dot, Why]) -> None:
    """Set aside what needs something that is aside or is not there at all."""
    in_change: defaultdict[Ref, list[Dot]] = defaultdict(list)
    needed_by: defaultdict[Ref, list[Dot]] = defaultdict(list)
    for dot, edit in known.items():
        in_change[Ref(dot.lane, dot.number)].append(dot)
        for ref in edit.needs:
            needed_by[ref].append(dot)
    lacking = {ref for ref in needed_by if ref not in in_change}
    lacking.update(Ref(dot.lane, dot.number) for dot in aside)
    while lacking:
        for dot in needed_by[lacking.pop()]:
            if dot not in aside:
                aside[dot] = Why.NEEDS
                lacking.add(Ref(dot.lane, dot.number))


def _taken_in(good: list[_Edit]) -> tuple[Text, dict[Dot, Why]]:
    """A text of these edits, all at once or else one by one, and those that it cannot take."""
    text = Text()
    try:
        if text.absorb(*(edit.update for edit in good)):
            return text, {}
    except UnreadableEditError:
        pass
    left = good
    wrong: dict[Dot, Why] = {}
    while left:
        tried = {edit.dot: _trouble(text, edit) for edit in left}
        wrong = {dot: why for dot, why in tried.items() if why is not None}
        if len(wrong) == len(left):
            break
        left = [edit for edit in left if edit.dot in wrong]
    return text, wrong


def _trouble(text: Text, edit: _Edit) -> Why | None:
    """Take one edit in, or say why not."""
    try:
        return None if text.absorb(edit.update) else Why.NEEDS
    except UnreadableEditError:
        return Why.UNREADABLE


def _mark(dot: Dot, step: Step) -> int:
    name = step.past.name_of(dot.lane, dot.number)
    place = dot.number.to_bytes(8, "big") + dot.at.to_bytes(4, "big")
    return int.from_bytes(blake2b(name + place, digest_size=32, person=b"CHtextedit").digest())


def _hash(content: str) -> bytes:
    return blake2b(content.encode("utf-8", "surrogatepass"), digest_size=32).digest()
