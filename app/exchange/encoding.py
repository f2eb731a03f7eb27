"""Which encoding a file has: told, marked, proved, or guessed – and how its bytes become text.

Proved is UTF-8 alone: the whole file is looked at, because one word far down decides. What does not
decode is kept, byte for byte a character, and its line is named; nothing is replaced by a "?".
"""

import codecs
import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer

from app.errors import quoted
from app.exchange.errors import UnknownEncodingError

_MARKS = (  # the longer ones first: UTF-32's begins like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BLOCK_BYTES = 1024 * 1024
_SAMPLE_BYTES = 64 * 1024
_GUESSES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r",
    "cp932", "gb18030", "big5", "cp949", "euc_jp", "cp850", "cp437", "mac_roman",
]  # fmt: skip
# In these two bytes of a letter may be UTF-8 by chance.
_SEVERAL_BYTES = frozenset({"cp932", "gb18030", "big5", "cp949", "euc_jp"})
_WEST = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽž"
_WEST_SIGNS = "“”‘’–—…«»€£§°©®™±·µºª½¼¾¡¿²³\xa0"
_WESTERN = re.compile(f"[\x00-\x7f{_WEST}{_WEST_SIGNS}]*")
_SIGN_INSIDE_A_WORD = re.compile(f"[a-z{_WEST}][£§°©®™±µ½¼¾¡¿²³][a-z{_WEST}]", re.IGNORECASE)
_WORD = re.compile(f"[A-Za-z{_WEST}]{{3,}}")
_FOREIGN_WORD = re.compile(f"[{_WEST}]{{3,}}")


@dataclass(frozen=True)
class Encoding:
    """A codec's name, the bytes of the mark before the text, whether it was only guessed, and lines not in it."""

    name: str
    mark_bytes: int = 0
    guessed: bool = False
    unlike: tuple[int, ...] = ()  # lines that are UTF-8 where most are not

    @property
    def wide(self) -> bool:
        """Whether a line end is more than one byte."""
        return self.name.startswith(("utf-16", "utf-32"))


def detect(
    path: Path, told: str | None = None, check: Callable[[], None] = lambda: None
) -> Encoding:
    """The encoding of the file at `path`; `check` is called between blocks and may raise."""
    with path.open("rb") as file:
        head = file.read(4096)
    marked = next(
        (Encoding(name, len(mark)) for mark, name in _MARKS if head.startswith(mark)), None
    )
    if told is not None:
        return _told(told, marked)
    return marked or _without_mark(head) or _utf8_or_guess(path, check)


def is_wide(head: bytes) -> bool:
    """Whether a file that begins so is UTF-16 or UTF-32, where zero bytes are no sign of anything else."""
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    return marked != "utf-8" or _without_mark(head) is not None


def _told(told: str, marked: Encoding | None) -> Encoding:
    try:
        info = codecs.lookup(told)
        "".encode(told)
    except (LookupError, TypeError, ValueError):
        raise UnknownEncodingError(
            f"There is no text encoding {quoted(told)}. Nothing was imported.",
            hint="Say for example utf-8, utf-16, cp1252 (Windows, Western Europe), shift_jis or gbk, "
            "or leave it out: it will be recognised.",
        ) from None
    name = info.name.removesuffix("-sig")
    if marked is not None and marked.name.startswith(name):
        return marked
    return Encoding(f"{name}-le" if name in {"utf-16", "utf-32"} else name)


def _without_mark(head: bytes) -> Encoding | None:
    """UTF-16 or UTF-32 by its zero bytes: where they stand, and that the line ends have them."""
    if b"\0" not in head:
        return None
    for name, width in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2)):
        text = head[: len(head) - len(head) % width].decode(name, "replace")
        ascii_signs = sum(1 for sign in text if "\t" <= sign <= "~")
        ends = head.count(b"\n")
        if ascii_signs >= max(2, len(text) / 20) and text.count("\n") >= 0.8 * ends:
            zeros = sum(head[at::width].count(0) for at in range(width))
            if zeros >= ascii_signs * (width - 1) and "\0" not in text:
                return Encoding(name, guessed=True)
    return None


