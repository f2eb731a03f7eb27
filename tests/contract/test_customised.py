"""The class variables that TinyDB offers for subclasses, and the subclass itself."""

from typing import Any

from tinydb import TinyDB, where
from tinydb.table import Document, Table

from tests.support.stores import StorePlace


class OwnDocument(Document):
    def title(self) -> str:
        return str(self["name"]).title()


class OwnId(int):
    """An id that tells itself from a plain int."""


def _open_with(place: StorePlace, **of_table: Any) -> TinyDB:
    """A store whose tables have these class variables."""
    table_class = type("OwnTable", (place.kind.face.table_class,), of_table)
    return place.open(type("OwnStore", (place.kind.face,), {"table_class": table_class}))


def test_a_store_is_a_tinydb_with_tables_of_tinydb(db: TinyDB) -> None:
    assert isinstance(db, TinyDB)
    assert isinstance(db.table("t"), Table)


def test_a_table_class_of_ones_own_is_used(place: StorePlace) -> None:
    store = _open_with(place, newest=lambda table: table.all()[-1])
    store.table("t").insert_multiple([{"n": 1}, {"n": 2}])
    assert type(store.table("t")).__name__ == "OwnTable"
    assert store.table("t").newest() == {"n": 2}  # type: ignore[attr-defined]
    store.insert({"n": 3})
    assert store.newest() == {"n": 3}  # the store forwards to its default table


def test_a_document_class_of_ones_own_is_used(place: StorePlace) -> None:
    store = _open_with(place, document_class=OwnDocument)
    store.insert({"name": "ann lee"})
    found = [
        store.all()[0],
        store.get(doc_id=1),
        store.get(where("name").exists()),
        store.get(doc_ids=[1])[0],
        store.search(where("name") == "ann lee")[0],
        next(iter(store)),
    ]
    assert [type(document) for document in found] == [OwnDocument] * 6
    assert [document.title() for document in found] == ["Ann Lee"] * 6
    assert [document.doc_id for document in found] == [1] * 6


def test_only_documents_of_the_tables_class_bring_their_id(place: StorePlace) -> None:
    store = _open_with(place, document_class=OwnDocument)
    assert store.insert(OwnDocument({"name": "a"}, 40)) == 40
    assert store.insert(Document({"name": "b"}, 7)) == 41
    assert (
        store.insert_multiple([OwnDocument({"name": "c"}, 50), Document({"name": "d"}, 8)])[0] == 50
    )
    assert not store.contains(doc_id=7)
    assert not store.contains(doc_id=8)


def test_a_document_id_class_of_ones_own_is_used(place: StorePlace) -> None:
    store = _open_with(place, document_id_class=OwnId)
    store.insert_multiple([{"n": 1}, {"n": 2}])
    found = [*store.all(), *store.search(where("n") == 1), *store.get(doc_ids=[1, 2])]
    found.append(store.get(where("n") == 2))
    assert {type(document.doc_id) for document in found} == {OwnId}
    assert [document.doc_id for document in found] == [1, 2, 1, 1, 2, 2]
    assert {type(doc_id) for doc_id in store.update({"n": 3}, where("n") == 2)} == {OwnId}


def test_a_method_overridden_in_a_subclass_is_called(place: StorePlace) -> None:
    class Counting(place.kind.face):  # type: ignore[name-defined]
        made = 0

        def table(self, name: str, **options: Any) -> Table:
            type(self).made += 1
            return super().table(name, **options)

    store = place.open(Counting)
    store.table("t").insert({})
    assert Counting.made >= 1


def test_a_next_id_of_ones_own_is_asked(place: StorePlace) -> None:
    numbers = iter([100, 5, 60])
    store = _open_with(place, _get_next_id=lambda _: next(numbers))
    assert store.insert({}) == 100
    assert store.insert_multiple([{}, {}]) == [5, 60]
    assert [document.doc_id for document in store] == [100, 5, 60]
