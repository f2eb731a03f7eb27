"""Names that a file gives, made fit: fields each with one of its own, a collection for the file."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from app.exchange.limits import MAX_NAME_CHARS

# What no name may hold: line ends and other control characters, halves of surrogate pairs.
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_COPY = re.compile(r"(?:[ _-]*\([0-9]+\)|[ _-]+copy)+$", re.IGNORECASE)


def field_names(given: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """One name per column: as given where it can be, numbered where it is empty or there already."""
    names: list[str] = []
    used = set(taken)
    for at, raw in enumerate(given, 1):
        name = tidy(raw) or f"Column {at}"
        unique, count = name, 2
        while unique in used:
            unique, count = f"{name} {count}", count + 1
        used.add(unique)
        names.append(unique)
    return names


def tidy(name: str) -> str:
    """A name on one line, without blanks around it, no longer than a name may be."""
    name = _UNFIT.sub(" ", unicodedata.normalize("NFC", name)).strip().lstrip("\ufeff")
    return name if len(name) <= MAX_NAME_CHARS else name[: MAX_NAME_CHARS - 1] + "…"


def collection_name(path: Path) -> str:
    """The name of the collection that a file fills when none is told: `zipcodes.csv` → zipcodes."""
    stem = path.name
    while (shorter := Path(stem).stem) != stem and Path(stem).suffix.lower() in _SUFFIXES:
        stem = shorter
    return tidy(_COPY.sub("", stem)).lstrip("_ ") or tidy(stem).lstrip("_ ") or "Imported"


_SUFFIXES = {".csv", ".tsv", ".tab", ".txt", ".psv", ".json", ".ndjson", ".jsonl"}
