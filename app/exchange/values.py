"""What a column of JSON values is, and values as a record keeps them.

JSON says itself what is a number, a text, yes or no: that is believed. Only days and times are texts in
JSON, and are recognised as in a column of texts. Values of unlike kinds make a column of text, each with
its exact characters; lists and objects are kept whole.
"""

from typing import Any, Final

from app.exchange.cells import int_text
from app.exchange.infer import TextColumn, Verdict
from app.exchange.json_cursor import NumberText


class Absent:
    """Stands for a value that is not there (JSON's null is there, and nothing)."""

    __slots__ = ()


ABSENT: Final = Absent()
_NOTHING: Final = frozenset({Absent, type(None)})
_NUMBERS: Final = frozenset({int, float, NumberText})
_NESTED: Final = frozenset({list, dict})


class ValueColumn:
    """All values of one name, seen batch by batch."""

    def __init__(self, name: str) -> None:
        self._texts = TextColumn(name, texts_only=True)
        self._types: set[type] = set()
        self._inexact: tuple[str, int] | None = None
        self._tags = True
        self._first: dict[type, int] = {}
        self.not_numbers = 0
        self.guarded = 0

    def feed(self, cells: list[Any], numbers: list[int]) -> None:
        """Look at more values, each with the number of its record."""
        types = set(map(type, cells))
        for new in types - self._types - _NOTHING:
            self._first[new] = next(
                number for cell, number in zip(cells, numbers, strict=True) if type(cell) is new
            )
        self._types |= types
        if str in types:
            self._texts.feed([cell if type(cell) is str else "" for cell in cells], numbers)
        if float in types:
            self.not_numbers += sum(1 for cell in cells if cell != cell)  # noqa: PLR0124 - NaN alone is not itself
        if list in types:
            self._tags = self._tags and all(map(_are_tags, (c for c in cells if type(c) is list)))
        if NumberText in types and self._inexact is None:
            for cell, number in zip(cells, numbers, strict=True):
                if type(cell) is NumberText and cell.exact is None:
                    self._inexact = (cell, number)
                    break

    def verdict(self) -> Verdict:
        """What the column is, by all that was seen."""
        types = frozenset(self._types - _NOTHING)
        if not types:
            return Verdict("text", "no value")
        if types == {bool}:
            return Verdict("checkbox", "only true and false")
        if types <= _NUMBERS:
            if self._inexact is None:
                return Verdict("number", "every value is a number")
            value, number = self._inexact
            return Verdict(
                "text", f"more digits than a number keeps ({value[:40]}, record {number})"
            )
        if types == {str}:
            return self._texts.verdict()
        if types == {list} and self._tags:
            return Verdict("tags", "lists of words")
        if types & _NESTED:
            return Verdict("text", "lists and objects, kept whole", whole=True)
        last = max(self._first.values())
        return Verdict("text", f"values of unlike kinds (another from record {last} on)")


def _are_tags(items: list[Any]) -> bool:
    """Whether a list is a set of words as the field kind keeps it."""
    return all(
        type(item) is str and item and item == item.strip() and "\n" not in item for item in items
    ) and len(set(items)) == len(items)


def plain(value: Any) -> Any:
    """A value as a record keeps it: plain JSON, what is not a number is nothing."""
    if type(value) is NumberText:
        exact = value.exact
        return str(value) if exact is None else exact
    if type(value) is float:
        return value if value == value else None  # noqa: PLR0124 - NaN alone is not itself
    if type(value) is dict:
        return {name: plain(item) for name, item in value.items()}
    if type(value) is list:
        return [plain(item) for item in value]
    return value


def as_text(value: Any) -> Any:
    """A single value as text with its exact characters; lists and objects as they are."""
    if type(value) is str or value is None or value is ABSENT:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        return int_text(value)
    if type(value) is NumberText:
        return str(value)
    if type(value) is float:
        return repr(value) if value == value else None  # noqa: PLR0124 - NaN alone is not itself
    return plain(value)
