"""How a CSV file is written is guessed from what its lines agree on."""

from __future__ import annotations

import pytest

from app.exchange.dialect import Dialect, guess, has_header, told_delimiter
from app.exchange.errors import BadDelimiterError


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,25;4\n", ";"),
        ("a\tb\nx, y\tz\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("a^b\n1^2\n", "^"),
        ("name,note\nann,a; b; c\nben,d; e\n", ","),
        ('a,b\n"x;y;z",1\n"p;q;r",2\n', ","),
        ("a,b,c\n1,2,3\n4,5\n6,7,8\n9,10,11\n", ","),
        ("time\n10:30\n11:45\n", "\x1f"),
        ("just one name\nand one value\n", "\x1f"),
        ("sep=;\na,x;b\n1,y;2\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_lines_agree_on(text: str, delimiter: str) -> None:
    assert guess(lines(text)).delimiter == delimiter


def test_the_line_that_names_the_delimiter_is_no_row() -> None:
    assert guess(lines("sep=|\na|b\n")).lines_before == 1


def test_a_told_delimiter_is_believed() -> None:
    assert guess(lines("a;b\n1;2\n"), ",").delimiter == ","
    assert told_delimiter("tab") == "\t"


@pytest.mark.parametrize("told", ["", ";;", '"', "\n"])
def test_a_delimiter_that_is_none_is_refused_in_words(told: str) -> None:
    with pytest.raises(BadDelimiterError, match="one character"):
        told_delimiter(told)


def test_single_quotes_are_recognised_where_they_stand_around_cells() -> None:
    assert guess(lines("'a','b'\n'x,1','y'\n")).quote == "'"
    assert guess(lines("a,b\nit's,here\n")).quote == '"'


def test_a_backslash_escapes_only_where_doubling_does_not_explain_the_quotes() -> None:
    assert guess(lines('a,b\n"say \\"hi\\" now",1\n"x",2\n')).escape == "\\"
    assert guess(lines('a,b\n"[""x\\""""]",1\n')).escape is None
    assert guess(lines('a,b\n"C:\\temp","say \\"hi\\""\n')).escape is None


def test_blanks_after_delimiters_go_only_where_they_follow_every_one() -> None:
    assert guess(lines('a, b\n1, "x, y"\n')).skip_space
    assert not guess(lines("a, b\n1,2\n")).skip_space
    assert not guess(lines('a,b\n1," x"\n')).skip_space


def test_the_delimiter_has_a_name_for_people() -> None:
    assert Dialect(delimiter="\t").delimiter_name == "tab"
    assert Dialect(delimiter=";").delimiter_name == ";"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["name", "age"], ["ann", "31"], ["ben", "27"]], True),
        ([["ann", "31"], ["ben", "27"]], False),
        ([["city", "state"], ["Ames", "IA"], ["Boise", "ID"]], True),
        ([["red", "red"], ["red", "blue"]], False),
        ([["yes", "1"], ["no", "2"]], False),
        ([["country", "2019", "2020"], ["Chad", "11", "12"], ["Mali", "9", "8"]], True),
        ([["day"], ["2020-01-01"], ["2020-01-02"]], True),
        ([["name", "note"]], True),
        ([["1", "2"]], False),
    ],
)
def test_a_header_is_told_from_data(rows: list[list[str]], expected: bool) -> None:
    assert has_header(rows) is expected
