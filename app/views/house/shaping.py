"""Text cut into what is drawn as one piece, in the order seen from left to right. Knows no font.

A piece is one character; or a whole word where letters join or stack (shaped by HarfBuzz when drawn); or an emoji
sequence; or a name for what has no picture (control characters, lone surrogates). Order is by the Unicode bidirectional
algorithm (python-bidi), applied to pieces, so that a word is reversed as a whole and shaped afterwards.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from typing import Final, NamedTuple

from bidi import algorithm as bidi

SHAPED = (
    "\u0590-\u08ff\u0900-\u0fff\u1000-\u109f\u1100-\u11ff\u1200-\u137f\u1780-\u18af\u1900-\u1aff\u1b00-\u1c7f"
    "\ua800-\ua8ff\ua900-\uabff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U00011000-\U00011fff"
    "\U0001e800-\U0001efff"
)
MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\u200f\u202b\u202e\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
HIDDEN = (
    "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef"
)
EMOJI = (
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd"
    "\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e"
    "\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f004\U0001f0cf\U0001f18e"
    "\U0001f191-\U0001f19a\U0001f201\U0001f21a\U0001f22f\U0001f232-\U0001f236\U0001f238-\U0001f23a\U0001f250"
    "\U0001f251\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7eb\U0001f7f0\U0001f900-\U0001faff"
)
SKIN, FLAG = "\U0001f3fb-\U0001f3ff", "\U0001f1e6-\U0001f1ff"
NAMELESS = "\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"

# Any of these makes a line more than a row of single characters.
COMPLEX: Final = re.compile(f"[{NAMELESS}{SHAPED}{MARKS}{HIDDEN}{EMOJI}{FLAG}\u20e3\u2028\u2029]")
PIECE: Final = re.compile(
    rf"(?P<emoji>[{FLAG}]{{2}}|[0-9#*]\ufe0f?\u20e3"
    rf"|(?:[{EMOJI}]\ufe0f?|[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]\ufe0f)[{SKIN}]?[\U000e0020-\U000e007f]*"
    rf"(?:\u200d[^\s\u200d]\ufe0f?[{SKIN}]?)*)"
    rf"|(?P<word>[{SHAPED}][{SHAPED}{MARKS}\u200c\u200d]{{0,31}}[{MARKS}]*)"
    rf"|(?P<nameless>[{NAMELESS}])"
    rf"|(?P<hidden>[{HIDDEN}])"
    rf"|(?P<marked>[^\s{MARKS}][{MARKS}]+)"
    rf"|(?P<one>.)",
    re.DOTALL,
)
SPACES: Final = re.compile(r"\r\n|[\t\n\r\v\f\u0085\u2028\u2029]")
KNOWN: Final = frozenset(
    [
        "L",
        "R",
        "AL",
        "EN",
        "ES",
        "ET",
        "AN",
        "CS",
        "NSM",
        "BN",
        "B",
        "S",
        "WS",
        "ON",
        "LRE",
        "LRO",
        "RLE",
        "RLO",
        "PDF",
    ]
)
ISOLATES: Final = re.compile("[\u2066-\u2069]")


class Kind(Enum):
    """How a piece is drawn."""

    ONE = "one"
    WORD = "word"
    EMOJI = "emoji"
    NAMELESS = "nameless"


class Piece(NamedTuple):
    """A stretch of text that is drawn as one sprite."""

    text: str
    kind: Kind


def pieces(text: str) -> tuple[list[Piece], bool]:
    """Pieces from left to right, and whether the line as a whole reads from right to left."""
    text = ISOLATES.sub("", unicodedata.normalize("NFC", SPACES.sub(" ", text)))
    logical = [_piece(match) for match in PIECE.finditer(text)]
    if not RIGHT_TO_LEFT.search(text):
        return [piece for piece in logical if piece is not None and piece.text], False
    return _visual([(m.group(), p) for m, p in zip(PIECE.finditer(text), logical, strict=True)])


def reads_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is a right-to-left one."""
    if not RIGHT_TO_LEFT.search(text):
        return False
    for ch in text:
        kind = unicodedata.bidirectional(ch)
        if kind in {"L", "R", "AL"}:
            return kind != "L"
    return False


def name_nameless(ch: str) -> str:
    """What stands for a character that has no picture: its code, in guillemets."""
    return f"‹{ord(ch):02X}›"


def _piece(match: re.Match[str]) -> Piece | None:
    group = match.lastgroup
    text = match.group()
    if group == "hidden":
        return None
    if group in {"word", "marked"}:
        return Piece(text, Kind.WORD)
    if group == "emoji":
        return Piece(text, Kind.EMOJI)
    if group == "nameless":
        return Piece(text, Kind.NAMELESS)
    return Piece(text, Kind.ONE)


def _visual(logical: list[tuple[str, Piece | None]]) -> tuple[list[Piece], bool]:
    """Order by the bidirectional algorithm; each piece takes part as its first character."""
    stand_ins = "".join(_stand_in(source, piece) for source, piece in logical)
    base = bidi.get_base_level(stand_ins)
    storage = bidi.get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, ("L", "R")[base]
    bidi.get_embedding_levels(stand_ins, storage)
    for at, entry in enumerate(storage["chars"]):
        entry["at"] = at
    bidi.explicit_embed_and_overrides(storage)
    bidi.resolve_weak_types(storage)
    bidi.resolve_neutral_types(storage, False)
    bidi.resolve_implicit_levels(storage, False)
    bidi.reorder_resolved_levels(storage, False)
    out = []
    for entry in storage["chars"]:
        piece = logical[entry["at"]][1]
        if piece is None:
            continue
        if entry["level"] % 2 and piece.kind is Kind.ONE:
            piece = Piece(bidi.MIRRORED.get(piece.text, piece.text), Kind.ONE)
        out.append(piece)
    return out, base == 1


def _stand_in(source: str, piece: Piece | None) -> str:
    """A character that the algorithm knows: it refuses nameless and unassigned ones and isolates."""
    known = piece is None or piece.kind is not Kind.NAMELESS
    return source[0] if known and unicodedata.bidirectional(source[0]) in KNOWN else "."
