"""What is removed, dropped or put in the trash where writes are changes, and new records with the ids of such."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tinydb.table import Document

from storage import Store
from tests.support.founders import founder, member
from tests.support.replays import Replay, laid

MADE_IDS = 1 << 62


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store; what its changes say at the end is what it holds."""
    with Store(tmp_path / "store.db", identity=founder()) as store:
        yield store
        assert Replay().difference(store) == ""
        assert store.verify().ok


def pass_on(one: Store, other: Store) -> None:
    """Give a store all changes of another one."""
    log = one.journal.log
    raw = [log.raw(row.lane, n) for row in log.lanes() for n in range(1, row.linked + 1)]
    with other.transaction():
        other.journal.receive(raw)


class TakenBackError(Exception):
    """Raised at the end of a transaction that is to leave nothing."""


def take_back(store: Store, *writes: Callable[[], object]) -> None:
    """Write in a transaction that ends with an exception."""
    with store.transaction():
        for write in writes:
            write()
        raise TakenBackError


def insert(store: Store, table: str) -> Callable[[], object]:
    """An insert, to be done later."""
    return lambda: store.table(table).insert({"n": 2})


def pair() -> tuple[Store, Store]:
    """Two devices of one workspace."""
    return Store(identity=member("ann")), Store(identity=member("ben"))


def test_a_dropped_table_is_out_of_sight_with_all_it_held(store: Store, tmp_path: Path) -> None:
    parts = store.table("parts")
    parts.insert_multiple({"n": n} for n in range(3))
    parts.index("n")
    parts.trash([2])
    store.drop_table("parts")

    with Store(tmp_path / "store.db", identity=founder()) as again:
        for each in (store, again):
            assert each.tables() == set()
            assert each.table("parts").all() == []
            assert each.table("parts").trashed() == []
            assert each.table("parts").indexes() == ()
            assert each.find_text("0").hits == ()


def test_a_dropped_table_is_there_again_once_something_is_written_to_it(store: Store) -> None:
    store.table("parts").insert_multiple({"n": n} for n in range(3))
    store.drop_table("parts")
    assert store.table("parts").insert({"n": 7}) == 1
    assert store.tables() == {"parts"}
    assert store.table("parts").all() == [{"n": 7}]


def test_dropping_is_taken_back_with_its_transaction(store: Store) -> None:
    store.table("parts").insert({"n": 1})
    with store.transaction():
        with pytest.raises(TakenBackError):
            take_back(store, lambda: store.drop_table("parts"), insert(store, "parts"))
        assert store.tables() == {"parts"}
        assert store.table("parts").all() == [{"n": 1}]
    store.drop_table("parts")
    with pytest.raises(TakenBackError):
        take_back(store, insert(store, "parts"))
    assert store.tables() == set()


def test_dropping_and_filling_again_in_one_transaction(store: Store) -> None:
    with store.transaction():
        for n in range(3):
            store.table("parts").insert({"n": n})
            store.drop_table("parts")
    assert store.tables() == set()


def test_a_dropped_tables_record_that_somebody_edits_meanwhile_is_back_for_both() -> None:
    ann, ben = pair()
    ann.table("parts").insert_multiple([{"n": 1}, {"n": 2}])
    pass_on(ann, ben)
    ann.drop_table("parts")
    ben.table("parts").update({"n": 5}, doc_ids=[2])
    pass_on(ann, ben)
    pass_on(ben, ann)

    assert ann.tables() == ben.tables() == {"parts"}
    assert ann.table("parts").all() == ben.table("parts").all() == [{"n": 5}]
    assert laid(ann) == laid(ben)
    assert ann.journal.digest == ben.journal.digest


def test_a_new_record_takes_the_id_of_one_in_the_trash_which_gets_another(store: Store) -> None:
    table = store.table("parts")
    table.insert(Document({"n": 1}, 5))
    table.trash([5])
    table.insert(Document({"n": 2}, 5))
    (lying,) = table.trashed()

    assert (lying.doc_id >= MADE_IDS, dict(lying)) == (True, {"n": 1})
    assert table.restore([5]) == []
    assert table.restore([lying.doc_id]) == [lying.doc_id]
    assert [(document.doc_id, document["n"]) for document in table] == [(5, 2), (lying.doc_id, 1)]


def test_ids_are_counted_anew_after_truncation_on_every_device() -> None:
    ann, ben = pair()
    for n in range(3):
        with ann.transaction():
            ann.insert_multiple([{"n": n}, {"n": -n}])
            ann.truncate()
        assert ann.insert({"n": n}) == 1
        ann.truncate()
    ann.insert({"n": 7})
    pass_on(ann, ben)

    assert [(each.doc_id, dict(each)) for each in ben] == [(1, {"n": 7})]
    assert laid(ann) == laid(ben)
    assert ann.journal.digest == ben.journal.digest


def test_the_record_that_gave_its_id_up_comes_back_under_its_other_one_when_it_is_edited() -> None:
    ann, ben = pair()
    ann.insert({"n": 1})
    pass_on(ann, ben)
    ann.truncate()
    ann.insert({"n": 2})
    ben.update({"s": "still needed"}, doc_ids=[1])
    pass_on(ann, ben)
    pass_on(ben, ann)

    assert laid(ann) == laid(ben)
    (first, second) = [(each.doc_id, dict(each)) for each in ann]
    assert first == (1, {"n": 2})
    assert second[0] >= MADE_IDS
    assert second[1] == {"n": 1, "s": "still needed"}


def test_after_a_transaction_was_taken_back_the_digest_is_that_of_the_records(store: Store) -> None:
    store.insert({"n": 1})
    for _ in range(2):
        with pytest.raises(TakenBackError):
            take_back(store, insert(store, "_default"))
        store.table("other").truncate()
        with store.transaction(), pytest.raises(TypeError):
            store.insert_multiple([{"n": 3}, {"n": {1, 2}}])
    assert store.verify().ok


def test_a_stream_that_is_refused_leaves_changes_and_rows_alike(store: Store) -> None:
    table = store.table("parts")
    table.insert(Document({"n": 0}, 150))
    documents = [Document({"n": n}, n) for n in range(1, 151)]
    with store.transaction(), pytest.raises(ValueError, match="already exists"):
        list(table.insert_stream(documents))
    assert Replay().difference(store) == ""
