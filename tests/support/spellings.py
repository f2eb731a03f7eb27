"""The ways in which something can lie in a file and still be read, for searches of what must not be there."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path


def spellings(secret: bytes) -> Iterator[bytes]:
    """Bytes as they are, in hex, and in base64 at each of its three alignments, less what neighbours change."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for before in range(3):
        coded = base64.b64encode(bytes(before) + secret)
        start = -(-before * 8 // 6)
        end = len(coded) - 4 if (before + len(secret)) % 3 else len(coded)
        for variant in (coded, coded.replace(b"+", b"-").replace(b"/", b"_")):
            yield variant[start:end]


def of_text(text: str) -> Iterator[bytes]:
    """The spellings of a text in each encoding that a system writes."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        yield from spellings(text.encode(encoding))


def of_key(key: bytes) -> Iterator[bytes]:
    """The spellings of a key, and of what is written of it as a text."""
    yield from spellings(key)
    for text in (key.hex(), base64.b64encode(key).decode()):
        yield from of_text(text)


def found(folders: Iterable[Path], wanted: Mapping[str, Iterable[bytes]]) -> set[tuple[str, str]]:
    """Which of the wanted things lie in which file, by content or by name."""
    needles = {name: set(each) for name, each in wanted.items()}
    places = [each for folder in folders for each in folder.rglob("*") if each.is_file()]
    hits = set()
    for place in places:
        data = place.read_bytes() + b"\0" + str(place).encode()
        hits |= {
            (name, place.name)
            for name, each in needles.items()
            if any(needle in data for needle in each)
        }
    return hits
