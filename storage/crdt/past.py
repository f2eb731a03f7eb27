"""What the merge core asks of whoever keeps the changes. Owns the questions, none of the answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from storage.crdt.dots import Cause, Dot
from storage.crdt.operations import Operation

if TYPE_CHECKING:
    from storage.crdt.text import Text


class Applied(NamedTuple):
    """An accepted operation, with its dot and its change."""

    operation: Operation
    dot: Dot
    cause: Cause


class Past(Protocol):
    """The changes applied so far, the one being absorbed among them.

    Seldom asked: only about concurrent work, never for a plain write.
    """

    def sees(self, later: Dot, earlier: Dot) -> bool:
        """Whether the author of `later` saw `earlier` (rule 4), an earlier operation of the same change included.

        False if either is not accepted: a rejected change may be unknown to other replicas.
        """
        ...

    def stamp_and_hash(self, lane: int, number: int) -> tuple[int, bytes]:
        """Of an applied change."""
        ...

    def name_of(self, lane: int, number: int) -> bytes:
        """The 16 bytes by which all replicas know the feed of an applied change, or beyond a fork its branch."""
        ...

    def operations(self, record: Dot, field: str) -> Iterable[Applied]:
        """The accepted operations on one field of a record, in any order: at least all that were absorbed before."""
        ...

    def text(self, record: Dot, field: str) -> Text:
        """The text of a field with exactly its effective edits so far; the core may change it."""
        ...
