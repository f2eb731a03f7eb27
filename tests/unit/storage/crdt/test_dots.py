"""Dots and what an author saw."""

from storage.crdt.dots import Cause, Dot, index_of


def test_an_author_saw_what_its_vector_counts_and_its_own_feed() -> None:
    cause = Cause(3, 7, 0, bytes(32), {1: 4})
    assert cause.sees(Dot(1, 4, 99))
    assert not cause.sees(Dot(1, 5, 0))
    assert cause.sees(Dot(3, 7, 0))
    assert not cause.sees(Dot(3, 8, 0))
    assert not cause.sees(Dot(2, 1, 0))


def test_an_index_holds_part_and_position() -> None:
    assert index_of(1, 0) < index_of(1, 65535) < index_of(2, 0)
