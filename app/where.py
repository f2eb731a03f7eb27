"""Conditions as people write them: `state == "NY" and latitude > 40`, read into a query.

    or      = and { "or" and }
    and     = not { "and" not }
    not     = "not" not | "(" or ")" | "exists" "(" path ")" | path test
    test    = ("==" | "=" | "!=" | "<" | "<=" | ">" | ">=") value | ["not"] "in" "[" value, … "]"
            | ["not"] ("contains" | "startswith" | "endswith") value | "is" ["not"] "null"
    path    = name { "." name }, a name with blanks or signs in `backticks`
    value   = "text" | 'text' | number | true | false | null

1. A condition never fails on a record: what cannot be compared does not match, and `!=`,
   `not in` and `not contains` are the exact opposites of `==`, `in` and `contains`.
2. null, a missing field and "no value" are one: `is null`, `== null`, `not exists(field)`.
3. `==` and `in` compare exactly; `contains`, `startswith` and `endswith` ignore case in text.
4. Length, depth and size are bounded, so that no condition can exhaust the program.
"""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import reduce
from operator import ge, gt, le, lt
from typing import Any, Final, NamedTuple

from app.errors import WhereError
from app.model.fields import is_text
from storage import Query, ordered

LENGTH_LIMIT: Final = 20_000
DEPTH_LIMIT: Final = 50
PARTS_LIMIT: Final = 2_000
LIST_LIMIT: Final = 10_000

Path = tuple[str, ...]

_TOKEN: Final = re.compile(
    r"""(?:
        (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<number>[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?(?![\w.]))
      | (?P<quoted>`(?:[^`]|``)+`)
      | (?P<word>[^\W\d][\w-]*)
      | (?P<sign>==|!=|<>|<=|>=|[=<>()\[\],.])
    )\s*""",
    re.VERBOSE | re.DOTALL,
)
_ORDERS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_TEXT_TESTS: Final[Mapping[str, tuple[str, str]]] = {
    "contains": ("", ""),
    "startswith": (r"\A", ""),
    "endswith": ("", r"\Z"),
}
_KEYWORDS: Final = frozenset({"and", "or", "not", "in", "is", "exists", *_TEXT_TESTS})
_CONSTANTS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}


class Condition(NamedTuple):
    """A condition that was read: the query, and the fields that it asks about."""

    query: Any
    paths: frozenset[Path]


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


def parse(text: str, kinds: Mapping[str, str] | None = None) -> Any:
    """Read a condition into a query; WhereError points at the sign that does not fit."""
    return read(text, kinds).query


def read(text: str, kinds: Mapping[str, str] | None = None) -> Condition:
    """Read a condition; `kinds` tells of fields whose values compare in their own way."""
    if len(text) > LENGTH_LIMIT:
        raise WhereError(text, 0, f"it is longer than {LENGTH_LIMIT} signs")
    return _Reader(text, kinds or {}).condition()


