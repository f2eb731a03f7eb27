"""A store as plain dicts, and the writes that are made on it and on a real store alike."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from tinydb.operations import increment
from tinydb.table import Document

from storage import Store
from tests.support.worlds import compile_query

Fields = dict[str, Any]
Documents = dict[int, Fields]


@dataclass(frozen=True)
class Trashed:
    """A document in the trash, and its place in the order of insertion; no id of its own if another has it now."""

    doc_id: int | None
    fields: Fields
    place: int


@dataclass
class Model:
    """Tables, each a dict of documents by id in the order of insertion; and what each has in its trash.

    `takes_over`: a new document takes its id from whatever lies in the trash, which gets one that nobody can tell.
    """

    tables: dict[str, Documents] = field(default_factory=dict)
    trash: dict[str, list[Trashed]] = field(default_factory=dict)
    places: dict[tuple[str, int], int] = field(
        default_factory=dict
    )  # the order of insertion, trashed ones too
    takes_over: bool = False

    def table(self, name: str) -> Documents:
        """A table; asking for it to write makes it."""
        return self.tables.setdefault(name, {})

    def in_trash(self, name: str) -> list[Trashed]:
        """What a table has in its trash, latest last."""
        return self.trash.setdefault(name, [])

    def put(self, name: str, doc_id: int, fields: Fields) -> None:
        """A new document, behind all others."""
        if self.takes_over:
            trash = self.in_trash(name)
            trash[:] = [
                replace(each, doc_id=None) if each.doc_id == doc_id else each for each in trash
            ]
        self.places[name, doc_id] = max(self.places.values(), default=0) + 1
        self.table(name)[doc_id] = deepcopy(fields)

    def throw_away(self, name: str, doc_id: int) -> None:
        """A document into the trash, where an older one with its id may lie."""
        fields = self.table(name).pop(doc_id)
        self.in_trash(name).append(Trashed(doc_id, fields, self.places[name, doc_id]))

    def put_back(self, name: str, doc_id: int) -> bool:
        """The latest document with this id from the trash, at its old place; its id must be free."""
        trash, documents = self.in_trash(name), self.table(name)
        found = [trashed for trashed in trash if trashed.doc_id == doc_id]
        if not found:
            return False
        if doc_id in documents:
            raise ValueError
        trash.remove(found[-1])
        documents[doc_id] = found[-1].fields
        self.places[name, doc_id] = found[-1].place
        in_order = sorted(documents.items(), key=lambda pair: self.places[name, pair[0]])
        documents.clear()
        documents.update(in_order)
        return True

    def become(self, other: "Model") -> None:
        """Take over another model's state."""
        self.tables, self.trash = deepcopy(other.tables), deepcopy(other.trash)
        self.places = dict(other.places)


class BrokenSourceError(Exception):
    """What a source of documents raises midway."""


@dataclass(frozen=True)
class Write:
    """One write: made on a real table, then on the model with what the real one answered."""

    table: str

    def real(self, store: Store) -> Any:
        """Make it on a store; returns what the store returns."""
        raise NotImplementedError

    def expected(self, model: Model, answer: Any) -> Any:
        """Make it on the model; returns what the store should have returned. `answer` tells the new ids."""
        raise NotImplementedError


def _take(model: Model, name: str, ids: list[int], new: list[Fields]) -> list[int]:
    """Insert under ids that the store chose: above every one in the table and its trash."""
    trashed = [one.doc_id for one in model.in_trash(name) if one.doc_id is not None]
    highest = max([0, *model.table(name), *trashed])
    assert ids == sorted(set(ids))
    assert all(doc_id > highest for doc_id in ids)
    for doc_id, fields in zip(ids, new, strict=True):
        model.put(name, doc_id, fields)
    return ids


@dataclass(frozen=True)
class InsertMany(Write):
    documents: list[Fields]

    def real(self, store: Store) -> Any:
        return store.table(self.table).insert_multiple(deepcopy(self.documents))

    def expected(self, model: Model, answer: Any) -> Any:
        return _take(model, self.table, answer, self.documents)


@dataclass(frozen=True)
class InsertBroken(Write):
    """An insert from a source that breaks off behind its documents."""

    documents: list[Fields]

    def _source(self) -> Iterator[Fields]:
        yield from self.documents
        raise BrokenSourceError

    def real(self, store: Store) -> Any:
        return store.table(self.table).insert_multiple(self._source())

    def expected(self, model: Model, answer: Any) -> Any:
        raise BrokenSourceError


@dataclass(frozen=True)
class InsertAt(Write):
    """An insert under an id of the caller's."""

    doc_id: int
    fields: Fields

    def real(self, store: Store) -> Any:
        return store.table(self.table).insert(Document(deepcopy(self.fields), self.doc_id))

    def expected(self, model: Model, answer: Any) -> Any:
        if self.doc_id in model.tables.get(self.table, {}):
            raise ValueError
        model.put(self.table, self.doc_id, self.fields)
        return self.doc_id


