"""Exact amounts: what is added to numbers, their sums, and how a sum is shown (`rules.md` 7).

Amounts are rationals with a finite decimal form, which every float and every typed decimal has. So however many are
added, the denominator of a sum stays within `MAX_PLACES` decimal places, and no peer can make a number grow at will.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Final

from storage.crdt.values import ABSENT, Value, is_number
from storage.errors import RefusedValueError

MAX_PLACES: Final = 1200  # the smallest float has 1074
MAX_BITS: Final = 4096  # of the numerator; the largest float has 1024
_SCALE: Final = 10**MAX_PLACES


def exact(value: float | Decimal | Fraction, where: str = "amount") -> Fraction:
    """An amount to add: a float is its binary value, a decimal what was typed. Raises RefusedValueError."""
    if isinstance(value, bool) or (isinstance(value, float | Decimal) and not math.isfinite(value)):
        raise RefusedValueError(where, f"{value!r} is not a number that can be added")
    if isinstance(value, Decimal) and not -MAX_PLACES <= value.adjusted() <= MAX_PLACES:
        raise RefusedValueError(where, "it is too large or too fine to be added")
    amount = Fraction(value)
    if not in_bounds(amount):
        raise RefusedValueError(where, "it is too large or too fine to be added")
    return amount


def in_bounds(amount: Fraction) -> bool:
    """Whether an amount is one that `exact` would give."""
    return _SCALE % amount.denominator == 0 and amount.numerator.bit_length() <= MAX_BITS


def plus(total: Fraction | None, amount: Fraction) -> Fraction:
    """A sum with one amount more; None is the sum of nothing."""
    return amount if total is None else total + amount


def shown(value: Value, total: Fraction | None) -> Value:
    """A value with the additions it did not see, rounded once: as Python would, an int until a fraction joins it.

    On what is no number additions are not shown; on no value at all they count from zero.
    """
    if total is None or not (value is ABSENT or is_number(value)):
        return value
    summed = total if value is ABSENT else Fraction(value) + total
    if type(value) is not float and summed.denominator == 1:
        return summed.numerator
    try:
        return float(summed) + 0.0
    except OverflowError:  # beyond every float: the nearest whole number says it better
        return round(summed)
