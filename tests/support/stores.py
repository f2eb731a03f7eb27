"""The kinds of store that one test runs on: ours in each of its forms, and TinyDB itself as the reference."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.storages import JSONStorage, MemoryStorage

from storage import Store
from tests.support.founders import founder

TEST_KEY = bytes(range(32))


@dataclass(frozen=True)
class StoreKind:
    """One way to hold documents: which class, how it is opened, and what may be expected of it."""

    name: str
    face: type[TinyDB]
    arguments: Callable[[Path], tuple[tuple[Any, ...], dict[str, Any]]]
    durable: bool
    ours: bool
    changes: bool = False  # each write is a signed change
    whole_writes: bool = True  # a write that raises leaves nothing behind, and callers share no objects with the store

    def __str__(self) -> str:
        return self.name


IN_MEMORY = StoreKind("store-in-memory", Store, lambda _: ((), {}), durable=False, ours=True)
ON_FILE = StoreKind("store-on-file", Store, lambda path: ((path,), {}), durable=True, ours=True)
ENCRYPTED = StoreKind(
    "store-encrypted", Store, lambda path: ((path,), {"key": TEST_KEY}), durable=True, ours=True
)
CHANGES_IN_MEMORY = StoreKind(
    "changes-in-memory",
    Store,
    lambda _: ((), {"identity": founder()}),
    durable=False,
    ours=True,
    changes=True,
)
CHANGES_ENCRYPTED = StoreKind(
    "changes-encrypted",
    Store,
    lambda path: ((path,), {"key": TEST_KEY, "identity": founder()}),
    durable=True,
    ours=True,
    changes=True,
)
TINYDB_IN_MEMORY = StoreKind(
    "tinydb-in-memory",
    TinyDB,
    lambda _: ((), {"storage": MemoryStorage}),
    durable=False,
    ours=False,
    whole_writes=False,
)
TINYDB_ON_FILE = StoreKind(
    "tinydb-on-file",
    TinyDB,
    lambda path: ((path,), {"storage": JSONStorage}),
    durable=True,
    ours=False,
)

OURS = (IN_MEMORY, ON_FILE, ENCRYPTED, CHANGES_IN_MEMORY, CHANGES_ENCRYPTED)
EVERY_KIND = (*OURS, TINYDB_IN_MEMORY, TINYDB_ON_FILE)


@dataclass
class StorePlace:
    """A place where stores of one kind are opened; it closes what the test left open."""

    kind: StoreKind
    path: Path
    opened: list[TinyDB] = field(default_factory=list)

    def open(self, face: type[TinyDB] | None = None) -> TinyDB:
        """Open the store of this place once more; in memory each one is new."""
        positional, named = self.kind.arguments(self.path)
        store = (face or self.kind.face)(*positional, **named)
        self.opened.append(store)
        return store

    def reopen(self) -> TinyDB:
        """Close every handle and open the file again."""
        self.close()
        return self.open()

    def close(self) -> None:
        """Close every handle opened here."""
        while self.opened:
            self.opened.pop().close()


def contents(store: TinyDB, table: str = "_default") -> list[tuple[int, dict[str, Any]]]:
    """The (id, document) pairs of a table in iteration order."""
    return [(document.doc_id, dict(document)) for document in store.table(table)]