def _utf8_or_guess(path: Path, check: Callable[[], None]) -> Encoding:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK_BYTES):
                check()
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _guess(path, check)
    return Encoding("utf-8")


def _guess(path: Path, check: Callable[[], None]) -> Encoding:
    """UTF-8 when most lines that could tell are UTF-8, else what fits the lines that are not."""
    good, bad = 0, bytearray()
    for _, line, is_utf8 in _telling_lines(path, check):
        if is_utf8:
            good += len(line)
        else:
            bad += line
            if len(bad) >= _SAMPLE_BYTES:
                break
    if good >= len(bad):
        return Encoding("utf-8")
    name = guess_codec(bytes(bad))
    unlike = _utf8_lines(path, check) if good and name not in _SEVERAL_BYTES else ()
    return Encoding(name, guessed=True, unlike=unlike)


def _telling_lines(path: Path, check: Callable[[], None]) -> Iterator[tuple[int, bytes, bool]]:
    """Lines beyond ASCII: (number, bytes, whether they are UTF-8); of a very long one the pieces."""
    number = 1
    with path.open("rb") as file:
        while line := file.readline(_SAMPLE_BYTES):
            check()
            if not line.isascii():
                try:
                    line.decode("utf-8", "surrogatepass")
                    is_utf8 = True
                except UnicodeDecodeError:
                    is_utf8 = False
                yield number, line, is_utf8
            number += line.count(b"\n") + line.count(b"\r") - line.count(b"\r\n")


def _utf8_lines(path: Path, check: Callable[[], None]) -> tuple[int, ...]:
    """The numbers of the lines that are UTF-8; each counts once."""
    found = (number for number, _, is_utf8 in _telling_lines(path, check) if is_utf8)
    return tuple(dict.fromkeys(found))


def guess_codec(sample: bytes) -> str:
    """The likeliest codec of bytes that are not UTF-8."""
    if _looks_western(sample):
        return "cp1252"
    best = charset_normalizer.from_bytes(sample, cp_isolation=list(_GUESSES)).best()
    return best.encoding if best is not None else "latin-1"


def _looks_western(sample: bytes) -> bool:
    """Western European letters among ASCII ones; a word all of them is another alphabet misread."""
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    if not _WESTERN.fullmatch(text) or _SIGN_INSIDE_A_WORD.search(text):
        return False
    words = _WORD.findall(text)
    foreign = sum(1 for word in words if _FOREIGN_WORD.fullmatch(word))
    return foreign * 5 <= len(words)


class Decoder:
    """Bytes to text, block by block; what does not decode is kept and its place told."""

    def __init__(self, encoding: Encoding) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding.name)(_KEEP)

    def decode(self, data: bytes, *, final: bool = False) -> tuple[str, list[int]]:
        """The text of `data`, and at which of its bytes something was kept as it was."""
        places: list[int] = []
        _kept.places = places
        return self._decoder.decode(data, final), places

    @property
    def between_characters(self) -> bool:
        """Whether no byte of an unfinished character is held back."""
        return not self._decoder.getstate()[0]


_KEEP = "commonhold.keep"
_kept = threading.local()


def _keep(error: UnicodeError) -> tuple[str, int]:
    """Half a surrogate pair as itself, any other byte as the character that Windows has for it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    _kept.places.append(error.start)
    if error.encoding.startswith("utf"):
        width = {"utf-8": 3, "utf-16": 2}.get(
            error.encoding.removesuffix("-le").removesuffix("-be"), 4
        )
        piece, end = error.object[error.start : error.start + width], error.start + width
        with contextlib.suppress(UnicodeDecodeError):
            return piece.decode(error.encoding, "surrogatepass"), end
    end = max(error.end, error.start + 1)
    piece = error.object[error.start : end]
    try:
        return piece.decode("cp1252"), end
    except UnicodeDecodeError:
        return piece.decode("latin-1"), end


codecs.register_error(_KEEP, _keep)
