"""Pages go on behind records whose sort key only the row can tell."""

from storage import Order, Store


def test_a_page_goes_on_behind_an_object_in_a_record_with_a_lone_surrogate() -> None:
    table = Store().table("t")
    table.insert_multiple(
        [{"b": {"k": "ä"}, "z": "x\ud800"}, {"b": ["ö"], "z": "\udfff"}, {"b": "text"}]
    )
    for descending in (False, True):
        order = [Order(("b",), descending)]
        seen = []
        after = None
        while page := table.page(order=order, limit=1, after=after):
            after = page[0]
            seen.append(after.doc_id)
            assert len(seen) <= 3
        assert seen == list(table.ids(order=order))
