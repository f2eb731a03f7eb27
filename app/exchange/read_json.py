"""Records of a JSON file, streamed in the order of the file.

| shape | what it holds |
| --- | --- |
| `[{…}, {…}]` | records of one collection; an item that is no object becomes the field "value" |
| `{"a": [{…}], "b": [{…}]}` | a collection per name; what is no list of objects is named and left out |
| `{…}` newline `{…}` | records of one collection, an object a line (NDJSON) |
| `{…}` | one record |
| `{"format": "commonhold", …}` | our own export: collections with schema, records with ids |
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from app.errors import quoted
from app.exchange.errors import NewerExportError, NothingToImportError
from app.exchange.json_cursor import TOO_LARGE, JsonCursor
from app.exchange.limits import BATCH_CHARS, BATCH_ROWS
from app.exchange.text import TextFile

FORMAT: Final = "commonhold"
VERSION: Final = 1
_VALUE: Final = "value"
_BATCH_BYTES: Final = BATCH_CHARS


class Shape(Enum):
    """What a JSON file is made of."""

    ARRAY = "a list of records"
    LINES = "a record a line"
    NAMED = "lists of records by name"
    ONE = "one record"
    EXPORT = "an export of Commonhold"


@dataclass
class Look:
    """A file's shape, the names of its collections if it has such, and the names left out."""

    shape: Shape
    names: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Objects:
    """Some records of one collection ("" for the file's own), each with its number from 1."""

    collection: str
    objects: list[Any]
    numbers: list[int]


@dataclass
class ExportedCollection:
    """What an export says of a collection besides its records."""

    name: str = ""
    title: str = ""
    icon: str | None = None
    fields: list[dict[str, Any]] = field(default_factory=list)


class JsonReader:
    """One walk through a JSON file; `exported` and `too_large` are complete when the walk is."""

    def __init__(
        self, text: TextFile, look: Look, check: Callable[[], None] = lambda: None
    ) -> None:
        self._text = text
        self._look = look
        self._cursor = open_cursor(text, check)
        self.exported: dict[str, ExportedCollection] = {}
        self.too_large: list[tuple[str, int]] = []
        self.wrapped = 0

    @property
    def doubled_names(self) -> int:
        """How often an object had a name twice."""
        return self._cursor.oddities.doubled_names

    def batches(self) -> Iterator[Objects]:
        """All records, some at a time, collections in the order of the file."""
        cursor = self._cursor
        match self._look.shape:
            case Shape.ARRAY:
                yield from self._batched("", self._items())
                self._end()
            case Shape.LINES:
                yield from self._batched("", self._lines())
            case Shape.ONE:
                yield from self._batched("", iter([cursor.value()]))
                self._end()
            case Shape.NAMED:
                for name in cursor.names():
                    if name in self._look.names:
                        yield from self._batched(name, self._items())
                    else:
                        cursor.skip()
                self._end()
            case Shape.EXPORT:
                yield from self._export()
                self._end()

    def _items(self) -> Iterator[Any]:
        for _ in self._cursor.items():
            yield self._cursor.value()

    def _lines(self) -> Iterator[Any]:
        while self._cursor.peek():
            yield self._cursor.value()
            if self._cursor.peek() == ",":  # some programs put commas between the lines
                self._cursor.take(",")

    def _end(self) -> None:
        if self._cursor.peek():
            raise self._cursor.error("something follows after the end")

    def _export(self) -> Iterator[Objects]:
        for name in self._cursor.names():
            if name == "version":
                check_version(self._cursor.value())
            elif name == "collections" and self._cursor.peek() == "[":
                for _ in self._cursor.items():
                    yield from self._exported_collection()
            else:
                self._cursor.skip()

    def _exported_collection(self) -> Iterator[Objects]:
        about = ExportedCollection()
        for name in self._cursor.names():
            if name == "records":
                if not about.name:
                    raise self._cursor.error(
                        "the records stand before the name of their collection"
                    )
                yield from self._batched(about.name, self._items())
                continue
            value = self._cursor.value()
            match name, value:
                case ("name", str()) if value.strip():
                    about.name = value
                    about.title = about.title or value
                case ("title", str()) if value.strip():
                    about.title = value
                case ("icon", str()):
                    about.icon = value
                case ("fields", list()):
                    about.fields = [each for each in value if isinstance(each, dict)]
                case _:  # what a later version says besides
                    pass
        if about.name:
            self.exported[about.name] = about

    def _batched(self, collection: str, values: Iterator[Any]) -> Iterator[Objects]:
        objects: list[Any] = []
        numbers: list[int] = []
        until = self._text.done_bytes + _BATCH_BYTES
        for number, value in enumerate(values, 1):
            if value is TOO_LARGE:
                self.too_large.append((collection, number))
                continue
            if not isinstance(value, dict):
                self.wrapped += 1
                value = {_VALUE: value}  # noqa: PLW2901 - what the caller gets
            objects.append(value)
            numbers.append(number)
            if len(objects) >= BATCH_ROWS or self._text.done_bytes > until:
                yield Objects(collection, objects, numbers)
                objects, numbers = [], []
                until = self._text.done_bytes + _BATCH_BYTES
        if objects:
            yield Objects(collection, objects, numbers)


def open_cursor(text: TextFile, check: Callable[[], None] = lambda: None) -> JsonCursor:
    """A cursor at the beginning of the file."""
    return JsonCursor((piece for _, _, piece in text.pieces()), check)


def check_version(version: Any) -> None:
    """Raise NewerExportError for an export that this program does not know."""
    if version != VERSION:
        raise NewerExportError(
            f"This export has version {quoted(str(version))}; this program knows version {VERSION}. "
            "Nothing was imported.",
            hint="Import it with the program that wrote it, or a newer one.",
        )


def look_at(
    text: TextFile, *, lines: bool = False, check: Callable[[], None] = lambda: None
) -> Look:
    """Find out what the file holds; `lines` says that it has a record a line."""
    cursor = open_cursor(text, check)
    first = cursor.peek()
    if not first:
        raise NothingToImportError(
            "The file is empty; nothing was imported.", hint="Look whether it is the right file."
        )
    if first == "[":
        return Look(Shape.LINES if lines and _second_value(cursor) else Shape.ARRAY)
    if first != "{":
        raise cursor.error("a list or an object is expected, and there is none")
    if lines:
        return Look(Shape.LINES)
    found = _look_into(cursor)
    if found.shape is not Shape.EXPORT and cursor.peek():
        return Look(Shape.LINES)
    return found


def _second_value(cursor: JsonCursor) -> bool:
    cursor.skip()
    return bool(cursor.peek())


def _look_into(cursor: JsonCursor) -> Look:
    """Go through the names of the first object, without holding what they stand for."""
    names: list[str] = []
    left_out: list[str] = []
    for name in cursor.names():
        sign = cursor.peek()
        if name == "format" and sign == '"':
            if cursor.value() == FORMAT:
                return Look(Shape.EXPORT)
            left_out.append(name)
        elif sign == "[" and _of_objects(cursor):
            names.append(name)
        else:
            if sign != "[":
                cursor.skip()
            left_out.append(name)
    return Look(Shape.NAMED, names, left_out) if names else Look(Shape.ONE)


def _of_objects(cursor: JsonCursor) -> bool:
    """Go past an array; whether its first item is an object."""
    found = False
    for at in cursor.items():
        if at == 0:
            found = cursor.peek() == "{"
        cursor.skip()
    return found
