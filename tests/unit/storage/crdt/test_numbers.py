"""Counts and additions (rule 7)."""

from fractions import Fraction

from storage.crdt import show
from storage.crdt.operations import Add, Create, Set, Unset
from storage.crdt.rules import Rules
from tests.support.causal import Replica, replay


def three() -> tuple[Replica, Replica, Replica]:
    one, two, other = Replica(0), Replica(1), Replica(2)
    start = one.write(Create(7), Set({"count": 10, "name": "x"}))
    two.apply(start)
    other.apply(start)
    return one, two, other


def test_additions_of_all_count() -> None:
    one, two, other = three()
    one.apply(two.write(Add("count", Fraction(5))), other.write(Add("count", Fraction(-2))))
    assert show.document(one.state)["count"] == 13


def test_a_typed_count_keeps_the_additions_that_it_did_not_see() -> None:
    one, two, other = three()
    seen, unseen = two.write(Add("count", Fraction(5))), other.write(Add("count", Fraction(3)))
    one.apply(seen)
    counted = one.write(Set({"count": 100}))
    for device in (one, two, other):
        device.apply(*(change for change in (seen, unseen, counted)))
        assert show.document(device.state)["count"] == 103


def test_an_addition_that_came_before_a_count_unseen_is_found_again_in_the_past() -> None:
    one, two, _ = three()
    added = two.write(Add("count", Fraction(3)))
    counted = one.write(Set({"count": 100}))
    two.apply(counted)  # here the addition is older than the count that does not know it
    assert show.document(two.state)["count"] == 103
    one.apply(added)
    assert one.state == two.state


def test_two_counts_each_have_their_own_sum() -> None:
    one, two, other = three()
    added = other.write(Add("count", Fraction(1)))
    two.apply(added)
    a, b = one.write(Set({"count": 50}), stamp=5), two.write(Set({"count": 60}), stamp=4)
    one.apply(added, b)
    (conflict,) = show.conflicts(one.state)
    assert [entry.shown for entry in conflict.siblings] == [51, 60]
    two.apply(a)
    assert one.state == two.state


def test_counts_that_come_to_the_same_are_no_conflict() -> None:
    one, two, other = three()
    added = other.write(Add("count", Fraction(1)))
    two.apply(added)
    two_counts = one.write(Set({"count": 50})), two.write(Set({"count": 51}))
    one.apply(added, *two_counts)
    assert not show.conflicts(one.state)


def test_without_a_count_the_sum_is_shown() -> None:
    one, two, _ = three()
    one.apply(two.write(Add("stock", Fraction(1, 4))))
    one.write(Add("stock", Fraction(1, 4)))
    assert show.document(one.state)["stock"] == 0.5


def test_additions_to_a_removed_count_that_its_remover_did_not_see_stay() -> None:
    one, two, _ = three()
    gone, added = one.write(Unset(("count",))), two.write(Add("count", Fraction(4)))
    one.apply(added)
    two.apply(gone)
    assert show.document(one.state)["count"] == show.document(two.state)["count"] == 4


def test_an_addition_to_what_is_no_number_is_kept_and_not_shown() -> None:
    one, two, _ = three()
    added = two.write(Add("name", Fraction(4)))
    one.apply(added)
    assert show.document(one.state)["name"] == "x"
    assert one.state.scalar_of("name").loose == 4


def test_undo_of_a_count_gives_the_number_without_it() -> None:
    one, two, _ = three()
    counted = one.write(Set({"count": 100}))
    one.apply(two.write(Add("count", Fraction(1, 10))))
    one.write(Add("count", Fraction(2)))
    assert show.document(one.state)["count"] == 102.1
    one.undo(counted)
    assert show.document(one.state)["count"] == 12.1
    one.write(Add("count", Fraction(-1, 10)))
    assert show.document(one.state)["count"] == 12  # exact: what came back was not rounded


def test_undo_of_an_addition_is_its_opposite() -> None:
    one, two, _ = three()
    added = one.write(Add("count", Fraction(5)))
    one.apply(two.write(Add("count", Fraction(1))))
    one.undo(added)
    assert show.document(one.state)["count"] == 11


def test_a_register_shows_the_count_as_it_was_typed() -> None:
    one, _, _ = three()
    one.write(Add("count", Fraction(5)))
    assert show.document(one.state, {"count": "register"})["count"] == 10
    assert show.document(one.state, {"count": "number"})["count"] == 15


def test_with_the_rule_off_a_count_swallows_what_it_did_not_see() -> None:
    one, two, _ = three()
    start = next(iter(one.log.changes.values()))
    added, counted = two.write(Add("count", Fraction(3))), one.write(Set({"count": 100}))
    off = Rules(counts_keep_unseen=False)
    assert show.document(replay([start, added, counted], off).state)["count"] == 100
    assert show.document(replay([start, counted, added], off).state)["count"] == 103
