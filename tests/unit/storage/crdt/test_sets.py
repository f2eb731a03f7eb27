"""Sets of values (rule 8)."""

from storage.crdt import show
from storage.crdt.dots import Dot
from storage.crdt.operations import Create, Exclude, Include, Set
from tests.support.causal import Replica


def pair() -> tuple[Replica, Replica]:
    one, other = Replica(0), Replica(1)
    other.apply(one.write(Create(7), Include("tags", ("red", "green"))))
    return one, other


def dots(device: Replica, value: object) -> tuple[Dot, ...]:
    return tuple(one.dot for one in device.state.fields["tags"].elements if one.value == value)


def test_values_stand_in_the_order_in_which_they_came() -> None:
    _, other = pair()
    other.write(Include("tags", ("blue", "red")))
    assert show.document(other.state)["tags"] == ["red", "green", "blue"]


def test_removing_never_takes_away_what_was_added_meanwhile() -> None:
    one, other = pair()
    removed = one.write(Exclude("tags", (("red", dots(one, "red")),)))
    added = other.write(Include("tags", ("red",)))
    one.apply(added)
    other.apply(removed)
    assert one.state == other.state
    assert show.document(one.state)["tags"] == ["green", "red"]


def test_removing_takes_one_value_of_those_that_came_together() -> None:
    one, _ = pair()
    one.write(Exclude("tags", (("red", dots(one, "red")),)))
    assert show.document(one.state)["tags"] == ["green"]


def test_a_dot_not_seen_removes_nothing() -> None:
    one, other = pair()
    added = other.write(Include("tags", ("blue",)))
    one.write(Exclude("tags", (("blue", (added.dot(),)),)))
    one.apply(added)
    assert "blue" in show.document(one.state)["tags"]


def test_an_int_and_a_float_are_two_values_of_a_set() -> None:
    one, _ = pair()
    one.write(Include("tags", (1, 1.0, True, 1)))
    assert show.document(one.state)["tags"] == ["red", "green", 1, 1.0, True]
    assert len(one.state.fields["tags"].elements) == 5


def test_an_empty_set_gives_way_to_the_register() -> None:
    one, _ = pair()
    one.write(Set({"tags": []}))
    assert show.document(one.state)["tags"] == []
    assert show.document(one.state, {"tags": "set"})["tags"] == ["red", "green"]
    one.write(Exclude("tags", tuple((value, dots(one, value)) for value in ("red", "green"))))
    assert show.document(one.state, {"tags": "set"})["tags"] == []
    assert not one.state.fields
