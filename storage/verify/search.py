"""The search index of one collection: it must hold just the words of its records."""

from __future__ import annotations

from typing import Final

from storage.errors import DamagedTextError
from storage.search.words import Searchable, searchable
from storage.verify.report import Check
from storage.verify.rows import read

FTS5_TOKEN_BYTES: Final = 32_768


def search_index(check: Check, cid: int, name: str) -> None:
    """Words of the index and words of the rows, both summed up as hashes of (word, record)."""
    execute = check.connection.execute
    execute(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.v_{cid} USING fts5vocab(main, f_{cid}, instance)"
    )
    found: dict[int, int] = {}
    try:
        previous: tuple[bytes, int] | None = None
        for term, doc_id in execute(f"SELECT CAST(term AS BLOB), doc FROM temp.v_{cid}"):
            if (term, doc_id) != previous:  # a word that stands twice in a record is listed twice
                previous = (term, doc_id)
                found[doc_id] = (found.get(doc_id, 0) + hash(term)) & 0xFFFF_FFFF_FFFF_FFFF
            check.count("search_words")
    finally:
        execute(f"DROP TABLE temp.v_{cid}")
    for doc_id, text in execute(f"SELECT id, doc FROM r_{cid}"):
        try:
            own = _tokens(searchable(read(text)))
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


def _tokens(found: Searchable) -> set[bytes]:
    """The words of a record as FTS5 keeps them: very long ones are cut."""
    return {word.encode()[:FTS5_TOKEN_BYTES] for word in found.indexed()[0].split()}