@dataclass(frozen=True)
class Update(Write):
    """An update by condition, by ids, or of all; of fields, or by an operation that may raise midway."""

    fields: Fields | None
    query: str | None
    ids: list[int] | None

    def _arguments(self) -> tuple[Any, Any, list[int] | None]:
        change = increment("n") if self.fields is None else deepcopy(self.fields)
        return change, _condition(self.query), self.ids

    def real(self, store: Store) -> Any:
        return store.table(self.table).update(*self._arguments())

    def expected(self, model: Model, answer: Any) -> Any:
        change, cond, ids = self._arguments()
        documents = model.table(self.table)
        chosen = _chosen(documents, cond, ids)
        for doc_id in chosen:
            _apply(change, documents[doc_id])
        return chosen


@dataclass(frozen=True)
class UpdateMany(Write):
    """Two updates in one call."""

    first: tuple[Fields, str]
    second: tuple[Fields, str]

    def _steps(self) -> list[tuple[Fields, Any]]:
        return [
            (deepcopy(fields), compile_query(query)) for fields, query in (self.first, self.second)
        ]

    def real(self, store: Store) -> Any:
        return store.table(self.table).update_multiple(self._steps())

    def expected(self, model: Model, answer: Any) -> Any:
        updated = []
        for doc_id, document in model.table(self.table).items():
            for fields, cond in self._steps():
                if cond(document):
                    document.update(fields)
                    updated.append(doc_id)
        return updated


@dataclass(frozen=True)
class Upsert(Write):
    fields: Fields
    query: str

    def real(self, store: Store) -> Any:
        return store.table(self.table).upsert(deepcopy(self.fields), compile_query(self.query))

    def expected(self, model: Model, answer: Any) -> Any:
        documents = model.table(self.table)
        chosen = _chosen(documents, _condition(self.query), None)
        for doc_id in chosen:
            documents[doc_id].update(deepcopy(self.fields))
        return chosen or _take(model, self.table, answer, [self.fields])


@dataclass(frozen=True)
class Remove(Write):
    """A removal by condition or by ids."""

    query: str | None
    ids: list[int] | None

    def real(self, store: Store) -> Any:
        return store.table(self.table).remove(_condition(self.query), self.ids)

    def expected(self, model: Model, answer: Any) -> Any:
        documents = model.table(self.table)
        chosen = _chosen(documents, _condition(self.query), self.ids)
        for doc_id in chosen:
            del documents[doc_id]  # an id named twice is a KeyError
        return chosen


@dataclass(frozen=True)
class Truncate(Write):
    def real(self, store: Store) -> Any:
        return store.table(self.table).truncate()

    def expected(self, model: Model, answer: Any) -> Any:
        model.table(self.table).clear()


@dataclass(frozen=True)
class Drop(Write):
    def real(self, store: Store) -> Any:
        return store.drop_table(self.table)

    def expected(self, model: Model, answer: Any) -> Any:
        model.tables.pop(self.table, None)
        model.trash.pop(self.table, None)


@dataclass(frozen=True)
class DropAll(Write):
    def real(self, store: Store) -> Any:
        return store.drop_tables()

    def expected(self, model: Model, answer: Any) -> Any:
        model.tables.clear()
        model.trash.clear()


@dataclass(frozen=True)
class Trash(Write):
    ids: list[int]

    def real(self, store: Store) -> Any:
        return store.table(self.table).trash(self.ids)

    def expected(self, model: Model, answer: Any) -> Any:
        moved = []
        for doc_id in self.ids:
            if doc_id in model.tables.get(self.table, {}):
                model.throw_away(self.table, doc_id)
                moved.append(doc_id)
        return moved


@dataclass(frozen=True)
class Restore(Write):
    ids: list[int]

    def real(self, store: Store) -> Any:
        return store.table(self.table).restore(self.ids)

    def expected(self, model: Model, answer: Any) -> Any:
        if self.table not in model.tables:
            return []
        return [doc_id for doc_id in self.ids if model.put_back(self.table, doc_id)]


def _apply(change: Fields | Callable[[Any], None], document: Fields) -> None:
    if callable(change):
        change(document)
    else:
        document.update(deepcopy(change))


def _condition(query: str | None) -> Any:
    return None if query is None else compile_query(query)


def _chosen(documents: Documents, cond: Any, ids: list[int] | None) -> list[int]:
    if ids is not None:
        return [doc_id for doc_id in ids if doc_id in documents]
    return [doc_id for doc_id, document in documents.items() if cond is None or cond(document)]
