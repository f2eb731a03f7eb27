"""What kinds of value each path of a collection has ever held: sticky bits, set on write and never cleared.

The query compiler may translate a comparison to SQL only where the bits say that both mean the same. A bit too many
costs speed, a bit too few a wrong answer: so they are written in the transaction that first needs them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from storage.search.words import Searchable, digits

NUMBER: Final = 1
BOOL: Final = 2
TEXT: Final = 4
NULL: Final = 8
LIST: Final = 16
OBJECT: Final = 32
ODD: Final = 64  # values that SQLite would compare otherwise than Python: only Python may look
MAX_CHILDREN: Final = 2000

_BITS: Final[dict[type, int]] = {bool: BOOL, type(None): NULL, list: LIST}
_BETWEEN: Final[dict[type, tuple[float, float]]] = {  # what SQLite compares exactly
    int: (-(2**63) - 1, 2**63),
    float: (-(2.0**53), 2.0**53),
}
Path = tuple[str, ...]


class Node:
    """One path: its bits and the paths below it. `wild` when there are too many to follow."""

    __slots__ = ("below", "bits", "wild")

    def __init__(self) -> None:
        self.bits = 0
        self.below: dict[str, Node] = {}
        self.wild = False


class PathKinds:
    """The sticky bits of one collection. Merging only ever sets bits, so readers may do it without a lock."""

    def __init__(self, rows: Iterable[tuple[str, int]] = ()) -> None:
        self.root = Node()
        self.root.bits = OBJECT
        self.merge(rows)

    def merge(self, rows: Iterable[tuple[str, int]]) -> None:
        """Add stored bits: (path as a JSON list, bits)."""
        for text, bits in rows:
            node = self.root
            for part in json.loads(text):
                node = node.below.setdefault(part, Node())
            node.bits |= bits & ~WILD
            node.wild = node.wild or bool(bits & WILD)

    def bits(self, path: Path) -> int:
        """Bits of a path; 0 when nothing was ever there, ODD when it cannot be known."""
        node = self.root
        for part in path:
            if node.wild:
                return ODD
            found = node.below.get(part)
            if found is None:
                return 0
            node = found
        return node.bits

    def learn(
        self, document: dict[str, Any], *, odd_text: bool = False, found: Searchable | None = None
    ) -> list[tuple[Path, int]]:
        """Take in a document; returns the paths whose bits grew, with all their bits.

        `odd_text`: the document has lone surrogates somewhere, so each text is looked at. `found` gets what a search
        finds in it, as `search.words.searchable` gives it: one walk instead of two.
        """
        grown: list[tuple[Path, int]] = []
        self._learn(
            document, self.root, (), grown, odd_text, Searchable() if found is None else found
        )
        return grown

    def _learn(
        self,
        document: dict[str, Any],
        node: Node,
        path: Path,
        grown: list[tuple[Path, int]],
        odd: bool,  # noqa: FBT001  # recursion: a keyword costs as much as the work
        found: Searchable,
    ) -> None:
        below = node.below
        for key, value in document.items():
            if odd and "\0" in key:
                self._cut_name(node, path, key, grown)
            child = below.get(key)
            if child is None:
                if node.wild:
                    found.take(value)
                    continue
                if len(below) >= MAX_CHILDREN:
                    node.wild = True
                    grown.append((path, node.bits | WILD))
                    found.take(value)
                    continue
                child = below[key] = Node()
            kind = type(value)
            if kind is str:
                found.texts.append(value)
                bit = ODD if "\0" in value or (odd and _has_surrogate(value)) else TEXT
            elif kind is int or kind is float:
                found.numbers += digits(value)
                low, high = _BETWEEN[kind]
                bit = NUMBER if low < value < high else ODD
            elif kind is dict:
                bit = OBJECT
            else:
                bit = _BITS[kind]
                if kind is list:
                    found.take(value)
            if not child.bits & bit:
                child.bits |= bit
                grown.append(((*path, key), child.bits))
            if kind is dict:
                self._learn(value, child, (*path, key), grown, odd, found)

    @staticmethod
    def _cut_name(node: Node, path: Path, key: str, grown: list[tuple[Path, int]]) -> None:
        """SQLite reads a name only up to a zero sign: what it then finds under the shorter name is not there."""
        short = key.partition("\0")[0]
        child = node.below.setdefault(short, Node())
        if not (child.wild and child.bits & ODD):
            child.bits |= ODD
            child.wild = True
            grown.append(((*path, short), child.bits | WILD))

    def paths(self) -> Iterator[tuple[Path, int]]:
        """Every known path with its bits, for checks."""
        stack: list[tuple[Path, Node]] = [((), self.root)]
        while stack:
            path, node = stack.pop()
            for key, child in node.below.items():
                yield (*path, key), child.bits
                stack.append(((*path, key), child))


WILD: Final = 128


def path_text(path: Path) -> str:
    """A path as it is stored."""
    return json.dumps(list(path))


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= ch <= "\udfff" for ch in text)
