"""The records of a store as they are kept, in rows and in the trash, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from storage import codec
from storage.database import Connection
from storage.errors import DamagedTextError


class Kept(NamedTuple):
    """One record as it is kept."""

    collection: str
    cid: int
    doc_id: int
    text: str
    meta: bytes | None
    last: int
    in_trash: bool
    purged: bool

    @property
    def where(self) -> str:
        """How a problem calls it."""
        place = "trash/" if self.in_trash else ""
        return f"{place}{self.collection}/{self.doc_id}"

    def document(self) -> dict[str, Any] | None:
        """Its document; None if it cannot be read, which the check of rows has named."""
        try:
            found = codec.decode(self.text)
        except (DamagedTextError, RecursionError, TypeError):
            return None
        return found if type(found) is dict else None


def kept_records(connection: Connection, names: Mapping[int, str]) -> Iterator[Kept]:
    """All records of these collections, by their numbers; then those in the trash."""
    for cid, name in names.items():
        sql = f"SELECT id, doc, meta, last FROM r_{cid} ORDER BY id"
        for doc_id, text, meta, last in connection.execute(sql):
            yield Kept(name, cid, doc_id, text, meta, last or 0, in_trash=False, purged=False)
    sql = "SELECT cid, id, doc, meta, last, purged FROM trash ORDER BY seq"
    for cid, doc_id, text, meta, last, purged in connection.execute(sql):
        if cid in names:
            yield Kept(
                names[cid], cid, doc_id, text, meta, last or 0, in_trash=True, purged=bool(purged)
            )
