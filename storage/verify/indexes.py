"""The field indexes of one collection."""

from __future__ import annotations

from storage import codec
from storage.held import read_indexes
from storage.indexed import IndexedFields
from storage.verify.report import Check


def field_indexes(check: Check, cid: int, name: str) -> None:
    """Those that are noted are those that are there, with the values of all records and of no others.

    That an index agrees with the column it stands on is SQLite's own check.
    """
    execute = check.connection.execute
    fields = IndexedFields(cid, read_indexes(check.connection, cid))
    noted = {f"x_{cid}_{number}" for number in fields.indexes.values()}
    sql = "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?"
    there = {row[0] for row in execute(sql, (fields.table,))}
    for index in sorted(noted ^ there):
        what = "noted, but not there" if index in noted else "there, but not noted"
        check.bad("wrong_field_index", name, f"the index {index} is {what}")
    if not fields or noted != there:
        return
    wrong = "the field indexes have other values than the record"
    of_value = ", ".join(f"v.{each}" for each in ("id", *fields.columns))
    pairs = (
        f"SELECT r.id, r.doc, {of_value} FROM r_{cid} r LEFT JOIN {fields.table} v ON v.id = r.id"
    )
    for doc_id, text, *values in execute(pairs):
        check.count("indexed_records")
        try:
            expected = fields.row(doc_id, codec.decode(text))
        except (ValueError, RecursionError):
            continue  # it was named already
        if tuple(values) != expected:
            check.bad("wrong_field_index", f"{name}/{doc_id}", wrong)
    strays = f"SELECT id FROM {fields.table} WHERE id NOT IN (SELECT id FROM r_{cid})"
    for (doc_id,) in execute(strays):
        check.bad(
            "wrong_field_index",
            f"{name}/{doc_id}",
            "the field indexes know a record that is not there",
        )