class _Reader:
    def __init__(self, text: str, kinds: Mapping[str, str]) -> None:
        self._text, self._kinds = text, kinds
        self._tokens, self._at = _tokens(text), 0
        self._paths: set[Path] = set()
        self._parts = 0

    def condition(self) -> Condition:
        query = self._either(0)
        if self._next.kind != "end":
            raise self._error("'and' or 'or' was expected")
        return Condition(query, frozenset(self._paths))

    # ------------------------------------------------------------------------------ grammar

    def _either(self, depth: int) -> Any:
        parts = [self._both(depth)]
        while self._takes_word("or"):
            parts.append(self._both(depth))
        return _balanced(parts, lambda a, b: a | b)

    def _both(self, depth: int) -> Any:
        parts = [self._negation(depth)]
        while self._takes_word("and"):
            parts.append(self._negation(depth))
        return _balanced(parts, lambda a, b: a & b)

    def _negation(self, depth: int) -> Any:
        if depth > DEPTH_LIMIT:
            raise self._error(f"it is nested deeper than {DEPTH_LIMIT}")
        if self._takes_word("not"):
            return ~self._negation(depth + 1)
        if self._takes_sign("("):
            query = self._either(depth + 1)
            self._needs(")")
            return query
        self._parts += 1
        if self._parts > PARTS_LIMIT:
            raise self._error(f"it has more than {PARTS_LIMIT} comparisons")
        if self._next.text.lower() == "exists" and self._following.text == "(":
            self._at += 2
            path = self._path()
            self._needs(")")
            return ~_empty(path)
        return self._comparison()

    def _comparison(self) -> Any:
        path = self._path()
        amount = self._kinds.get(path[0]) == "currency" and len(path) == 1
        if self._next.kind == "sign" and self._next.text in _SIGNS:
            return self._compared(path, _SIGNS[self._take().text], amount=amount)
        if self._takes_word("is"):
            negated = self._takes_word("not")
            if self._value_or_none(self._next) is not None or self._next.text.lower() != "null":
                raise self._error("'null' was expected")
            self._at += 1
            return ~_empty(path) if negated else _empty(path)
        negated = self._takes_word("not")
        word = self._next.text.lower() if self._next.kind == "word" else ""
        if word == "in":
            self._at += 1
            query = self._among(path, amount=amount)
        elif word in _TEXT_TESTS:
            self._at += 1
            query = self._holding(path, word)
        else:
            raise self._error("a comparison was expected, such as == or contains")
        return ~query if negated else query

    def _compared(self, path: Path, sign: str, *, amount: bool) -> Any:
        position = self._next.position
        value = self._value()
        if sign in {"==", "!="}:
            equal = self._equal(path, value, amount=amount)
            return equal if sign == "==" else ~equal
        if value is None or isinstance(value, bool):
            raise WhereError(self._text, position, "only numbers and texts are less or greater")
        if amount:
            return _at(path).test(_amount_is, sign, _amount(value))
        return _at(path).test(ordered, sign, value)

    @staticmethod
    def _equal(path: Path, value: Any, *, amount: bool) -> Any:
        if value is None:
            return _empty(path)
        if amount:
            return _at(path).test(_amount_is, "==", _amount(value))
        return _at(path) == value

    def _among(self, path: Path, *, amount: bool) -> Any:
        self._needs("[")
        values = [] if self._next.text == "]" else [self._value()]
        while self._takes_sign(","):
            values.append(self._value())
            if len(values) > LIST_LIMIT:
                raise self._error(f"a list has at most {LIST_LIMIT} values")
        self._needs("]")
        held = [value for value in values if value is not None]
        if amount:
            among = _at(path).test(
                _amount_among, frozenset(_amount(value) for value in held) - {None}
            )
        else:
            among = _at(path).one_of(held)
        return among | _empty(path) if None in values else among

    def _holding(self, path: Path, word: str) -> Any:
        position = self._next.position
        value = self._value()
        if isinstance(value, str):
            before, after = _TEXT_TESTS[word]
            found = _at(path).search(f"(?i){before}{re.escape(value)}{after}")
            if word != "contains" or (len(path) == 1 and is_text(self._kinds.get(path[0], ""))):
                return found
            return found | _at(path).any([value])
        if word == "contains" and value is not None:
            return _at(path).any([value])
        raise WhereError(self._text, position, "a text in quotes was expected")

    def _path(self) -> Path:
        path = [self._name()]
        while self._takes_sign("."):
            path.append(self._name())
        self._paths.add(tuple(path))
        return tuple(path)

    def _name(self) -> str:
        token = self._next
        if token.kind == "quoted":
            self._at += 1
            return token.text[1:-1].replace("``", "`")
        if token.kind != "word" or token.text.lower() in _KEYWORDS | set(_CONSTANTS):
            raise self._error("the name of a field was expected")
        self._at += 1
        return token.text

    def _value(self) -> Any:
        token = self._next
        value = self._value_or_none(token)
        if value is None and token.text.lower() != "null":
            hint = "a value was expected"
            if token.kind in {"word", "quoted"}:
                hint += ', and texts are written in quotes, like "NY"'
            raise self._error(hint)
        self._at += 1
        return value

    def _value_or_none(self, token: _Token) -> Any:
        if token.kind == "text":
            return _unescaped(token.text)
        if token.kind == "number":
            return self._number(token)
        return _CONSTANTS.get(token.text.lower()) if token.kind == "word" else None

    def _number(self, token: _Token) -> int | float:
        if re.match("[+-]?0[0-9]", token.text):
            reason = (
                f'a code with zeros before it is a text, and written in quotes, like "{token.text}"'
            )
            raise WhereError(self._text, token.position, reason)
        if re.match(r"[0-9]{4}-[0-9]{2}", self._text[token.position :]):
            raise WhereError(
                self._text, token.position, 'dates are written in quotes, like "2026-01-31"'
            )
        try:
            return float(token.text) if re.search("[.eE]", token.text) else int(token.text)
        except ValueError:
            raise WhereError(self._text, token.position, "it has too many digits") from None

    # ------------------------------------------------------------------------------- tokens

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    @property
    def _following(self) -> _Token:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _takes_word(self, word: str) -> bool:
        taken = self._next.kind == "word" and self._next.text.lower() == word
        self._at += taken
        return taken

    def _takes_sign(self, sign: str) -> bool:
        taken = self._next.kind == "sign" and self._next.text == sign
        self._at += taken
        return taken

    def _needs(self, sign: str) -> None:
        if not self._takes_sign(sign):
            raise self._error(f"'{sign}' was expected")

    def _error(self, reason: str) -> WhereError:
        return WhereError(self._text, self._next.position, reason)


