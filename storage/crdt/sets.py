"""Sets of values, as tags are (`rules.md` 8).

An element is a value by one dot: adding what is there adds another. Removing names the dots it saw, so that it never
takes away what somebody else put in meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from storage.crdt.dots import Dot
from storage.crdt.operations import Exclude, Include
from storage.crdt.step import Step, in_order
from storage.crdt.values import JSON, canonical


class Element(NamedTuple):
    """A value that is in a set by one dot."""

    dot: Dot
    stamp: int
    value: JSON


def include(elements: list[Element], operation: Include, step: Step) -> list[Element]:
    """The elements with new ones, in the order of the set: by (stamp, change hash, index)."""
    distinct = {canonical(value): value for value in operation.values}
    new = [Element(step.dot, step.cause.stamp, value) for value in distinct.values()]
    return in_order([*elements, *new], step)


def exclude(elements: list[Element], operation: Exclude, step: Step) -> list[Element]:
    """The elements without those named; a dot that the author had not seen takes nothing away."""
    gone = {
        (canonical(value), dot)
        for value, dots in operation.removed
        for dot in dots
        if step.cause.sees(dot)
    }
    return [one for one in elements if (canonical(one.value), one.dot) not in gone]


def shown(elements: Iterable[Element]) -> list[JSON]:
    """The values, each once, where its first live dot stands."""
    first: dict[bytes, JSON] = {}
    for one in elements:
        first.setdefault(canonical(one.value), one.value)
    return list(first.values())
