"""What the full-text indexes of a collection are asked: the newest records that hold all words of a question.

Words and whole numbers lie in an index each, so that a change of a number writes no word. Digits that were typed may
stand in either; so a question with digits is asked once for each way to share its digits out between the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

from storage.database import Connection
from storage.ids import MAX_ID
from storage.schema import search_indexes
from storage.search.terms import completions
from storage.search.words import is_unspaced

PREFIX_SIGNS: Final = 3  # what the indexes keep prefixes for
MAX_COMPLETIONS: Final = 300
MAX_NUMBERS: Final = (
    3  # of more than these the longest: each doubles how often the indexes are asked
)
BLOCK: Final = 500  # ids read at a time where two indexes are held against each other
NEAR: Final = (
    1_000  # times as many of the other index: to ask it about one id costs as much as to read these
)


class Question(NamedTuple):
    """Words in the index's language that must all be there, and digits that may be words or numbers."""

    words: tuple[str, ...]
    digits: tuple[str, ...] = ()

    def with_word(self, word: str) -> Question:
        """The same with one more word."""
        return Question((*self.words, word), self.digits)


def question(connection: Connection, terms: Sequence[str], *, whole: bool = False) -> Question:
    """What to ask for words that begin with these terms; `whole`: for just these terms."""
    digits = [term for term in terms if term.isascii() and term.isdecimal()]
    words = [term for term in terms if term not in digits]
    chosen = sorted(digits, key=len, reverse=True)[:MAX_NUMBERS]
    if whole:
        return Question(tuple(map(_quoted, words)), tuple(map(_quoted, chosen)))
    spelled = tuple(_begun(connection, word) for word in words)
    return Question(spelled, tuple(f"{_quoted(each)}*" for each in chosen))


def any_word(words: Iterable[str]) -> str:
    """Any of some words, in the index's language."""
    return "(" + " OR ".join(map(_quoted, words)) + ")"


def newest(connection: Connection, cid: int, asked: Question, limit: int) -> list[int]:
    """Ids of what the indexes find, newest first."""
    words_index, numbers_index = search_indexes(cid)
    found: list[int] = []
    for as_numbers in product((False, True), repeat=len(asked.digits)):
        low = found[-1] if len(found) == limit else -MAX_ID - 1  # older ones are too many anyway
        shared = list(zip(asked.digits, as_numbers, strict=True))
        words = (*asked.words, *(digits for digits, is_number in shared if not is_number))
        numbers = tuple(digits for digits, is_number in shared if is_number)
        of_words = _Side(connection, words_index, " AND ".join(words), low)
        of_numbers = _Side(connection, numbers_index, " AND ".join(numbers), low)
        if words and numbers:
            more = _both(of_words, of_numbers, limit)
        else:
            more = (of_words if words else of_numbers).ids(limit)
        found = sorted({*found, *more}, reverse=True)[:limit] if found else more[:limit]
    return found


class _Side(NamedTuple):
    """One index, and what it is asked about records from `low` on."""

    connection: Connection
    table: str
    match: str
    low: int

    def ids(self, limit: int, high: int = MAX_ID, low: int | None = None) -> list[int]:
        """Ids from `high` down to `low`, newest first."""
        sql = (
            f"SELECT rowid FROM {self.table} WHERE {self.table} MATCH ? AND rowid BETWEEN ? AND ?"
            " ORDER BY rowid DESC LIMIT ?"
        )
        bounds = (self.low if low is None else low, high)
        found = self.connection.execute(sql, (self.match, *bounds, limit)).fetchall()
        return [row[0] for row in found]

    def among(self, ids: Sequence[int]) -> set[int]:
        """Those of some ids, newest first, that it finds: all between them are read, or each is asked about."""
        near = self.ids(NEAR * len(ids), ids[0], ids[-1])
        found = set(ids).intersection(near)
        further = len(near) == NEAR * len(ids)
        left = [doc_id for doc_id in ids if further and doc_id < near[-1]]
        if left:
            marks = ",".join("?" * len(left))
            sql = (
                f"SELECT rowid FROM {self.table} WHERE {self.table} MATCH ? AND rowid IN ({marks})"
            )
            found.update(row[0] for row in self.connection.execute(sql, (self.match, *left)))
        return found


def _both(one: _Side, other: _Side, limit: int) -> list[int]:
    """Ids that both find, newest first: the one that finds less leads."""
    blocks = [side.ids(BLOCK) for side in (one, other)]
    if not all(blocks):
        return []
    if (len(blocks[1]), blocks[1][-1]) < (len(blocks[0]), blocks[0][-1]):
        one, other = other, one
    found: list[int] = []
    for block in _blocks(one):
        among = other.among(block)
        found += [doc_id for doc_id in block if doc_id in among]
        if len(found) >= limit:
            break
    return found


def _blocks(side: _Side) -> Iterator[list[int]]:
    """All that a side finds, newest first, some at a time."""
    block = side.ids(BLOCK)
    while block:
        yield block
        block = side.ids(BLOCK, block[-1] - 1) if len(block) == BLOCK else []


def _quoted(term: str) -> str:
    return f'"{term}"'


def _begun(connection: Connection, word: str) -> str:
    """Any word that begins with this one."""
    if is_unspaced(word):
        return _quoted(word) if len(word) > 1 else f"{_quoted(word)}*"
    if len(word) <= PREFIX_SIGNS:
        return f"{_quoted(word)}*"
    longer = completions(connection, word, MAX_COMPLETIONS + 1)
    return f"{_quoted(word)}*" if len(longer) > MAX_COMPLETIONS else any_word(longer or [word])
