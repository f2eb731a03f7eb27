"""Views: ids in an order, pages, counts and fetching agree with each other, and with the order as described."""

import random
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import pytest

from storage import Order, Store, Table, fold
from tests.support.worlds import (
    KINDS,
    compile_query,
    draw_document,
    draw_query,
    draw_schema,
)

Schema = dict[str, str]
SORTABLE = (
    "whole",
    "number",
    "text",
    "date",
    "number or null",
    "text or null",
    "number or text",
    "truth",
)
SORT_LENGTH = 64


def value_of(document: dict[str, Any], path: Sequence[str]) -> Any:
    """The value at a path, or None where there is none."""
    value: Any = document
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def rank(document: dict[str, Any], one: Order) -> tuple[int, Any]:
    """What an order sorts by: numbers, then text without case and accents; nothing is last either way."""
    value = value_of(document, one.path)
    if value is None:
        return (0 if one.descending else 2, 0)
    return (1, (1, fold(value)[:SORT_LENGTH]) if isinstance(value, str) else (0, value))


def ranks(documents: list[dict[str, Any]], order: Sequence[Order]) -> list[list[tuple[int, Any]]]:
    """The ranks of documents in turn; equal ones may come in any order."""
    return [[rank(document, one) for one in order] for document in documents]


def sorted_by(documents: list[dict[str, Any]], order: Sequence[Order]) -> list[dict[str, Any]]:
    """Documents in the order as it is described."""
    for one in reversed(order):
        documents = sorted(documents, key=partial(rank, one=one), reverse=one.descending)
    return documents


def draw_orders(chance: random.Random, schema: Schema) -> list[Order]:
    names = chance.sample(list(schema), min(len(schema), chance.choice([0, 1, 1, 1, 2, 3])))
    return [Order((name,), descending=chance.random() < 0.5) for name in names]


def pages_of(table: Table, cond: Any, order: Sequence[Order], size: int) -> list[int]:
    """All ids, a page at a time."""
    ids: list[int] = []
    last = None
    while True:
        page = table.page(cond, order, limit=size, after=last)
        ids += [document.doc_id for document in page]
        assert len(ids) <= len(table), (order, ids)  # else it turns in a circle
        if len(page) < size:
            return ids
        last = page[-1]


def check(chance: random.Random, kinds: Sequence[str]) -> None:
    """One table, its views with and without indexes, over some changes."""
    schema = {name: chance.choice(kinds) for name in draw_schema(chance)}
    with Store() as store:
        table = cast("Table", store.table("t"))
        table.insert_multiple(draw_document(chance, schema) for _ in range(chance.randrange(1, 40)))
        for _ in range(4):
            check_view(chance, table, schema)
            if chance.random() < 0.5:
                table.index(chance.choice(list(schema)), sort=chance.random() < 0.5)
            ids = table.ids()
            table.update(
                draw_document(chance, schema), doc_ids=chance.sample(list(ids), len(ids) // 4)
            )
            table.insert(draw_document(chance, schema))


def check_view(chance: random.Random, table: Table, schema: Schema) -> None:
    """One view of it."""
    text = draw_query(chance, schema, depth=1) if chance.random() < 0.5 else None
    cond: Any = None if text is None else compile_query(text)
    order = draw_orders(chance, schema)
    rows = [(document.doc_id, dict(document)) for document in table]
    try:
        matching = [row for row in rows if cond is None or cond(row[1])]
    except Exception:  # noqa: BLE001  # what raises is compared elsewhere
        return
    ids = list(table.ids(cond, order))
    case = (rows, text, order)
    assert sorted(ids) == sorted(doc_id for doc_id, _ in matching), case
    assert table.tally(cond) == len(ids), case
    assert pages_of(table, cond, order, chance.choice([1, 2, 7, 100])) == ids, case
    assert [document.doc_id for document in table.fetch(ids) if document is not None] == ids, case
    documents = dict(rows)
    if not order:
        assert ids == [doc_id for doc_id, _ in matching], case
    elif not any(
        isinstance(value_of(d, one.path), list | dict) for d in documents.values() for one in order
    ):
        expected = sorted_by([document for _, document in matching], order)
        assert ranks([documents[doc_id] for doc_id in ids], order) == ranks(expected, order), case


@pytest.mark.parametrize("kinds", [SORTABLE, tuple(KINDS)], ids=["plain fields", "every field"])
def test_pages_counts_and_ids_of_a_view_agree(kinds: Sequence[str], dice: random.Random) -> None:
    for _ in range(60):
        check(dice, kinds)


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kinds", [SORTABLE, tuple(KINDS)], ids=["plain fields", "every field"])
def test_pages_counts_and_ids_of_many_views_agree(
    kinds: Sequence[str], dice: random.Random
) -> None:
    for _ in range(1_000):
        check(dice, kinds)
