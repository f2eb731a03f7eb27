"""`one_of` over more items than one statement takes: compiled, and equal to TinyDB in memory."""

import random
from typing import Any

import pytest
from tinydb import TinyDB, where
from tinydb.storages import MemoryStorage

from storage import Store

VALUES = [
    *range(-40, 40),
    *(n / 8 for n in range(40)),
    "a",
    "ä",
    "",
    "7",
    True,
    False,
    None,
    [1],
    {"k": 1},
]


@pytest.mark.parametrize("kinds", [(int, float, bool), (str,), (int, str, type(None), list, dict)])
@pytest.mark.parametrize("seed", range(5))
def test_long_lists_mean_what_short_ones_mean(kinds: tuple[type, ...], seed: int) -> None:
    chance = random.Random(seed)
    store, plain = Store(), TinyDB(storage=MemoryStorage)
    documents = [{"v": chance.choice([v for v in VALUES if type(v) in kinds])} for _ in range(200)]
    store.insert_multiple(documents)
    plain.insert_multiple(documents)
    many = [
        chance.choice([v for v in VALUES if type(v) in {int, float, str, bool}]) for _ in range(700)
    ]
    asked_for: list[Any] = [many, [*many, None], tuple(many)]
    if list not in kinds:  # a set is asked for what no set can hold
        asked_for.append(set(many))
    for items in asked_for:
        asked = where("v").one_of(items)
        assert [d.doc_id for d in store.search(asked)] == [d.doc_id for d in plain.search(asked)]
    assert store.table("_default").explain(where("v").one_of(many)) != "scan"
