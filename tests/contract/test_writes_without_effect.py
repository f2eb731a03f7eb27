"""TinyDB makes a table with any write call, even one that changes nothing; listing tables shows it."""

from collections.abc import Callable
from typing import Any

import pytest
from tinydb import TinyDB, where


@pytest.mark.parametrize(
    "write",
    [
        lambda table: table.insert_multiple([]),
        lambda table: table.update({"n": 1}),
        lambda table: table.update({"n": 1}, where("n") == 2),
        lambda table: table.update({"n": 1}, doc_ids=[5]),
        lambda table: table.update_multiple([]),
        lambda table: table.remove(where("n") == 2),
        lambda table: table.remove(doc_ids=[5]),
        lambda table: table.truncate(),
    ],
    ids=[
        "insert none", "update all", "update where", "update id", "update multiple",
        "remove where", "remove id", "truncate",
    ],
)  # fmt: skip
def test_a_write_call_makes_the_table(db: TinyDB, write: Callable[[Any], Any]) -> None:
    write(db.table("t"))
    assert db.tables() == {"t"}
    assert len(db.table("t")) == 0


def test_a_refused_insert_makes_no_table(db: TinyDB) -> None:
    with pytest.raises(ValueError, match="not a Mapping"):
        db.insert([1])
    with pytest.raises(ValueError, match="not a Mapping"):
        db.insert_multiple([{}, [1]])
    assert db.tables() == set()