_SIGNS: Final = {"=": "==", "==": "==", "!=": "!=", "<>": "!=", **{sign: sign for sign in _ORDERS}}


def _tokens(text: str) -> list[_Token]:
    found, position = [], len(text) - len(text.lstrip())
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match or not match.lastgroup:
            raise WhereError(text, position, _strange(text[position]))
        kind = match.lastgroup
        found.append(_Token(kind, match[kind], position))
        position = match.end()
    return [*found, _Token("end", "", len(text))]


def _strange(sign: str) -> str:
    if sign in "\"'`":
        return "what is opened with this quote is not closed"
    return "nothing in a condition starts so (names with such signs go into `backticks`)"


def _balanced(parts: list[Any], join: Callable[[Any, Any], Any]) -> Any:
    """Join many parts as a shallow tree: a query is evaluated by recursion."""
    while len(parts) > 1:
        parts = [reduce(join, parts[at : at + 2]) for at in range(0, len(parts), 2)]
    return parts[0]


def _at(path: Path) -> Any:
    return reduce(lambda query, name: query[name], path, Query())


def _empty(path: Path) -> Any:
    return ~_at(path).exists() | (_at(path) == None)  # noqa: E711 - a query, not a comparison


def _amount(value: object) -> Decimal | None:
    """Return an exact amount (kept as text), or None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _amount_is(value: object, sign: str, limit: Decimal | None) -> bool:
    amount = _amount(value)
    if amount is None or limit is None:
        return False
    return amount == limit if sign == "==" else _ORDERS[sign](amount, limit)


def _amount_among(value: object, amounts: frozenset[Decimal]) -> bool:
    return _amount(value) in amounts


def _unescaped(text: str) -> str:
    """Return what a text in quotes says; backslashes mean what they mean in JSON."""

    def one(match: re.Match[str]) -> str:
        escape = match[0]
        if escape[1:] in {"'", "\n"} or escape[1] not in 'bfnrt/\\"u':
            return escape[1:]
        spoken: str = json.loads(f'"{escape}"')
        return spoken

    return re.sub(r"(?:\\u[0-9a-fA-F]{4})+|\\.", one, text[1:-1], flags=re.DOTALL)
