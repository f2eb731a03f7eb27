"""Exact amounts, and how sums are shown."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from storage.crdt.amounts import exact, in_bounds, plus, shown
from storage.crdt.values import ABSENT
from storage.errors import RefusedValueError


def test_a_float_is_its_binary_value_and_a_decimal_what_was_typed() -> None:
    assert exact(0.1) != Fraction(1, 10)
    assert exact(Decimal("0.1")) == Fraction(1, 10)
    assert exact(5e-324) == Fraction(5e-324)
    assert exact(7) == 7


@pytest.mark.parametrize(
    "value",
    [
        *(True, float("nan"), float("inf"), Decimal("NaN"), Decimal("1e99999999999")),
        *(Decimal("1e-99999999"), Fraction(1, 3), 1 << 5000, Decimal("1e-1300")),
    ],
    ids=str,
)
def test_what_cannot_be_added_is_refused(value: Any) -> None:
    with pytest.raises(RefusedValueError):
        exact(value)


def test_sums_of_amounts_in_bounds_have_a_bounded_denominator() -> None:
    total = Fraction(0)
    for amount in (exact(5e-324), exact(Decimal("1e-1200")), exact(0.3)):
        total = plus(total, amount)
    assert (10**1200) % total.denominator == 0
    assert not in_bounds(Fraction(1, 7))


@pytest.mark.parametrize(
    ("value", "total", "wanted"),
    [
        (5, None, 5),
        (5, Fraction(2), 7),
        (5, Fraction(1, 2), 5.5),
        (5.0, Fraction(2), 7.0),
        (0.1, Fraction(1, 10), 0.2),
        (ABSENT, Fraction(3), 3),
        (ABSENT, Fraction(1, 4), 0.25),
        (ABSENT, None, ABSENT),
        ("five", Fraction(2), "five"),
        (True, Fraction(2), True),
        (1 << 80, Fraction(1), (1 << 80) + 1),
        (1.7e308, Fraction(1.7e308), int(1.7e308) * 2),
        (-0.5, Fraction(1, 2), 0.0),
    ],
)
def test_a_sum_is_rounded_once_and_an_int_stays_one(
    value: Any, total: Fraction | None, wanted: Any
) -> None:
    found = shown(value, total)
    assert found == wanted
    assert type(found) is type(wanted)
    assert str(found) == str(wanted)


def test_a_hundred_tenths_are_ten() -> None:
    total: Fraction | None = None
    for _ in range(100):
        total = plus(total, exact(Decimal("0.1")))
    assert shown(0, total) == 10
