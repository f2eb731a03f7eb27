"""A CSV file as a source: encoding, dialect and header found, ragged rows made even."""

from collections.abc import Iterator
from pathlib import Path

from app.exchange.cells import unguard
from app.exchange.csv_notes import (
    NO_ROWS,
    RowNotes,
    column_sentences,
    encoding_sentences,
    name_sentences,
    row_sentences,
)
from app.exchange.dialect import guess, has_header
from app.exchange.encoding import detect
from app.exchange.errors import NothingToImportError
from app.exchange.infer import TextColumn
from app.exchange.names import field_names
from app.exchange.progress import Meter
from app.exchange.read_csv import CsvReader, Rows, Trouble
from app.exchange.source import SAMPLE_ROWS, Batch, Column, Facts, Sheet
from app.exchange.text import TextFile

_SAMPLE_LINES = 200


class CsvSource:
    """One CSV file; a told encoding, delimiter or header is believed."""

    def __init__(
        self,
        path: Path,
        meter: Meter,
        encoding: str | None = None,
        delimiter: str | None = None,
        *,
        header: bool | None = None,
    ) -> None:
        self._text = TextFile(path, detect(path, encoding, meter.check))
        self._dialect = guess(self._first_lines(), delimiter)
        self._header_told = header
        self._header = True
        self._given: list[str] = []  # names as they stand in the file
        self._columns: list[TextColumn] = []
        self._kept: list[int] = []  # columns that have a name or a value
        self._trouble = Trouble()
        self._notes = RowNotes()
        self._sheet = Sheet("", [], "line")

    @property
    def size_bytes(self) -> int:
        """How large the file is."""
        return self._text.size_bytes

    @property
    def facts(self) -> Facts:
        """How the file is read."""
        return Facts("csv", self._text.encoding.name, self._dialect.delimiter_name, self._header)

    def _first_lines(self) -> list[str]:
        for _, block in self._text.lines():
            return block[:_SAMPLE_LINES] if isinstance(block, list) else []
        return []

    def _rows(self, reader: CsvReader, meter: Meter) -> Iterator[Rows]:
        """All rows below the header."""
        seen = 0
        for at, rows in enumerate(reader.batches()):
            below = Rows(rows.rows[1:], rows.lines[1:]) if at == 0 and self._header else rows
            seen += len(below.rows)
            meter.at(self._text.done_bytes, seen)
            if below.rows:
                yield below

    def scan(self, meter: Meter) -> list[Sheet]:
        """Look at every row, and judge the columns."""
        self._read_names()
        decimals = self._dialect.delimiter != ","  # else a decimal comma would cut the cell
        self._columns = [TextColumn(n, comma_decimals=decimals) for n in field_names(self._given)]
        reader = CsvReader(self._text, self._dialect)
        for rows in self._rows(reader, meter):
            self._notes.look(rows, len(self._given), zeros=self._text.has_zeros)
            while len(self._columns) < max(map(len, rows.rows)):
                self._columns.append(TextColumn("", comma_decimals=decimals))
            cells_by_column = self._even(rows.rows)
            for column, cells in zip(self._columns, cells_by_column, strict=True):
                column.feed(cells, rows.lines)
            self._sheet.rows += len(rows.rows)
            self._sheet.sample += rows.rows[: SAMPLE_ROWS - len(self._sheet.sample)]
        self._trouble = reader.trouble
        self._judge()
        return [self._sheet]

    def _read_names(self) -> None:
        first = next(CsvReader(self._text, self._dialect).batches(), None)
        if first is None:
            raise _nothing("The file is empty")
        told = self._header_told
        self._header = has_header(first.rows[:_SAMPLE_LINES]) if told is None else told
        self._given = [unguard(cell) if self._header else "" for cell in first.rows[0]]

    def _even(self, rows: list[list[str]]) -> list[list[str]]:
        """The cells column by column; rows that are short are filled up with blanks."""
        width = len(self._columns)
        for row in rows:
            if len(row) < width:
                row.extend([""] * (width - len(row)))
        return list(map(list, zip(*rows, strict=True)))

    def _judge(self) -> None:
        """Give each column its name and kind; one with neither a name nor a value is none."""
        given = [*self._given, *[""] * (len(self._columns) - len(self._given))]
        names = field_names(given)
        self._kept = [
            at for at, column in enumerate(self._columns) if column.values or given[at].strip()
        ]
        if not self._kept:
            raise _nothing("The file holds no name and no value")
        sheet = self._sheet
        sheet.columns = [
            Column(names[at], self._columns[at].verdict(), bool(self._columns[at].guarded))
            for at in self._kept
        ]
        sheet.rows -= self._notes.blank.count
        sheet.skipped = self._trouble.skipped + self._notes.blank.count
        self._even(sheet.sample)
        sheet.sample = [[row[at] for at in self._kept] for row in sheet.sample]

    def batches(self, meter: Meter) -> Iterator[Batch]:
        """All cells of the columns that were kept; rows with no value at all are left out."""
        for rows in self._rows(CsvReader(self._text, self._dialect), meter):
            full = _without_blank(rows) if self._notes.blank.count else rows
            if full.rows:
                columns = self._even(full.rows)
                yield Batch(0, [columns[at] for at in self._kept], full.lines)

    def warnings(self) -> list[str]:
        """A sentence for each thing that was met."""
        named = [at for at in self._kept if at < len(self._given)] if self._header else []
        names = [column.name for column in self._sheet.columns[: len(named)]]
        return [
            *encoding_sentences(self._text.encoding, self._text.kept),
            *name_sentences([self._given[at] for at in named], names),
            *row_sentences(self._trouble, self._notes),
            *([] if self._sheet.rows or self._sheet.skipped else [NO_ROWS]),
            *column_sentences(self._sheet.columns, self._sheet.unit),
        ]


def _without_blank(rows: Rows) -> Rows:
    full = [(row, line) for row, line in zip(rows.rows, rows.lines, strict=True) if any(row)]
    return Rows([row for row, _ in full], [line for _, line in full])


def _nothing(what: str) -> NothingToImportError:
    return NothingToImportError(
        f"{what}; nothing was imported.",
        hint="Look whether it is the right file, and whether it was saved.",
    )
