"""The rows of one collection, their counters and the kinds of their fields; the trash."""

from __future__ import annotations

from typing import Any

from storage import codec
from storage.errors import DamagedTextError
from storage.kinds import PathKinds
from storage.verify.report import Check


def rows(check: Check, cid: int, name: str, n: int, last: int, by_id: int) -> None:
    """All rows; `n`, `last` and `by_id` are what is noted of the collection."""
    execute = check.connection.execute
    known = PathKinds(execute("SELECT path, kinds FROM path WHERE cid = ?", (cid,)).fetchall())
    seen = 0
    highest: int | None = None
    for doc_id, text, pos in execute(f"SELECT id, doc, pos FROM r_{cid} ORDER BY id"):
        seen += 1
        highest = doc_id
        check.count("records")
        where = f"{name}/{doc_id}"
        try:
            document = read(text)
        except DamagedTextError as error:
            check.bad("unreadable_record", where, error.detail)
            continue
        if type(document) is not dict:
            check.bad("unreadable_record", where, "it is no JSON object")
            continue
        if known.learn(document, odd_text="\\ud" in text):
            check.bad(
                "unknown_field_kind",
                where,
                "a field holds a kind of value that the store has not noted",
            )
        if (pos is None) != bool(by_id):
            check.bad("wrong_position", where, "its place in the order is missing")
    if seen != n:
        check.bad("wrong_count", name, f"{n} records are counted, {seen} are there")
    if highest is not None and highest > last:
        check.bad(
            "wrong_counter", name, f"the last id given is noted as {last}, but {highest} is there"
        )


def read(text: str) -> Any:
    """A record's document; DamagedTextError also where it is nested deeper than any that was written."""
    try:
        return codec.decode(text)
    except RecursionError as error:
        raise DamagedTextError(str(error)) from error


def trash(check: Check, cids: set[int]) -> None:
    """What lies in the trash of these collections."""
    rows: Any = check.connection.execute("SELECT cid, id, doc FROM trash")
    for cid, doc_id, text in rows:
        check.count("trashed")
        if cid not in cids:
            check.bad("stray_trash", f"trash/{doc_id}", "it belongs to no collection")
        try:
            read(text)
        except DamagedTextError as error:
            check.bad("unreadable_record", f"trash/{doc_id}", error.detail)
