"""Finds traces of words in files, however they may be spelled there: plain, in UTF-16, base64 or hexadecimal."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

WINDOW = 8  # bytes by which a trace is looked up: no spelling below is shorter


def spellings(word: str) -> Iterator[bytes]:
    """The bytes that a word may be in a file, in small letters or large ones."""
    for cased in {word, word.lower(), word.upper()}:
        plain = cased.encode("utf-8")
        wide = cased.encode("utf-16-le")
        yield plain
        yield wide
        yield cased.encode("utf-16-be")
        for form in (plain, wide):
            yield form.hex().encode()
            yield form.hex().upper().encode()
            for shift in range(3):
                coded = base64.b64encode(bytes(shift) + form + bytes(3))
                # Only the signs that these bytes alone decide.
                first, last = -(-shift * 8 // 6), (shift + len(form)) * 8 // 6
                yield coded[first:last]


class Traces:
    """A search for many words at once."""

    def __init__(self, words: Iterable[str]) -> None:
        self._known: defaultdict[bytes, list[tuple[bytes, str]]] = defaultdict(list)
        for word in words:
            for spelling in spellings(word):
                self._known[spelling[:WINDOW]].append((spelling, word))

    def within(self, data: bytes) -> set[str]:
        """The words that have left a trace in some bytes."""
        known, found = self._known, set[str]()
        for at in range(len(data) - WINDOW + 1):
            for spelling, word in known.get(data[at : at + WINDOW], ()):
                if data.startswith(spelling, at):
                    found.add(word)
        return found

    def below(self, folder: Path) -> dict[str, set[str]]:
        """The words found in each file below a folder, and in its name; of files without a trace, nothing."""
        found: dict[str, set[str]] = {}
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            words = self.within(name.encode("utf-8", "surrogateescape") + bytes(WINDOW))
            if path.is_file() and not path.is_symlink():
                words |= self.within(path.read_bytes())
            if words:
                found[name] = words
        return found
