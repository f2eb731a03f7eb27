"""The dictionary of terms: completions of what is typed, and neighbours one typing error away.

A term within one error (sign changed, missing, extra, or two swapped) keeps the part before the error or the part
after it. So one range of the terms and one range of the reversed terms hold every neighbour; rapidfuzz decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from rapidfuzz.distance import OSA

from storage.search.words import MAX_WORD, is_unspaced

MIN_TERM: Final = 4
MAX_KNOWN: Final = 200_000
MAX_LOOKED_AT: Final = 20_000
_LAST: Final = "\U0010ffff"


class KnownTerms:
    """Terms that are in the dictionary already or never will be, so that most words cost one look into a set."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def add(self, connection: Any, terms: Iterable[str]) -> None:
        """Put new terms into the dictionary, in the caller's transaction."""
        known = self._known
        fresh = set(terms) - known
        if not fresh:
            return
        rows = [
            (term, term[::-1])
            for term in fresh
            if MIN_TERM <= len(term) <= MAX_WORD and not is_unspaced(term)
        ]
        rows.sort()
        connection.executemany("INSERT OR IGNORE INTO term VALUES (?, ?)", rows)
        if len(known) > MAX_KNOWN:
            known.clear()
        known |= fresh

    def clear(self) -> None:
        """After a rollback nothing is sure."""
        self._known.clear()


def completions(connection: Any, start: str, limit: int) -> list[str]:
    """Terms that begin with `start`, at most `limit`."""
    rows = connection.execute(
        "SELECT t FROM term WHERE t >= ? AND t < ? LIMIT ?", (start, start + _LAST, limit)
    )
    return [row[0] for row in rows]


def neighbours(connection: Any, word: str) -> list[str]:
    """Terms exactly one typing error away from a word, nearest in length first."""
    half = len(word) // 2
    first, rest = word[:half], word[half + 1 :][::-1]
    seen: set[str] = set()
    ranges = (
        ("t", first, "SELECT t FROM term WHERE t >= ? AND t < ? LIMIT ?"),
        ("r", rest, "SELECT t FROM term WHERE r >= ? AND r < ? LIMIT ?"),
    )
    for _, start, sql in ranges:
        for (term,) in connection.execute(sql, (start, start + _LAST, MAX_LOOKED_AT)):
            if (
                abs(len(term) - len(word)) <= 1
                and term != word
                and OSA.distance(word, term, score_cutoff=1) == 1
            ):
                seen.add(term)
    return sorted(seen, key=lambda term: (abs(len(term) - len(word)), term))
