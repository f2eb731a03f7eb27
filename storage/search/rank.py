"""How good a hit is: pure, from the record and the words that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from storage.search.words import fold, is_unspaced, texts, words

TITLE: Final = 8.0
WHOLE_TITLE: Final = 6.0
FIRST: Final = 2.0
WHOLE: Final = 4.0
PART: Final = 1.0
TYPO: Final = -100.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A word to look for; `typed` is what stood in its place, `distance` the typing errors between the two."""

    word: str
    typed: str
    distance: int = 0


def score(document: dict[str, Any], wanted: Sequence[Wanted]) -> float | None:
    """A hit's score, or None where a wanted word is not in the record after all.

    A word in the title (the record's first text) counts most, a whole word more than a beginning, a corrected word
    less than anything typed right.
    """
    title, *rest = list(texts(document)) or [""]
    title_words = words(title)
    rest_words: set[str] | None = None
    total = 0.0
    for one in wanted:
        points = _in_title(one.word, title, title_words)
        if points is None:
            if rest_words is None:
                rest_words = set(words("\n".join(rest)))
            points = _elsewhere(one.word, rest, rest_words)
        if points is None:
            return None
        total += points + TYPO * one.distance
    if title_words and sorted(one.word for one in wanted) == sorted(title_words):
        total += WHOLE_TITLE
    return total


def _in_title(word: str, title: str, title_words: list[str]) -> float | None:
    if is_unspaced(word):
        return TITLE + PART if word in fold(title) else None
    if word in title_words:
        return TITLE + WHOLE + (FIRST if title_words[0] == word else 0.0)
    if any(own.startswith(word) for own in title_words):
        return TITLE + PART + (FIRST if title_words[0].startswith(word) else 0.0)
    return None


def _elsewhere(word: str, rest: list[str], rest_words: set[str]) -> float | None:
    if is_unspaced(word):
        return PART if any(word in fold(text) for text in rest) else None
    if word in rest_words:
        return WHOLE
    return PART if any(own.startswith(word) for own in rest_words) else None
