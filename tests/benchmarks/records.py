"""The records that are measured: about 600 bytes of JSON, 46 words, Zipf over 50,000, the same on every run."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

BLOCK = 1_000
WORDS = 50_000
PROJECTS_PER_100K = 500  # 200 records each at 100,000
CUSTOMERS_PER_100K = 10_000  # 10 records each at 100,000
PRIME = 1_000_003  # multiplication by a number modulo a prime visits every amount once
FIRST_DAY = date(2020, 1, 1)
A_DAY = 300  # records made a day; each is due within sixty days
STATES = ("open", "waiting", "in work", "done", "dropped")
CITIES = ("Aachen", "Bergen", "Cardiff", "Delft", "Évora", "Faro", "Graz")
FIELD_INDEXES = ("project", "customer", "due")
Record = dict[str, Any]


@cache
def vocabulary() -> tuple[list[str], list[float]]:
    """50,000 words that can be spoken, most frequent first, and their cumulative weights."""
    chance = random.Random(50_000)
    starts = [
        "b",
        "br",
        "c",
        "ch",
        "d",
        "dr",
        "f",
        "g",
        "gr",
        "h",
        "j",
        "k",
        "l",
        "m",
        "n",
        "p",
        "pl",
        "r",
        "s",
        "st",
        "t",
        "tr",
        "v",
        "w",
    ]
    vowels, ends = ["a", "e", "i", "o", "u", "ea", "ou"], ["", "", "n", "r", "s", "t", "l", "nd"]
    words: dict[str, None] = {}
    while len(words) < WORDS:
        length = (
            min(4, 1 + len(words) // 400) if len(words) < 1_600 else chance.choice((2, 3, 3, 4))
        )
        words[
            "".join(
                chance.choice(starts) + chance.choice(vowels) + chance.choice(ends)
                for _ in range(length)
            )
        ] = None
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(WORDS)))
    return list(words), weights


def block(number: int) -> list[Record]:
    """Records `number * 1000` to `number * 1000 + 999`."""
    words, weights = vocabulary()
    chance = random.Random(number)
    drawn = iter(chance.choices(words, cum_weights=weights, k=32 * BLOCK))
    return [_record(number * BLOCK + i, drawn, chance) for i in range(BLOCK)]


def _record(i: int, drawn: Iterator[str], chance: random.Random) -> Record:
    take = itertools.islice
    return {
        "title": " ".join(take(drawn, 5)).capitalize(),
        "project": f"project {i // 100_000} {i * 31 % PROJECTS_PER_100K:03d}",
        "customer": f"customer {i // 100_000} {i * 37 % CUSTOMERS_PER_100K:04d}",
        "state": STATES[chance.randrange(5)],
        "amount": i * 7_919 % PRIME,
        "rating": chance.random() * 5,
        "due": (FIRST_DAY + timedelta(days=i // A_DAY + chance.randrange(60))).isoformat(),
        "minutes": chance.randrange(10_000),
        "price": chance.randrange(10_000_000) / 100,
        "place": {"latitude": chance.uniform(-90, 90), "longitude": chance.uniform(-180, 180)},
        "done": chance.random() < 0.4,
        "owner": {"name": f"Owner {i % 89}", "city": CITIES[i % 7]},
        "tags": list(take(drawn, 3)),
        "body": " ".join(take(drawn, 24)) + ".",
    }


def records(count: int, start: int = 0) -> Iterator[Record]:
    """Records `start` to `start + count - 1`; `start` is a multiple of 1,000."""
    return itertools.islice(
        itertools.chain.from_iterable(map(block, itertools.count(start // BLOCK))), count
    )
