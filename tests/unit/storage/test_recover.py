"""What is read back from TinyDB's queries, and what is left to Python."""

import re
from typing import Any

import pytest
from tinydb.queries import Query, QueryInstance, where

from storage.query.recover import Always, Both, Either, Leaf, Negated, same_question, tree

q = Query()


@pytest.mark.parametrize(
    ("query", "how"),
    [
        (q.a == 1, "=="), (q.a != 1, "!="), (q.a < 1, "<"), (q.a <= 1, "<="), (q.a > 1, ">"), (q.a >= 1, ">="),
        (q.a.exists(), "exists"), (q.a.matches("x"), "matches"), (q.a.search("x"), "search"), (q.a.test(bool), "test"),
        (q.a.one_of([1]), "one_of"), (q.a.any([1]), "any_of"), (q.a.any(q.b == 1), "any_query"),
        (q.a.all([1]), "all_of"), (q.a.all(q.b == 1), "all_query"), (q.a.fragment({"b": 1}), "fragment"),
    ],
)  # fmt: skip
def test_every_operator_is_known_by_its_code(query: QueryInstance, how: str) -> None:
    leaf = tree(query)
    assert isinstance(leaf, Leaf)
    assert (leaf.how, leaf.path) == (how, ("a",))


def test_logic_is_a_tree() -> None:
    both, either, negated = (
        tree((q.a == 1) & (q.b == 2)),
        tree((q.a == 1) | (q.b == 2)),
        tree(~(q.a == 1)),
    )
    assert isinstance(both, Both) and isinstance(either, Either) and isinstance(negated, Negated)  # noqa: PT018
    assert isinstance(tree(Query().noop()), Always)


class Eager(QueryInstance):
    def __call__(self, value: Any) -> bool:
        return True


@pytest.mark.parametrize(
    "query", [lambda _: True, Eager(lambda _: True, None), object(), None, Query()]
)
def test_what_evaluates_itself_is_unknown(query: Any) -> None:
    assert tree(query) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (where("a").matches("x"), where("a").matches("x", flags=re.IGNORECASE)),
        (where("a").search("x", flags=re.IGNORECASE), where("a").search("x")),
        (q.a.fragment({"n": 1}), q.b.fragment({"n": 1})),
        (q.a == [1], q.a == (1,)),
    ],
)
def test_queries_that_tinydb_takes_for_one_are_told_apart(
    one: QueryInstance, other: QueryInstance
) -> None:
    assert one == other  # TinyDB's cache key
    assert not same_question(one, other)


def test_the_same_question_asked_twice_is_the_same() -> None:
    def ask() -> QueryInstance:
        return ((q.a == 1) & q.b.any([1, 2])) | ~q.c.any(q.d == "x")

    assert same_question(ask(), ask())
    assert same_question((q.a == 1) & (q.b == 2), (q.b == 2) & (q.a == 1))
    assert not same_question(ask(), q.a == 1)
