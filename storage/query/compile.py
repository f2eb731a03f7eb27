"""TinyDB queries to SQL over `doc` and indexed values, where both mean the same; everything else is left to Python.

A part becomes SQL that yields a superset of the matches and is never NULL; `exact` says that it
yields just them. Unless all is exact, the query itself is called on the candidates. `raises`:
evaluating the part on some record may raise (TinyDB raises TypeError for `<` between text and
number), so no other part may hide a record from it.
What is legal depends on the kinds of value that each path ever held (`storage.kinds`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, assert_never

from storage.codec import encode
from storage.indexed import VALUE, Indexes, column
from storage.kinds import BOOL, LIST, NUMBER, OBJECT, ODD, TEXT
from storage.query.ordered import ordered
from storage.query.recover import Always, Both, Either, Leaf, Negated, Tree, tree
from storage.schema import json_path, value_sql

MAX_ITEMS: Final = 500
MAX_ALL: Final = 20
Kinds = Callable[[tuple[str, ...]], int]


@dataclass(frozen=True, slots=True)
class Part:
    """A condition in SQL with its parameters.

    `paths`: which index each comparison could use. `weak`: it only says that a path is there.
    """

    sql: str
    parameters: tuple[Any, ...] = ()
    exact: bool = False
    raises: bool = False
    narrows: bool = True
    weak: bool = False
    paths: tuple[tuple[str, ...], ...] = ()


ALL: Final = Part("1", exact=True, narrows=False)
RAISING: Final = Part("1", raises=True, narrows=False)


def compile_query(query: Any, kinds: Kinds, indexes: Indexes) -> Part:
    """The SQL of a query; `narrows` is false when every record is a candidate.

    It may mention the columns of rows and of indexed values: `storage.indexed.source` says where they are.
    """
    return _Compiler(kinds, indexes).part(tree(query))


class _Compiler:
    def __init__(self, kinds: Kinds, indexes: Indexes) -> None:
        self._kinds, self._indexes = kinds, indexes

    def part(self, node: Tree) -> Part:
        match node:
            case None:
                return RAISING
            case Always():
                return ALL
            case Both(left, right):
                return self._both(self.part(left), self.part(right))
            case Either(left, right):
                return self._either(self.part(left), self.part(right))
            case Negated(part):
                return self._negated(self.part(part))
            case Leaf():
                return self._leaf(node)
            case _:
                assert_never(node)

    @staticmethod
    def _both(a: Part, b: Part) -> Part:
        if a.raises:
            # TinyDB evaluates the left on every record: the right must not hide one that raises.
            return replace(a, exact=False)
        if not a.narrows and a.exact:
            return b
        exact = a.exact and b.exact
        if not b.narrows:
            return replace(a, exact=exact, raises=b.raises)
        if not a.narrows:
            return replace(b, exact=False)
        return Part(
            f"({a.sql} AND {b.sql})",
            a.parameters + b.parameters,
            exact=exact,
            raises=b.raises,
            weak=a.weak and b.weak,
            paths=a.paths + b.paths,
        )

    @staticmethod
    def _either(a: Part, b: Part) -> Part:
        raises = a.raises or b.raises
        exact = a.exact and b.exact
        if not (a.narrows and b.narrows):
            exact = (a.exact and not a.narrows) or (exact and not b.narrows)
            return Part("1", exact=exact, raises=raises, narrows=False)
        sql = f"({a.sql} OR {b.sql})"
        parameters = a.parameters + b.parameters
        return Part(sql, parameters, exact=exact, raises=raises, weak=a.weak or b.weak)

    @staticmethod
    def _negated(a: Part) -> Part:
        if a.exact and not a.raises:
            return Part(f"(NOT {a.sql})", a.parameters, exact=True)
        return Part("1", raises=a.raises, narrows=False)

    # -- one test ------------------------------------------------------------------------------------------------
    def _leaf(self, leaf: Leaf) -> Part:
        if leaf.how == "fragment":
            return self._fragment(leaf)
        path = json_path(leaf.path)
        if path is None:
            return RAISING
        if any(self._kinds(leaf.path[:i]) & ODD for i in range(1, len(leaf.path) + 1)):
            return RAISING
        number = self._indexes.get((leaf.path, VALUE))
        value = value_sql(path) if number is None else column(number)
        place = _Place(leaf.path, value, f"json_type(doc, '{path}')", path, self._kinds(leaf.path))
        return _TESTS[leaf.how](place, leaf.cells)

    def _fragment(self, leaf: Leaf) -> Part:
        document = leaf.cells["document"]
        if type(document) is not dict or not document:
            return RAISING
        if leaf.path:
            if json_path(leaf.path) is None or self._kinds(leaf.path) & ~OBJECT:
                return RAISING  # `key in value` means something else on text and lists
            if any(self._kinds(leaf.path[:i]) & ODD for i in range(1, len(leaf.path))):
                return RAISING
        out = ALL
        for key, value in document.items():
            if not isinstance(key, str):
                return RAISING
            out = self._both(out, self._leaf(Leaf("==", (*leaf.path, key), {"rhs": value}, bool)))
        return out


@dataclass(frozen=True, slots=True)
class _Place:
    """A path in SQL: its value, its JSON type, its quoted path, the kinds it ever held."""

    path: tuple[str, ...]
    value: str
    type: str
    quoted: str
    kinds: int

    @property
    def there(self) -> str:
        return f"({self.type} IS NOT NULL)"


def _is_scalar(value: Any) -> bool:
    """Whether SQL compares a value as Python does."""
    if value is None or value is True or value is False:
        return True
    if type(value) is int:
        return -(2**63) <= value < 2**63
    if type(value) is float:
        return math.isfinite(value) and abs(value) < 2**53
    return type(value) is str and "\0" not in value and _is_encodable(value)


def _is_encodable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= ch <= "\udfff" for ch in text)


def _bound(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _equal(place: _Place, cells: dict[str, Any]) -> Part:
    value = cells["rhs"]
    if not _is_scalar(value):
        return Part(place.there, raises=not _is_json(value))
    if value is None:
        return Part(f"({place.type} IS 'null')", exact=True)
    sql = f"(({place.value}) IS ?)"
    if type(value) is str and place.kinds & (LIST | OBJECT):  # their text could be the same
        sql = f"({sql} AND {place.type} IS 'text')"
    return Part(sql, (_bound(value),), exact=True, paths=(place.path,))


def _is_json(value: Any) -> bool:
    return type(value) in {str, int, float, list, dict}


def _unequal(place: _Place, cells: dict[str, Any]) -> Part:
    equal = _equal(place, cells)
    if not equal.exact:
        return Part(place.there, raises=equal.raises)
    return Part(f"({place.type} IS NOT NULL AND NOT {equal.sql})", equal.parameters, exact=True)


def _ordered(operator: str) -> Callable[[_Place, dict[str, Any]], Part]:
    def compare(place: _Place, cells: dict[str, Any]) -> Part:
        value = cells["rhs"]
        if not _is_scalar(value) or value is None:
            return RAISING
        sql = f"(({place.value}) {operator} ? AND ({place.value}) IS NOT NULL)"
        legal, types = (
            (TEXT, "'text'")
            if type(value) is str
            else (NUMBER | BOOL, "'integer','real','true','false'")
        )
        if place.kinds & ~legal:  # what TinyDB raises TypeError for is a candidate, so that it does
            sql = f"({sql} OR ({place.type} IS NOT NULL AND {place.type} NOT IN ({types})))"
            return Part(sql, (_bound(value),), raises=True)
        return Part(sql, (_bound(value),), exact=True, paths=(place.path,))

    return compare


def _one_of(place: _Place, cells: dict[str, Any]) -> Part:
    items = cells["items"]
    nested = place.kinds & (LIST | OBJECT)
    if type(items) not in {list, tuple} and (nested or type(items) not in {set, frozenset}):
        return RAISING
    if not items:
        return Part("0", exact=True)
    if not all(_is_scalar(item) and item is not None for item in items):
        return _one_of_with_null(place, items)
    exact = not (nested and any(type(item) is str for item in items))
    among, parameters = ",".join("?" * len(items)), tuple(_bound(item) for item in items)
    if len(items) > MAX_ITEMS:  # too many for one statement's parameters: one that holds them all
        among, parameters = "SELECT value FROM json_each(?)", (encode(list(items)),)
    sql = f"(({place.value}) IS NOT NULL AND ({place.value}) IN ({among}))"
    return Part(sql, parameters, exact=exact, paths=(place.path,))


def _one_of_with_null(place: _Place, items: Any) -> Part:
    """`one_of` with None among the items: the others, or a null."""
    others = [item for item in items if item is not None]
    if len(others) == len(items) or not all(map(_is_scalar, others)):
        return Part(
            place.there,
            raises=not all(item is None or _is_json(item) or type(item) is bool for item in items),
        )
    rest = _one_of(place, {"items": others})
    return Part(f"({place.type} IS 'null' OR {rest.sql})", rest.parameters, exact=rest.exact)


def _regex(how: str) -> Callable[[_Place, dict[str, Any]], Part]:
    def compare(place: _Place, cells: dict[str, Any]) -> Part:
        pattern, flags = cells["regex"], cells["flags"]
        if not isinstance(pattern, str) or not _is_scalar(pattern):
            return RAISING
        try:
            bits = int(flags)
            re.compile(pattern, bits)
        except Exception:  # noqa: BLE001  # whatever it is, TinyDB raises it at the first text
            return RAISING
        prefix = _literal_prefix(pattern) if how == "matches" and not bits else ""
        sql = f"({place.type} IS 'text' AND py_regex('{how}', ?, ?, {place.value}))"
        if prefix:
            sql = f"(({place.value}) >= ? AND ({place.value}) < ? AND {sql})"
            after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
            return Part(sql, (prefix, after, pattern, bits), exact=True, paths=(place.path,))
        return Part(sql, (pattern, bits), exact=True)

    return compare


def _literal_prefix(pattern: str) -> str:
    """The plain letters that a match must begin with; '' where it is not plain to see."""
    if "|" in pattern or "\\" in pattern:
        return ""
    end = 0
    while end < len(pattern) and (pattern[end].isalnum() or pattern[end] in " -_,:;@/'&%#~"):
        end += 1
    if end < len(pattern) and pattern[end] in "?*{+":
        end -= 1
    return pattern[: max(end, 0)]


def _any_of(place: _Place, cells: dict[str, Any]) -> Part:
    items = cells["cond"]
    if type(items) not in {list, tuple}:
        return RAISING  # one-shot iterables, text and sets mean something else
    if place.kinds & (TEXT | OBJECT):
        return Part(place.there)  # TinyDB goes through signs and keys
    if not items:
        return Part("0", exact=True)
    if len(items) > MAX_ITEMS or not all(_is_scalar(item) and item is not None for item in items):
        return Part(
            place.there,
            raises=not all(item is None or type(item) is bool or _is_json(item) for item in items),
        )
    marks = ",".join("?" * len(items))
    sql = (
        f"({place.type} IS 'array' AND EXISTS(SELECT 1 FROM json_each(doc, '{place.quoted}')"
        f" WHERE json_each.value IN ({marks})))"
    )
    return Part(sql, tuple(_bound(item) for item in items))


def _all_of(place: _Place, cells: dict[str, Any]) -> Part:
    items = cells["cond"]
    if type(items) not in {list, tuple}:
        return RAISING
    if place.kinds & (TEXT | OBJECT):
        return Part(place.there, raises=True)
    if (
        items
        and len(items) <= MAX_ALL
        and all(_is_scalar(item) and item is not None for item in items)
    ):
        each = f"EXISTS(SELECT 1 FROM json_each(doc, '{place.quoted}') WHERE json_each.value = ?)"
        sql = f"({place.type} IS 'array' AND {' AND '.join([each] * len(items))})"
        return Part(sql, tuple(_bound(item) for item in items))
    return Part(
        place.there,
        raises=not all(item is None or type(item) is bool or _is_json(item) for item in items),
    )


def _present(place: _Place, _: dict[str, Any]) -> Part:
    """A test that only Python can do, on the records that have the path."""
    return Part(place.there, raises=True)


def _test(place: _Place, cells: dict[str, Any]) -> Part:
    """A callable: opaque, but for the one that is ours."""
    match cells["func"], cells["args"]:
        case known, (("<" | "<=" | ">" | ">=") as sign, limit) if known is ordered:
            pass
        case _:
            return _present(place, cells)
    if not _is_scalar(limit) or limit is None or isinstance(limit, bool):
        return Part(place.there)
    legal, types = (TEXT, "'text'") if isinstance(limit, str) else (NUMBER, "'integer','real'")
    sql = f"(({place.value}) {sign} ? AND ({place.value}) IS NOT NULL)"
    if place.kinds & ~legal:
        sql = f"({sql} AND {place.type} IN ({types}))"
    return Part(sql, (limit,), exact=True, paths=(place.path,))


_TESTS: Final[dict[str, Callable[[_Place, dict[str, Any]], Part]]] = {
    "==": _equal,
    "!=": _unequal,
    "<": _ordered("<"),
    "<=": _ordered("<="),
    ">": _ordered(">"),
    ">=": _ordered(">="),
    "exists": lambda place, _: Part(place.there, exact=True),
    "one_of": _one_of,
    "matches": _regex("matches"),
    "search": _regex("search"),
    "any_of": _any_of,
    "all_of": _all_of,
    "any_query": _present,
    "all_query": _present,
    "test": _test,
}
