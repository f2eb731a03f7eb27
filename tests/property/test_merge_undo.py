"""Undo touches nobody else's work, redo brings back just what undo took, and both go as deep as a person likes."""

import random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from storage.crdt import show
from storage.crdt.life import Life, Says
from storage.crdt.operations import Set
from storage.crdt.state import RecordState
from storage.crdt.values import ABSENT, canonical
from tests.support.causal import MAKERS, Change, Replica, act, hear, played

chances = st.randoms(use_true_random=False)
WITHOUT_TEXT = tuple(name for name in MAKERS if name != "edits")
LATE = 1000  # a stamp after all others


def drawn(dice: random.Random, only: tuple[str, ...] = ()) -> tuple[Replica, Change]:
    """A device with a past, and an action of its own that could be undone."""
    _, devices = played(dice, steps=16, only=only)
    device = dice.choice([one for one in devices if one.actions] or devices[:1])
    if not device.actions:
        device.do(Set({"title": "last"}), stamp=LATE)
    return device, dice.choice((device.actions[-1], dice.choice(device.actions)))


@given(chances)
def test_undo_changes_nothing_that_is_not_the_actors_own(dice: random.Random) -> None:
    device, action = drawn(dice)
    before = of_others(device)
    device.undo(action, stamp=LATE)
    after = of_others(device)
    assert {place: found - after.get(place, set()) for place, found in before.items()} == {
        place: set() for place in before
    }


@given(chances)
def test_undo_leaves_alive_what_others_keep_and_dead_what_others_delete(
    dice: random.Random,
) -> None:
    device, action = drawn(dice)
    decided = {place: decided_by_others(device, life) for place, life in lives(device).items()}
    device.undo(action, stamp=LATE)
    for place, life in lives(device).items():
        if decided[place] is not None:
            assert any(one.says is Says.ALIVE for one in life) is decided[place]


@given(chances)
def test_undo_then_redo_is_the_identity(dice: random.Random) -> None:
    device, action = drawn(dice)
    before, shown = held(device.state), show.document(device.state)
    open_questions = show.conflicts(device.state)
    undone = device.undo(action, stamp=LATE)
    if undone is None:
        assert held(device.state) == before
        return
    device.undo(undone, stamp=LATE + 1, redo=True)
    assert held(device.state) == before
    if not open_questions:  # else the redone one is the latest, and so the one shown of several
        assert unordered(show.document(device.state)) == unordered(shown)


@given(chances)
def test_what_is_undone_cannot_be_undone_again(dice: random.Random) -> None:
    """Writes and life; what was taken out of a set may be put in as often as one likes."""
    device, action = drawn(dice, only=("sets", "unsets", "counts", "lives", "items"))
    device.undo(action, stamp=LATE)
    again = device.reversal(action)
    assert again.operations == ()
    assert again.left


@given(chances)
def test_a_person_undoes_and_redoes_as_many_steps_as_were_made(dice: random.Random) -> None:
    """One after the other on one device, on top of what others did."""
    made, devices = played(dice, steps=8, only=WITHOUT_TEXT)
    device = dice.choice(devices)
    hear(device, made, dice)
    assume(show.alive(device.state))
    device.actions.clear()
    makers = [MAKERS[name] for name in WITHOUT_TEXT if name not in {"dies", "lives"}]
    steps = [without_zeros(device)]
    actions: list[Change] = []
    while len(actions) < 5:
        device.actions.clear()  # so that `act` only edits
        device.undone.clear()
        change = act(device, dice, makers)
        if change is not None:
            actions.append(change)
            steps.append(without_zeros(device))
    undone: list[Change | None] = []
    for change, wanted in zip(actions[::-1], steps[-2::-1], strict=True):
        assume(not device.reversal(change).left)  # a value of somebody else stood in the way
        undone.append(device.undo(change, stamp=LATE + len(undone)))
        assert without_zeros(device) == wanted
    for again, wanted in zip(undone[::-1], steps[1:], strict=True):
        if again is not None:
            device.undo(again, stamp=2 * LATE, redo=True)
        assert without_zeros(device) == wanted


def of_others(device: Replica) -> dict[Any, set[Any]]:
    """By place, the live writes and elements that others wrote, what was added to them apart."""
    state = device.state
    found: dict[Any, set[Any]] = {}
    for name in {*state.values, *state.fields}:
        found[name] = {
            (entry.dot, form(entry.value))
            for entry in state.scalar_of(name).entries
            if not device.is_mine(entry.dot)
        }
    for name, field in state.fields.items():
        found[name, "set"] = {
            (one.dot, form(one.value)) for one in field.elements if not device.is_mine(one.dot)
        }
        for item in field.items:
            for inner, scalar in [(None, item.position), *item.values.items()]:
                found[name, item.dot, inner] = {
                    entry.dot for entry in scalar.entries if not device.is_mine(entry.dot)
                }
    return found


def lives(device: Replica) -> dict[Any, Life]:
    items = {item.dot: item.life for item in device.items("steps")}
    return {"record": device.state.life, **items}


def decided_by_others(device: Replica, life: Life) -> bool | None:
    """Whether it lives, if somebody else's claim says so too."""
    alive = any(one.says is Says.ALIVE for one in life)
    others = [
        one for one in life if (one.says is Says.ALIVE) is alive and not device.is_mine(one.dot)
    ]
    return alive if others else None


def held(state: RecordState) -> dict[Any, Any]:
    """What a state holds, by content: for each register the values of all live writes."""
    found: dict[Any, Any] = {}
    for name in {*state.values, *state.fields}:
        entries = state.scalar_of(name).entries
        values = {form(entry.shown) for entry in entries} or {form(state.scalar_of(name).shown)}
        found[name] = values - {b"absent"}
    for name, field in state.fields.items():
        found[name, "set"] = {form(one.value) for one in field.elements}
        found[name, "items"] = [
            (item.dot, item.key, inside(item.values)) for item in field.items if item.alive
        ]
    found = {place: values for place, values in found.items() if values}
    return {**found, "life": show.alive(state)}


def inside(values: dict[str, Any]) -> dict[str, set[bytes]]:
    found = {
        name: {form(entry.value) for entry in scalar.entries} - {b"absent"}
        for name, scalar in values.items()
    }
    return {name: values for name, values in found.items() if values}


def without_zeros(device: Replica) -> dict[str, Any]:
    """What is shown, with 0 as nothing: the opposite of the only addition leaves a sum of 0."""
    document = unordered(show.document(device.state))
    return {name: value for name, value in document.items() if form(value) not in {b"0", b"null"}}


def form(value: Any) -> bytes:
    if value is ABSENT:
        return b"absent"
    return value if isinstance(value, bytes) else canonical(value)


def unordered(document: dict[str, Any]) -> dict[str, Any]:
    """A document with its set in the order of values: what comes back stands at the end."""
    tags = document.get("tags")
    return {**document, "tags": sorted(map(canonical, tags)) if isinstance(tags, list) else tags}
