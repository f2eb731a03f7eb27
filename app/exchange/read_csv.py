"""Rows of a CSV file: streamed, with the line each begins on, and nothing swallowed.

1. Every row of the file is given, or its line is named: too large, too many cells.
2. A quote in a wrong place is an ordinary character. A row with one that closes within its line is read
   by the rule "a quote closes where a delimiter or the line's end follows"; one that does not close so
   is cut at its delimiters, the quote kept. A quote that never closes therefore spoils one line, not
   the rest of the file. Either way the line is named.
3. At most one record is held, and never more of it than `MAX_RECORD_CHARS`.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.exchange.dialect import Dialect
from app.exchange.errors import TooManyColumnsError
from app.exchange.limits import BATCH_CHARS, BATCH_ROWS, MAX_COLUMNS, MAX_RECORD_CHARS, NAMED
from app.exchange.text import LongLine, Mark, TextFile

csv.field_size_limit(2**31 - 1)  # the reader below bounds what it is given

# How far the end of a record is looked for that is too large to be held.
_LOOK_AHEAD_CHARS = 16 * MAX_RECORD_CHARS
# A record that is too large holds rows if it has so many lines, and so many of them are as wide as rows.
_ROWS_ENOUGH = 10
_ROWS_SHARE = 0.9


@dataclass
class Named:
    """Lines of which something is to be said: how many, and the first few."""

    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        """One more."""
        self.count += 1
        if len(self.lines) < NAMED:
            self.lines.append(line)


@dataclass
class Trouble:
    """What a walk through the file met."""

    odd_quotes: Named = field(default_factory=Named)
    open_quotes: Named = field(default_factory=Named)
    too_large: Named = field(default_factory=Named)
    too_wide: Named = field(default_factory=Named)
    rows_inside: Named = field(default_factory=Named)

    @property
    def skipped(self) -> int:
        """How many rows were not given."""
        return self.too_large.count + self.too_wide.count


@dataclass(frozen=True)
class Rows:
    """Some rows, each with the line on which it begins (from 1)."""

    rows: list[list[str]]
    lines: list[int]


class CsvReader:
    """One walk through the rows of a file; `trouble` is complete when the walk is."""

    def __init__(self, text: TextFile, dialect: Dialect) -> None:
        self._text = text
        self._dialect = dialect
        self._feed = _Feed(text, dialect)
        self.trouble = Trouble()
        self._columns = 0

    def batches(self) -> Iterator[Rows]:
        """All rows, some at a time; blank lines are none."""
        rows: list[list[str]] = []
        lines: list[int] = []
        chars = 0
        for row, line, size in self._rows():
            if not row:
                continue
            if len(row) > MAX_COLUMNS:
                if not self._columns:
                    raise TooManyColumnsError(len(row), MAX_COLUMNS, f"Line {line:,}")
                self.trouble.too_wide.add(line)
                continue
            self._columns = self._columns or len(row)
            rows.append(row)
            lines.append(line)
            chars += size
            if len(rows) >= BATCH_ROWS or chars >= BATCH_CHARS:
                yield Rows(rows, lines)
                rows, lines, chars = [], [], 0
        if rows:
            yield Rows(rows, lines)

    def _rows(self) -> Iterator[tuple[list[str], int, int]]:
        """(cells, first line, characters) of each row."""
        feed = self._feed
        for _ in range(self._dialect.lines_before):
            feed.skip_line()
        while True:
            try:
                for row in self._dialect.reader(iter(feed)):
                    if feed.held > 1:
                        self._look_inside(row)
                    size = feed.size
                    yield row, feed.take(), size
                return
            except csv.Error:
                line, text = feed.take_first()
                yield self._mend(line, text), line, len(text)
            except _TooLargeError:
                first = feed.first_line
                if feed.drop_record(self._columns):
                    self.trouble.too_large.add(first)
                    continue
                begin = feed.rewind()
                if isinstance(begin, LongLine):
                    self.trouble.too_large.add(first)
                    continue
                self.trouble.open_quotes.add(first)
                yield _cut(begin, self._dialect), first, len(begin)

    def _mend(self, line: int, text: str) -> list[str]:
        """The cells of a line with a quote in a wrong place."""
        cells = loose_cells(text, self._dialect)
        if cells is None:
            self.trouble.open_quotes.add(line)
            return _cut(text, self._dialect)
        self.trouble.odd_quotes.add(line)
        return cells

    def _look_inside(self, row: list[str]) -> None:
        """Name a cell whose lines look like rows: a quote may have been opened by mistake."""
        delimiters = self._columns - 1
        if delimiters < 1:
            return
        for cell in row:
            inner = cell.splitlines()[1:-1]
            alike = sum(1 for line in inner if line.count(self._dialect.delimiter) == delimiters)
            if alike > 1 and alike == len(inner):
                self.trouble.rows_inside.add(self._feed.first_line)
                return


def loose_cells(text: str, dialect: Dialect) -> list[str] | None:
    """The cells of one line where a quote closes only before a delimiter; None if one never does."""
    body, quote = text.rstrip("\r\n"), dialect.quote
    cells: list[str] = []
    at = 0
    while True:
        if dialect.skip_space:
            at += len(body) - at - len(body[at:].lstrip(" "))
        if not body.startswith(quote, at):
            end = body.find(dialect.delimiter, at)
            cells.append(body[at:] if end < 0 else body[at:end])
        elif (quoted := _quoted_cell(body, at + 1, dialect)) is not None:
            cell, end = quoted
            cells.append(cell)
        else:
            return None
        if end < 0:
            return cells
        at = end + 1


def quote_state(line: str, dialect: Dialect, *, inside: bool) -> bool | None:
    """Whether a line ends within quotes, if it begins so; None if a quote closes where none can."""
    body, quote = line.rstrip("\r\n"), dialect.quote
    at = 0
    while True:
        if inside:
            close = body.find(quote, at)
            if close < 0:
                return True
            after = body[close + 1 : close + 2]
            at = close + 2
            if after == quote:
                continue
            if after != dialect.delimiter:
                return None if after else False
            inside = False
        elif body.startswith(quote, at):
            inside, at = True, at + 1
        elif (at := body.find(dialect.delimiter, at) + 1) == 0:
            return False


def _quoted_cell(body: str, at: int, dialect: Dialect) -> tuple[str, int] | None:
    """(text, place of the delimiter after it, -1 at the end) of a cell whose quote opened before."""
    quote, parts = dialect.quote, list[str]()
    while (close := body.find(quote, at)) >= 0:
        after = body[close + 1 : close + 2]
        if dialect.escape and body[close - 1] == dialect.escape:
            parts.append(body[at : close - 1] + quote)
        elif after == quote:
            parts.append(body[at : close + 1])
            close += 1
        elif after in ("", dialect.delimiter):
            parts.append(body[at:close])
            return "".join(parts), close + 1 if after else -1
        else:
            parts.append(body[at : close + 1])
        at = close + 1
    return None


def _cut(text: str, dialect: Dialect) -> list[str]:
    return next(csv.reader([text], delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE), [])


class _TooLargeError(Exception):
    """The record being read is larger than a record may be."""


class _Feed:
    """Lines for `csv.reader`; those of the record being read are held, so that they can be read again."""

    def __init__(self, text: TextFile, dialect: Dialect) -> None:
        self._text = text
        self._dialect = dialect
        self._blocks = text.lines(quote=dialect.quote)
        self._block: Iterator[str] = iter(())
        self._again: list[str] = []  # lines to be read once more, the next one last
        self._record: list[str] = []
        self._marks: list[Mark] = []  # where reading can start anew, one before the record at least
        self._long: LongLine | None = None
        self.first_line = 1
        self.size = 0

    def __iter__(self) -> Iterator[str]:
        record = self._record
        while True:
            while self._again:
                record.append(self._again[-1])
                self.size += len(self._again[-1])
                yield self._again.pop()
            for line in self._block:
                record.append(line)
                self.size += len(line)
                if self.size > MAX_RECORD_CHARS:
                    raise _TooLargeError
                yield line
            if not self._next_block():
                return
            if self._long is not None:
                raise _TooLargeError

    @property
    def held(self) -> int:
        """How many lines the record has so far."""
        return len(self._record)

    def take(self) -> int:
        """The record is complete: the number of its first line."""
        first = self.first_line
        self.first_line += len(self._record)
        self._record.clear()
        self.size = 0
        return first

    def take_first(self) -> tuple[int, str]:
        """Give up the record: its first line (and its number); the others are read once more."""
        first, *rest = self._record
        del self._record[1:]
        self._again.extend(reversed(rest))
        return self.take(), first

    def skip_line(self) -> None:
        """Leave out a line that is no row."""
        next(iter(self), None)
        self.take()

    def drop_record(self, columns: int) -> bool:
        """Leave out the record being read, to its end; False if its quote was opened by mistake.

        That is so where it never closes, where what follows the quote that closes it is no delimiter, and
        where the lines within are rows by their number of cells.
        """
        if self._holds_rows(columns):
            return False
        inside: bool | None = False
        for line in self._record:
            inside = quote_state(line, self._dialect, inside=bool(inside))
            if inside is None:
                return False
        lines, chars = len(self._record), self.size
        while self._long is not None or inside:
            raw = self._raw_line()
            if raw is None:
                return False
            if isinstance(raw, LongLine):
                chars, inside = chars + raw.chars, inside != bool(raw.quotes % 2)
            else:
                chars += len(raw)
                inside = quote_state(raw, self._dialect, inside=True)
            lines += 1
            if inside is None or (inside and chars > _LOOK_AHEAD_CHARS):
                return False
        self.first_line += lines
        self._record.clear()
        self.size = 0
        return True

    def _holds_rows(self, columns: int) -> bool:
        inner = self._record[1:]
        delimiter = self._dialect.delimiter
        alike = sum(1 for line in inner if line.count(delimiter) == columns - 1)
        return columns > 1 and len(inner) >= _ROWS_ENOUGH and alike >= _ROWS_SHARE * len(inner)

    def rewind(self) -> str | LongLine:
        """Go back to the first line of the record being read, and take it alone."""
        mark = max(
            (mark for mark in self._marks if mark.lines < self.first_line),
            key=lambda mark: mark.lines,
            default=self._text.start,
        )
        self._record.clear()
        self._again.clear()
        self._marks = [mark]
        self._long = None
        self._blocks = self._text.lines(mark, self._dialect.quote)
        self._block = iter(())
        self.size = 0
        line: str | LongLine | None = None
        for _ in range(self.first_line - mark.lines):
            line = self._raw_line()
        self.first_line += 1
        return "" if line is None else line

    def _raw_line(self) -> str | LongLine | None:
        """The next line, without holding it; None at the end."""
        if self._again:
            return self._again.pop()
        line = next(self._block, None)
        while line is None and self._long is None:
            if not self._next_block():
                return None
            line = next(self._block, None)
        if line is not None:
            return line
        long, self._long = self._long, None
        return long

    def _next_block(self) -> bool:
        """Get more lines, or one that is too long to be held; False at the end."""
        mark, block = next(self._blocks, (None, None))
        if block is None:
            return False
        if mark is not None:
            if not self._record:
                self._marks.clear()
            self._marks.append(mark)
        if isinstance(block, LongLine):
            self._long = block
        else:
            self._block = iter(block)
        return True
