"""View order by exact money, which is kept as text."""

from pathlib import Path

import pytest

from storage import Order, Store

TEXTS = ["10.00", "9.5", "-3", "100", "n/a", "9.50", ""]


@pytest.fixture(params=[False, True], ids=["no-index", "index"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    store = Store(tmp_path / "a.db")
    table = store.table("t")
    table.insert_multiple({"n": i, "price": text} for i, text in enumerate(TEXTS))
    table.insert({"n": 7})
    if request.param:
        assert table.index("price", amounts=True)
    return store


def test_texts_that_are_numbers_stand_in_the_order_of_their_amounts(store: Store) -> None:
    order = [Order(("price",), amounts=True)]
    shown = [document.get("price") for document in store.table("t").page(order=order)]
    assert shown == ["-3", "9.5", "9.50", "10.00", "100", "", "n/a", None]
    assert [
        d["n"]
        for d in store.table("t").page(order=[Order(("price",), descending=True, amounts=True)])
    ][-1] == 7


def test_ids_and_pages_agree_on_every_page_border(store: Store) -> None:
    table = store.table("t")
    for descending in (False, True):
        order = [Order(("price",), descending=descending, amounts=True)]
        paged: list[int] = []
        after = None
        while page := table.page(order=order, limit=2, after=after):
            paged += [document.doc_id for document in page]
            after = page[-1]
        assert paged == list(table.ids(order=order))
