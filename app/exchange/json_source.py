"""A JSON file as a source: collections with their columns, or those of our own export with ids."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.errors import quoted
from app.exchange.csv_notes import column_sentences, encoding_sentences
from app.exchange.encoding import detect
from app.exchange.errors import BrokenExportError, NothingToImportError, TooManyColumnsError
from app.exchange.infer import Verdict
from app.exchange.limits import MAX_COLUMNS, MAX_RECORD_CHARS, NAMED
from app.exchange.names import field_names, tidy
from app.exchange.progress import Meter
from app.exchange.read_json import ExportedCollection, JsonReader, Objects, Shape, look_at
from app.exchange.source import SAMPLE_ROWS, Batch, Column, Facts, FieldFacts, Sheet, counted, named
from app.exchange.text import TextFile
from app.exchange.values import ABSENT, ValueColumn
from storage import decode_id

_KEPT: Final = Verdict("text", "as exported")


@dataclass
class _Growing:
    """A sheet while the file is looked at: columns come as names are met."""

    sheet: Sheet
    columns: dict[str, ValueColumn | None] = field(default_factory=dict)
    empty: list[int] = field(default_factory=list)


class JsonSource:
    """One JSON file; `lines` says that it holds a record a line."""

    def __init__(
        self, path: Path, meter: Meter, encoding: str | None = None, *, lines: bool = False
    ) -> None:
        self._text = TextFile(path, detect(path, encoding, meter.check))
        self._look = look_at(self._text, lines=lines, check=meter.check)
        self._reader = JsonReader(self._text, self._look)
        self._growing: dict[str, _Growing] = {}
        self._order: list[str] = []

    @property
    def size_bytes(self) -> int:
        """How large the file is."""
        return self._text.size_bytes

    @property
    def facts(self) -> Facts:
        """How the file is read."""
        return Facts("json", self._text.encoding.name)

    @property
    def _exported(self) -> bool:
        return self._look.shape is Shape.EXPORT

    def scan(self, meter: Meter) -> list[Sheet]:
        """Look at every record, and judge the columns."""
        self._reader = reader = JsonReader(self._text, self._look, meter.check)
        seen = 0
        for objects in reader.batches():
            growing = self._sheet_for(objects.collection)
            if self._exported:
                self._scan_exported(growing, objects)
            else:
                self._scan_objects(growing, objects)
            seen += len(objects.objects)
            meter.at(self._text.done_bytes, seen)
        for name, exported in reader.exported.items():
            self._describe(self._sheet_for(name), exported)
        self._order = list(dict.fromkeys([*reader.exported, *self._growing]))
        sheets = [self._finish(self._growing[name]) for name in self._order]
        if not any(sheet.columns or sheet.exported for sheet in sheets):
            what = "no record that is small enough" if reader.too_large else "no record"
            raise NothingToImportError(
                f"The file holds {what}; nothing was imported.",
                hint="Look whether it is the right file.",
            )
        for collection, _ in reader.too_large:
            if collection in self._growing:
                self._growing[collection].sheet.skipped += 1
        return sheets

    def _sheet_for(self, collection: str) -> _Growing:
        if collection not in self._growing:
            sheet = Sheet(collection, [], "record", exported=self._exported)
            self._growing[collection] = _Growing(sheet)
        return self._growing[collection]

    def _scan_objects(self, growing: _Growing, objects: Objects) -> None:
        names = dict.fromkeys(name for each in objects.objects for name in each)
        new = [name for name in names if name not in growing.columns]
        if len(growing.columns) + len(new) > MAX_COLUMNS:
            where = quoted(objects.collection) if objects.collection else "The file"
            raise TooManyColumnsError(len(growing.columns) + len(new), MAX_COLUMNS, where)
        growing.columns.update((name, ValueColumn(name)) for name in new)
        for name in names:
            column = growing.columns[name]
            if column is not None:
                column.feed([each.get(name, ABSENT) for each in objects.objects], objects.numbers)
        growing.empty += [
            number
            for each, number in zip(objects.objects, objects.numbers, strict=True)
            if not each
        ]
        growing.sheet.rows += len(objects.objects)
        wanted = SAMPLE_ROWS - len(growing.sheet.sample)
        growing.sheet.sample += [list(each.items()) for each in objects.objects[:wanted]]

    def _scan_exported(self, growing: _Growing, objects: Objects) -> None:
        for each, number in zip(objects.objects, objects.numbers, strict=True):
            _exported_id(each, number, objects.collection)
            growing.columns.update(dict.fromkeys(each["fields"]))
        growing.sheet.rows += len(objects.objects)
        wanted = SAMPLE_ROWS - len(growing.sheet.sample)
        growing.sheet.sample += [list(each["fields"].items()) for each in objects.objects[:wanted]]

    def _describe(self, growing: _Growing, exported: ExportedCollection) -> None:
        sheet = growing.sheet
        sheet.title, sheet.icon = exported.title, exported.icon
        for each in exported.fields:
            name, options = each.get("name"), each.get("options")
            if isinstance(name, str) and name.strip():
                sheet.fields.append(
                    FieldFacts(
                        name,
                        str(each.get("title") or name),
                        str(each.get("kind") or "text"),
                        options if isinstance(options, dict) else {},
                    )
                )
        in_order = [each.name for each in sheet.fields] + list(growing.columns)
        growing.columns = dict.fromkeys(in_order)

    def _finish(self, growing: _Growing) -> Sheet:
        sheet = growing.sheet
        given = list(growing.columns)
        names = given if self._exported else field_names(given)
        sheet.columns = [
            Column(name, _KEPT if column is None else column.verdict())
            for name, column in zip(names, growing.columns.values(), strict=True)
        ]
        sheet.sample = [[dict(row).get(name, ABSENT) for name in given] for row in sheet.sample]
        sheet.rows -= len(growing.empty)
        sheet.skipped += len(growing.empty)
        return sheet

    def batches(self, meter: Meter) -> Iterator[Batch]:
        """All values of all columns."""
        seen = 0
        for objects in JsonReader(self._text, self._look, meter.check).batches():
            at = self._order.index(objects.collection)
            growing = self._growing[objects.collection]
            seen += len(objects.objects)
            meter.at(self._text.done_bytes, seen)
            if self._exported:
                ids = [
                    _exported_id(each, number, objects.collection)
                    for each, number in zip(objects.objects, objects.numbers, strict=True)
                ]
                found = [each["fields"] for each in objects.objects]
                yield Batch(at, _by_column(found, growing), objects.numbers, ids)
                continue
            full = [
                (each, number)
                for each, number in zip(objects.objects, objects.numbers, strict=True)
                if each
            ]
            if full:
                cells = _by_column([each for each, _ in full], growing)
                yield Batch(at, cells, [number for _, number in full])

    def warnings(self) -> list[str]:
        """A sentence for each thing that was met."""
        said = encoding_sentences(self._text.encoding, self._text.kept)
        if self._look.left_out and self._look.shape is Shape.NAMED:
            names = ", ".join(quoted(name) for name in self._look.left_out[:NAMED])
            more = len(self._look.left_out) - NAMED
            names += f" and {more} more" if more > 0 else ""
            said.append(f"Left out, because no list of records stands there: {names}.")
        if self._reader.wrapped:
            said.append(
                counted(self._reader.wrapped, "value is", "values are")
                + ' no object: each became the field "value" of a record.'
            )
        if self._reader.doubled_names:
            said.append(
                counted(self._reader.doubled_names, "name stands", "names stand")
                + ' twice in one object: the second value was kept under a name with a number ("name 2").'
            )
        if large := self._reader.too_large:
            where = named("record", len(large), [number for _, number in large])
            said.append(
                f"{where.capitalize()} is larger than {MAX_RECORD_CHARS // 1024**2} million signs, more "
                "than a record can hold: it was skipped, and all else was read."
            )
        for growing in self._growing.values():
            said += _sheet_sentences(growing)
        return said


def _by_column(objects: list[dict[str, Any]], growing: _Growing) -> list[list[Any]]:
    return [[each.get(name, ABSENT) for each in objects] for name in growing.columns]


def _exported_id(record: dict[str, Any], number: int, collection: str) -> int:
    """The id of a record of our own export; BrokenExportError if it has none, or no fields."""
    try:
        if isinstance(record.get("fields"), dict):
            return decode_id(record["id"])
    except (KeyError, TypeError, ValueError):
        pass
    raise BrokenExportError(
        f"Record {number:,} of {quoted(collection)} in this export has no id or no fields that can be "
        "read. Nothing was imported.",
        hint="The file was changed after it was exported. Export it again, or take the format and "
        "version lines out to import it as plain JSON.",
    )


def _sheet_sentences(growing: _Growing) -> list[str]:
    said = []
    if growing.empty:
        where = named("record", len(growing.empty), growing.empty)
        said.append(f"There is no value at all in {where}: no record was made of it.")
    renamed = [
        f"{quoted(column.name)} for {quoted(given)}"
        for given, column in zip(growing.columns, growing.sheet.columns, strict=True)
        if tidy(given) != given and column.name != given
    ]
    if renamed:
        said.append(
            f"Names that are not fit for a field were given anew: {', '.join(renamed[:NAMED])}."
        )
    for name, column in growing.columns.items():
        if column is not None and column.not_numbers:
            said.append(
                f"{quoted(name)}: NaN stands in {counted(column.not_numbers, 'place', 'places')} where a "
                "number should; it was taken as no value."
            )
    return [*said, *column_sentences(growing.sheet.columns, growing.sheet.unit)]
