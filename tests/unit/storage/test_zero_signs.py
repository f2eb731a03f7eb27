"""Names with a zero sign, which SQLite reads only up to it."""

from __future__ import annotations

import pytest
from tinydb import TinyDB, where
from tinydb.storages import MemoryStorage

from storage import Store

DOCUMENTS = [{"a\0b": "precious"}, {"a\0b": 1, "a": 5}, {"o": {"k\0z": {"n": 1}}}, {"\0x": 2}]
QUESTIONS = [
    where("a").exists(),
    where("a") == 5,
    where("a") == 1,
    where("o").k.exists(),
    where("o").k.n == 1,
    where("").exists(),
    where("a\0b") == 1,
    where("o").fragment({"k": {"n": 1}}),
]


@pytest.mark.parametrize("cond", QUESTIONS, ids=repr)
def test_a_name_with_a_zero_sign_is_never_taken_for_a_shorter_one(cond):
    plain, store = TinyDB(storage=MemoryStorage), Store()
    plain.insert_multiple(DOCUMENTS)
    store.insert_multiple(DOCUMENTS)
    assert store.search(cond) == plain.search(cond)


def test_an_index_on_the_shorter_name_is_given_up():
    with Store() as store:
        store.insert({"a": 5})
        store.table("_default").index("a")
        store.insert({"a\0b": "precious"})
        assert store.remove(where("a") == 5) == [1]
        assert store.verify().ok
        assert store.all() == [{"a\0b": "precious"}]
