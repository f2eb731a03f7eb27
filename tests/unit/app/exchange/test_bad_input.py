"""Bad files: each is refused or taken in with one clear sentence, and nothing is lost."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.exchange.errors import (
    ExchangeError,
    NothingToImportError,
    TooManyColumnsError,
    UnknownFormatError,
    UnreadableFileError,
)
from app.exchange.preview import preview
from app.exchange.run import import_file
from app.workspace import Workspace

Write = Callable[..., Path]
Records = Callable[..., list[dict[str, Any]]]
MEGA = 1_000_000


def test_a_million_columns(workspace: Workspace, write: Write) -> None:
    with pytest.raises(TooManyColumnsError) as refused:
        import_file(workspace, write(",".join("abc" for _ in range(MEGA)) + "\n"))
    assert str(refused.value) == (
        "Line 1 has 1,000,000 columns, and a collection can have no more than 2,000 fields. Nothing was imported."
    )
    assert refused.value.hint
    assert workspace.collections() == ()


def test_a_million_names_in_json(workspace: Workspace, write: Write) -> None:
    objects = ",".join(f'{{"n{number}": 1}}' for number in range(3_000))
    with pytest.raises(TooManyColumnsError, match=r"^The file has 3,000 columns, and a collection"):
        import_file(workspace, write(f"[{objects}]", "x.json"))
    assert workspace.collections() == ()


def test_an_unclosed_quote(workspace: Workspace, write: Write, records: Records) -> None:
    rows = "".join(f"{number},word\n" for number in range(3_000))
    report = import_file(workspace, write(f'id,note\n-1,"open\n{rows}'))
    assert len(records()) == 3_001
    assert records()[0] == {"id": -1, "note": '"open'}
    assert report.warnings == (
        (
            "A quote opens in line 2 and never closes: it was taken as an ordinary sign, and the line was cut "
            "at its delimiters. Nothing was left out."
        ),
    )


def test_mixed_encodings(workspace: Workspace, write: Write, records: Records) -> None:
    lines = [b"name\n", "Zoë\n".encode(), "Jörg\n".encode("cp1252"), "Ana María\n".encode()]
    report = import_file(workspace, write(b"".join(lines)))
    assert [each["name"] for each in records()] == ["Zoë", "Jörg", "Ana María"]
    assert report.warnings == (
        "Some bytes in line 3 are not utf-8: each was kept as the letter that Windows has for it.",
    )


def test_lines_with_bytes_of_another_encoding_are_counted_once_each(
    workspace: Workspace, write: Write
) -> None:
    good, bad = "Zoë Åse Ørsted Ærø\n".encode(), "Jörg Müller\n".encode("cp1252")
    report = import_file(workspace, write(b"name\n" + (good * 2 + bad) * 5))
    assert report.warnings == (
        "Some bytes in lines 4, 7, 10 and 2 more are not utf-8: each was kept as the letter that Windows has for it.",
    )
    report = import_file(workspace, write(b"name\n" + good * 2 + bad, "one.csv"))
    assert report.warnings[0].startswith("Some bytes in line 4 are not")


def test_lines_of_utf8_among_those_of_another_encoding_are_named(
    workspace: Workspace, write: Write
) -> None:
    good, bad = "Zoë\n".encode(), "Jörg Müller\n".encode("cp1252")
    report = import_file(workspace, write(b"name\n" + bad * 8 + good + bad * 20 + good))
    assert report.warnings == (
        (
            "The file does not say its encoding; it was read as cp1252. If letters look wrong, tell the encoding and "
            "import it again."
        ),
        (
            "The letters in lines 10 and 31 look like utf-8, unlike the others: if they come out wrong there, the file "
            "was put together from two. Every byte was kept."
        ),
    )


@pytest.mark.parametrize(("name", "content"), [
    ("x.csv", b'id,note\n1,"' + b"x" * 50 * MEGA + b'"\n2,y\n'),
    ("x.csv", b'id,note\n1,"' + (b"x" * 999 + b"\n") * 50_000 + b'"\n2,y\n'),
    ("x.json", b'[{"id":1,"note":"' + b"x" * 50 * MEGA + b'"},{"id":2,"note":"y"}]'),
], ids=["one line", "many lines", "json"])  # fmt: skip
def test_a_cell_of_50_mb(
    workspace: Workspace, write: Write, records: Records, name: str, content: bytes
) -> None:
    path = write(content, name)
    del content
    tracemalloc.start()
    report = import_file(workspace, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert records("x") == [{"id": 2, "note": "y"}]
    assert report.collections[0].skipped == 1
    assert "is larger than 8 million signs" in report.warnings[0]
    assert peak < 60 * MEGA


def test_zero_bytes(workspace: Workspace, write: Write, records: Records) -> None:
    report = import_file(workspace, write(b"id,note\n1,a\0b\n2,\0\n"))
    assert records() == [{"id": 1, "note": "a\0b"}, {"id": 2, "note": "\0"}]
    assert report.warnings == ("There are zero bytes in lines 2 and 3: they were kept.",)


@pytest.mark.parametrize(("name", "content"), [
    ("people.json", b'[{"a": "x\\ud800y"}]'),
    ("people.csv", "a\nx\ud800y\n".encode("utf-8", "surrogatepass")),
])  # fmt: skip
def test_lone_surrogates(
    workspace: Workspace, write: Write, records: Records, name: str, content: bytes
) -> None:
    path = write(content, name)
    import_file(workspace, path)
    assert records() == [{"a": "x\ud800y"}]
    assert import_file(workspace, path).collections[0].unchanged == 1


def test_integers_over_64_bit(workspace: Workspace, write: Write, records: Records) -> None:
    big = 2**64 + 1
    path = write(f'[{{"n": {big}}}, {{"n": -{10**400}}}]', "people.json")
    import_file(workspace, path)
    assert records() == [{"n": big}, {"n": -(10**400)}]
    assert import_file(workspace, path).collections[0].unchanged == 2
    import_file(workspace, write(f"n\n{big}\n", "csv.csv"))
    assert records("csv") == [{"n": str(big)}]


def test_more_digits_than_python_reads_at_once(
    workspace: Workspace, write: Write, records: Records
) -> None:
    digits = "7" * 5_000
    import_file(workspace, write(f'[{{"n": {digits}}}]', "people.json"))
    assert records() == [{"n": digits}]


@pytest.mark.parametrize(("name", "content"), [
    ("people.csv", "day\n2021-01-31\n2021-02-31\n"),
    ("people.json", '[{"day": "2021-01-31"}, {"day": "2021-02-31"}]'),
])  # fmt: skip
def test_a_date_of_31_february(
    workspace: Workspace, write: Write, records: Records, name: str, content: str
) -> None:
    report = import_file(workspace, write(content, name))
    assert records() == [{"day": "2021-01-31"}, {"day": "2021-02-31"}]
    assert workspace.collection("people").field("day").kind == "text"
    where = "line 3" if name.endswith("csv") else "record 2"
    assert report.warnings == (f'"day" stays text: there is no "2021-02-31" ({where}).',)


def test_deep_nesting(workspace: Workspace, write: Write) -> None:
    for depth in (100, 100_000):
        with pytest.raises(ExchangeError, match="nested"):
            import_file(workspace, write('[{"a": ' + "[" * depth + "]" * depth + "}]", "x.json"))
    assert workspace.collections() == ()


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", ",,\n"])
def test_an_empty_file(workspace: Workspace, write: Write, content: str) -> None:
    with pytest.raises(NothingToImportError, match="nothing was imported"):
        import_file(workspace, write(content))


@pytest.mark.parametrize(
    "begin", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"SQLite format 3\0", b"%PDF-1.7", b"\x1f\x8b"]
)
def test_a_file_of_another_format_is_refused_in_words(
    workspace: Workspace, write: Write, begin: bytes
) -> None:
    with pytest.raises(UnknownFormatError, match="reads CSV and JSON") as refused:
        import_file(workspace, write(begin + b"rest"))
    assert refused.value.hint


def test_a_name_that_does_not_say_what_the_file_is_is_named(
    workspace: Workspace, write: Write, records: Records
) -> None:
    content = "a;b\n1;ä\n"
    for encoding in ("utf-8", "utf-16", "utf-16-le", "utf-32"):
        path = write(content.encode(encoding), f"{encoding}.dat")
        (said,) = [
            each for each in import_file(workspace, path).warnings if "was read as CSV" in each
        ]
        assert f'The name "{encoding}.dat" does not say' in said
        assert said in preview(path).warnings
        assert records(path.name) == [{"a": 1, "b": "ä"}]
    assert import_file(workspace, write(content, "told.dat"), format="csv").warnings == ()
    assert import_file(workspace, write('[{"a": 1}]', "json.dat")).warnings == ()


@pytest.mark.parametrize("content", [bytes(range(256)) * 9, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_a_file_that_holds_no_text_is_refused_unless_it_is_told_to_be_one(
    workspace: Workspace, write: Write, content: bytes
) -> None:
    with pytest.raises(UnknownFormatError, match="Nothing was imported") as refused:
        import_file(workspace, write(content, "data.bin"))
    assert refused.value.hint
    assert workspace.collections() == ()


def test_names_without_rows_are_said_to_bring_no_record(workspace: Workspace, write: Write) -> None:
    report = import_file(workspace, write("code,name\n"))
    assert report.warnings == (
        "There are names in the file and no row below them: it brings fields, and no record.",
    )
    assert import_file(workspace, write("code,name\n007,Bolt\n")).warnings == ()


@pytest.mark.parametrize("content", ["", "[]", "{}", "[{}, {}]", "\n"])
def test_a_json_file_without_a_value_is_refused(
    workspace: Workspace, write: Write, content: str
) -> None:
    with pytest.raises(NothingToImportError, match="nothing was imported"):
        import_file(workspace, write(content, "x.json"))
    assert workspace.collections() == ()


def test_a_missing_file_and_a_folder_are_refused_in_words(
    workspace: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableFileError, match="There is no file"):
        import_file(workspace, tmp_path / "none.csv")
    with pytest.raises(UnreadableFileError, match="is a folder"):
        import_file(workspace, tmp_path)


def test_a_format_that_is_not_known_is_refused_in_words(workspace: Workspace, write: Write) -> None:
    with pytest.raises(UnknownFormatError, match='"xml" is not known'):
        import_file(workspace, write("a\n"), format="xml")


def test_noise_never_crashes(workspace: Workspace, write: Write, dice: Any) -> None:
    for turn in range(150):
        noise = bytes(
            dice.choice(b'\0,;"\n\r\t{}[]:\\x1\xff\xc3\xa9\xed\xa0')
            for _ in range(dice.randrange(300))
        )
        for name in ("x.csv", "x.json"):
            try:
                import_file(workspace, write(noise, name), into=f"noise {turn} {name[-3:]}")
            except ExchangeError as error:
                assert str(error)  # noqa: PT017 - any of them will do
