"""What no store can take is refused in words, by errors of ours that are TinyDB's as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from storage import (
    Document,
    NoMoreIdsError,
    RecordIds,
    RefusedValueError,
    StorageError,
    Store,
    decode_id,
)

YEAR_2090_S = 3_786_912_000


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.table("half \ud800").insert({"a": 1}),
        lambda store: store.explain("half \ud800", None),
        lambda store: store.insert(Document({}, 2**63)),
        lambda store: store.insert_multiple([{"a": 1}, Document({}, -(2**63) - 1)]),
        lambda store: store.info.update(a=object()),
        lambda store: store.info.update(a=float("nan")),
        lambda store: store.info.update(a={1, 2}),
        lambda store: store.info.update({"half \ud800": 1}),
        lambda store: store.info.update({7: 1}),
    ],
)
def test_it_is_refused_in_a_sentence_and_nothing_is_written(use: Callable[[Store], Any]) -> None:
    store = Store()
    with pytest.raises(RefusedValueError, match=r"Nothing was written\.$") as refused:
        use(store)
    assert isinstance(refused.value, StorageError)
    assert isinstance(refused.value, TypeError)
    assert isinstance(refused.value, ValueError)
    assert (dict(store.info), len(store)) == ({}, 0)
    assert store.verify().ok


def test_a_note_or_a_table_that_cannot_be_is_not_there() -> None:
    store = Store()
    store.drop_table("half \ud800")
    for name in ("half \ud800", 7):
        assert name not in store.info
        with pytest.raises(KeyError):
            del store.info[name]  # type: ignore[arg-type]  # what a caller may do wrong
    assert store.find_text("a", tables=["half \ud800"]).total == 0


def test_ids_beyond_64_bits_are_those_of_no_document() -> None:
    store = Store()
    table: Any = store.table("t")
    table.insert({"a": 1})
    beyond = [2**63, -(2**70), 10**40]
    assert table.fetch([1, *beyond]) == [{"a": 1}, None, None, None]
    assert table.stamps(beyond) == {}
    assert table.get(doc_ids=beyond) == []
    assert table.update({"a": 2}, doc_ids=beyond) == table.remove(doc_ids=beyond) == []
    assert table.trash(beyond) == table.restore(beyond) == []
    assert [table.in_trash(doc_id) for doc_id in beyond] == [None] * 3
    assert table.page(limit=10**30) == [{"a": 1}]
    assert table.trashed(limit=10**30) == []


def test_counting_ends_with_the_last_number_and_loses_nothing() -> None:
    store = Store()
    store.insert(Document({"n": 1}, 2**63 - 1))
    with pytest.raises(NoMoreIdsError, match="Nothing was written"):
        store.insert({"n": 2})
    with pytest.raises(NoMoreIdsError, match="order of insertion"):
        store.insert(Document({"n": 3}, 5))
    assert [document["n"] for document in store] == [1]
    assert store.verify().ok


def test_a_clock_beyond_2089_is_named() -> None:
    store = Store(ids=RecordIds(clock=lambda: YEAR_2090_S))
    with pytest.raises(NoMoreIdsError, match=r"past 2089.*clock is right"):
        store.insert({"n": 1})
    assert issubclass(NoMoreIdsError, OverflowError)
    assert len(store) == 0
    with pytest.raises(ValueError, match="record id"):
        decode_id("z" * 13)
