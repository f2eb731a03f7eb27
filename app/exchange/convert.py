"""Cells to the values of a field, a column at a time; what a field does not take is kept and named.

The kinds that were found in the file are turned without asking again. A field that was there before
decides itself, as if the value had been typed; what it refuses is kept as it stands in the file, so
that nothing is lost, and is shown as it is.
"""

from collections.abc import Callable
from typing import Any, Final

from app.errors import FieldValueError
from app.exchange.cells import unguard
from app.exchange.dates import DateForm, moment
from app.exchange.read_csv import Named
from app.exchange.source import Column
from app.exchange.values import ABSENT, as_text, plain
from app.model.fields import is_text
from app.model.schema import Field

_TRUE: Final = frozenset({"true", "yes"})

Convert = Callable[[list[Any], list[int]], list[Any]]


class Converter:
    """Turns the cells of one column into values of one field; `refused` names what was only kept."""

    def __init__(self, field: Field, column: Column, *, texts: bool) -> None:
        self.field = field
        self.refused = Named()
        self._convert = self._for_texts(column) if texts else self._for_values(column)

    def __call__(self, cells: list[Any], numbers: list[int]) -> list[Any]:
        """Values for cells; ABSENT for those that are blank. `numbers` are their lines or records."""
        return self._convert(cells, numbers)

    def _for_texts(self, column: Column) -> Convert:
        found = column.verdict
        if is_text(self.field.kind):
            return _guarded_texts if column.guarded else _plain_texts
        if found.kind == self.field.kind:
            match found.kind:
                case "number":
                    return _comma_numbers if found.comma else _numbers
                case "date" if found.form is not None:
                    return _days(found.form)
                case "datetime":
                    return _moments
                case "checkbox":
                    return _yes_or_no
                case _:
                    pass
        return self._typed

    def _for_values(self, column: Column) -> Convert:
        found = column.verdict
        if is_text(self.field.kind) and not found.whole:
            return lambda cells, _: [as_text(cell) for cell in cells]
        known = found.kind == self.field.kind and found.kind in {"number", "checkbox", "tags"}
        if known or is_text(self.field.kind):
            return lambda cells, _: [
                cell if type(cell) is int or type(cell) is bool else plain(cell) for cell in cells
            ]
        if found.kind == self.field.kind and found.form is not None:
            day = _days(found.form)
            return lambda cells, numbers: _around_nothing(day, cells, numbers)
        return self._given

    def _typed(self, cells: list[Any], numbers: list[int]) -> list[Any]:
        return [
            self._take(unguard(cell), number) if cell else ABSENT
            for cell, number in zip(cells, numbers, strict=True)
        ]

    def _given(self, cells: list[Any], numbers: list[int]) -> list[Any]:
        return [
            cell if cell is None or cell is ABSENT else self._take(plain(cell), number)
            for cell, number in zip(cells, numbers, strict=True)
        ]

    def _take(self, value: Any, number: int) -> Any:
        try:
            return self.field.accept(value)
        except FieldValueError:
            self.refused.add(number)
            return value


def kept(cells: list[Any], _numbers: list[int]) -> list[Any]:
    """Values of our own export: they are as they were."""
    return [plain(cell) for cell in cells]


def _plain_texts(cells: list[str], _: list[int]) -> list[Any]:
    return [cell or ABSENT for cell in cells]


def _guarded_texts(cells: list[str], _: list[int]) -> list[Any]:
    return [unguard(cell) if cell else ABSENT for cell in cells]


def _numbers(cells: list[str], _: list[int]) -> list[Any]:
    return [(float(c) if "." in c else int(c)) if c else ABSENT for c in cells]


def _comma_numbers(cells: list[str], _: list[int]) -> list[Any]:
    return [(float(c.replace(",", ".")) if "," in c else int(c)) if c else ABSENT for c in cells]


def _yes_or_no(cells: list[str], _: list[int]) -> list[Any]:
    return [c.lower() in _TRUE if c else ABSENT for c in cells]


def _moments(cells: list[str], _: list[int]) -> list[Any]:
    return [moment(c) if c else ABSENT for c in cells]


def _days(form: DateForm) -> Convert:
    """Days written one way; each distinct one is worked out once a batch."""

    def convert(cells: list[str], _: list[int]) -> list[Any]:
        days: dict[str, Any] = {cell: form.day(cell) for cell in dict.fromkeys(cells) if cell}
        days[""] = ABSENT
        return [days[cell] for cell in cells]

    return convert


def _around_nothing(convert: Convert, cells: list[Any], numbers: list[int]) -> list[Any]:
    """Convert the texts among JSON's values; null and what is not there stay, "" is nothing."""
    texts = [cell if type(cell) is str else "" for cell in cells]
    return [
        (None if cell == "" else cell) if type(cell) is not str or not cell else value
        for cell, value in zip(cells, convert(texts, numbers), strict=True)
    ]
