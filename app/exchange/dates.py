"""Days and times as people write them: recognised for a whole column, only where one reading fits all.

`2026-01-31` needs no proof. `31.01.2026` is read day first, as everywhere where points are used. With
strokes or dashes the order must show itself: `1/31/2026` proves month first for its whole column.
Years have four digits. Months may be English names.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june",
            "jul july", "aug august", "sep sept september", "oct october", "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_NAME: Final = r"([A-Za-z]{3,9})\.?"
_DAY: Final = r"([0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR: Final = r"([0-9]{4})"


@dataclass(frozen=True)
class DateForm:
    """One way to write a day: its pattern, and which group is year, month and day."""

    shown: str
    pattern: re.Pattern[str]
    order: tuple[int, int, int]

    def day(self, text: str) -> str | None:
        """`text` as year-month-day, "" if there is no such day, None if it is written otherwise."""
        found = self.pattern.fullmatch(text)
        if not found:
            return None
        year, month, day = (found[at] for at in self.order)
        number = int(month) if month.isdecimal() else _MONTHS.get(month.lower(), 0)
        if not number and not month.isdecimal():
            return None
        try:
            return date(int(year), number, int(day)).isoformat()
        except ValueError:
            return ""


def _form(shown: str, pattern: str, order: tuple[int, int, int]) -> DateForm:
    return DateForm(shown, re.compile(pattern), order)


FORMS: Final = (
    _form("year-month-day", r"([0-9]{4})-([0-9]{2})-([0-9]{2})", (1, 2, 3)),
    _form("year/month/day", r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})", (1, 2, 3)),
    _form("day.month.year", r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", (3, 2, 1)),
    _form("day/month/year", r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", (3, 2, 1)),
    _form("month/day/year", r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", (3, 1, 2)),
    _form("day-month-year", r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})", (3, 2, 1)),
    _form("month-day-year", r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})", (3, 1, 2)),
    _form("month day year", rf"{_NAME} {_DAY},? {_YEAR}", (3, 1, 2)),
    _form("day month year", rf"{_DAY}[ -]{_NAME}[ -]{_YEAR}", (3, 2, 1)),
)
_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ])([0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def moment(text: str) -> str | None:
    """ISO 8601 day and time as kept, "" if there is no such time, None if it is written otherwise."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return ""


@dataclass
class DateColumn:
    """Which forms still fit every value of a column, and the values that are no day in them."""

    forms: tuple[DateForm, ...] = FORMS
    impossible: dict[str, tuple[str, int]] = field(default_factory=dict)  # form → (first, how many)

    def feed(self, values: Iterable[str]) -> str | None:
        """Look at more values; the first that no form fits ends it and is returned."""
        for value in values:
            still: list[DateForm] = []
            for form in self.forms:
                day = form.day(value)
                if day is None:
                    continue
                still.append(form)
                if not day:
                    first, count = self.impossible.get(form.shown, (value, 0))
                    self.impossible[form.shown] = (first, count + 1)
            if not still:
                return value
            if len(still) < len(self.forms):
                self.forms = tuple(still)
        return None

    def verdict(self) -> DateForm | None:
        """The one form in which every value is a day."""
        fit = [form for form in self.forms if form.shown not in self.impossible]
        return fit[0] if len(fit) == 1 else None

    def no_such_day(self) -> str | None:
        """A value that is written as the column's days are, and is no day."""
        wrong = [self.impossible.get(form.shown) for form in self.forms]
        counted = [each for each in wrong if each is not None]
        if len(counted) < len(wrong):
            return None  # a form fits, or several do: nothing is wrong
        return min(counted, key=lambda each: each[1])[0]
