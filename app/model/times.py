"""Dates, times and durations: how they are read from text, checked and shown."""

import calendar
import math
import re
from datetime import datetime
from typing import Final

from app.errors import FieldValueError, quoted
from app.model.numbers import Options

_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DATETIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"
    r" ?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_CLOCK: Final = re.compile(r"([0-9]{1,9}):([0-5][0-9])(?::([0-5][0-9]))?")
_NO_SECONDS: Final = re.compile(r"(?<=^[0-9]{2}:[0-9]{2}):00(?![.0-9])")
_UNITS: Final = re.compile(
    r"(?:([0-9]{1,9})\s*d)?\s*(?:([0-9]{1,9})\s*h)?\s*(?:([0-9]{1,9})\s*m(?:in)?)?\s*(?:([0-9]{1,12})\s*s?)?"
)
_YEARS: Final = range(1, 10_000)
_MONTHS: Final = range(1, 13)


def read_date(text: str, _options: Options) -> str:
    """Read a day of the calendar, written year-month-day, and return it so."""
    bare = text.strip()
    parts = _DATE.fullmatch(bare)
    if not parts:
        raise FieldValueError(
            f"{quoted(text)} is no date: write it as year-month-day, like 2026-01-31."
        )
    year, month, day = (int(part) for part in parts.groups())
    if year not in _YEARS:
        raise FieldValueError(f"{quoted(text)} is no date: there is no year {parts[1]}.")
    if month not in _MONTHS:
        raise FieldValueError(f"{quoted(text)} is no date: there is no month {parts[2]}.")
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        named = f"{calendar.month_name[month]} {year}"
        raise FieldValueError(f"{quoted(text)} is no date: {named} has {days} days.")
    return bare


def read_datetime(text: str, options: Options) -> str:
    """Read a day and time in ISO 8601, with or without an offset, and return it so."""
    bare = text.strip()
    parts = _DATETIME.fullmatch(bare)
    if not parts:
        if _DATE.fullmatch(bare):
            return f"{read_date(bare, options)}T00:00:00"
        raise FieldValueError(
            f"{quoted(text)} is no date and time: write it like 2026-01-31 14:30."
        )
    day, clock, offset = parts.groups()
    read_date(day, options)
    try:
        return datetime.fromisoformat(f"{day}T{clock}{offset or ''}").isoformat()
    except ValueError:
        raise FieldValueError(
            f"{quoted(text)} is no date and time: there is no such time."
        ) from None


def show_datetime(value: object, _options: Options) -> str:
    """Show a day and time with a blank between, and without seconds that are zero."""
    day, _, clock = str(value).partition("T")
    return f"{day} {_NO_SECONDS.sub('', clock)}".rstrip()


def read_duration(text: str, _options: Options) -> int:
    """Read a duration as seconds: `1:30` (hours and minutes), `1:30:05`, `2h 5m`, `90` (seconds)."""
    bare = text.strip().lower()
    if clock := _CLOCK.fullmatch(bare):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return hours * 3600 + minutes * 60 + seconds
    units = _UNITS.fullmatch(bare)
    if not units or not any(units.groups()):
        raise FieldValueError(f"{quoted(text)} is no duration: write it like 1:30, 2h 5m or 90s.")
    days, hours, minutes, seconds = (int(part or 0) for part in units.groups())
    return days * 86_400 + hours * 3600 + minutes * 60 + seconds


def take_duration(value: object, _options: Options) -> int:
    """Check a duration that came as a number of seconds."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value < math.inf
        or value != int(value)
    ):
        raise FieldValueError(f"{quoted(str(value))} is no duration in whole seconds.")
    return int(value)


def show_duration(value: object, _options: Options) -> str:
    """Show seconds as hours and minutes, with seconds where there are some."""
    if not isinstance(value, int) or value < 0:
        return str(value)
    minutes, seconds = divmod(value, 60)
    shown = f"{minutes // 60}:{minutes % 60:02}"
    return f"{shown}:{seconds:02}" if seconds else shown
