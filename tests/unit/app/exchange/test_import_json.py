"""JSON into a workspace, in each of its shapes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.exchange.errors import (
    BadJsonError,
    BrokenExportError,
    NeedsCollectionError,
    NewerExportError,
    NothingToImportError,
)
from app.exchange.run import export, import_file
from app.workspace import Workspace

Write = Callable[..., Path]
Records = Callable[..., list[dict[str, Any]]]


def kinds(workspace: Workspace, slug: str = "things") -> dict[str, str]:
    return {each.slug: each.kind for each in workspace.collection(slug).fields}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('[{"a": 1}, {"a": 2}]', "things.json"),
        ('\ufeff[{"a": 1},\n{"a": 2}]', "things.json"),
        ('{"a": 1}\n{"a": 2}\n', "things.json"),
        ('{"a": 1}\n\n{"a": 2}', "things.ndjson"),
        ('{"a": 1}\n{"a": 2}\n', "things.jsonl"),
        ('{"things": [{"a": 1}, {"a": 2}]}', "other.json"),
        ('[{"a": 1}, {"a": 2}]', "things"),
    ],
)
def test_each_shape_gives_its_records(
    workspace: Workspace, write: Write, records: Records, text: str, name: str
) -> None:
    import_file(workspace, write(text, name))
    assert records("things") == [{"a": 1}, {"a": 2}]


def test_utf_16_is_read(workspace: Workspace, write: Write, records: Records) -> None:
    import_file(workspace, write('[{"a": "é"}]'.encode("utf-16"), "things.json"))
    assert records("things") == [{"a": "é"}]


def test_lists_by_name_are_collections_and_what_is_none_is_named(
    workspace: Workspace, write: Write, records: Records
) -> None:
    path = write('{"people": [{"n": 1}], "total": 2, "pets": [{"m": 2}], "none": []}', "x.json")
    report = import_file(workspace, path)
    assert [each.name for each in report.collections] == ["people", "pets"]
    assert (records("people"), records("pets")) == ([{"n": 1}], [{"m": 2}])
    assert report.warnings == (
        'Left out, because no list of records stands there: "total", "none".',
    )
    again = import_file(workspace, path)
    assert [(each.created, each.updated) for each in again.collections] == [(0, 0), (0, 0)]


def test_several_collections_do_not_go_into_one(workspace: Workspace, write: Write) -> None:
    path = write('{"a": [{"n": 1}], "b": [{"m": 2}]}', "x.json")
    with pytest.raises(NeedsCollectionError, match="2 collections"):
        import_file(workspace, path, into="all")


def test_one_object_is_one_record(workspace: Workspace, write: Write, records: Records) -> None:
    import_file(workspace, write('{"a": 1, "b": ["x"]}', "things.json"))
    assert records("things") == [{"a": 1, "b": ["x"]}]


def test_json_says_itself_what_things_are(
    workspace: Workspace, write: Write, records: Records
) -> None:
    values = {
        "n": 1, "f": 1.5, "yes": True, "code": "12", "word": "yes", "day": "2020-01-31", "when": "Jun 12 1998",
        "tags": ["a", "b"], "nested": {"x": [1, {"y": None}]}, "nothing": None, "empty": "",
    }  # fmt: skip
    import_file(workspace, write(json.dumps([values]), "things.json"))
    assert kinds(workspace) == {
        "n": "number", "f": "number", "yes": "checkbox", "code": "text", "word": "text", "day": "date",
        "when": "date", "tags": "tags", "nested": "text", "nothing": "text", "empty": "text",
    }  # fmt: skip
    assert records("things") == [values | {"when": "1998-06-12"}]


def test_null_is_kept_and_missing_stays_missing(
    workspace: Workspace, write: Write, records: Records
) -> None:
    import_file(workspace, write('[{"a": 1, "b": null}, {"b": 2}]', "things.json"))
    assert records("things") == [{"a": 1, "b": None}, {"b": 2}]


def test_values_of_unlike_kinds_become_their_exact_texts(
    workspace: Workspace, write: Write, records: Records
) -> None:
    text = '[{"a": "The"}, {"a": 1776}, {"a": 1.50}, {"a": true}, {"a": null}, {"a": 1e5}]'
    path = write(text, "things.json")
    import_file(workspace, path)
    assert [each["a"] for each in records("things")] == ["The", "1776", "1.50", "true", None, "1e5"]
    assert import_file(workspace, path).collections[0].unchanged == 6


def test_a_name_that_stands_twice_loses_neither_value(
    workspace: Workspace, write: Write, records: Records
) -> None:
    report = import_file(workspace, write('[{"a": 1, "a": 2}]', "things.json"))
    assert records("things") == [{"a": 1, "a 2": 2}]
    assert "1 name stands twice" in report.warnings[0]


def test_nan_is_no_value_and_is_counted(
    workspace: Workspace, write: Write, records: Records
) -> None:
    report = import_file(workspace, write('[{"a": 1}, {"a": NaN}]', "things.json"))
    assert kinds(workspace) == {"a": "number"}
    assert records("things") == [{"a": 1}, {"a": None}]
    assert "NaN stands in 1 place" in report.warnings[0]


def test_infinity_stays_as_text(workspace: Workspace, write: Write, records: Records) -> None:
    import_file(workspace, write('[{"a": 1}, {"a": -Infinity}]', "things.json"))
    assert records("things") == [{"a": "1"}, {"a": "-Infinity"}]


def test_items_that_are_no_objects_become_values(
    workspace: Workspace, write: Write, records: Records
) -> None:
    report = import_file(workspace, write('[1, {"value": 2}, [3]]', "things.json"))
    assert records("things") == [{"value": 1}, {"value": 2}, {"value": [3]}]
    assert "2 values are no object" in report.warnings[0]


def test_empty_objects_are_skipped_and_named(workspace: Workspace, write: Write) -> None:
    report = import_file(workspace, write('[{"a": 1}, {}, {"a": 2}]', "things.json"))
    assert (report.collections[0].created, report.collections[0].skipped) == (2, 1)
    assert report.warnings == ("There is no value at all in record 2: no record was made of it.",)


def test_a_key_updates_what_the_file_names_and_leaves_the_rest(
    workspace: Workspace, write: Write, records: Records
) -> None:
    import_file(workspace, write('[{"id": 1, "a": "x", "b": "y"}]', "things.json"))
    import_file(workspace, write('[{"id": 1, "a": "z"}]', "things.json"), key="id")
    assert records("things") == [{"id": 1, "a": "z", "b": "y"}]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", NothingToImportError),
        ("  \n", NothingToImportError),
        ("[]", NothingToImportError),
        ("[1, 2", BadJsonError),
        ('[{"a": 1} {"a": 2}]', BadJsonError),
        ('{"a": [{"b": 1}], "c": }', BadJsonError),
        ('[{"a": 1}] x', BadJsonError),
        ('"text"', BadJsonError),
    ],
)
def test_what_is_no_json_is_refused_and_leaves_nothing(
    workspace: Workspace, write: Write, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        import_file(workspace, write(text, "things.json"))
    assert workspace.collections() == ()


# -- our own export ------------------------------------------------------------------------------


@pytest.fixture
def exported(workspace: Workspace, tmp_path: Path) -> Path:
    workspace.create_collection(
        "people", [("name", "text"), ("size", "choice", {"choices": ["S", "L"]})], icon="account"
    )
    workspace.rename_collection("people", "Our people")
    workspace.add("people", [{"name": "Ann", "size": "S", "more": [1]}, {"name": None}, {}])
    workspace.create_collection("empty", [("note", "longtext")])
    path = tmp_path / "all.json"
    export(workspace, path)
    return path


def test_an_export_brings_schema_ids_and_records_back(
    workspace: Workspace, new_workspace: Callable[[], Workspace], exported: Path
) -> None:
    other = new_workspace()
    import_file(other, exported)
    assert other.collections() == workspace.collections()
    for slug in ("people", "empty"):
        here = [(each.doc_id, dict(each)) for each in workspace.table(slug)]
        assert [(each.doc_id, dict(each)) for each in other.table(slug)] == here


def test_an_export_with_its_names_sorted_is_one_too(
    new_workspace: Callable[[], Workspace], exported: Path, write: Write, workspace: Workspace
) -> None:
    text = json.dumps(json.loads(exported.read_text()), sort_keys=True, indent=1)
    other = new_workspace()
    import_file(other, write(text, "sorted.json"))
    assert other.collections() == workspace.collections()


def test_importing_an_export_where_it_came_from_changes_nothing(
    workspace: Workspace, exported: Path
) -> None:
    report = import_file(workspace, exported)
    assert [(each.name, each.unchanged, each.created, each.updated) for each in report.collections] == [
        ("empty", 0, 0, 0), ("people", 3, 0, 0),
    ]  # fmt: skip


def test_an_export_updates_records_by_their_ids(
    workspace: Workspace, exported: Path, records: Records
) -> None:
    first = workspace.table("people").ids()[0]
    workspace.change("people", [first], {"name": "Anna", "new": 1})
    report = import_file(workspace, exported)
    assert report.collections[1].updated == 1
    assert records("people")[0] == {"name": "Ann", "size": "S", "more": [1], "new": 1}


def test_records_in_the_trash_are_left_there_and_said(workspace: Workspace, exported: Path) -> None:
    workspace.trash("people", [workspace.table("people").ids()[0]])
    report = import_file(workspace, exported)
    assert (report.collections[1].created, report.collections[1].skipped) == (0, 1)
    assert "1 record of the file in the trash here" in report.warnings[0]


def test_an_id_that_another_collection_uses_is_not_taken(
    workspace: Workspace, exported: Path, write: Write
) -> None:
    text = exported.read_text().replace('"name":"people"', '"name":"others"')
    report = import_file(workspace, write(text, "x.json"))
    assert [(each.created, each.skipped) for each in report.collections] == [(0, 0), (0, 3)]
    assert "belongs to a record of another collection" in report.warnings[0]


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('"version":1', '"version":2', NewerExportError),
        ('"id":"', '"id":"!', BrokenExportError),
        ('"id":', '"no":', BrokenExportError),
    ],
)
def test_an_export_that_cannot_be_read_is_refused_in_words(
    new_workspace: Callable[[], Workspace],
    exported: Path,
    write: Write,
    old: str,
    new: str,
    error: type[Exception],
) -> None:
    other = new_workspace()
    with pytest.raises(error, match="Nothing was imported"):
        import_file(other, write(exported.read_text().replace(old, new), "x.json"))
    assert other.collections() == ()


def test_a_kind_that_is_not_known_becomes_text_and_keeps_its_values(
    new_workspace: Callable[[], Workspace], exported: Path, write: Write
) -> None:
    text = exported.read_text().replace('"kind":"choice"', '"kind":"hologram"')
    other = new_workspace()
    report = import_file(other, write(text, "x.json"))
    assert other.collection("people").field("size").kind == "text"
    assert other.table("people").all()[0]["size"] == "S"
    assert "hologram" in report.warnings[0]
