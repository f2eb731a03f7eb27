"""Pages go on behind any record; what several orders sort are keys, never documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from storage import Order, Query, Store, Table, codec, pages
from storage.views import Row, View


def walk(
    table: Table, order: list[Order], seen_one: Callable[[int], Any] = lambda _: None
) -> list[int]:
    """All ids, a record a page."""
    seen: list[int] = []
    after = None
    while page := table.page(order=order, limit=1, after=after):
        after = page[0]
        seen.append(after.doc_id)
        seen_one(after.doc_id)
        assert len(seen) <= 100  # else it turns in a circle
    return seen


def test_a_page_goes_on_behind_an_object_in_a_record_with_a_lone_surrogate() -> None:
    table = Store().table("t")
    table.insert_multiple(
        [{"b": {"k": "ä"}, "z": "x\ud800"}, {"b": ["ö"], "z": "\udfff"}, {"b": "text"}]
    )
    for descending in (False, True):
        order = [Order(("b",), descending)]
        assert walk(table, order) == list(table.ids(order=order))


@pytest.mark.parametrize("odd", [{}, {"b": 2**70}], ids=["in SQL", "in Python"])
@pytest.mark.parametrize("turns", [(False, True), (True, False)])
def test_a_page_of_several_orders_goes_on_behind_a_record_that_is_gone(
    odd: dict[str, Any], turns: tuple[bool, bool]
) -> None:
    table = Store().table("t")
    table.insert_multiple({"a": n % 3, "b": n % 2, "c": n} for n in range(20))
    table.insert_multiple([{"a": 1}, {"b": 1}, {"a": None, "b": None}, {"a": 1, **odd}])
    order = [Order((name,), turn) for name, turn in zip("ab", turns, strict=True)]
    whole = list(table.ids(order=order))
    assert walk(table, order, lambda doc_id: table.remove(doc_ids=[doc_id])) == whole
    assert len(whole) == 24


def test_ids_by_several_orders_read_no_document(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Store().table("t")
    table.insert_multiple({"a": n % 3, "b": -n} for n in range(20))
    order = [Order(("a",)), Order(("b",), descending=True)]
    monkeypatch.setattr(codec, "decode", None)
    assert list(table.ids(Query().a > 0, order)) == [
        n + 1 for n in sorted((n for n in range(20) if n % 3), key=lambda n: (n % 3, n))
    ]


def test_a_page_by_several_orders_reads_the_texts_of_the_page_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = Store().table("t")
    table.insert_multiple({"a": n % 3, "b": -n} for n in range(500))
    read: list[int] = []
    texts = pages.Pages._with_texts

    def noting(view: View, ids: Iterator[tuple[int]]) -> Iterator[Row]:
        for row in texts(view, ids):
            read.append(row[0])
            yield row

    monkeypatch.setattr(pages.Pages, "_with_texts", staticmethod(noting))
    page = table.page(order=[Order(("a",)), Order(("b",))], limit=5)
    assert [each["b"] for each in page] == [-498, -495, -492, -489, -486]
    assert len(read) == 5
