"""What people do at a replica of the pure core: every kind of operation, on records that are there, drawn by chance."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from storage.changes.coalesce import Edit, own
from storage.crdt import keys, show
from storage.crdt.dots import Dot
from storage.crdt.operations import (
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
    ItemSet,
    Operation,
    Set,
    TextEdit,
    Unset,
)
from storage.crdt.state import Field, RecordState
from storage.crdt.text import Text

VALUES = (1, 1.0, True, -2.5, 10**30, "a", "1", None, [1, {"b": 2, "a": 1.0}], "half \ud800")
TAGS = ("red", "green", 1, 1.0)
AMOUNTS = (Fraction(1), Fraction(-1), Fraction(5), Fraction(1, 10), Fraction(0.1))
CLASHING = (1, 2, 3)

TextOf = Callable[[Dot, str], Text]
Maker = Callable[[random.Random, RecordState, TextOf], list[Operation]]


def sets(dice: random.Random, _state: RecordState, _text: TextOf) -> list[Operation]:
    names = dice.sample(("title", "count", "year"), dice.choice((1, 1, 2)))
    return [Set({name: dice.choice(VALUES) for name in names})]


def unsets(dice: random.Random, _state: RecordState, _text: TextOf) -> list[Operation]:
    return [Unset((dice.choice(("title", "count")),))]


def adds(dice: random.Random, _state: RecordState, _text: TextOf) -> list[Operation]:
    return [Add("count", dice.choice(AMOUNTS))]


def counts(dice: random.Random, _state: RecordState, _text: TextOf) -> list[Operation]:
    return [Set({"count": dice.choice((0, 3, 2.5))})]


def includes(dice: random.Random, _state: RecordState, _text: TextOf) -> list[Operation]:
    return [Include("tags", tuple(dice.choices(TAGS, k=dice.choice((1, 2)))))]


def excludes(dice: random.Random, state: RecordState, _text: TextOf) -> list[Operation]:
    elements = state.fields.get("tags", Field()).elements
    if not elements:
        return []
    value = dice.choice(elements).value
    return [Exclude("tags", ((value, tuple(one.dot for one in elements if one.value is value)),))]


def dies(dice: random.Random, state: RecordState, _text: TextOf) -> list[Operation]:
    return [Dead(purge=dice.random() < 0.3)] if show.alive(state) else [Alive()]


def edits(dice: random.Random, state: RecordState, text_of: TextOf) -> list[Operation]:
    there = state.fields.get("body", Field()).edits
    text = Text(text_of(state.dot, "body").snapshot())
    text.write_as(dice.getrandbits(63))
    old = text.content
    at = dice.randint(0, len(old))
    update = text.edit(
        old[:at] + dice.choice(("one ", "grün ", "😀")) + old[at + dice.choice((0, 2)) :]
    )
    if update is None:
        return []
    return [TextEdit("body", update, there.heads if there is not None else ())]


def items(dice: random.Random, state: RecordState, _text: TextOf) -> list[Operation]:
    there = state.fields.get("steps", Field()).items
    if not there or dice.random() < 0.4:
        spot = keys.place([item.key for item in there], dice.randint(0, len(there)))
        moves = [ItemMove("steps", there[at].dot, key) for at, key in spot.moved.items()]
        return [*moves, ItemNew("steps", spot.key, {"what": dice.choice(VALUES)})]
    item = dice.choice(there)
    chance = dice.random()
    if chance < 0.4:
        return [ItemSet("steps", item.dot, {"what": dice.choice(VALUES)})]
    if chance < 0.6:
        return [ItemMove("steps", item.dot, keys.between(None, there[0].key or None))]
    return [ItemDead("steps", item.dot) if item.alive else ItemAlive("steps", item.dot)]


def large(dice: random.Random, _state: RecordState, _text: TextOf) -> list[Operation]:
    """More than one change holds."""
    many = dice.choice((1, 2))
    return [Set({f"large {i}": "x" * dice.choice((40_000, 70_000))}) for i in range(many)]


def spelled(value: Any) -> str:
    """A value as JSON, in which 1 and 1.0 and True are three values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


MAKERS: dict[str, Maker] = {
    "sets": sets,
    "unsets": unsets,
    "adds": adds,
    "counts": counts,
    "includes": includes,
    "excludes": excludes,
    "dies": dies,
    "edits": edits,
    "items": items,
    "large": large,
}


def creation(dice: random.Random, taken: set[int], fresh: int) -> list[Edit]:
    """A new record, now and then with an id that somebody else may give out too."""
    wish = dice.choice(CLASHING) if dice.random() < 0.3 else fresh
    if wish in taken:
        wish = fresh
    made = [Edit("people", None, Create(wish))]
    if dice.random() < 0.8:
        made.append(Edit("people", own(0), Set({"title": dice.choice(VALUES), "count": 10})))
    return made
