"""CSV into a workspace: once, twice, by key, into what is there already."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.exchange.errors import ImportStoppedError, NoSuchColumnError
from app.exchange.progress import Progress
from app.exchange.run import CollectionResult, import_file
from app.workspace import Workspace

Write = Callable[..., Path]
Records = Callable[..., list[dict[str, Any]]]
PEOPLE = "name,age,joined,zip,active\nAnn,31,2020-01-31,00501,yes\nBen,,2021-12-01,12345,no\n"


def counts(result: CollectionResult) -> tuple[int, int, int, int]:
    return result.created, result.updated, result.unchanged, result.skipped


def test_columns_become_fields_and_blanks_are_missing(
    workspace: Workspace, write: Write, records: Records
) -> None:
    report = import_file(workspace, write(PEOPLE))
    assert report.collections == (CollectionResult("people", 2, 0, 0, 0),)
    assert report.warnings == ()
    fields = [(each.slug, each.kind) for each in workspace.collection("people").fields]
    assert fields == [
        ("name", "text"), ("age", "number"), ("joined", "date"), ("zip", "text"), ("active", "checkbox"),
    ]  # fmt: skip
    assert records() == [
        {"name": "Ann", "age": 31, "joined": "2020-01-31", "zip": "00501", "active": True},
        {"name": "Ben", "joined": "2021-12-01", "zip": "12345", "active": False},
    ]


def test_twice_changes_nothing(workspace: Workspace, write: Write, records: Records) -> None:
    path = write(PEOPLE)
    import_file(workspace, path)
    before = records()
    assert counts(import_file(workspace, path).collections[0]) == (0, 0, 2, 0)
    assert records() == before


def test_equal_rows_are_counted_as_often_as_they_stand_there(
    workspace: Workspace, write: Write
) -> None:
    assert counts(import_file(workspace, write("a\nx\nx\ny\n")).collections[0]) == (3, 0, 0, 0)
    assert counts(import_file(workspace, write("a\nx\nx\nx\ny\n")).collections[0]) == (1, 0, 3, 0)


def test_a_dry_run_counts_and_changes_nothing(workspace: Workspace, write: Write) -> None:
    path = write(PEOPLE)
    report = import_file(workspace, path, dry_run=True)
    assert report.dry_run
    assert counts(report.collections[0]) == (2, 0, 0, 0)
    assert workspace.collections() == ()
    import_file(workspace, path)
    report = import_file(workspace, write(PEOPLE + "Cid,4,2022-01-01,1,no\n"), dry_run=True)
    assert counts(report.collections[0]) == (1, 0, 2, 0)
    assert workspace.collection("people").records == 2


def test_a_key_updates_what_differs_and_counts_the_rest(
    workspace: Workspace, write: Write, records: Records
) -> None:
    import_file(workspace, write(PEOPLE))
    changed = PEOPLE.replace("31", "32") + "Cid,4,2022-01-01,00001,no\n"
    report = import_file(workspace, write(changed), key="name")
    assert counts(report.collections[0]) == (1, 1, 1, 0)
    assert [each.get("age") for each in records()] == [32, None, 4]
    assert counts(import_file(workspace, write(changed), key="name").collections[0]) == (0, 0, 3, 0)


def test_with_a_key_a_blank_cell_empties_the_field_and_says_so(
    workspace: Workspace, write: Write, records: Records
) -> None:
    import_file(workspace, write("id,a,b\n1,x,y\n"))
    workspace.add_field("people", "mine", "text")
    workspace.change("people", workspace.table("people").ids().tolist(), {"mine": "kept"})
    report = import_file(workspace, write("id,a,b\n1,,z\n"), key="id")
    assert counts(report.collections[0]) == (0, 1, 0, 0)
    assert records() == [{"id": 1, "b": "z", "mine": "kept"}]
    assert report.warnings == ("1 value was emptied, because the file has a blank cell there.",)


def test_a_key_that_stands_in_the_file_twice_counts_once(
    workspace: Workspace, write: Write
) -> None:
    path = write("id,a\n1,x\n1,y\n2,z\n")
    for expected in ((2, 0, 0, 1), (0, 0, 2, 1)):
        report = import_file(workspace, path, key="id")
        assert counts(report.collections[0]) == expected
        assert "line 3 stands in the file before" in report.warnings[0]


def test_rows_without_a_key_are_told_by_all_their_values(
    workspace: Workspace, write: Write
) -> None:
    path = write("id,a\n,x\n,x\n2,z\n")
    assert counts(import_file(workspace, path, key="id").collections[0]) == (3, 0, 0, 0)
    assert counts(import_file(workspace, path, key="id").collections[0]) == (0, 0, 3, 0)


def test_a_key_that_the_file_has_not_is_refused_in_words(
    workspace: Workspace, write: Write
) -> None:
    with pytest.raises(NoSuchColumnError, match='no column "nmae"') as refused:
        import_file(workspace, write(PEOPLE), key="nmae")
    assert refused.value.hint == 'Did you mean "name"?'
    assert workspace.collections() == ()


def test_a_field_that_is_there_decides_how_its_cells_are_read(
    workspace: Workspace, write: Write, records: Records
) -> None:
    workspace.create_collection(
        "people", [("code", "text"), ("price", "currency"), ("n", "number")]
    )
    report = import_file(workspace, write("code,price,n\n1,2.50,7\n2,3.00,many\n"))
    assert records() == [
        {"code": "1", "price": "2.50", "n": 7},
        {"code": "2", "price": "3.00", "n": "many"},
    ]
    assert report.warnings == (
        '"n" is a field of kind number, and what stands in line 3 is none: it was kept as it is.',
    )
    assert counts(import_file(workspace, write("code,price,n\n1,2.50,7\n2,3.00,many\n")).collections[0]) == (
        0, 0, 2, 0,
    )  # fmt: skip


def test_new_columns_become_new_fields(workspace: Workspace, write: Write) -> None:
    import_file(workspace, write("a\nx\n"))
    import_file(workspace, write("a,b\ny,1\n"))
    assert [(each.slug, each.kind) for each in workspace.collection("people").fields] == [
        ("a", "text"), ("b", "number"),
    ]  # fmt: skip


def test_a_record_edited_since_is_not_overwritten(
    workspace: Workspace, write: Write, records: Records
) -> None:
    path = write("a,b\nx,1\ny,2\n")
    import_file(workspace, path)
    first = workspace.table("people").ids()[0]
    workspace.change("people", [first], {"b": 9})
    assert counts(import_file(workspace, path).collections[0]) == (1, 0, 1, 0)
    assert {"a": "x", "b": 9} in records()


def test_a_collection_is_told_by_name_slug_or_title(workspace: Workspace, write: Write) -> None:
    import_file(workspace, write("a\nx\n"), into="Our People")
    assert workspace.collection("Our People").records == 1
    workspace.rename_collection("Our People", "Staff")
    assert counts(import_file(workspace, write("a\nx\n"), into="Staff").collections[0]) == (
        0,
        0,
        1,
        0,
    )


@pytest.mark.parametrize(
    ("name", "collection"),
    [
        ("stock.csv", "stock"),
        ("stock (1).csv", "stock"),
        ("stock list.tsv", "stock list"),
        ("_hidden.csv", "hidden"),
        ("données.csv", "données"),
        ("2024.05 report.csv", "2024.05 report"),
    ],
)
def test_the_file_names_its_collection(
    workspace: Workspace, write: Write, name: str, collection: str
) -> None:
    assert import_file(workspace, write("a\nx\n", name)).collections[0].name == collection


def test_names_that_cannot_stay_are_given_anew_and_said(workspace: Workspace, write: Write) -> None:
    report = import_file(workspace, write("a,a,,b\x07c\n1,2,3,4\n"))
    fields = [each.slug for each in workspace.collection("people").fields]
    assert fields == ["a", "a 2", "Column 3", "b c"]
    assert '"a 2" (column 2)' in report.warnings[0]


def test_ragged_rows_lose_nothing_and_are_named(
    workspace: Workspace, write: Write, records: Records
) -> None:
    report = import_file(workspace, write("a,b\n1,2,3\n4\n5,6\n"))
    assert records() == [{"a": 1, "b": 2, "Column 3": 3}, {"a": 4}, {"a": 5, "b": 6}]
    assert "more cells than names in line 2" in report.warnings[0]
    assert "fewer cells than names in line 3" in report.warnings[1]


def test_columns_and_rows_with_nothing_in_them_are_left_out(
    workspace: Workspace, write: Write, records: Records
) -> None:
    report = import_file(workspace, write("a,b,,\n1,x,,\n,,,\n2,,,\n"))
    assert [each.slug for each in workspace.collection("people").fields] == ["a", "b"]
    assert records() == [{"a": 1, "b": "x"}, {"a": 2}]
    assert report.collections[0].skipped == 1
    assert report.warnings == ("There is no value at all in line 3: no record was made of it.",)


def test_only_names_make_a_collection_without_records(workspace: Workspace, write: Write) -> None:
    assert counts(import_file(workspace, write("name,age\n")).collections[0]) == (0, 0, 0, 0)
    assert [each.slug for each in workspace.collection("people").fields] == ["name", "age"]


def test_without_a_header_columns_are_numbered(
    workspace: Workspace, write: Write, records: Records
) -> None:
    import_file(workspace, write("1,x\n2,y\n"))
    assert records()[0] == {"Column 1": 1, "Column 2": "x"}


def test_told_delimiter_encoding_and_header_are_believed(
    workspace: Workspace, write: Write, records: Records
) -> None:
    path = write("1/é\n2/à\n".encode("latin-1"))
    import_file(workspace, path, delimiter="/", encoding="latin-1", header=True)
    assert records() == [{"1": 2, "é": "à"}]


def test_days_of_other_forms_are_kept_as_iso(
    workspace: Workspace, write: Write, records: Records
) -> None:
    path = write("day;amount;at\n31.12.2020;1,5;2020-12-31 10:00\n1.2.2021;2;2021-02-01 11:30\n")
    import_file(workspace, path)
    assert records() == [
        {"day": "2020-12-31", "amount": 1.5, "at": "2020-12-31T10:00:00"},
        {"day": "2021-02-01", "amount": 2, "at": "2021-02-01T11:30:00"},
    ]
    assert counts(import_file(workspace, path).collections[0]) == (0, 0, 2, 0)


def test_the_guard_before_formulas_is_taken_off(
    workspace: Workspace, write: Write, records: Records
) -> None:
    import_file(workspace, write("phone,note\n'+49 30,'=1+1\n'+49 40,it's\n"))
    assert records() == [
        {"phone": "+49 30", "note": "=1+1"},
        {"phone": "+49 40", "note": "it's"},
    ]


def test_progress_goes_up_to_the_end_with_an_estimate(workspace: Workspace, write: Write) -> None:
    seen: list[Progress] = []
    path = write("a,b\n" + "".join(f"{number},x{number}\n" for number in range(30_000)))
    import_file(workspace, path, progress=seen.append)
    assert [each.done for each in seen] == sorted(each.done for each in seen)
    assert seen[-1].done == seen[-1].total == path.stat().st_size
    assert seen[-1].rows == 30_000
    assert seen[-1].seconds_left == 0


def test_stopped_at_any_moment_it_leaves_nothing(workspace: Workspace, write: Write) -> None:
    path = write("a,b\n" + "".join(f"{number},x{number}\n" for number in range(5_000)))
    asked = 0

    def count() -> bool:
        nonlocal asked
        asked += 1
        return False

    import_file(workspace, path, into="whole", cancel=count)
    for moment in range(asked):
        left = moment

        def stop() -> bool:
            nonlocal left
            left -= 1
            return left < 0

        with pytest.raises(ImportStoppedError, match="nothing of the file was kept"):
            import_file(workspace, path, into="stopped", cancel=stop)
        assert [each.slug for each in workspace.collections()] == ["whole"]
    assert import_file(workspace, path, into="stopped").collections[0].created == 5_000


def test_a_file_that_changes_meanwhile_is_refused(workspace: Workspace, write: Write) -> None:
    path = write("a,b\n" + "1,2\n" * 3_000)

    def meddle(_: Progress) -> None:
        path.write_text("a,b\n" + "x,y\n" * 3_000)

    with pytest.raises(Exception, match="was changed while it was being read"):
        import_file(workspace, path, progress=meddle)
    assert workspace.collections() == ()
