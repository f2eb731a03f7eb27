"""Finds the blobs that changes refer to, in whatever operation: by looking at the plain bytes of their parts.

A change that was set aside counts as well, and so does one that waits: what they say may be wanted yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from storage.blobs.value import TOKEN_SIGNS, Reference, references_in
from storage.changes import envelope, parts
from storage.changes.errors import MalformedChangeError, SealError
from storage.changes.parts import WireDot
from storage.changes.sealer import Sealer
from storage.crdt.dots import Dot


class UnreadableChangeError(Exception):
    """A change cannot be opened here, so that nobody can tell what it refers to."""


class Mentions:
    """Reads changes in the order in which they were taken in."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._tails: dict[
            int, bytes
        ] = {}  # by lane, of an operation that goes on in its next change

    def of(self, lane: int, body: bytes) -> Iterator[Reference]:
        """What one change refers to. Raises UnreadableChangeError."""
        for plain in self._plain(body):
            text = plain
            if parts.is_piece(plain):
                text = self._tails.get(lane, b"") + _piece(plain)
                self._tails[lane] = text[-TOKEN_SIGNS:]
            else:
                self._tails.pop(lane, None)
            yield from references_in(text)

    def of_held(self, body: bytes) -> Iterator[Reference]:
        """What a change that waits refers to, as far as it can be told. Raises UnreadableChangeError."""
        for plain in self._plain(body):
            yield from references_in(plain)

    def _plain(self, body: bytes) -> list[bytes]:
        try:
            change = envelope.decode(body)
            clear = change.clear
            opened = self._sealer.open_aside(clear.epoch, clear.salt, change.parts)
        except (MalformedChangeError, SealError, TypeError) as error:
            raise UnreadableChangeError from error
        return [each for each in opened[1:] if each is not None]


def _piece(plain: bytes) -> bytes:
    piece = parts.decode(plain, _anywhere).operations[0]
    return piece.data if isinstance(piece, parts.Piece) else b""


def _anywhere(dot: WireDot) -> Dot:
    return Dot(0, dot[1], dot[2])
