"""How a CSV file is written – delimiter, quotes, escapes, header – guessed from its first lines.

Only what most lines agree on counts as a delimiter; a file whose lines agree on none has one column.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from app.errors import quoted
from app.exchange.errors import BadDelimiterError

# In the order in which they win when lines agree on several: commas stand in texts and in numbers.
_DELIMITERS: Final = ("\t", ";", "|", ",", "\x1f", "^", "~")
_NO_DELIMITER: Final = "\x1f"
_ALIKE: Final = 0.7  # the share of rows that must be equally wide
_SAMPLE_ROWS: Final = 200
_TOLD: Final = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_SEP_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*")
_DATE = re.compile(r"[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}.*")
_WORDS = frozenset({"true", "false", "yes", "no"})


@dataclass(frozen=True)
class Dialect:
    """What `csv.reader` is told, and the lines before the first row (`sep=;`)."""

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    skip_space: bool = False
    lines_before: int = 0

    @property
    def delimiter_name(self) -> str:
        """The delimiter as a person reads it."""
        names = {"\t": "tab", " ": "space", "\x1f": "none"}
        return names.get(self.delimiter, self.delimiter)

    def reader(self, lines: Iterable[str], *, strict: bool = True) -> Iterator[list[str]]:
        """The rows of `lines`; strict raises csv.Error for a quote in a wrong place."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            doublequote=self.escape is None,
            skipinitialspace=self.skip_space,
            strict=strict,
        )


def told_delimiter(told: str) -> str:
    """The character that a person means; raises BadDelimiterError."""
    delimiter = _TOLD.get(told.lower(), told)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise BadDelimiterError(
            f"A delimiter is one character, and {quoted(told)} is not one. Nothing was imported.",
            hint="Say for example ; or , or | or tab, or leave it out: it will be recognised.",
        )
    return delimiter


def guess(sample: list[str], told: str | None = None) -> Dialect:
    """The dialect of a file that begins with the lines of `sample`."""
    before = 0
    delimiter = told_delimiter(told) if told is not None else None
    if sample and (line := _SEP_LINE.fullmatch(sample[0])):
        before = 1
        delimiter = delimiter or line[1]
        sample = sample[1:]
    dialect = Dialect(quote=_quote(sample), lines_before=before)
    dialect = replace(dialect, delimiter=delimiter or _delimiter(sample, dialect))
    if (escape := _escape("".join(sample))) and not _is_clean(sample, dialect):
        dialect = replace(dialect, escape=escape)
        dialect = replace(dialect, delimiter=delimiter or _delimiter(sample, dialect))
    return replace(dialect, skip_space=_spaced(sample, dialect))


def _delimiter(sample: list[str], dialect: Dialect) -> str:
    best, best_share = "", _ALIKE
    for candidate in _DELIMITERS:
        if not any(candidate in line for line in sample):
            continue
        share = _agreement(sample, replace(dialect, delimiter=candidate))
        if share > best_share or (share == best_share and not best):
            best, best_share = candidate, share
    if best:
        return best
    # Rows of any width, as people type them: the names in the first line decide.
    first = next((line for line in sample if line.strip()), "")
    used = [one for one in (",", ";", "\t", "|") if one in first]
    return max(used, key=first.count) if used else _NO_DELIMITER


def _agreement(sample: list[str], dialect: Dialect) -> float:
    """The share of rows as wide as most are, if that is more than one column."""
    widths = [len(row) for row in dialect.reader(sample, strict=False) if row][:_SAMPLE_ROWS]
    if not widths:
        return 0.0
    width, count = Counter(widths).most_common(1)[0]
    return count / len(widths) if width > 1 else 0.0


def _quote(sample: list[str]) -> str:
    """A single quote where it stands around cells and the double quote is not used."""
    text = "".join(sample)
    if '"' in text:
        return '"'
    around = re.compile(r"(?:^|[,;\t|])'[^']*'(?=[,;\t|\r\n]|$)")
    lines = [line for line in sample if line.strip()]
    quoted = sum(1 for line in lines if around.search(line))
    return "'" if lines and quoted >= 0.8 * len(lines) else '"'


def _escape(text: str) -> str | None:
    """A backslash where it stands before quotes and nowhere else."""
    if '\\"' not in text or re.search(r'\\[^"\\]', text):
        return None
    return "\\" if re.search(r'"[^"\n]*\\"[^"\n]*"', text) else None


def _is_clean(sample: list[str], dialect: Dialect) -> bool:
    """Whether every quote stands where one may; the sample may end within a cell."""
    rows = dialect.reader(sample)
    try:
        for _ in rows:
            pass
    except csv.Error as error:
        return "end of data" in str(error)
    return True


def _spaced(sample: list[str], dialect: Dialect) -> bool:
    """Whether a space after the delimiter belongs to it: it follows every one outside quotes."""
    if dialect.delimiter in " \t":
        return False
    trial = replace(dialect, skip_space=True)
    seen = False
    rows = (dialect.reader(sample, strict=False), trial.reader(sample, strict=False))
    for row, other in zip(*rows, strict=False):
        if len(row) != len(other):
            continue  # quotes after the blanks: cut wrongly as it stands
        for cell, bare in zip(row[1:], other[1:], strict=True):
            if cell and cell == bare:
                return False
            seen = seen or cell != bare
    return seen and _agreement(sample, trial) >= _agreement(sample, dialect)


def has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns.

    A column of numbers, dates or yes and no speaks: its first cell is another value or a name. Where
    none speaks, names are there when they are all different and most are no value of their column.
    """
    if not rows:
        return False
    first, below = rows[0], rows[1:]
    if not below:
        return not any(_shape(cell) for cell in first if cell)
    votes = 0
    for at, cell in enumerate(first):
        shapes = {_shape(row[at]) for row in below if at < len(row) and row[at]}
        if len(shapes) == 1 and (shape := shapes.pop()) and cell:
            votes += 1 if _shape(cell) != shape else -1
    if votes < 0 and _counting(first):
        return True
    if votes:
        return votes > 0
    named = [cell for cell in first if cell]
    again = sum(
        any(at < len(row) and row[at] == cell for row in below)
        for at, cell in enumerate(first)
        if cell
    )
    return bool(named) and len(set(named)) == len(named) and again * 2 < len(named)


def _shape(cell: str) -> str:
    """The kind of thing a cell looks like, or "" for a word."""
    cell = cell.strip()
    if _NUMBER.fullmatch(cell):
        return "number"
    if _DATE.fullmatch(cell):
        return "date"
    return "yes or no" if cell.lower() in _WORDS else ""


def _counting(cells: list[str]) -> bool:
    """Whether numbers in the first row are names: years that follow each other."""
    years = [int(cell) for cell in cells if re.fullmatch(r"(?:19|20)[0-9]{2}", cell)]
    others = [
        cell for cell in cells if _shape(cell) and not re.fullmatch(r"(?:19|20)[0-9]{2}", cell)
    ]
    steps = {after - before for before, after in pairwise(years)}
    return len(years) > 1 and not others and steps in ({1}, {-1})
