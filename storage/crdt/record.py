"""One record's operations into its state: one by one as they arrive, or all of them from scratch (`rules.md` 1-13)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from storage.crdt import edits as text_edits
from storage.crdt import items, sets
from storage.crdt.dots import Cause, Dot
from storage.crdt.edits import Edits
from storage.crdt.life import Claim, Says, claim
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
    ItemOperation,
    ItemRestore,
    ItemSet,
    Operation,
    Restore,
    Set,
    TextEdit,
    Unset,
)
from storage.crdt.past import Applied, Past
from storage.crdt.rules import IN_FORCE, Rules, ruled
from storage.crdt.state import Mark, RecordState
from storage.crdt.step import Step
from storage.crdt.values import ABSENT


def absorb(
    state: RecordState,
    operation: Operation,
    dot: Dot,
    cause: Cause,
    past: Past,
    rules: Rules = IN_FORCE,
) -> None:
    """Take one accepted operation in, after all that its author saw."""
    kind = type(operation)
    if rules is not IN_FORCE:
        cause = ruled(cause, past, rules)
    if kind in CONTENT:
        state.life = claim(state.life, Claim(dot, Says.ALIVE), cause, rules)
    _ABSORB[kind](state, operation, dot, cause, past, rules)


def evaluate(
    collection: str,
    dot: Dot,
    applied: Iterable[Applied],
    past: Past,
    rules: Rules = IN_FORCE,
) -> RecordState | None:
    """A record from all its accepted operations, given in any order; None if there are none.

    `past.operations` is asked only about numbers and texts, `past.text` never.
    """
    state = RecordState(collection, dot)
    texts: dict[str, list[Applied]] = {}
    ordered_ones = sorted(applied, key=causally)
    for one in ordered_ones:
        operation = one.operation
        if isinstance(operation, TextEdit):
            texts.setdefault(operation.field, []).append(one)
            seen = ruled(one.cause, past, rules) if rules is not IN_FORCE else one.cause
            state.life = claim(state.life, Claim(one.dot, Says.ALIVE), seen, rules)
        else:
            absorb(state, operation, one.dot, one.cause, past, rules)
    for name, several in texts.items():
        last = several[-1]
        step = Step(dot, name, last.dot, last.cause, past, rules)
        state.in_full(name).edits = text_edits.settle(several, step)
    return state if ordered_ones else None


def causally(one: Applied) -> tuple[int, int, int, int]:
    """A sort key by which everything stands after all that it saw: what saw more, has the greater vector."""
    cause = one.cause
    seen = sum(number for lane, number in cause.seen.items() if lane != cause.lane)
    return (seen + cause.number, cause.lane, cause.number, one.dot.at)


def _set(
    state: RecordState, operation: Set, dot: Dot, cause: Cause, past: Past, rules: Rules
) -> None:
    mark = Mark(dot, cause.stamp)
    values, marks = state.values, state.marks
    for field, value in operation.values.items():
        if field in values:
            if cause.sees(marks.get(field, state.base).dot):
                values[field] = value
                marks[field] = mark
                continue
        elif field not in state.fields:
            values[field] = value
            marks[field] = mark
            continue
        step = Step(state.dot, field, dot, cause, past, rules)
        state.in_full(field).scalar.write(value, step)
        state.tidy(field)


def _unset(state: RecordState, operation: Unset, *now: Any) -> None:
    for field in operation.fields:
        state.in_full(field).scalar.write(ABSENT, Step(state.dot, field, *now))
        state.tidy(field)


def _restore(state: RecordState, operation: Restore, *now: Any) -> None:
    one = operation
    step = Step(state.dot, one.field, *now)
    scalar = state.in_full(one.field).scalar
    scalar.restore(one, step)
    state.tidy(one.field)


def _add(state: RecordState, operation: Add, *now: Any) -> None:
    step = Step(state.dot, operation.field, *now)
    state.in_full(operation.field).scalar.add(operation.amount, step)


def _include(state: RecordState, operation: Include, *now: Any) -> None:
    field = state.in_full(operation.field)
    field.elements = sets.include(field.elements, operation, Step(state.dot, operation.field, *now))
    state.tidy(operation.field)


def _exclude(state: RecordState, operation: Exclude, *now: Any) -> None:
    field = state.in_full(operation.field)
    field.elements = sets.exclude(field.elements, operation, Step(state.dot, operation.field, *now))
    state.tidy(operation.field)


def _edit_text(state: RecordState, operation: TextEdit, *now: Any) -> None:
    field = state.in_full(operation.field)
    step = Step(state.dot, operation.field, *now)
    field.edits = text_edits.absorb(field.edits or Edits(), operation, step)


def _edit_items(state: RecordState, operation: ItemOperation, *now: Any) -> None:
    field = state.in_full(operation.field)
    field.items = items.absorb(field.items, operation, Step(state.dot, operation.field, *now))
    state.tidy(operation.field)


def _create(state: RecordState, operation: Create, dot: Dot, *_: Any) -> None:
    if dot == state.dot:
        state.id = operation.id


def _die(
    state: RecordState, operation: Dead, dot: Dot, cause: Cause, _: Past, rules: Rules
) -> None:
    says = Says.PURGED if operation.purge else Says.DEAD
    state.life = claim(state.life, Claim(dot, says), cause, rules)


def _live(state: RecordState, _: Alive, dot: Dot, cause: Cause, __: Past, rules: Rules) -> None:
    state.life = claim(state.life, Claim(dot, Says.ALIVE), cause, rules)


_ABSORB: dict[type, Callable[..., None]] = {
    Set: _set,
    Unset: _unset,
    Restore: _restore,
    Add: _add,
    Include: _include,
    Exclude: _exclude,
    TextEdit: _edit_text,
    Create: _create,
    Dead: _die,
    Alive: _live,
    **dict.fromkeys((ItemNew, ItemSet, ItemMove, ItemRestore, ItemDead, ItemAlive), _edit_items),
}
