"""What is said of a CSV file: a sentence for each thing met, naming the first lines."""

from dataclasses import dataclass, field

from app.errors import quoted
from app.exchange.encoding import Encoding
from app.exchange.limits import MAX_RECORD_CHARS
from app.exchange.read_csv import Named, Rows, Trouble
from app.exchange.source import Column, named
from app.exchange.text import KeptBytes

NO_ROWS = "There are names in the file and no row below them: it brings fields, and no record."
_LISTED = 5


@dataclass
class RowNotes:
    """Rows that are uneven or have something in them that few expect."""

    short: Named = field(default_factory=Named)
    long: Named = field(default_factory=Named)
    blank: Named = field(default_factory=Named)
    zeros: Named = field(default_factory=Named)

    def look(self, rows: Rows, width: int, *, zeros: bool) -> None:
        """Look at rows as they were read; `zeros` says that there are zero bytes in the file."""
        if set(map(len, rows.rows)) != {width}:
            for row, line in zip(rows.rows, rows.lines, strict=True):
                if len(row) != width:
                    (self.short if len(row) < width else self.long).add(line)
        for row, line in zip(rows.rows, rows.lines, strict=True):
            if not any(row):
                self.blank.add(line)
            elif zeros and any("\0" in cell for cell in row):
                self.zeros.add(line)


def row_sentences(trouble: Trouble, notes: RowNotes) -> list[str]:
    """What is said of rows."""
    about = (
        (
            trouble.open_quotes,
            (
                "A quote opens in {} and never closes: it was taken as an ordinary sign, and the line was "
                "cut at its delimiters. Nothing was left out."
            ),
        ),
        (
            trouble.odd_quotes,
            "A quote stands inside a quoted cell in {}: it was kept as an ordinary sign.",
        ),
        (
            trouble.rows_inside,
            (
                "A cell that begins in {} holds lines that look like rows of their own; if they are, a "
                "quote is missing there. The text was kept as it is."
            ),
        ),
        (
            trouble.too_large,
            (
                f"What begins in {{}} is larger than {MAX_RECORD_CHARS // 1024**2} million signs, more than "
                "a record can hold: it was skipped, and all else was read."
            ),
        ),
        (
            trouble.too_wide,
            (
                "There are more cells in {} than a collection can have fields: the row was skipped, and "
                "all else was read."
            ),
        ),
        (
            notes.long,
            "There are more cells than names in {}: those beyond went into fields of their own.",
        ),
        (notes.short, "There are fewer cells than names in {}: the missing ones are blank."),
        (notes.blank, "There is no value at all in {}: no record was made of it."),
        (notes.zeros, "There are zero bytes in {}: they were kept."),
    )
    return [
        sentence.format(named("line", met.count, met.lines)) for met, sentence in about if met.count
    ]


def encoding_sentences(encoding: Encoding, kept: KeptBytes) -> list[str]:
    """What is said of the encoding."""
    said = []
    if encoding.guessed:
        said.append(
            f"The file does not say its encoding; it was read as {encoding.name}. If letters look "
            "wrong, tell the encoding and import it again."
        )
    if encoding.unlike:
        where = named("line", len(encoding.unlike), list(encoding.unlike))
        said.append(
            f"The letters in {where} look like utf-8, unlike the others: if they come out wrong there, the "
            "file was put together from two. Every byte was kept."
        )
    if kept.count:
        where = named("line", kept.count, kept.lines)
        said.append(
            f"Some bytes in {where} are not {encoding.name}: each was kept as the letter that Windows "
            "has for it."
        )
    return said


def name_sentences(given: list[str], names: list[str]) -> list[str]:
    """What is said of names that could not stay as they were."""
    changed = [
        f"{quoted(name)} (column {at})"
        for at, (raw, name) in enumerate(zip(given, names, strict=True), 1)
        if raw.strip() != name
    ]
    if not changed:
        return []
    more = f" and {len(changed) - _LISTED} more" if len(changed) > _LISTED else ""
    return [
        (
            "Names that were empty, there twice or not fit for a field were given anew: "
            f"{', '.join(changed[:_LISTED])}{more}."
        )
    ]


def column_sentences(columns: list[Column], unit: str) -> list[str]:
    """What is said of columns: a day that is none."""
    return [
        f"{quoted(column.name)} stays text: there is no {quoted(value)} ({unit} {number:,})."
        for column in columns
        if column.verdict.warning is not None
        for value, number in [column.verdict.warning]
    ]
