"""What goes to the terminal: one JSON value, or tables for people; messages go to stderr.

1. With --json nothing but the value reaches stdout.
2. No text from a record can move the cursor, ring or crash: control signs and lone halves of
   signs are shown as escapes.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

_SHOWN_AS_THEY_ARE = {"\n", "\t"}
_CELL_LIMIT = 60
_PIPE_COLUMNS = 1000  # a table that no terminal shows is not folded or cut


class Output:
    """Where one run writes to."""

    def __init__(
        self, *, as_json: bool, out: TextIO | None = None, err: TextIO | None = None
    ) -> None:
        self.as_json = as_json
        self._out = out or sys.stdout
        self._err = err or sys.stderr

    @property
    def interactive(self) -> bool:
        """Whether a person watches the messages."""
        return self._err.isatty()

    @property
    def columns(self) -> int:
        """How many signs a line may have."""
        if not self._out.isatty():
            return _PIPE_COLUMNS
        import shutil

        return shutil.get_terminal_size().columns

    def value(self, value: object) -> None:
        """Print the one JSON value of a run."""
        self._out.write(self._encoded(value) + "\n")

    def listing(self, name: str, items: Iterable[object], rest: Mapping[str, object]) -> None:
        """Print an object with one long list in it, without holding the list."""
        self._out.write(f'{{"{name}": [')
        for number, item in enumerate(items):
            self._out.write((", " if number else "") + self._encoded(item))
        tail = "".join(
            f", {json.dumps(key)}: {self._encoded(value)}" for key, value in rest.items()
        )
        self._out.write(f"]{tail}}}\n")

    def ids(self, ids: Iterable[int]) -> None:
        """Print ids of records, as the contract spells them."""
        from storage import encode_id

        spelled = [encode_id(each) for each in ids]
        if self.as_json:
            self.value({"ids": spelled})
            return
        for each in spelled:
            self.line(each)

    def line(self, text: str) -> None:
        """Print a line of the answer, for people."""
        self._out.write(visible(text) + "\n")

    def say(self, text: str) -> None:
        """Print a message beside the answer."""
        self._err.write(visible(text) + "\n")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print a table, for people."""
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        def cell(text: str) -> Text:
            return Text(one_line(text), no_wrap=True, overflow="ellipsis")

        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            # Where the terminal is narrow the widest give way; an id, typed into the next command, last.
            table.add_column(cell(column), no_wrap=column == "id")
        for row in rows:
            table.add_row(*(cell(each) for each in row))
        Console(file=self._out, width=self.columns, highlight=False).print(table)

    def _encoded(self, value: object) -> str:
        text = json.dumps(value, ensure_ascii=False)
        try:
            text.encode(self._out.encoding or "ascii")
        except (UnicodeEncodeError, LookupError):
            return json.dumps(
                value
            )  # as \\u escapes: the terminal's encoding lacks a sign, or it is half of one
        return text


def visible(text: str) -> str:
    """Return text whose control signs and lone halves are shown as escapes."""
    if text.isprintable():
        return text
    return "".join(sign if _is_harmless(sign) else _escape(sign) for sign in text)


def one_line(text: str) -> str:
    """Return text fit for a cell of a table."""
    flat = " ".join(text.split()) if not text.isprintable() else text
    shown = visible(flat)
    return shown if len(shown) <= _CELL_LIMIT else shown[: _CELL_LIMIT - 1] + "…"


def plain(value: Any) -> str:
    """Return a fact (number, name or nothing) as text for people."""
    return "–" if value is None else str(value)


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:  # noqa: PLR2004 - the step between units
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def _is_harmless(sign: str) -> bool:
    return sign in _SHOWN_AS_THEY_ARE or unicodedata.category(sign) not in {"Cc", "Cs", "Cn"}


def _escape(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
