r"""A file as text: decoded block by block, cut into lines, each line with its number.

1. A block of lines is bounded; a line longer than a record may be is not kept, only measured.
2. `\n`, `\r` and `\r\n` end a line, mixed as they come; ends stay on the line.
3. What the encoding cannot say is kept as it is (`encoding`) and its line's number remembered.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.exchange.encoding import Decoder, Encoding
from app.exchange.limits import MAX_RECORD_CHARS, NAMED, READ_BYTES


@dataclass(frozen=True)
class Mark:
    """A place where a line begins: the byte in the file, and the number of lines before it."""

    byte: int
    lines: int


@dataclass(frozen=True)
class LongLine:
    """A line that was not kept: its characters, and how many quotes were among them."""

    chars: int
    quotes: int


@dataclass
class KeptBytes:
    """Lines with bytes that the encoding cannot say: how many, and the first of them."""

    count: int = 0
    lines: list[int] = field(default_factory=list)
    last: int = 0

    def add(self, line: int) -> None:
        """One more place in a line, unless it is known or a walk was there before."""
        if line <= self.last:
            return
        self.last = line
        self.count += 1
        if len(self.lines) < NAMED:
            self.lines.append(line)


class TextFile:
    """The text of one file, walked through as often as needed."""

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self.path = path
        self.encoding = encoding
        self.size_bytes = path.stat().st_size
        self.done_bytes = 0
        self.kept = KeptBytes()
        self.has_zeros = False

    @property
    def start(self) -> Mark:
        """Where the text begins."""
        return Mark(self.encoding.mark_bytes, 0)

    def pieces(self, start: Mark | None = None) -> Iterator[tuple[int, bool, str]]:
        """(byte at its end, whether it ends between characters, text) of each block read."""
        start = start or self.start
        decoder = Decoder(self.encoding)
        lines, position, rest = start.lines, start.byte, b""
        with self.path.open("rb") as file:
            file.seek(start.byte)
            while True:
                chunk = file.read(READ_BYTES)
                data = rest + chunk
                cut = len(data)
                if chunk and not self.encoding.wide:  # a line's end is a safe place to decode to
                    cut = data.rfind(b"\n") + 1 or cut
                data, rest = data[:cut], data[cut:]
                text, places = decoder.decode(data, final=not chunk)
                at, number = 0, lines + 1
                for place in places:
                    number += _line_ends(data[at:place], self.encoding)
                    self.kept.add(number)
                    at = place
                lines += _ends(text)
                position += len(data)
                self.done_bytes = position
                if text:
                    self.has_zeros = self.has_zeros or "\0" in text
                    yield position, decoder.between_characters, text
                if not chunk:
                    return

    def lines(
        self, start: Mark | None = None, quote: str = '"'
    ) -> Iterator[tuple[Mark | None, list[str] | LongLine]]:
        """Blocks of whole lines, with the mark of the block where one can start from again."""
        mark: Mark | None = start or self.start
        number = start.lines if start else 0
        rest, chars, quotes = "", 0, 0
        for position, between, text in self.pieces(start):
            block = list(io.StringIO(rest + text, newline=""))
            rest = "" if block[-1].endswith("\n") else block.pop()
            if chars and block:  # the end of a line of which nothing was kept
                first = block.pop(0)
                yield mark, LongLine(chars + len(first), quotes + first.count(quote))
                chars, quotes, number = 0, 0, number + 1
            if block:
                yield mark, block
                number += len(block)
            if chars or len(rest) > MAX_RECORD_CHARS:
                chars, quotes, rest = chars + len(rest), quotes + rest.count(quote), ""
            mark = Mark(position, number) if between and not (rest or chars) else None
        if chars:
            yield mark, LongLine(chars + len(rest), quotes + rest.count(quote))
        elif rest:
            yield mark, [rest]


def _ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _line_ends(data: bytes, encoding: Encoding) -> int:
    return _ends(data.decode(encoding.name if encoding.wide else "latin-1", "replace"))
