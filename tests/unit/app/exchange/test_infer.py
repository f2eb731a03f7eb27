"""What a column becomes: a kind only where every value says so."""

from __future__ import annotations

import pytest

from app.exchange.infer import TextColumn, Verdict


def judge(values: list[str], name: str = "x", *, decimals: bool = False) -> Verdict:
    column = TextColumn(name, comma_decimals=decimals)
    for at, value in enumerate(values):  # a value a batch: verdicts must not depend on batches
        column.feed([value], [at + 2])
    together = TextColumn(name, comma_decimals=decimals)
    together.feed(values, list(range(2, len(values) + 2)))
    assert column.verdict() == together.verdict()
    return together.verdict()


@pytest.mark.parametrize(
    "values",
    [
        ["1", "-2", "", "300"],
        ["40.922326", "-72.637078", "3"],
        ["0.0", "12.8"],
        ["0.1", "0.30000000000000004"],
        ["1.50", "2.25", "3.00"],
        ["123456789012345"],
    ],
)
def test_numbers_that_show_again_as_they_stood_are_numbers(values: list[str]) -> None:
    assert judge(values).kind == "number"


@pytest.mark.parametrize(
    "values",
    [
        ["00501", "12345"],
        ["1234567890123456", "1"],
        ["+49301234", "5"],
        ["1e5", "2"],
        ["12E3"],
        ["1.50", "2.5"],
        ["1,234", "5"],
        ["-0"],
        ["1.", "2"],
        [".5"],
        [" 1", "2"],
        ["٣", "1"],
        ["NaN", "1"],
        ["inf"],
        ["0x10"],
        ["1_000"],
        ["12 %"],
        ["$5"],
        ["0.1234567890123456789"],
        ["1776", "The Patriot"],
        ["None", "1"],
    ],
)
def test_what_a_number_would_change_stays_text(values: list[str]) -> None:
    assert judge(values).kind == "text"


def test_places_that_are_all_alike_are_remembered() -> None:
    assert judge(["1.50", "2.25", "3.00"]).options == {"decimals": 2}
    assert judge(["0.0", "12.8"]).options == {"decimals": 1}
    assert judge(["1.5", "2.25"]).options == {}
    assert judge(["1", "2"]).options == {}


@pytest.mark.parametrize(
    "name", ["phone", "Phone Number", "homePhone", "zip_code", "PLZ", "Tel.", "ISBN"]
)
def test_numbers_under_the_name_of_a_code_stay_text(name: str) -> None:
    assert judge(["5551234", "5551235"], name).kind == "text"


@pytest.mark.parametrize("name", ["telling", "zipper length", "accounts payable"])
def test_a_name_that_only_resembles_one_of_a_code_does_not_matter(name: str) -> None:
    assert judge(["1", "2"], name).kind == "number"


@pytest.mark.parametrize(
    ("values", "comma"),
    [
        (["1,5", "2"], True),
        (["0,125", "3,250"], True),
        (["1,500", "2,250"], False),
        (["1,5", "2.5"], False),
    ],
)
def test_a_decimal_comma_must_be_proved(values: list[str], comma: bool) -> None:
    found = judge(values, decimals=True)
    assert (found.kind == "number" and found.comma) is comma


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["2020-01-31", "", "1999-12-01"], "year-month-day"),
        (["31.12.2020", "1.2.2021"], "day.month.year"),
        (["1/31/2020", "2/1/2020"], "month/day/year"),
        (["31/1/2020", "1/2/2020"], "day/month/year"),
        (["2020/1/31"], "year/month/day"),
        (["Jun 12 1998", "Nov 03 1977"], "month day year"),
        (["12 June 1998", "3 May 2001"], "day month year"),
        (["12-Jun-1998"], "day month year"),
        (["June 1st, 1998"], "month day year"),
    ],
)
def test_days_written_one_way_are_dates(values: list[str], form: str) -> None:
    found = judge(values)
    assert found.kind == "date"
    assert found.form is not None
    assert found.form.shown == form


@pytest.mark.parametrize(
    "values",
    [
        ["1/2/2020", "3/4/2020"],
        ["2020-01-31", "31.1.2020"],
        ["2020-01-31", "soon"],
        ["31.12.20"],
        ["20200131", "x"],
        ["Foo 12 1998"],
    ],
)
def test_days_that_can_be_read_in_two_ways_or_none_stay_text(values: list[str]) -> None:
    found = judge(values)
    assert found.kind == "text"
    assert found.warning is None


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        (["2020-01-31", "2021-02-31"], ("2021-02-31", 3)),
        (["30/02/2020", "31/01/2020", "14/03/2020"], ("30/02/2020", 2)),
        (["Feb 31 1998"], ("Feb 31 1998", 2)),
        (["2020-01-01 10:00", "2020-02-30 10:00"], ("2020-02-30 10:00", 3)),
    ],
)
def test_a_day_that_is_not_in_the_calendar_keeps_the_column_text_and_is_named(
    values: list[str], wrong: tuple[str, int]
) -> None:
    found = judge(values)
    assert (found.kind, found.warning) == ("text", wrong)


def test_days_with_times_of_one_form_are_date_times() -> None:
    assert judge(["2020-01-01 10:00", "2020-12-31 23:59"]).kind == "datetime"
    assert judge(["2020-01-01T10:00:00Z"]).kind == "datetime"
    assert judge(["2020-01-01 10:00", "2020-01-01T10:00:00Z"]).kind == "text"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["yes", "no", ""], "checkbox"),
        (["TRUE", "FALSE"], "checkbox"),
        (["true"], "checkbox"),
        (["No", "No"], "text"),
        (["yes", "No"], "text"),
        (["y", "n"], "text"),
        (["yes", "no", "maybe"], "text"),
    ],
)
def test_yes_and_no_are_one_pair_of_words(values: list[str], kind: str) -> None:
    assert judge(values).kind == kind


def test_a_cell_marked_as_text_makes_its_column_text() -> None:
    assert judge(["3", "'-5"]).kind == "text"


def test_long_texts_are_long_text() -> None:
    assert judge(["x" * 300]).kind == "longtext"
    assert judge(["two\nlines", "one"]).kind == "longtext"


def test_the_reason_names_the_value_that_decided() -> None:
    assert judge(["12", "007", "5"]).reason == 'a leading zero ("007", line 3)'
    assert "more digits" in judge(["12345678901234567890"]).reason
    assert judge(["", ""]).reason == "no value"
