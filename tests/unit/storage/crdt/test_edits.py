"""Which edits of a long text count (rule 10)."""

import random
from itertools import permutations

import pytest

from storage.crdt import show
from storage.crdt.dots import Ref
from storage.crdt.edits import Edits, Why
from storage.crdt.operations import Create, TextEdit
from storage.crdt.text import Text
from tests.support.causal import Change, Replica, evaluated, replay
from tests.support.crafted import crafted


def edits(device: Replica) -> Edits:
    found = device.state.fields["body"].edits
    assert found is not None
    return found


def edit(device: Replica, content: str, peer: int, needs: tuple[Ref, ...] | None = None) -> Change:
    """An edit in a session of its own."""
    text = device.log.texts.setdefault("body", Text())
    text.write_as(peer)
    update = text.edit(content)
    assert update is not None
    if needs is None:
        needs = edits(device).heads if "body" in device.state.fields else ()
    return device.write(TextEdit("body", update, needs))


def started(devices: int = 2) -> tuple[list[Replica], list[Change]]:
    """Devices that know a record with a text."""
    some = [Replica(lane) for lane in range(devices)]
    made = [some[0].write(Create(7)), edit(some[0], "one", 100)]
    for device in some[1:]:
        device.apply(*made)
    return some, made


def body(device: Replica) -> str:
    text: str = show.document(device.state).get("body", "")
    return text


def test_an_edit_needs_what_its_author_had() -> None:
    (one, other), made = started()
    assert edits(other).heads == (made[1].name,)
    second = edit(other, "one two", 101)
    one.apply(second)
    assert body(one) == body(other) == "one two"
    assert edits(one).heads == (second.name,)


def test_after_concurrent_edits_a_new_one_needs_both() -> None:
    (one, other), _ = started()
    a, b = edit(one, "zero one", 101), edit(other, "one two", 102)
    one.apply(b)
    assert set(edits(one).heads) == {a.name, b.name}
    both = edit(one, "zero one two three", 103)
    other.apply(a, both)
    assert edits(other).heads == (both.name,)
    assert body(one) == body(other) == "zero one two three"


def test_an_edit_that_builds_on_one_that_does_not_count_is_set_aside_whole() -> None:
    """The first of them is unreadable; the rest needs it."""
    (one, other), _ = started()
    junk = one.write(TextEdit("body", b"junk", edits(one).heads))
    other.apply(junk)
    follows = edit(other, "one two", 101, needs=(junk.name,))
    one.apply(follows)
    for device in (one, other):
        assert body(device) == "one"
        assert edits(device).aside == {junk.dot(): Why.UNREADABLE, follows.dot(): Why.NEEDS}
    assert one.state == other.state


def test_of_two_edits_with_one_range_the_smaller_change_hash_counts() -> None:
    """A device was copied: both copies go on as one peer."""
    (one, other), made = started()
    a, b = edit(one, "one AAA", 500), edit(other, "one BBBBBBB", 500)
    small, large = (a, b) if a.cause.hash < b.cause.hash else (b, a)
    one.apply(b)
    other.apply(a)
    assert one.state == other.state == evaluated([*made, a, b])
    assert body(one) == ("one AAA" if small is a else "one BBBBBBB")
    assert edits(one).aside == {large.dot(): Why.CLAIMED}


def test_what_builds_on_the_edit_that_lost_its_range_is_set_aside_with_it(
    dice: random.Random,
) -> None:
    for _ in range(4):
        (one, other), made = started()
        a, b = edit(one, "one AAA", 500), edit(other, "one BBBBBBB", 500)
        a2 = edit(one, "one AAA more", 501)
        b2 = edit(other, "one BBBBBBB more", 502)
        wanted = evaluated([*made, a, b, a2, b2])
        for order in permutations([a, b, a2, b2]):
            if order.index(a) < order.index(a2) and order.index(b) < order.index(b2):
                device = replay([*made, *order])
                assert device.state == wanted
                assert len(edits(device).aside) == 2
                assert body(device) in {"one AAA more", "one BBBBBBB more"}


def test_an_edit_that_does_not_name_what_it_builds_on_waits_for_it_whatever_the_order() -> None:
    (one, other), made = started()
    second = edit(one, "one two", 101)
    sneaky = edit(one, "one two three", 102, needs=())
    moved = Change(sneaky.cause.__class__(5, 1, 9, bytes(32), {0: 2}), sneaky.operations)
    a, b = replay([*made, second, moved]), replay([*made, moved, second])
    assert a.state == b.state == evaluated([*made, moved, second])
    assert body(a) == "one two three"
    assert edits(replay([*made, moved])).aside == {moved.dot(): Why.NEEDS}
    assert body(other) == "one"


@pytest.mark.parametrize("needs", [(Ref(0, 1),), (Ref(9, 9),)])
def test_an_edit_that_needs_a_change_without_an_edit_does_not_count(needs: tuple[Ref, ...]) -> None:
    (one, _), _ = started()
    change = edit(one, "one two", 101, needs=needs)
    assert edits(one).aside == {change.dot(): Why.NEEDS}
    assert body(one) == "one"


def test_two_edits_in_one_change_both_count() -> None:
    (one, other), _ = started()
    text = one.log.texts["body"]
    text.write_as(101)
    first, second = text.edit("one two"), text.edit("one two three")
    assert first is not None
    assert second is not None
    heads = edits(one).heads
    change = one.write(TextEdit("body", first, heads), TextEdit("body", second, heads))
    other.apply(change)
    assert body(one) == body(other) == "one two three"
    assert edits(other).heads == (change.name,)
    assert edits(other).total == edits(one).total


def test_an_accepted_set_without_an_edit_is_another_total() -> None:
    (one, other), _ = started()
    a = edit(one, "one two", 101)
    edit(one, "one", 102)
    assert body(one) == body(other)
    assert edits(one).total != edits(other).total
    assert edits(one).hash == edits(other).hash
    other.apply(a)
    assert edits(other).hash != edits(one).hash


def test_edits_made_up_to_do_harm_leave_all_replicas_with_one_text(dice: random.Random) -> None:
    for _ in range(40):
        (one, other, third), made = started(3)
        honest = edit(one, "one two", 101), edit(third, "zero one", 103)
        change = edit(other, "xx one yy", 102)
        (meant,) = change.operations
        assert isinstance(meant, TextEdit)
        bad = Change(change.cause, (TextEdit("body", crafted(meant.update, dice), meant.needs),))
        wanted = evaluated([*made, *honest, bad])
        for order in permutations([*honest, bad]):
            assert replay([*made, *order]).state == wanted
