"""Search finds every record that holds the words, and beyond them only what one typing error explains."""

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from rapidfuzz.distance import OSA

from storage import Store
from tests.support.typos import KINDS

SPOKEN = ["stock", "stocks", "stack", "lamp", "lump", "order", "orders", "border", "walnut"]
LATIN = [*SPOKEN, "a", "to", "tools", "x1", "2026", "12", "5"]
NUMBERS = [5, 2026, 20261, -2026, 2026.0, 12026, 20.26, None, True, 1, [True], [1]]
UNSPACED = ["会議", "会議室", "東京", "東京都", "京都", "の", "議会", "カメラ"]
Document = dict[str, Any]


def draw_part(chance: random.Random) -> str:
    """A word, or two words of the unspaced script run together."""
    if chance.random() < 0.7:
        return chance.choice(LATIN)
    return "".join(chance.choices(UNSPACED, k=2))


def draw_text(chance: random.Random) -> str:
    """A few words, or none."""
    parts = [draw_part(chance) for _ in range(chance.randrange(5))]
    return chance.choice([" ", ", ", "\n"]).join(parts)


def draw_document(chance: random.Random) -> Document:
    """A document with texts and numbers in it at several depths."""
    note = [draw_text(chance), None, chance.choice(NUMBERS)]
    drawn = {"title": draw_text(chance), "n": chance.choice(NUMBERS), "more": {"note": note}}
    return {name: value for name, value in drawn.items() if chance.random() < 0.85}


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a document, and every whole number."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
        yield str(abs(int(value)))
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_of(inner)


def words_of(document: Document) -> list[str]:
    """The words of the spaced script in a document."""
    return [word for text in texts_of(document) for word in re.findall("[a-z0-9]+", text)]


def holds(document: Document, word: str) -> bool:
    """Whether a document holds a word, or one that begins with it; of an unspaced script, the signs anywhere."""
    if word.isascii():
        return any(own.startswith(word) for own in words_of(document))
    return any(word in text for text in texts_of(document))


def is_near(document: Document, word: str) -> bool:
    """Whether a document holds a word that one typing error makes of this one."""
    return any(OSA.distance(own, word) <= 1 for own in words_of(document))


def draw_question(chance: random.Random) -> list[str]:
    """One or two words: whole, begun, with an error, or of the unspaced script."""
    asked = []
    for _ in range(chance.choice([1, 1, 2])):
        word = chance.choice(LATIN)
        shape = chance.randrange(4)
        if shape == 0 and len(word) > 3:
            word = chance.choice(KINDS)(chance, word)
        elif shape == 1:
            word = word[: chance.randrange(1, len(word) + 1)]
        elif shape == 2:
            word = chance.choice(UNSPACED)
        asked.append(word)
    return asked


def change(chance: random.Random, store: Store) -> None:
    """One write, or a transaction of two that may be abandoned."""
    table = store.table("t")
    ids = list(table.ids())
    some = chance.sample(ids, min(len(ids), 2))
    match chance.randrange(6):
        case 0:
            table.insert_multiple(draw_document(chance) for _ in range(3))
        case 1:
            table.update(draw_document(chance), doc_ids=some)
        case 2:
            table.remove(doc_ids=some)
        case 3:
            table.restore(table.trash(some)[:1])
        case 4:
            abandoned(chance, store)
        case _:
            store.maintain()


class AbandonedError(Exception):
    """Raised at the end of a transaction that is to leave nothing."""


def abandoned(chance: random.Random, store: Store) -> None:
    """A transaction that leaves nothing."""

    def written() -> None:
        with store.transaction():
            store.table("t").update(draw_document(chance))
            store.table("t").insert(draw_document(chance))
            raise AbandonedError

    with pytest.raises(AbandonedError):
        written()


def check(chance: random.Random) -> None:
    """One store, some writes, and questions after each."""
    with Store() as store:
        store.table("t").insert_multiple(
            draw_document(chance) for _ in range(chance.randrange(1, 25))
        )
        for _ in range(5):
            for _ in range(4):
                ask(store, draw_question(chance))
            change(chance, store)
        report = store.verify()
        assert report.ok, report.problems


def ask(store: Store, asked: list[str]) -> None:
    """One question."""
    documents = {document.doc_id: dict(document) for document in store.table("t")}
    found = store.find_text(" ".join(asked), limit=200)
    expected = {
        doc_id
        for doc_id, document in documents.items()
        if all(holds(document, word) for word in asked)
    }
    hits = {hit.doc_id: hit for hit in found.hits}
    case = (asked, documents)
    assert expected <= hits.keys(), case
    for doc_id in hits.keys() - expected:
        errors = {word for word in asked if not holds(documents[doc_id], word)}
        assert len(errors) == 1, case
        assert is_near(documents[doc_id], errors.pop()), case
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True), case
    assert found.total == len(hits), case
    assert all(dict(hit.document) == documents[doc_id] for doc_id, hit in hits.items()), case


def test_search_finds_what_holds_the_words(dice: random.Random) -> None:
    for _ in range(60):
        check(dice)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_search_finds_what_holds_the_words_in_many_stores(dice: random.Random) -> None:
    for _ in range(1_000):
        check(dice)
