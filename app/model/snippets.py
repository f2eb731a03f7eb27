"""The stretch of a record that shows why it was found, with the words that were searched for marked."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

AROUND: Final = 60  # signs; three times as many are shown at most

Piece = tuple[str, bool]  # a stretch of text, and whether it is what was searched for


def snippet(
    document: Mapping[str, Any], words: Sequence[str], *, besides: str = ""
) -> tuple[Piece, ...]:
    """The stretch of the record around the first word found outside its title, with the words marked."""
    marks = [word.casefold() for word in words if word]
    for name, value in document.items():
        text = " ".join(_flat(value).split())
        if text == besides or not text:
            continue
        low = text.casefold()
        at = min((low.find(word) for word in marks if word in low), default=-1)
        if at >= 0:
            return ((f"{name}: ", False), *marked(_cut(text, at), marks))
    return marked(besides, marks) if _holds(besides, marks) else ()


def marked(text: str, marks: Sequence[str]) -> tuple[Piece, ...]:
    """Text cut into pieces that are marked or not."""
    pieces: list[Piece] = []
    low, at = text.casefold(), 0
    if len(low) != len(text):
        return ((text, False),)
    while at < len(text):
        starts = [
            (low.find(word, at), -len(word), word) for word in marks if low.find(word, at) >= 0
        ]
        if not starts:
            break
        start, _, word = min(starts)
        if start > at:
            pieces.append((text[at:start], False))
        pieces.append((text[start : start + len(word)], True))
        at = start + len(word)
    if at < len(text):
        pieces.append((text[at:], False))
    return tuple(pieces)


def _holds(text: str, marks: Sequence[str]) -> bool:
    return any(word in text.casefold() for word in marks)


def _cut(text: str, at: int) -> str:
    start = max(0, at - AROUND // 2)
    return ("…" if start else "") + text[start : start + 3 * AROUND]


def _flat(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_flat(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(_flat(item) for item in value.values())
    return str(value)
