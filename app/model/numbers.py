"""Number-like values: how they are read from text, checked and shown.

Numbers are written with a point and without separators of thousands; the reader's locale is the
business of editors. Integers of any size stay integers.
"""

import math
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from app.errors import FieldValueError, quoted

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_EXACT_AS_FLOAT: Final = 1e15  # up to here a float without fraction is shown as a whole number
_USUAL_STARS: Final = 5
_DECIMALS: Final = range(1, 16)

Options = Mapping[str, Any]


def read_number(text: str, _options: Options) -> int | float:
    """Read a whole or a decimal number."""
    bare = text.strip().replace("−", "-")
    if not _NUMBER.fullmatch(bare):
        raise FieldValueError(f"{quoted(text)} is no number{_why_not(bare)}.")
    try:
        number = int(bare) if _WHOLE.fullmatch(bare) else float(bare)
    except ValueError:  # more digits than Python turns into a number
        raise FieldValueError(f"{quoted(text)} has too many digits.") from None
    if number in {math.inf, -math.inf}:
        raise FieldValueError(f"{quoted(text)} is no number that can be kept: it is too large.")
    return number


def take_number(value: object, _options: Options) -> int | float:
    """Check a number that came as one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldValueError(f"{quoted(str(value))} is no number.")
    if isinstance(value, float) and not math.isfinite(value):
        raise FieldValueError(f"{quoted(str(value))} is no number that can be kept.")
    return value


def show_number(value: object, options: Options) -> str:
    """Show a number: with the field's number of decimals, else without a fraction that is zero.

    Digits that the value has beyond those decimals are shown too.
    """
    decimals = options.get("decimals")
    told = type(decimals) is int and decimals in _DECIMALS
    if told and isinstance(value, int | float) and not isinstance(value, bool):
        padded = f"{value:.{decimals}f}"
        if abs(value) < _EXACT_AS_FLOAT and float(padded) == value:
            return padded
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_AS_FLOAT:
        return str(int(value))
    return str(value)


def show_quantity(value: object, options: Options) -> str:
    """Show a number with its unit, if the field has one."""
    return f"{show_number(value, options)} {options.get('unit', '')}".rstrip()


def read_quantity(text: str, options: Options) -> int | float:
    """Read a number, with or without the field's unit."""
    return read_number(_without_ending(text, str(options.get("unit", ""))), options)


def read_percent(text: str, options: Options) -> int | float:
    """Read per cent, with or without the sign: 12.5 % is kept as 12.5."""
    return read_number(_without_ending(text, "%"), options)


def show_percent(value: object, options: Options) -> str:
    """Show per cent with the sign."""
    return f"{show_number(value, options)} %"


def read_currency(text: str, options: Options) -> str:
    """Read an exact decimal amount, with or without the field's currency; digits stay as typed."""
    bare = _without_ending(text, str(options.get("currency", ""))).strip().replace("−", "-")
    if not _NUMBER.fullmatch(bare):
        raise FieldValueError(f"{quoted(text)} is no amount{_why_not(bare)}.")
    return _plain(Decimal(bare))


def take_currency(value: object, options: Options) -> str:
    """Check an amount that came as text or as a number."""
    if isinstance(value, str):
        return read_currency(value, options)
    number = take_number(value, options)
    try:
        return _plain(Decimal(str(number)))
    except (InvalidOperation, ValueError):
        raise FieldValueError(f"{quoted(str(value))} is no amount.") from None


def show_currency(value: object, options: Options) -> str:
    """Show an amount with its currency, if the field has one."""
    return f"{value} {options.get('currency', '')}".rstrip()


def read_rating(text: str, options: Options) -> int:
    """Read a number of stars, typed as a digit or as stars."""
    bare = text.strip()
    if bare and not bare.strip("★☆"):
        return take_rating(bare.count("★"), options)
    return take_rating(read_number(text, options), options)


def take_rating(value: object, options: Options) -> int:
    """Check a number of stars against the most that the field has."""
    most = options.get("max", _USUAL_STARS)
    number = take_number(value, options)
    if number != int(number):
        raise FieldValueError(f"{quoted(str(value))} is no whole number of stars.")
    if not 0 <= number <= most:
        raise FieldValueError(f"{show_number(number, {})} stars is not within 0 to {most}.")
    return int(number)


def _plain(amount: Decimal) -> str:
    if abs(amount.adjusted()) > _MOST_DIGITS:
        raise FieldValueError("An amount has at most a hundred digits.")
    return f"{amount:f}"


_MOST_DIGITS: Final = 100


def _without_ending(text: str, ending: str) -> str:
    bare = text.strip()
    return bare.removesuffix(ending).rstrip() if ending else bare


def _why_not(text: str) -> str:
    if "," in text and _NUMBER.fullmatch(text.replace(",", "")):
        return ": write the decimal sign as a point, and thousands without commas"
    return ""
