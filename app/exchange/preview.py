"""What a file would become, for the screen that asks before importing it; nothing is changed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.exchange.cells import int_text, json_text
from app.exchange.errors import ImportStoppedError
from app.exchange.files import format_sentences, identity, readable, unreadable
from app.exchange.names import collection_name
from app.exchange.progress import Cancel, Meter, Report
from app.exchange.run import open_source
from app.exchange.source import Sheet
from app.exchange.values import ABSENT


@dataclass(frozen=True)
class ColumnPreview:
    """A column: its name, the kind of field it becomes, and why."""

    name: str
    kind: str
    reason: str


@dataclass(frozen=True)
class SheetPreview:
    """One collection's worth: columns, the first rows as they stand in the file, how many there are."""

    name: str
    columns: tuple[ColumnPreview, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    skipped: int


@dataclass(frozen=True)
class Preview:
    """A file: how it was read, what it holds, and what there is to say of it."""

    format: str
    encoding: str
    delimiter: str
    header: bool
    sheets: tuple[SheetPreview, ...]
    warnings: tuple[str, ...]


def preview(
    path: Path | str,
    format: str | None = None,  # noqa: A002 - as the option is called
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    progress: Report | None = None,
    cancel: Cancel | None = None,
) -> Preview:
    """Look at a whole file, as an import does first; for a worker thread, raises as an import does."""
    path = readable(Path(path))
    stopped = ImportStoppedError("Looking at the file was stopped; nothing was imported.")
    try:
        meter = Meter(identity(path)[1], stopped, progress, cancel)
        source = open_source(path, format, encoding, delimiter, meter, header=header)
        sheets = source.scan(meter)
    except OSError as error:
        raise unreadable(path, error) from None
    facts = source.facts
    return Preview(
        facts.format,
        facts.encoding,
        facts.delimiter,
        facts.header,
        tuple(_sheet(sheet, sheet.name or collection_name(path)) for sheet in sheets),
        (*format_sentences(path, format, facts.format), *source.warnings()),
    )


def _sheet(sheet: Sheet, name: str) -> SheetPreview:
    kinds = {each.name: each.kind for each in sheet.fields}
    columns = tuple(
        ColumnPreview(each.name, kinds.get(each.name, each.verdict.kind), each.verdict.reason)
        for each in sheet.columns
    )
    rows = tuple(tuple(_shown(cell) for cell in row) for row in sheet.sample)
    return SheetPreview(name, columns, rows, sheet.rows, sheet.skipped)


def _shown(cell: Any) -> str:
    if cell is None or cell is ABSENT:
        return ""
    if isinstance(cell, str):
        return cell
    if type(cell) is int:
        return int_text(cell)
    return json_text(cell)
