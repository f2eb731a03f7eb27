"""Opening, closing, leaving a block, opening again."""

from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB, where
from tinydb.table import Document

from storage import Store
from tests.support.stores import TEST_KEY, StorePlace, contents


def test_what_was_written_is_there_after_reopening(durable_place: StorePlace) -> None:
    store = durable_place.open()
    store.insert_multiple([{"n": 1}, {"n": 2}, {"n": 3}])
    store.update({"n": 20}, doc_ids=[2])
    store.remove(doc_ids=[1])
    store.table("other").insert(Document({"deep": {"list": [1, None]}}, 9))
    store = durable_place.reopen()
    assert store.tables() == {"_default", "other"}
    assert contents(store) == [(2, {"n": 20}), (3, {"n": 3})]
    assert contents(store, "other") == [(9, {"deep": {"list": [1, None]}})]


def test_the_order_of_insertion_is_kept_over_reopening(durable_place: StorePlace) -> None:
    store = durable_place.open()
    documents: list[dict[str, Any]] = [Document({}, 30), Document({}, 10), {}, Document({}, 20)]
    order = [store.insert(document) for document in documents]
    assert order == [30, 10, 31, 20]
    assert [document.doc_id for document in store] == order
    store = durable_place.reopen()
    store.update({"n": 1}, doc_ids=[10])
    assert [document.doc_id for document in store] == order


def test_an_unwritten_store_reopens_empty(durable_place: StorePlace) -> None:
    durable_place.open()
    store = durable_place.reopen()
    assert store.tables() == set()
    assert len(store) == 0


def test_leaving_the_block_closes_and_gives_back_the_same_store(durable_place: StorePlace) -> None:
    store = durable_place.open()
    with store as inner:
        assert inner is store
        inner.insert({"n": 1})
    assert durable_place.open().all() == [{"n": 1}]


def test_an_exception_in_the_block_comes_through_and_keeps_what_was_written(
    durable_place: StorePlace,
) -> None:
    def broken_off() -> None:
        with durable_place.open() as store:
            store.insert({"n": 1})
            raise LookupError("inside")

    with pytest.raises(LookupError, match="inside"):
        broken_off()
    assert durable_place.open().all() == [{"n": 1}]


def test_closing_twice_is_no_error(place: StorePlace) -> None:
    with place.open() as store:
        store.insert({})
        store.close()
    store.close()


def test_two_stores_share_nothing(place: StorePlace, tmp_path: Path) -> None:
    one = place.open()
    two = StorePlace(place.kind, tmp_path / "another.db")
    try:
        one.insert({"in": "one"})
        two.open().insert_multiple([{"in": "two"}, {"in": "two"}])
        assert len(one) == 1
        assert len(two.opened[0]) == 2
    finally:
        two.close()


def test_the_path_may_be_text(durable_place: StorePlace) -> None:
    text_place = StorePlace(durable_place.kind, str(durable_place.path))  # type: ignore[arg-type]
    text_place.open().insert({"n": 1})
    text_place.close()
    assert durable_place.open().all() == [{"n": 1}]


@pytest.mark.parametrize(
    "name", ["with space.db", "ünïcode 東京.db", "quo'te.db", "perc%20ent?x=1#y.db", "no-suffix"]
)
def test_the_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    with Store(tmp_path / name) as store:
        store.insert({"n": 1})
    assert (tmp_path / name).is_file()
    with Store(tmp_path / name) as store:
        assert store.all() == [{"n": 1}]


def test_an_encrypted_file_shows_nothing_of_what_is_in_it(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db", key=TEST_KEY) as store:
        store.table("Confidential-table").insert({"Confidential-field": "Confidential-value"})
        store.search(where("Confidential-field") == "Confidential-value")
        written = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    written += b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert len(written) > 4096
    assert b"Confidential" not in written
    assert b"SQLite format" not in written


def test_a_second_handle_sees_what_the_first_wrote(our_durable_place: StorePlace) -> None:
    one, two = our_durable_place.open(), our_durable_place.open()
    _write_and_read(one, two)
    _write_and_read(two, one)


def _write_and_read(writer: TinyDB, reader: TinyDB) -> None:
    """What one handle writes, the other reads at once, remembered searches included."""
    before = reader.count(where("n") >= 0)
    first = writer.insert({"n": 1})
    assert reader.count(where("n") >= 0) == before + 1
    assert reader.get(doc_id=first) == {"n": 1}
    second = reader.insert({"n": 2})
    assert second > first
    assert len(writer) == len(reader) == before + 2
    writer.update({"n": 3}, doc_ids=[second])
    assert reader.get(doc_id=second) == {"n": 3}
    assert contents(reader) == contents(writer)
