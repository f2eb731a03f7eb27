"""Files that are written: what stands in them, and that they are whole or not there."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.exchange.errors import (
    ExportStoppedError,
    NeedsCollectionError,
    UnknownFormatError,
    UnwritableFileError,
)
from app.exchange.progress import Progress
from app.exchange.run import export, import_file
from app.workspace import Workspace
from storage import encode_id


@pytest.fixture
def stocked(workspace: Workspace) -> Workspace:
    workspace.create_collection(
        "stock", [("name", "text"), ("count", "number"), ("tags", "tags"), ("ok", "checkbox")]
    )
    workspace.add(
        "stock",
        [
            {"name": "=1+1", "count": -5, "tags": ["a", "b"], "ok": True},
            {"name": 'say "hi", é\n漢', "count": 1e-7, "extra": {"x": 1}},
            {"count": None, "ok": False},
        ],
    )
    return workspace


def test_json_holds_schema_ids_and_times(stocked: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    report = export(stocked, path)
    assert (report.records, report.collections, report.format) == (3, ("stock",), "json")
    document = json.loads(path.read_text("utf-8"))
    assert (document["format"], document["version"], document["workspace"]) == (
        "commonhold",
        1,
        "Workshop",
    )
    (stock,) = document["collections"]
    assert stock["fields"][1] == {
        "name": "count",
        "title": "count",
        "kind": "number",
        "options": {},
    }
    ids = [encode_id(each) for each in stocked.table("stock").ids()]
    assert [each["id"] for each in stock["records"]] == ids
    assert stock["records"][0]["created"].startswith("2027-01-15T")
    assert stock["records"][1]["fields"] == {
        "name": 'say "hi", é\n漢',
        "count": 1e-07,
        "extra": {"x": 1},
    }


def test_csv_is_what_other_programs_read(stocked: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    export(stocked, path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, strict=True))
    assert rows == [
        ["name", "count", "tags", "ok", "extra"],
        ["'=1+1", "-5", "a, b", "true", ""],
        ['say "hi", é\n漢', "0.0000001", "", "", '{"x":1}'],
        ["", "", "", "false", ""],
    ]
    assert path.read_bytes().count(b"\r\n") == 4


def test_a_csv_file_holds_one_collection(stocked: Workspace, tmp_path: Path) -> None:
    stocked.create_collection("other", [("a", "text")])
    with pytest.raises(NeedsCollectionError, match="holds one collection, and there are 2"):
        export(stocked, tmp_path / "all.csv")
    assert export(stocked, tmp_path / "all.csv", collection="other").records == 0
    assert (tmp_path / "all.csv").read_bytes() == b"a\r\n"


def test_one_collection_can_be_exported_alone(stocked: Workspace, tmp_path: Path) -> None:
    stocked.create_collection("other", [("a", "text")])
    path = tmp_path / "one.json"
    assert export(stocked, path, collection="stock").collections == ("stock",)
    assert [each["name"] for each in json.loads(path.read_text())["collections"]] == ["stock"]


def test_a_workspace_with_nothing_in_it_exports_to_json(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "all.json"
    export(workspace, path)
    assert json.loads(path.read_text())["collections"] == []
    with pytest.raises(NeedsCollectionError, match="no collection to export"):
        export(workspace, tmp_path / "all.csv")


@pytest.mark.parametrize(
    ("name", "told"), [("all.xlsx", None), ("all", None), ("all.json", "pdf"), ("all.ndjson", None)]
)
def test_a_format_that_cannot_be_written_is_refused_in_words(
    stocked: Workspace, tmp_path: Path, name: str, told: str | None
) -> None:
    with pytest.raises(UnknownFormatError, match="Nothing was exported"):
        export(stocked, tmp_path / name, format=told)
    assert list(tmp_path.iterdir()) == []


def test_a_told_format_counts_more_than_the_name(stocked: Workspace, tmp_path: Path) -> None:
    export(stocked, tmp_path / "all.txt", format="json")
    assert json.loads((tmp_path / "all.txt").read_text())["format"] == "commonhold"


def test_stopped_it_leaves_the_old_file_and_nothing_beside_it(
    stocked: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "all.json"
    path.write_text("old")
    with pytest.raises(ExportStoppedError, match="is as it was"):
        export(stocked, path, cancel=lambda: True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_takes_no_file_is_named(stocked: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UnwritableFileError, match="cannot be written"):
        export(stocked, tmp_path / "none" / "all.json")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
@pytest.mark.skipif(sys.platform == "win32", reason="no pipes with a name, links by right only")
def test_what_is_no_ordinary_file_is_never_replaced(stocked: Workspace, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    folder = tmp_path / "folder.json"
    folder.mkdir()
    for place in (pipe, folder):
        with pytest.raises(UnwritableFileError, match="no ordinary file"):
            export(stocked, place)
    assert pipe.is_fifo()
    assert sorted(tmp_path.iterdir()) == [folder, pipe]


@pytest.mark.skipif(sys.platform == "win32", reason="links by right only")
def test_through_a_link_the_file_that_it_names_is_written(
    stocked: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "away").mkdir()
    link = tmp_path / "out.json"
    link.symlink_to(tmp_path / "away" / "there.json")
    export(stocked, link)
    assert link.is_symlink()
    assert json.loads((tmp_path / "away" / "there.json").read_text("utf-8"))
    link.unlink()
    link.symlink_to(link)
    with pytest.raises(UnwritableFileError):
        export(stocked, link)


def test_a_full_disk_leaves_the_old_file(
    stocked: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "all.json"
    path.write_text("old")
    real = os.fdopen

    def full(handle: int, mode: str) -> object:
        real(handle, mode).close()
        return open("/dev/full", mode)  # noqa: PTH123 - closed by its user

    monkeypatch.setattr("app.exchange.files.os.fdopen", full)
    with pytest.raises(UnwritableFileError, match="No space left"):
        export(stocked, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="rights of files are other ones there")
def test_a_new_file_is_its_owners_alone_and_an_old_one_keeps_its_rights(
    stocked: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "all.json"
    export(stocked, path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    export(stocked, path)
    assert path.stat().st_mode & 0o777 == 0o644


def test_progress_counts_records(stocked: Workspace, tmp_path: Path) -> None:
    seen: list[Progress] = []
    export(stocked, tmp_path / "all.json", progress=seen.append)
    assert (seen[-1].done, seen[-1].total, seen[-1].rows) == (3, 3, 3)


def test_titles_stand_over_columns_and_lead_back(
    stocked: Workspace, tmp_path: Path, new_workspace: Callable[[], Workspace]
) -> None:
    export(stocked, tmp_path / "stock.csv")
    assert import_file(stocked, tmp_path / "stock.csv").collections[0].unchanged == 2
