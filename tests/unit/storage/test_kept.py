"""Kept columns: an answer from memory is the answer that the records give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tinydb import where
from tinydb.table import Document

from storage import Store, Table

is_steel: Any = lambda text: text == "steel"  # noqa: E731  # TinyDB types a test as one on documents
STEEL = where("of").test(is_steel)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as opened:
        yield opened


@pytest.fixture
def parts(store: Store) -> Table:
    """A table whose field `of` is kept."""
    table = store.table("parts")
    table.insert_multiple({"of": "steel" if n == 7 else "brass"} for n in range(10))
    for _ in range(3):
        assert len(table.search(STEEL)) == 1
        table.clear_cache()
    assert table.explain(STEEL) == "kept"
    return table


def test_a_document_changed_by_its_writer_before_the_commit_is_known_as_it_was_written(
    store: Store, parts: Table
) -> None:
    with store.transaction():
        bolt = {"of": "steel"}
        doc_id = parts.insert(bolt)
        bolt["of"] = "brass"

    assert [document.doc_id for document in parts.search(STEEL)] == [8, doc_id]
    assert parts.explain(STEEL) == "kept"


def test_a_table_made_anew_under_the_name_of_a_dropped_one_has_nothing_of_it(
    store: Store, parts: Table
) -> None:
    store.drop_table(parts.name)
    again = store.table(parts.name)
    again.insert(Document({"of": "steel"}, 99))

    found = again.get(STEEL)
    assert found is not None
    assert found.doc_id == 99
