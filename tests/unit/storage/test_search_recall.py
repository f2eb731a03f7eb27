"""A word with one typing error finds a record with the word among the first ten hits."""

from collections.abc import Iterator
from typing import Any

import pytest

from storage import Store
from tests.support.samples import path_of, records
from tests.support.typos import Typo, letters_of, typos

pytestmark = pytest.mark.skipif(
    not path_of("zipcodes.csv").exists(), reason="the sample data is not beside the checkout"
)
FIRST_HITS = 10
WANTED_SHARE = 0.95


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """The zip codes and the movies, as one would import them."""
    with Store() as filled:
        for name in ("zipcodes.csv", "movies.json"):
            filled.table(name).insert_multiple(records(name))
        yield filled


def _texts(document: Any) -> Iterator[str]:
    return (str(value) for value in document.values() if value is not None)


def _is_found(store: Store, typo: Typo) -> bool:
    found = store.find_text(typo.typed, limit=FIRST_HITS)
    assert len(found.hits) <= FIRST_HITS
    return any(typo.word in letters_of(text) for hit in found.hits for text in _texts(hit.document))


def _assert_recall(store: Store, count: int) -> None:
    asked = typos(count)
    missed = [typo for typo in asked if not _is_found(store, typo)]
    assert len(asked) - len(missed) >= WANTED_SHARE * count, missed


def test_most_of_a_hundred_words_with_a_typing_error_are_found(store: Store) -> None:
    _assert_recall(store, 100)


@pytest.mark.full
def test_most_of_five_hundred_words_with_a_typing_error_are_found(store: Store) -> None:
    _assert_recall(store, 500)


def test_every_word_typed_right_is_found(store: Store) -> None:
    right = [Typo(typo.word, typo.word, "none") for typo in typos(300, seed="typed right")]
    assert [typo.word for typo in right if not _is_found(store, typo)] == []


def test_the_typed_words_differ_from_the_meant_ones_in_one_place() -> None:
    for typo in typos(200):
        assert typo.typed != typo.word
        assert abs(len(typo.typed) - len(typo.word)) == (typo.kind in {"insertion", "deletion"})
    assert {typo.kind for typo in typos(4)} == {
        "substitution",
        "deletion",
        "insertion",
        "transposition",
    }
