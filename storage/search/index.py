"""Full-text search over collections: as you type, ranked, one typing error tolerated. Reads only.

Each table has its own index; a query is run on each, newest first, and the best are ranked in Python: bm25 would count
every hit of every word first, which takes a second at a million records. Nothing is trusted from the index alone: the
words are looked for again in the record. `asking` knows the indexes themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tinydb.table import Document

from storage import codec
from storage.database import Connection
from storage.engine import Engine
from storage.search.asking import any_word, newest, question
from storage.search.rank import Wanted, score
from storage.search.terms import neighbours
from storage.search.words import asked, is_unspaced, pieces

CANDIDATES: Final = 200  # newest hits of a table that are ranked
NEIGHBOUR_HITS: Final = 10  # newest hits of each neighbour, at least
MAX_NEIGHBOURS: Final = 24
MIN_TYPO_SIGNS: Final = 4
COUNTED: Final = 1_000
MAX_TERMS: Final = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found. `words`: the folded words to mark in it; `score`: higher is better."""

    table: str
    doc_id: int
    score: float
    document: Document
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundText:
    """The best hits. `total` counts to about a thousand a table; `more` says that there are others."""

    hits: tuple[Hit, ...]
    total: int
    more: bool


def find_text(
    engine: Engine, tables: Sequence[str], text: str, limit: int, offset: int
) -> FoundText:
    """The records that hold all words of `text`, those with a neighbour of a word last."""
    terms, wanted = _telling(asked(text)), list(dict.fromkeys(pieces(text)))
    if not terms or limit < 1:
        return FoundText((), 0, more=False)
    hits: dict[tuple[str, int], Hit] = {}
    total, more = 0, False
    with engine.db.reading(long=True) as connection, engine.db.snapshot(connection):
        places = _places(connection, tables)
        every = question(connection, terms)
        exact = [Wanted(piece, piece, distance=0) for piece in wanted]
        for name, cid in places:
            ids = newest(connection, cid, every, COUNTED)
            ranked = ids if len(ids) <= CANDIDATES else _worth_ranking(connection, cid, terms, ids)
            found = _hits(connection, name, cid, ranked, exact)
            total += len(found) if ranked is ids else len(ids)
            hits.update({(hit.table, hit.doc_id): hit for hit in found})
        if len(hits) < limit + offset and len(hits) < CANDIDATES:
            near, capped = _near_hits(connection, places, terms, wanted)
            before = len(hits)
            for hit in near:  # best first
                hits.setdefault((hit.table, hit.doc_id), hit)
            total += len(hits) - before
            more = capped
    best = sorted(hits.values(), key=lambda hit: (-hit.score, -hit.doc_id))
    return FoundText(
        tuple(best[offset : offset + limit]), total, more=more or total > offset + limit
    )


def _telling(terms: Sequence[str]) -> list[str]:
    """The terms that the index is asked for: of many the longest, which are the rarest; hits are held against all."""
    distinct = list(dict.fromkeys(terms))
    chosen = set(sorted(distinct, key=len, reverse=True)[:MAX_TERMS])
    return [term for term in distinct if term in chosen]


def _places(connection: Connection, tables: Sequence[str]) -> list[tuple[str, int]]:
    known = dict(connection.execute("SELECT name, cid FROM collection").fetchall())
    return [(name, known[name]) for name in tables if name in known]


def _worth_ranking(
    connection: Connection, cid: int, terms: Sequence[str], ids: Sequence[int]
) -> list[int]:
    """Of too many ids the newest, half of them with the words as they were typed: no mere beginning crowds them out."""
    whole = question(connection, terms, whole=True)
    chosen = dict.fromkeys(newest(connection, cid, whole, CANDIDATES // 2))
    for doc_id in ids:
        if len(chosen) == CANDIDATES:
            break
        chosen[doc_id] = None
    return list(chosen)


def _hits(
    connection: Connection, table: str, cid: int, ids: Sequence[int], wanted: Sequence[Wanted]
) -> list[Hit]:
    """The records with these ids that hold the words."""
    hits = []
    for start in range(0, len(ids), 100):
        chunk = ids[start : start + 100]
        marks = ",".join("?" * len(chunk))
        for doc_id, text in connection.execute(
            f"SELECT id, doc FROM r_{cid} WHERE id IN ({marks})", chunk
        ):
            hit = _hit(table, doc_id, codec.decode(text), wanted)
            if hit is not None:
                hits.append(hit)
    return hits


def _hit(table: str, doc_id: int, document: dict[str, Any], wanted: Sequence[Wanted]) -> Hit | None:
    found = score(document, wanted)
    if found is None:
        return None
    return Hit(table, doc_id, found, Document(document, doc_id), tuple(one.word for one in wanted))


def _near_hits(
    connection: Connection,
    places: Sequence[tuple[str, int]],
    terms: Sequence[str],
    wanted: Sequence[str],
) -> tuple[list[Hit], bool]:
    """Hits with one word replaced by a neighbour, each neighbour's newest: so that none hides the others.

    True with them when a neighbour has more than its share.
    """
    hits: list[Hit] = []
    capped = False
    for at, word in enumerate(terms):
        if len(word) < MIN_TYPO_SIGNS or is_unspaced(word) or word not in wanted:
            continue
        others = question(connection, [term for i, term in enumerate(terms) if i != at])
        near_words = neighbours(connection, word)[:MAX_NEIGHBOURS]
        if (
            len(terms) > 1 and near_words
        ):  # mostly none stands beside the other words: one question tells
            beside = others.with_word(any_word(near_words))
            if not any(newest(connection, cid, beside, 1) for _, cid in places):
                continue
        share = max(NEIGHBOUR_HITS, CANDIDATES // max(1, len(near_words) * len(places)))
        for near in near_words:
            beside = others.with_word(any_word([near]))
            asked_for = [
                Wanted(near, piece, distance=1) if piece == word else Wanted(piece, piece)
                for piece in wanted
            ]
            for name, cid in places:
                ids = newest(connection, cid, beside, share + 1)
                capped = capped or len(ids) > share
                hits += _hits(connection, name, cid, ids[:share], asked_for)
    return _fair(hits), capped


def _fair(hits: list[Hit]) -> list[Hit]:
    """Take turns: the n-th hit of every neighbour scores below the (n-1)-th of all others."""
    turn: dict[tuple[str, ...], int] = {}
    out = []
    for hit in sorted(hits, key=lambda hit: (-hit.score, -hit.doc_id)):
        n = turn[hit.words] = turn.get(hit.words, -1) + 1
        out.append(Hit(hit.table, hit.doc_id, hit.score - n, hit.document, hit.words))
    return sorted(out, key=lambda hit: -hit.score)
