"""A home that was lived in: a bit of everything that a workspace can hold, with a history, a trash and a conflict."""

from __future__ import annotations

import json
from typing import Any, Final

from tinydb.operations import delete, increment, subtract

from app.exchange.export import export
from app.home import Home
from tests.support.second import exchange, joined

Exported = dict[str, Any]
FIELDS: Final = [
    *(("item", "text"), ("qty", "quantity"), ("price", "currency"), ("note", "longtext")),
    *(("tags", "tags"), ("due", "date"), ("odd", "text")),
]


def live_in(home: Home, long_words: int = 40_000) -> Exported:
    """Do a bit of everything in a home's only workspace; gives its export. One text has so many words."""
    with home.workspace() as here:
        here.create_collection("Stock", FIELDS)
        here.create_collection("Old", [("item", "text")])
        ids = here.add("Stock", [{"item": f"thing {n}", "qty": n, "tags": ["a"]} for n in range(9)])
        table = here.table("Stock")
        table.update(increment("qty"), doc_ids=ids[:3])
        table.update(subtract("qty", 0.25), doc_ids=ids[2:4])
        table.update(delete("tags"), doc_ids=ids[4:6])
        here.change("Stock", ids[:2], {"tags": ["b", "a", "c"], "note": "One line.\nTwo lines."})
        here.change("Stock", ids[:1], {"tags": ["c"], "note": "One line.\nAnother.", "due": None})
        here.change(
            "Stock",
            ids[5:6],
            {"odd": {"deep": [1, 1.0, True, 2**80, -0.0, "\ud800", {"\udc00": 1}]}},
        )
        here.change("Stock", ids[6:7], {"odd": "long " * long_words})
        here.trash("Stock", ids[7:9])
        here.restore("Stock", ids[8:9])
        here.purge("Stock", ids[3:4])
        here.change("Stock", ids[4:5], {"item": "wrong"})
        here.undo()
        here.trash_collection("Old")
        there = joined(here)
        table.update(increment("qty"), doc_ids=ids[:1])
        here.change("Stock", ids[:1], {"item": "hammer"})
        here.trash("Stock", ids[1:2])
        there.store.table("Stock").update(increment("qty"), doc_ids=ids[:1])
        there.change("Stock", ids[:2], {"item": "mallet"})
        there.add("Stock", [{"item": "saw", "price": "12.50"}])
        exchange(here, there)
        here.change("Stock", ids[:1], {"price": "3.00"})
        assert here.decisions()
        path = home.places.home.parent / "export.json"
        export(here, path)
    exported: Exported = json.loads(path.read_text("utf-8"))
    return exported
