"""Rows of a CSV file: every one is given or named, and a quote spoils no more than its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.exchange import limits, read_csv, text
from app.exchange.dialect import Dialect
from app.exchange.encoding import detect
from app.exchange.errors import TooManyColumnsError
from app.exchange.read_csv import CsvReader, Trouble, loose_cells, quote_state
from app.exchange.text import TextFile

Write = Callable[..., Path]


def read(path: Path, dialect: Dialect | None = None) -> tuple[list[list[str]], list[int], Trouble]:
    reader = CsvReader(TextFile(path, detect(path)), dialect or Dialect())
    batches = list(reader.batches())
    rows = [row for batch in batches for row in batch.rows]
    return rows, [line for batch in batches for line in batch.lines], reader.trouble


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test reaches with little data."""
    for module in (limits, read_csv, text):
        monkeypatch.setattr(module, "MAX_RECORD_CHARS", 1_000)
    monkeypatch.setattr(text, "READ_BYTES", 64)
    monkeypatch.setattr(read_csv, "_LOOK_AHEAD_CHARS", 16_000)


def test_line_ends_of_all_kinds_mixed_end_a_line(write: Write) -> None:
    rows, lines, _ = read(write("a,b\r\n1,2\r3,4\n5,6"))
    assert rows == [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]]
    assert lines == [1, 2, 3, 4]


def test_line_ends_within_quotes_belong_to_the_cell(write: Write) -> None:
    rows, lines, trouble = read(write('a,b\n1,"x\r\ny\nz"\n2,w\n'))
    assert rows == [["a", "b"], ["1", "x\r\ny\nz"], ["2", "w"]]
    assert lines == [1, 2, 5]
    assert trouble == Trouble()


def test_blank_lines_are_no_rows_and_are_counted(write: Write) -> None:
    assert read(write("a\n\n\n1\n"))[:2] == ([["a"], ["1"]], [1, 4])


def test_an_unclosed_quote_spoils_its_line_only(write: Write) -> None:
    rows, _, trouble = read(write('a,b,c\n1,"open,2\n3,4,5\n6,7,8\n'))
    assert rows[1:] == [["1", '"open', "2"], ["3", "4", "5"], ["6", "7", "8"]]
    assert trouble.open_quotes.lines == [2]


def test_an_unclosed_quote_does_not_swallow_up_to_the_next_quoted_cell(write: Write) -> None:
    rows, _, trouble = read(write('a,b,c\n1,"open,2\n3,"d",5\n"e",7,8\n'))
    assert rows[1:] == [["1", '"open', "2"], ["3", "d", "5"], ["e", "7", "8"]]
    assert trouble.open_quotes.lines == [2]


def test_quotes_inside_a_quoted_cell_are_kept(write: Write) -> None:
    rows, _, trouble = read(write('a,b\n1,"say "hi" now"\n"5" pipe",2\n'))
    assert rows[1:] == [["1", 'say "hi" now'], ['5" pipe', "2"]]
    assert trouble.odd_quotes.lines == [2, 3]


def test_lines_that_look_like_rows_inside_a_cell_are_named(write: Write) -> None:
    rows, _, trouble = read(write('a,b,c\n1,"open,2\n3,4,5\n6,7,8\n9,close",x\n'))
    assert rows[1] == ["1", "open,2\n3,4,5\n6,7,8\n9,close", "x"]
    assert trouble.rows_inside.lines == [2]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "large",
    [
        "x" * 5_000,
        '"' + "x" * 5_000 + '"',
        '"' + "x" * 2_000 + "\n\n" + "y" * 3_000 + '"',
        '"' + "line\n" * 1_000 + '"',
    ],
)
def test_a_row_that_is_too_large_is_skipped_and_named(write: Write, large: str) -> None:
    rows, _, trouble = read(write(f"a,b\n1,2\n3,{large}\n5,6\n"))
    assert rows == [["a", "b"], ["1", "2"], ["5", "6"]]
    assert trouble.too_large.lines == [3]
    assert trouble.skipped == 1


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
def test_an_unclosed_quote_before_much_text_swallows_nothing(write: Write, codec: str) -> None:
    below = "".join(f"{number},é\n" for number in range(2_000))
    rows, lines, trouble = read(write(f'a,b\n1,é\n2,"open\n{below}'.encode(codec)))
    assert rows[2] == ["2", '"open']
    assert rows[3:] == [[str(number), "é"] for number in range(2_000)]
    assert lines[3:] == list(range(4, 2_004))
    assert trouble.open_quotes.lines == [3]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("second", ['8,"again', '8,5"', '8,"d"', '"8",e'])
def test_two_quotes_far_apart_do_not_swallow_what_is_between(write: Write, second: str) -> None:
    between = "".join(f"{number},x\n" for number in range(1_000))
    rows, _, trouble = read(write(f'a,b\n1,"open\n{between}{second}\n{between}'))
    assert len(rows) == 2_003
    assert rows[1] == ["1", '"open']
    assert trouble.open_quotes.lines[0] == 2
    assert trouble.skipped == 0


@pytest.mark.parametrize(
    ("line", "inside", "ends_inside"),
    [
        ("a,b", False, False),
        ('a,"b', False, True),
        ('a,"b"', False, False),
        ('a,"b""', False, True),
        ('a,"b"c', False, None),
        ('b",c,"d', True, True),
        ('b"', True, False),
        ('b"c', True, None),
        ('a"b,c', False, False),
        ("plain", True, True),
    ],
)
def test_whether_a_line_ends_within_quotes(
    line: str, inside: bool, ends_inside: bool | None
) -> None:
    assert quote_state(line + "\r\n", Dialect(), inside=inside) is ends_inside


@pytest.mark.usefixtures("small")
def test_an_open_quote_in_a_line_that_is_too_long_swallows_nothing(write: Write) -> None:
    rows, _, trouble = read(write('"' + "x" * 5_000 + "\n1,2\n3,4\n"))
    assert rows == [["1", "2"], ["3", "4"]]
    assert trouble.too_large.lines == [1]


def test_a_million_columns_are_refused_in_words(write: Write) -> None:
    path = write(",".join(f"c{number}" for number in range(1_000_000)) + "\n")
    with pytest.raises(TooManyColumnsError, match=r"1,000,000 columns.*2,000 fields") as refused:
        read(path)
    assert refused.value.columns == 1_000_000


def test_a_later_row_with_too_many_cells_is_skipped_and_named(write: Write) -> None:
    rows, _, trouble = read(write("a,b\n" + "," * 5_000 + "\n1,2\n"))
    assert rows == [["a", "b"], ["1", "2"]]
    assert trouble.too_wide.lines == [2]


def test_a_line_before_the_first_row_is_passed_over(write: Write) -> None:
    path = write("sep=;\na;b\n1;2\n")
    assert read(path, Dialect(delimiter=";", lines_before=1))[:2] == (
        [["a", "b"], ["1", "2"]],
        [2, 3],
    )


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('"a"b",c', ['a"b', "c"]),
        ('a,"b""c"d",e', ["a", 'b"c"d', "e"]),
        ('"",x', ["", "x"]),
        ('"open,x', None),
        ('a,"b"\r\n', ["a", "b"]),
    ],
)
def test_a_quote_closes_before_a_delimiter_only(line: str, cells: list[str] | None) -> None:
    assert loose_cells(line, Dialect()) == cells
