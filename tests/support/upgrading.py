"""Made-up formats: what a later version of the program might make of a store, step by step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from storage import Store, schema
from storage.database import Connection
from storage.migrations import Step
from storage.migrations.steps import Tell

NEWEST: Final = schema.FORMAT + 3
RECORDS: Final = 60


def _write_again(connection: Connection, tell: Tell) -> None:
    """A step that writes every record again."""
    for (cid,) in connection.execute("SELECT cid FROM collection ORDER BY cid").fetchall():
        rows = connection.execute(f"SELECT id, doc FROM r_{cid} ORDER BY id").fetchall()
        for at, (doc_id, text) in enumerate(rows):
            document = json.loads(text)
            document["steps"].append([])  # nothing that a search would find
            longer = json.dumps(document, separators=(",", ":"))
            connection.execute(f"UPDATE r_{cid} SET doc = ? WHERE id = ?", (longer, doc_id))
            if not at % 20:
                tell(at / len(rows))


def _new_table(connection: Connection, _tell: Tell) -> None:
    connection.execute("CREATE TABLE later(k TEXT PRIMARY KEY, v ANY) WITHOUT ROWID")
    connection.execute("INSERT INTO later SELECT 'records', sum(n) FROM collection")


STEPS: Final = (
    Step(schema.FORMAT + 1, "Every record is written again.", _write_again),
    Step(schema.FORMAT + 2, "A table is made.", _new_table),
    Step(schema.FORMAT + 3, "Every record is written once more.", _write_again),
)


def fill(path: Path, key: bytes | None) -> None:
    """A store in today's format."""
    with Store(path, key=key) as store:
        new = ({"n": n, "text": "x" * n, "steps": []} for n in range(RECORDS))
        store.table("Stock").insert_multiple(new)


def as_of(
    path: Path, key: bytes | None, newest: int, patched: pytest.MonkeyPatch
) -> dict[str, Any]:
    """What a program of some format finds in a store of its own format."""
    patched.setattr(schema, "FORMAT", newest)
    with Store(path, key=key, create=False) as store:
        (first,) = store.table("Stock").search(lambda document: document["n"] == 1)
        return {**first, "records": len(store.table("Stock"))}


def after(steps: int) -> dict[str, Any]:
    """What `as_of` finds once so many of the steps wrote the records again."""
    return {"n": 1, "text": "x", "steps": [[]] * steps, "records": RECORDS}
