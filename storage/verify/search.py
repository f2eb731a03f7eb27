"""The search indexes of one collection: they must hold just the words and the numbers of its records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from storage.errors import DamagedTextError
from storage.schema import search_indexes
from storage.search.words import Searchable, searchable
from storage.verify.report import Check
from storage.verify.rows import read

FTS5_TOKEN_BYTES: Final = 32_768


def search_index(check: Check, cid: int, name: str) -> None:
    """Both indexes of a collection."""
    words, numbers = search_indexes(cid)
    _one(check, cid, name, words, _words)
    _one(check, cid, name, numbers, _numbers)


def _one(
    check: Check, cid: int, name: str, index: str, tokens_of: Callable[[Searchable], set[bytes]]
) -> None:
    """What is in the index and what is in the rows, both summed up as hashes of (word, record)."""
    execute = check.connection.execute
    execute(f"CREATE VIRTUAL TABLE temp.of_{index} USING fts5vocab(main, {index}, instance)")
    found: dict[int, int] = {}
    try:
        previous: tuple[bytes, int] | None = None
        for term, doc_id in execute(f"SELECT CAST(term AS BLOB), doc FROM temp.of_{index}"):
            if (term, doc_id) != previous:  # a word that stands twice in a record is listed twice
                previous = (term, doc_id)
                found[doc_id] = (found.get(doc_id, 0) + hash(term)) & 0xFFFF_FFFF_FFFF_FFFF
            check.count("search_words")
    finally:
        execute(f"DROP TABLE temp.of_{index}")
    for doc_id, text in execute(f"SELECT id, doc FROM r_{cid}"):
        try:
            own = tokens_of(searchable(read(text)))
        except DamagedTextError:
            found.pop(doc_id, None)
            continue
        expected = sum(map(hash, own)) & 0xFFFF_FFFF_FFFF_FFFF
        if found.pop(doc_id, 0) != expected:
            check.bad(
                "wrong_search_index",
                f"{name}/{doc_id}",
                "the search index has other words than the record",
            )
    for doc_id in found:
        check.bad(
            "wrong_search_index",
            f"{name}/{doc_id}",
            "the search index knows a record that is not there",
        )


def _words(found: Searchable) -> set[bytes]:
    """The words of a record as FTS5 keeps them: very long ones are cut."""
    return {word.encode()[:FTS5_TOKEN_BYTES] for word in found.indexed()[1]}


def _numbers(found: Searchable) -> set[bytes]:
    """The whole numbers of a record."""
    return {number.encode() for number in found.numbers}
