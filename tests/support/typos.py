"""Words of the sample data with one typing error in each, the same at each call."""

import random
import re
import string
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.samples import records

SHORTEST = 5
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Typo:
    """A word that stands in the records, and what was typed."""

    word: str
    typed: str
    kind: str


def letters_of(text: str) -> list[str]:
    """The words of a text, lower case, letters of ASCII only."""
    return _WORD.findall(text.lower())


def sample_words() -> list[str]:
    """Every word of at least five letters in the cities of the zip codes and the titles of the movies."""
    texts = [str(record["city"]) for record in records("zipcodes.csv")]
    texts += [str(record["Title"]) for record in records("movies.json")]
    return sorted({word for text in texts for word in letters_of(text) if len(word) >= SHORTEST})


def substitution(chance: random.Random, word: str) -> str:
    """Another letter in the place of one."""
    at = chance.randrange(len(word))
    return word[:at] + chance.choice(string.ascii_lowercase.replace(word[at], "")) + word[at + 1 :]


def deletion(chance: random.Random, word: str) -> str:
    """One letter left out."""
    at = chance.randrange(len(word))
    return word[:at] + word[at + 1 :]


def insertion(chance: random.Random, word: str) -> str:
    """One letter too many."""
    at = chance.randrange(len(word) + 1)
    return word[:at] + chance.choice(string.ascii_lowercase) + word[at:]


def transposition(chance: random.Random, word: str) -> str:
    """Two neighbouring, different letters in each other's place."""
    places = [at for at in range(len(word) - 1) if word[at] != word[at + 1]]
    at = chance.choice(places)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


KINDS: tuple[Callable[[random.Random, str], str], ...] = (
    substitution,
    deletion,
    insertion,
    transposition,
)


def typos(count: int, seed: str = "one typing error") -> list[Typo]:
    """That many words, each kind of error in turn."""
    chance = random.Random(seed)
    words = chance.sample(sample_words(), count)
    return [
        Typo(word, KINDS[n % len(KINDS)](chance, word), KINDS[n % len(KINDS)].__name__)
        for n, word in enumerate(words)
    ]
