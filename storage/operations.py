"""What an unmodified TinyDB operation adds to which number, read back from its closure. Knows TinyDB's inside.

At import one operation of each kind that adds is built and its *code object* learnt, as `query.recover` does for
queries. What it adds is then written as an addition, so that additions of several devices add up. Whatever else is
called on a document, an operation of another TinyDB version or a foreign function, is judged by what it leaves behind,
which costs that and never a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import CodeType
from typing import Any, Final

from tinydb import operations

from storage.crdt.amounts import exact
from storage.crdt.values import is_number
from storage.errors import RefusedValueError
from storage.query.recover import held_names

Fields = Mapping[str, Any] | Callable[[Any], None]


def _code(operation: Any) -> CodeType:
    code: CodeType = operation.__code__
    return code


_SIGNS: Final = {
    _code(operations.increment("x")): 1,
    _code(operations.decrement("x")): -1,
    _code(operations.add("x", 1)): 1,
    _code(operations.subtract("x", 1)): -1,
}


def addition(operation: Any) -> tuple[str, Fraction] | None:
    """The field that an operation adds to, and how much; None for one that does anything else."""
    sign = _SIGNS.get(getattr(operation, "__code__", None))  # type: ignore[arg-type]  # None is no key
    if sign is None:
        return None
    cells = held_names(operation)
    field, amount = cells["field"], cells.get("n", 1)
    if type(field) is not str or type(amount) not in {int, float}:
        return None
    try:
        return field, sign * exact(amount)
    except RefusedValueError:
        return None


class Additions:
    """What was added to the numbers of one document since it was read, step by step."""

    def __init__(self) -> None:
        self.added: dict[str, Fraction] = {}
        self._written: set[str] | None = (
            set()
        )  # fields that have a value of their own since; None: any may

    def note(self, fields: Fields, document: Mapping[Any, Any]) -> None:
        """A step is about to be taken on the document as it is."""
        if not callable(fields):
            self._write(set(fields))
            return
        found = addition(fields)
        if found is None:
            self._written = None
            self.added.clear()
        elif self._written is not None and is_number(document.get(found[0])):
            field, amount = found
            if field not in self._written:
                self.added[field] = self.added.get(field, Fraction(0)) + amount
        else:
            self._write({found[0]})

    def _write(self, fields: set[Any]) -> None:
        if self._written is not None:
            self._written |= fields
        for field in fields & self.added.keys():
            del self.added[field]
