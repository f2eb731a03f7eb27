"""What an unmodified TinyDB query asks, read back from its closures. Knows TinyDB's inside, no SQL.

`QueryInstance._hash` is not enough: it is None after `map()`, lacks the flags of `matches` and `search` and the path of
`fragment`, and freezes lists. The closures have everything. At import one query of each kind is built and the *code
object* of each test is learnt; a closure is read only when its code is one of those. Another version of TinyDB, a
subclass that evaluates itself, or a foreign callable is therefore unknown, which costs speed and never an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from tinydb.queries import Query, QueryInstance, where


@dataclass(frozen=True, slots=True)
class Leaf:
    """One test on one path: `how` names TinyDB's operator, `cells` are the names its closure holds."""

    how: str
    path: tuple[Any, ...]
    cells: dict[str, Any]
    test: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Both:
    """`left & right`, in TinyDB's order of evaluation."""

    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Either:
    """`left | right`."""

    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Negated:
    """`~part`."""

    part: Tree


@dataclass(frozen=True, slots=True)
class Always:
    """`noop()`."""


Tree = (
    Leaf | Both | Either | Negated | Always | None
)  # None: not one of TinyDB's own, only Python can tell


def held_names(function: Any) -> dict[str, Any]:
    """What a closure holds, by the names it has there; nothing for what is none."""
    code: CodeType | None = getattr(function, "__code__", None)
    if code is None:
        return {}
    cells = function.__closure__ or ()
    return {name: c.cell_contents for name, c in zip(code.co_freevars, cells, strict=True)}


class _Codes:
    """The code objects of the installed TinyDB."""

    def __init__(self) -> None:
        q = where("x")
        test: Any = (q == 1)._test
        self.wrap: CodeType = test.__code__
        self.run: CodeType = held_names(test)["runner"].__code__
        direct = {
            "==": q == 1,
            "!=": q != 1,
            "<": q < 1,
            "<=": q <= 1,
            ">": q > 1,
            ">=": q >= 1,
            "exists": q.exists(),
            "matches": q.matches("a"),
            "search": q.search("a"),
            "test": q.test(bool),
            "one_of": q.one_of([1]),
        }
        nested = {
            "any_query": q.any(q == 1),
            "any_of": q.any([1]),
            "all_query": q.all(q == 1),
            "all_of": q.all([1]),
            "fragment": q.fragment({"a": 1}),
        }
        self.direct = {self._inner(query).__code__: how for how, query in direct.items()}
        self.nested = {
            held_names(self._inner(query))["test"].__code__: how for how, query in nested.items()
        }
        self.outer = {self._inner(query).__code__ for query in nested.values()}
        self.both: CodeType = (q.exists() & q.exists())._test.__code__
        self.either: CodeType = (q.exists() | q.exists())._test.__code__
        self.negated: CodeType = (~q.exists())._test.__code__
        self.always: CodeType = Query().noop()._test.__code__

    @staticmethod
    def _inner(query: QueryInstance) -> Any:
        return held_names(held_names(query._test)["runner"])["test"]


_CODES = _Codes()


def tree(query: Any) -> Tree:
    """What a query asks, or None where only calling it can tell."""
    if not isinstance(query, QueryInstance) or type(query).__call__ is not QueryInstance.__call__:
        return None
    test: Any = query._test
    code = getattr(test, "__code__", None)
    if code is _CODES.wrap:
        return _leaf(held_names(test)["runner"])
    if code is _CODES.both:
        cells = held_names(test)
        return Both(tree(cells["self"]), tree(cells["other"]))
    if code is _CODES.either:
        cells = held_names(test)
        return Either(tree(cells["self"]), tree(cells["other"]))
    if code is _CODES.negated:
        return Negated(tree(held_names(test)["self"]))
    if code is _CODES.always:
        return Always()
    return None


def _leaf(runner: Any) -> Leaf | None:
    if runner.__code__ is not _CODES.run:
        return None
    cells = held_names(runner)
    path, test = cells["self"]._path, cells["test"]
    code = getattr(test, "__code__", None)
    how = _CODES.direct.get(code)
    if how is not None:
        return Leaf(how, path, held_names(test), test)
    if code in _CODES.outer:
        inner = held_names(test)["test"]
        how = _CODES.nested.get(getattr(inner, "__code__", None))
        if how is not None:
            return Leaf(how, path, held_names(inner), test)
    return None


def same_question(one: Any, other: Any) -> bool:
    """Whether two queries with one hash really ask the same.

    TinyDB's hashes leave out the flags of `matches` and `search` and the path of `fragment`, and
    freeze lists to tuples: a cache that trusts them mixes up results.
    """
    return one is other or _same_tree(tree(one), tree(other))


def _same_tree(one: Tree, other: Tree) -> bool:
    match one, other:
        case Both(a, b), Both(c, d):
            return _same_pair(a, b, c, d)
        case Either(a, b), Either(c, d):
            return _same_pair(a, b, c, d)
        case Negated(), Negated():
            return _same_tree(one.part, other.part)
        case Always(), Always():
            return True
        case Leaf(), Leaf():
            mine, theirs = one.cells, other.cells
            return (
                one.how == other.how
                and one.path == other.path
                and mine.keys() == theirs.keys()
                and all(_same_value(mine[name], theirs[name]) for name in mine)
            )
        case _:
            return False


def _same_pair(a: Tree, b: Tree, c: Tree, d: Tree) -> bool:
    straight = _same_tree(a, c) and _same_tree(b, d)
    return straight or (_same_tree(a, d) and _same_tree(b, c))


def _same_value(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, QueryInstance):
        return same_question(one, other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same_value, one, other))
    return bool(one == other)
