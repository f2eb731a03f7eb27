"""Words: how text becomes search terms and sort keys. Pure; the same for records and for what is typed.

Folding: NFKC, case, and the accents of Latin, Greek and Cyrillic letters. Scripts written without spaces become
overlapping pairs of signs and their last sign, so that any part of a word is found (a query of one sign is a prefix).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

SORT_LENGTH: Final = 64
MAX_WORD: Final = 60
_LONGEST: Final = 10**MAX_WORD
# What becomes of each ASCII sign, in one pass: letters and digits in lower case, everything else a space.
_ASCII: Final = bytes(ord(chr(i).lower()) if chr(i).isalnum() else 32 for i in range(128)) + bytes(
    128
)
_UNSPACED: Final = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"  # Hangul
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3040-\u30ff\u31f0-\u31ff"  # Japanese syllables
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"  # Han
)
_RUNS = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED} ]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_BEYOND_ASCII = re.compile("([^\x00-\x7f]+)")
_AMOUNT = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?")
_ACCENTS = re.compile("[\u0300-\u036f]")


class _Signs(dict[int, str]):
    """Letters, marks and numbers stay; everything else becomes a space. Filled as signs are met."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        kept = sign if unicodedata.category(sign)[0] in "LMN" else " "
        self[code] = kept
        return kept


_SIGNS = _Signs()


def fold(text: str) -> str:
    """Text without case, width and accents."""
    if text.isascii():
        return text.lower()
    # Folding has no context beyond a run of such signs: most text is mostly ASCII, and its runs repeat.
    parts = _BEYOND_ASCII.split(text)
    parts[::2] = map(str.lower, parts[::2])
    parts[1::2] = [
        _fold_word(run) if len(run) < MAX_WORD else _fold_run(run) for run in parts[1::2]
    ]
    return "".join(parts)


def _fold_run(run: str) -> str:
    folded = unicodedata.normalize("NFKC", run).casefold()
    if not folded.isascii():
        folded = unicodedata.normalize(
            "NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded))
        )
    return folded


_fold_word = lru_cache(2_000)(_fold_run)


def indexed_text(text: str) -> str:
    """The search terms of a text, in order, with repeats, spaces between them: what the index takes."""
    folded = text if text.isascii() else fold(text)
    if folded.isascii():
        return folded.encode().translate(_ASCII).decode()
    cleaned = folded.translate(_SIGNS)
    if not _IS_UNSPACED.search(cleaned):
        return cleaned
    out: list[str] = []
    for run in _RUNS.findall(cleaned):
        if _IS_UNSPACED.match(run):
            out += [run[i : i + 2] for i in range(len(run) - 1)]
            out.append(run[-1])
        else:
            out.append(run)
    return " ".join(out)


def words(text: str) -> list[str]:
    """The search terms of a text, in order, with repeats."""
    return indexed_text(text).split()


def asked(text: str) -> list[str]:
    """The terms of a query: as `words`, without the last sign of an unspaced run of two or more."""
    out: list[str] = []
    for run in _RUNS.findall(fold(text).translate(_SIGNS)):
        if _IS_UNSPACED.match(run) and len(run) > 1:
            out += [run[i : i + 2] for i in range(len(run) - 1)]
        else:
            out.append(run)
    return out


def pieces(text: str) -> list[str]:
    """The folded words of a query as they must stand in a hit (unspaced runs whole): what hits are checked against."""
    return _RUNS.findall(fold(text).translate(_SIGNS))


def is_unspaced(term: str) -> bool:
    """Whether a term is of a script written without spaces."""
    return bool(_IS_UNSPACED.match(term))


@dataclass(slots=True)
class Searchable:
    """What a search finds in a document: its texts, and the digits of its whole numbers, each in order.

    A fraction is no word: its parts would be found by whoever looks for another number.
    """

    texts: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def take(self, value: Any) -> None:
        """Add what is in a value, at any depth."""
        stack = [value]
        while stack:
            item = stack.pop()
            kind = type(item)
            if kind is str:
                self.texts.append(item)
            elif kind is int or kind is float:
                self.numbers += digits(item)
            elif kind is dict:
                stack.extend(reversed(item.values()))
            elif kind is list:
                stack.extend(reversed(item))

    def indexed(self) -> tuple[str, list[str]]:
        """What the index of words takes, and the terms in it."""
        spoken = indexed_text("\n".join(self.texts)) if self.texts else ""
        return spoken, spoken.split()


def searchable(value: Any) -> Searchable:
    """What a search finds in a document or a value of it."""
    found = Searchable()
    found.take(value)
    return found


def indexed_numbers(value: Any) -> str:
    """What the index of numbers takes of a document."""
    found: list[str] = []
    stack = [value]
    while stack:
        item = stack.pop()
        kind = type(item)
        if kind is int or kind is float:
            found += digits(item)
        elif kind is dict:
            stack.extend(item.values())
        elif kind is list:
            stack.extend(item)
    return " ".join(found)


def digits(number: float) -> tuple[str, ...]:
    """The digits of a whole number; none of a fraction, or of a number longer than any word."""
    if type(number) is float and not number.is_integer():
        return ()
    return (str(abs(int(number))),) if -_LONGEST < number < _LONGEST else ()


def amount_key(value: Any) -> Any:
    """As `sort_key`, but a text that is a decimal number is sorted as that number: exact money is kept as text."""
    if type(value) is str and _AMOUNT.fullmatch(value):
        return float(value)
    return sort_key(value)


def sort_key(value: Any) -> Any:
    """What a value is sorted by: numbers as they are, text folded and cut; registered with SQLite as `sort_key`."""
    if type(value) is str:
        return fold(value[: SORT_LENGTH * 2])[:SORT_LENGTH]
    return value
