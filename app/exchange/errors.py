"""What makes an import or an export stop; each message says what it means for the data.

ExchangeError
├── UnreadableFileError      missing, a folder, no permission, not a file that can be read twice
├── UnknownFormatError       neither told nor recognised
├── UnknownEncodingError     a told encoding that does not exist
├── BadDelimiterError        a told delimiter that is not one character
├── TooManyColumnsError      (.columns, .limit)
├── BadJsonError             not JSON (.line, .column)
├── NewerExportError         our own export, of a version that is not known here
├── BrokenExportError        our own export, changed so that it cannot be read
├── NothingToImportError     a file without a single name or value
├── NoSuchColumnError        a key that the file does not have
├── NeedsCollectionError     a CSV file holds one collection, and there are several, or none
├── ImportStoppedError       cancelled: nothing was kept
├── ExportStoppedError       cancelled: no file was written
└── UnwritableFileError      the place to write to does not take it
"""

from app.errors import AppError


class ExchangeError(AppError):
    """An import or an export that was refused or failed."""


class UnreadableFileError(ExchangeError):
    """The file cannot be read."""


class UnknownFormatError(ExchangeError):
    """The file is of no format that is known here."""


class UnknownEncodingError(ExchangeError):
    """The encoding that was asked for does not exist."""


class BadDelimiterError(ExchangeError):
    """The delimiter that was asked for is not one character."""


class TooManyColumnsError(ExchangeError):
    """The file has more columns than a collection can have fields."""

    def __init__(self, columns: int, limit: int, where: str) -> None:
        super().__init__(
            f"{where} has {columns:,} columns, and a collection can have no more than {limit:,} fields. "
            "Nothing was imported.",
            hint="Split the file into several with fewer columns, or tell the delimiter if these "
            "are not columns at all.",
        )
        self.columns = columns
        self.limit = limit


class BadJsonError(ExchangeError):
    """The file is no JSON that can be read (`.line` and `.column` count from 1)."""

    def __init__(self, what: str, line: int, column: int) -> None:
        super().__init__(
            f"The file cannot be read as JSON at line {line}, column {column}: {what}. "
            "Nothing was imported.",
            hint="Mend that place in the file, or export it once more from where it came from.",
        )
        self.line = line
        self.column = column


class NewerExportError(ExchangeError):
    """An export that a newer program wrote."""


class BrokenExportError(ExchangeError):
    """One of our own exports that was changed afterwards."""


class NothingToImportError(ExchangeError):
    """The file holds no name and no value."""


class NoSuchColumnError(ExchangeError):
    """The key is not among the file's columns."""


class NeedsCollectionError(ExchangeError):
    """It is not clear which collection is meant."""


class ImportStoppedError(ExchangeError):
    """The import was cancelled; the workspace is as it was before."""


class ExportStoppedError(ExchangeError):
    """The export was cancelled; no file was written, and one of that name is as it was."""


class UnwritableFileError(ExchangeError):
    """The file cannot be written there."""
