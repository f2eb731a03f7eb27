"""A JSON text read value by value: streamed, exact, and every error with its line and column.

1. Only one value that is asked for whole is held, never more of it than `MAX_RECORD_CHARS`.
2. Nothing changes on the way: integers of any size, halves of surrogate pairs, both of two values with
   one name. A decimal that a float would round stays a `NumberText`.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any, Final

from app.exchange.errors import BadJsonError
from app.exchange.limits import MAX_NESTING, MAX_RECORD_CHARS

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_WORD: Final = re.compile(r"[^\s,\]}:\[{\"]*")
_OUTSIDE: Final = re.compile(r'["{}\[\]]')
_STRING_END: Final = re.compile(r'["\\]')
_MAX_DIGITS: Final = 4_000  # Python alone turns no more than 4300 into a number


class NumberText(str):
    """A number that no float says exactly, or that none says as it is written."""

    __slots__ = ()

    @property
    def exact(self) -> float | None:
        """The float of the same value, None if there is none."""
        number = float(self)
        if number - number != 0:
            return None  # beyond what a float holds
        return number if _same(str(self), repr(number)) else None


class TooLarge:
    """Stands for a value that was passed over because it is larger than a record may be."""


TOO_LARGE: Final = TooLarge()
NOT_A_NUMBER: Final = float("nan")


def _same(written: str, shown: str) -> bool:
    """Whether two decimals are one number, without ever writing out an exponent."""
    return _digits(written) == _digits(shown)


def _digits(number: str) -> tuple[str, int]:
    mantissa, _, exponent = number.lower().partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    power = int(exponent or 0) - len(fraction)
    bare = digits.rstrip("0")
    return (sign + bare, power + len(digits) - len(bare)) if bare else (sign + "0", 0)


def _decimal(text: str) -> float | NumberText:
    number = float(text)
    return number if repr(number) == text else NumberText(text)


def _integer(text: str) -> int | NumberText:
    return int(text) if len(text) < _MAX_DIGITS else NumberText(text)


def _constant(text: str) -> float | NumberText:
    return NOT_A_NUMBER if text == "NaN" else NumberText(text)


@dataclass
class Oddities:
    """What was met on the way that JSON does not allow, or should not have."""

    doubled_names: int = 0


class JsonCursor:
    """A place in a JSON text that is given piece by piece."""

    def __init__(self, pieces: Iterator[str], check: Callable[[], None] = lambda: None) -> None:
        self._pieces = pieces
        self._check = check
        self._text = ""
        self._at = 0
        self._ended = False
        self._line = 1
        self._column = 0  # characters of the line that were given up before `_text`
        self.oddities = Oddities()
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_constant,
            strict=False,
        )

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        found = {}
        given = {name for name, _ in pairs}
        last: dict[str, int] = {}
        for name, value in pairs:
            unique = name
            while unique in found or (unique != name and unique in given):
                last[name] = last.get(name, 1) + 1
                unique = f"{name} {last[name]}"
            self.oddities.doubled_names += unique != name
            found[unique] = value
        return found

    # -- places --------------------------------------------------------------------------------

    def place(self, at: int | None = None) -> tuple[int, int]:
        """Line and column (from 1) of the next character, or of one further on."""
        before = self._text[: self._at if at is None else at]
        line_ends = before.count("\n")
        if not line_ends:
            return self._line, self._column + len(before) + 1
        return self._line + line_ends, len(before) - before.rfind("\n")

    def error(self, what: str, at: int | None = None) -> BadJsonError:
        """The error to raise for what stands at the next character."""
        return BadJsonError(what, *self.place(at))

    def _more(self) -> bool:
        """Read on; what lies behind is given up."""
        self._check()
        piece = next(self._pieces, None)
        if piece is None:
            self._ended = True
            return False
        self._line, column = self.place()
        self._column = column - 1
        self._text = self._text[self._at :] + piece
        self._at = 0
        return True

    # -- structure -----------------------------------------------------------------------------

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, sign: str) -> None:
        """Go past one character that must be next."""
        found = self.peek()
        if found != sign:
            shown = f'"{found}"' if found else "the end of the file"
            raise self.error(f'"{sign}" is missing before {shown}')
        self._at += 1

    def names(self) -> Iterator[str]:
        """The names in an object; the caller goes past each value before asking for the next name."""
        self.take("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            if self.peek() != '"':
                raise self.error("a name in quotes is missing")
            name = self.value()
            if not isinstance(name, str):
                raise self.error("a name is too long")
            self.take(":")
            yield name
            if not self._another("}"):
                return

    def items(self) -> Iterator[int]:
        """Counts the items of an array; the caller goes past each before asking for the next."""
        self.take("[")
        if self.peek() == "]":
            self._at += 1
            return
        count = 0
        while True:
            if self.peek() == "]":
                raise self.error("a value is missing after the comma")
            yield count
            count += 1
            if not self._another("]"):
                return

    def _another(self, end: str) -> bool:
        found = self.peek()
        if found == ",":
            self._at += 1
            return True
        if found == end:
            self._at += 1
            return False
        shown = f'"{found}"' if found else "the end of the file"
        raise self.error(f'a comma or "{end}" is missing before {shown}')

    # -- values --------------------------------------------------------------------------------

    def value(self) -> Any:
        """The next value, whole; TOO_LARGE for one that is passed over."""
        first = self.peek()
        if first not in ("{", "[", '"'):
            self._hold_word()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except JSONDecodeError as error:
                if not self._ended and len(self._text) - self._at <= MAX_RECORD_CHARS:
                    self._grow()
                    continue
                if first and first in '{["' and len(self._text) - self._at > MAX_RECORD_CHARS:
                    self.skip()
                    return TOO_LARGE
                raise self._translated(error) from None
            except RecursionError:
                raise self.error("lists and objects are nested too deep here") from None
            if end - self._at > MAX_RECORD_CHARS:
                self._at = end
                return TOO_LARGE
            if first in "{[" and too_deep(found, MAX_NESTING):
                raise self.error(f"lists and objects are nested more than {MAX_NESTING} deep here")
            self._at = end
            return found

    def _hold_word(self) -> None:
        """Read on until a number or a word is held whole: cut, it may be another one."""
        while (word := _WORD.match(self._text, self._at)) and word.end() == len(self._text):
            if len(word[0]) > MAX_RECORD_CHARS:
                raise self.error("a number or a word goes on without an end")
            if not self._more():
                return

    def _grow(self) -> None:
        """Read as much again as is held, so that a long value is not tried too often."""
        wanted = 2 * (len(self._text) - self._at)
        while self._more() and len(self._text) < wanted:
            pass

    def _translated(self, error: JSONDecodeError) -> BadJsonError:
        word = _WORD.match(self._text, error.pos)
        if error.msg == "Expecting value" and word and word[0]:
            return self.error(f'"{word[0][:40]}" is no value', error.pos)
        if error.pos >= len(self._text.rstrip()) or error.msg.startswith("Unterminated"):
            return self.error("the file ends in the middle of a value that begins")
        what = {
            "Expecting value": "a value is missing",
            "Expecting ',' delimiter": "a comma is missing",
            "Expecting ':' delimiter": "a colon is missing",
            "Expecting property name enclosed in double quotes": "a name in double quotes is missing",
        }.get(error.msg, error.msg.removesuffix(": ").lower())
        return self.error(what, error.pos)

    def skip(self) -> None:
        """Go past the next value without holding it."""
        first = self.peek()
        if first not in ("{", "[", '"'):
            self.value()
            return
        depth = 0
        while True:
            found = self._next_of(_OUTSIDE)
            if found == '"':
                self._skip_string()
            else:
                depth += 1 if found in "{[" else -1
            if depth == 0:
                return

    def _skip_string(self) -> None:
        while self._next_of(_STRING_END) == "\\":
            if self._at >= len(self._text) and not self._more():
                break
            self._at += 1

    def _next_of(self, pattern: re.Pattern[str]) -> str:
        """Go past the next character that the pattern finds, and return it."""
        while (found := pattern.search(self._text, self._at)) is None:
            self._at = len(self._text)
            if not self._more():
                raise self.error("the file ends in the middle of a value")
        self._at = found.end()
        return found[0]


def too_deep(value: Any, limit: int) -> bool:
    """Whether lists and objects are nested deeper than `limit`."""
    level = [value]
    for _ in range(limit):
        level = [
            item
            for each in level
            for item in (each.values() if isinstance(each, dict) else each)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True
