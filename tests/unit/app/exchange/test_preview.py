"""What a file would become, before anything is changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.exchange.errors import ImportStoppedError, UnreadableFileError
from app.exchange.preview import ColumnPreview, preview
from app.exchange.run import export
from app.workspace import Workspace

Write = Callable[..., Path]


def test_a_csv_file_is_shown_as_it_stands_with_what_it_becomes(write: Write) -> None:
    seen = preview(write("zip;amount;day\n00501;1,5;31.12.2020\n;2;1.1.2021\n".encode("utf-16")))
    assert (seen.format, seen.encoding, seen.delimiter, seen.header) == (
        "csv",
        "utf-16-le",
        ";",
        True,
    )
    (sheet,) = seen.sheets
    assert (sheet.name, sheet.total, sheet.skipped) == ("people", 2, 0)
    assert sheet.columns == (
        ColumnPreview("zip", "text", "by its name, a number in it is a code"),
        ColumnPreview("amount", "number", "every value is a number with a decimal comma"),
        ColumnPreview("day", "date", "every value is a date (day.month.year)"),
    )
    assert sheet.rows == (("00501", "1,5", "31.12.2020"), ("", "2", "1.1.2021"))


def test_only_the_first_rows_are_shown_and_all_are_judged(write: Write) -> None:
    seen = preview(write("n\n" + "1\n" * 5_000 + "x\n"))
    (sheet,) = seen.sheets
    assert (len(sheet.rows), sheet.total, sheet.columns[0].kind) == (20, 5_001, "text")
    assert "line 5,002" in sheet.columns[0].reason.replace("5002", "5,002")


def test_a_json_file_is_shown_by_collection(write: Write) -> None:
    seen = preview(
        write('{"a": [{"n": 1, "m": null}, {"l": ["x"]}], "b": [{"o": true}]}', "x.json")
    )
    assert [sheet.name for sheet in seen.sheets] == ["a", "b"]
    assert seen.sheets[0].rows == (("1", "", ""), ("", "", '["x"]'))
    assert [each.kind for each in seen.sheets[0].columns] == ["number", "text", "tags"]


def test_our_own_export_is_shown_with_its_kinds(workspace: Workspace, tmp_path: Path) -> None:
    workspace.create_collection("stock", [("price", "currency"), ("name", "text")])
    workspace.add("stock", [{"name": "Saw", "price": "9.50"}])
    export(workspace, tmp_path / "all.json")
    (sheet,) = preview(tmp_path / "all.json").sheets
    assert [(each.name, each.kind) for each in sheet.columns] == [
        ("price", "currency"),
        ("name", "text"),
    ]
    assert sheet.rows == (("9.50", "Saw"),)


def test_it_can_be_stopped_and_names_a_missing_file(write: Write, tmp_path: Path) -> None:
    with pytest.raises(ImportStoppedError):
        preview(write("a\n1\n"), cancel=lambda: True)
    with pytest.raises(UnreadableFileError):
        preview(tmp_path / "none.csv")
