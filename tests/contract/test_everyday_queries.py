"""The sixty everyday queries give what TinyDB gives, and most of them are answered by SQL."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from tinydb import TinyDB
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from storage import Store
from tests.support.everyday import FILE, Everyday, everyday, records_for
from tests.support.scripts import outcome

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="the sample data is not beside the checkout"
)
AT_LEAST_COMPILED = 48


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """A store with every file's records in a table of that name."""
    with Store() as filled:
        for file in dict.fromkeys(one.file for one in everyday()):
            filled.table(file).insert_multiple(records_for(file))
        yield filled


@cache
def tinydb_of(file: str) -> Any:
    """The same records in TinyDB's memory; its cache is off, it mixes up some queries."""
    table = TinyDB(storage=MemoryStorage).table(file, cache_size=0)
    table.insert_multiple(records_for(file))
    return table


def _pairs(found: list[Document]) -> list[tuple[int, dict[str, Any]]]:
    return [(document.doc_id, dict(document)) for document in found]


@pytest.mark.parametrize("one", everyday(), ids=str)
def test_an_everyday_query_gives_what_tinydb_gives(store: Store, one: Everyday) -> None:
    table, query = store.table(one.file), one.query()
    way, expected = outcome(lambda: _pairs(tinydb_of(one.file).search(query)))
    assert outcome(lambda: _pairs(table.search(query))) == (way, expected)
    if way == "raises":  # a comparison with a null
        return
    assert table.tally(query) == len(expected)
    assert list(table.ids(query)) == [doc_id for doc_id, _ in expected]
    assert _pairs(table.page(query, limit=20)) == expected[:20]


def test_the_queries_are_sixty_and_most_find_something(store: Store) -> None:
    assert len(everyday()) == 60
    found = [outcome(store.table(one.file).tally, one.query()) for one in everyday()]
    assert sum(way == "raises" for way, _ in found) == 5  # TinyDB does not compare a null either
    assert sum(way == "gives" and number > 0 for way, number in found) >= 50


def test_most_everyday_queries_are_answered_by_sql(store: Store) -> None:
    how = {str(one): store.explain(one.file, one.query()) for one in everyday()}
    others = {str(one): how[str(one)] for one in everyday() if not one.is_compiled(how[str(one)])}
    assert len(how) - len(others) >= AT_LEAST_COMPILED, others
