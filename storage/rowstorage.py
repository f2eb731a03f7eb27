"""The `storage` of a store, for code that talks to TinyDB's storage interface. Reads and writes everything: O(n)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinydb.storages import Storage

from storage import codec
from storage.engine import Engine
from storage.ids import IdSource
from storage.indexes import Wishes
from storage.reads import Reads
from storage.records import Records, drop


class RowStorage(Storage):
    """TinyDB's `Storage` over the rows of a store. Tables do not go through `read` and `write`; other code may."""

    def __init__(self, engine: Engine, ids: IdSource, *, global_ids: bool) -> None:
        self.engine, self.ids, self.global_ids = engine, ids, global_ids
        self.wishes = Wishes()

    def read(self) -> dict[str, dict[str, Any]] | None:
        """All documents by table and id; None when there is no table yet."""
        names = self.engine.names()
        if not names:
            return None
        return {
            name: {
                str(i): codec.decode(text)
                for i, text in Reads(self.engine, name, self.wishes).iterate()
            }
            for name in names
        }

    def write(self, data: Mapping[str, Mapping[Any, Mapping[Any, Any]]]) -> None:
        """Make the store hold exactly this, in one transaction."""
        with self.engine.writing():
            for name in self.engine.names():
                if name not in data:
                    drop(self.engine, name)
            for name, documents in data.items():
                records = Records(self.engine, name, self.ids, global_ids=self.global_ids)
                records.truncate()
                for _ in records.insert(
                    (int(doc_id), document) for doc_id, document in documents.items()
                ):
                    pass

    def close(self) -> None:
        """Close the store."""
        self.engine.close()
