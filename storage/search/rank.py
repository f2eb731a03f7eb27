"""How good a hit is: pure, from the record and the words that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from storage.search.words import fold, indexed_text, is_unspaced, searchable

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
    found = searchable(document)
    title, *rest = found.texts or [""]
    rest += found.numbers
    title_terms = _around(title)
    rest_terms: str | None = None
    total = 0.0
    for one in wanted:
        points = _in_title(one.word, title, title_terms)
        if points is None:
            if rest_terms is None:
                rest_terms = _around("\n".join(rest))
            points = _elsewhere(one.word, rest, rest_terms)
        if points is None:
            return None
        total += points + TYPO * one.distance
    title_words = title_terms.split()
    if title_words and {one.word for one in wanted} == set(title_words):
        total += WHOLE_TITLE
    return total


def _around(text: str) -> str:
    """The terms of a text with a space around each, so that one search tells a whole term or a beginning."""
    return f" {indexed_text(text)} "


def _in_title(word: str, title: str, terms: str) -> float | None:
    if is_unspaced(word):
        return TITLE + PART if word in fold(title) else None
    if f" {word} " in terms:
        return TITLE + WHOLE + (FIRST if terms.lstrip().startswith(f"{word} ") else 0.0)
    if f" {word}" in terms:
        return TITLE + PART + (FIRST if terms.lstrip().startswith(word) else 0.0)
    return None


def _elsewhere(word: str, rest: list[str], terms: str) -> float | None:
    if is_unspaced(word):
        return PART if any(word in fold(text) for text in rest) else None
    if f" {word} " in terms:
        return WHOLE
    return PART if f" {word}" in terms else None
