"""Scripts of writes and questions, run on a store and on TinyDB side by side; how a failing one gets short."""

import json
import random
import tempfile
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from tinydb import TinyDB
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from storage import Store
from tests.support.stores import StoreKind, StorePlace
from tests.support.worlds import compile_query, draw_document, draw_query, draw_schema


@dataclass(frozen=True)
class Ask:
    """Ask a query, in every way there is."""

    query: str


@dataclass(frozen=True)
class Insert:
    """Insert documents."""

    documents: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Change:
    """Update the documents that a query finds."""

    fields: dict[str, Any]
    query: str


@dataclass(frozen=True)
class Remove:
    """Remove the documents that a query finds."""

    query: str


@dataclass(frozen=True)
class Index:
    """Ask for an index on a field."""

    name: str


@dataclass(frozen=True)
class Maintain:
    """Let the store make what indexes use asks for."""


@dataclass(frozen=True)
class Reopen:
    """Close every handle and open the file again."""


@dataclass(frozen=True)
class Swap:
    """Go on with the other handle of the same file."""


Step = Ask | Insert | Change | Remove | Index | Maintain | Reopen | Swap


def draw_script(
    chance: random.Random,
    most_documents: int = 8,
    most_steps: int = 10,
    *,
    at_least: int = 1,
    strays: float = 0.02,
) -> list[Step]:
    """Documents, then questions and writes in turn."""
    schema = draw_schema(chance)

    def insert(fewest: int, most: int) -> Insert:
        many = chance.randrange(fewest, most + 1)
        return Insert(tuple(draw_document(chance, schema, strays) for _ in range(many)))

    def step() -> Step:
        shape = chance.randrange(20)
        query = draw_query(chance, schema)
        if shape < 13:
            return Ask(query)
        if shape < 14:
            return insert(1, 3)
        if shape < 16:
            return Change(draw_document(chance, schema, strays), query)
        if shape < 17:
            return Remove(query)
        others: list[Step] = [Index(chance.choice(list(schema))), Maintain(), Reopen(), Swap()]
        return chance.choice(others)

    return [
        insert(at_least, most_documents),
        *(step() for _ in range(chance.randrange(1, most_steps + 1))),
    ]


Outcome = tuple[str, Any]


def outcome(call: Callable[..., Any], *arguments: Any) -> Outcome:
    """What a call gives: its result, or the type of what it raises."""
    try:
        return "gives", call(*arguments)
    except Exception as error:  # noqa: BLE001  # any of them is compared
        return "raises", type(error)


def typed(found: Sequence[Document]) -> list[tuple[int, str]]:
    """Ids and documents with their types, so that 1, 1.0 and True differ."""
    return [(document.doc_id, json.dumps(document, sort_keys=True)) for document in found]


def _reference() -> Any:
    return TinyDB(storage=MemoryStorage).table("t", cache_size=0)


@dataclass
class Comparison:
    """One script run on a store and on TinyDB in memory, compared after each step."""

    place: StorePlace
    reference: Any = field(default_factory=_reference)
    handles: list[TinyDB] = field(default_factory=list)

    def run(self, script: Sequence[Step]) -> None:
        """Run every step."""
        self.open()
        for step in script:
            self.take(step)
            assert typed(self.table.all()) == typed(self.reference.all())

    def take(self, step: Step) -> None:
        """Run one step."""
        match step:
            case Ask(query):
                self.ask(query)
            case Insert(documents):
                self.insert(documents)
            case Change(fields, query):
                self.write(
                    "update", query, lambda table, cond: table.update(deepcopy(fields), cond)
                )
            case Remove(query):
                self.write("remove", query, lambda table, cond: table.remove(cond))
            case Index(name):
                self.table.index(name)
            case Maintain():
                while cast("Store", self.handles[0]).maintain():
                    pass
            case Reopen():
                if self.place.kind.durable:
                    self.place.close()
                    self.open()
            case Swap():
                self.handles.reverse()

    def open(self) -> None:
        """Open two handles of a file, or the one of a store in memory."""
        self.handles = [self.place.open() for _ in range(2 if self.place.kind.durable else 1)]

    @property
    def table(self) -> Any:
        """The table through the handle whose turn it is."""
        return self.handles[0].table("t")

    def insert(self, documents: Sequence[dict[str, Any]]) -> None:
        """Insert into both; what TinyDB keeps must not be shared."""
        ids = self.table.insert_multiple(documents)
        pairs = zip(ids, deepcopy(documents), strict=True)
        self.reference.insert_multiple(Document(document, doc_id) for doc_id, document in pairs)

    def ask(self, text: str) -> None:
        """Every way to ask gives what TinyDB gives, through every handle."""
        query = compile_query(text)
        expected = outcome(lambda: typed(self.reference.search(query)))
        for handle in self.handles:
            table: Any = handle.table("t")
            assert outcome(lambda asked=table: typed(asked.search(query))) == expected, text
            for how in ("get", "contains", "count"):
                given = outcome(getattr(table, how), query)
                assert given == outcome(getattr(self.reference, how), query), (how, text)
            if expected[0] == "gives":
                assert table.tally(query) == len(expected[1]), ("tally", text)
                assert list(table.ids(query)) == [doc_id for doc_id, _ in expected[1]], (
                    "ids",
                    text,
                )
                assert typed(table.page(query, limit=100)) == expected[1][:100], ("page", text)

    def write(self, how: str, text: str, call: Callable[[Any, Any], Any]) -> None:
        """A write with a condition changes what TinyDB changes; one whose condition raises changes nothing."""
        query = compile_query(text)
        asked = outcome(lambda: [document.doc_id for document in self.reference.search(query)])
        assert outcome(call, self.table, query) == asked, (how, text)
        if asked[0] == "gives":  # TinyDB in memory would keep half of a write that raised
            call(self.reference, query)


def compare(kind: StoreKind, script: Sequence[Step]) -> None:
    """Run a script on a new store of this kind."""
    with tempfile.TemporaryDirectory() as folder:
        place = StorePlace(kind, Path(folder) / "store.db")
        try:
            Comparison(place).run(script)
        finally:
            place.close()


Fails = Callable[[Sequence[Step]], bool]


def shortened(script: Sequence[Step], fails: Fails) -> list[Step]:
    """A failing script with the steps and documents left out that it fails without."""
    short = _without(list(script), fails)
    for at, step in enumerate(short):
        if isinstance(step, Insert):
            before, after = short[:at], short[at + 1 :]

            def still_fails(documents: list[Any], before=before, after=after) -> bool:
                return fails([*before, Insert(tuple(documents)), *after])

            short[at] = Insert(tuple(_without(list(step.documents), still_fails)))
    return short


def _without(parts: list[Any], fails: Callable[[list[Any]], bool]) -> list[Any]:
    """The parts that cannot be left out: tried by halves, quarters, … one by one."""
    size = len(parts)
    while size > 1:
        size = (size + 1) // 2
        for at in reversed(range(0, len(parts), size)):
            fewer = parts[:at] + parts[at + size :]
            if fails(fewer):
                parts = fewer
    return parts


def compare_many(kind: StoreKind, scripts: Iterable[Sequence[Step]]) -> None:
    """Run scripts; a failing one is shortened and told."""

    def error_of(script: Sequence[Step]) -> BaseException | None:
        try:
            compare(kind, script)
        except Exception as error:  # noqa: BLE001  # whatever differs, or breaks
            return error
        return None

    for script in scripts:
        if error_of(script) is not None:
            short = shortened(script, lambda steps: error_of(steps) is not None)
            raise AssertionError(f"{short} fails: {error_of(short)!r}")
