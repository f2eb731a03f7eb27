"""One life of a database file: as long as it lasts, this device's feed goes on (`rules.md` 51-53).

A file that was copied, put back from a backup or robbed of its last commits looks as it did before, and its next change
would get a number that is taken. So a feed goes on only where the mark outside the file knows the same life, for this
very file, and nothing later than what the file holds. Else the next change begins another life, with a feed of its own;
the old feed stays as it is. Where the mark is wrong that costs a feed, and no work.

1. A judgement is passed inside a write transaction: then the mark of another process is never ahead of what is read.
2. A life that this process began, or once found to be the file's, is not judged again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from storage.books import Books
from storage.changes.absorb import Position
from storage.changes.author import Author
from storage.changes.log import Lane, Log
from storage.mark import NOBODY, NOTHING, Own

log = logging.getLogger(__name__)
LIFE_BYTES: Final = 16


class Life:
    """Knows whether the feed of this device's author goes on. For the thread that has the transaction."""

    def __init__(
        self, books: Books, changes: Log, author: Author, random: Callable[[int], bytes]
    ) -> None:
        self._books, self._changes, self._author = books, changes, author
        self._random = random
        self._sure: bytes | None = None  # the life that is known to be the file's
        self._begun: bytes | None = None  # in this transaction
        self._goes_on: bool | None = None  # None: not judged since others may have written
        self._why = "nothing was written yet"

    def look(self) -> None:
        """Take the feed from the author if it does not go on."""
        if self._goes_on is None:
            self._goes_on = self._judge()
        if not self._goes_on:
            self._author.feed = None

    def _judge(self) -> bool:
        life = self._books.life
        if life is None or self._author.feed is None:
            return False
        if life != self._sure:
            said = self._books.own_by_mark()
            doubt = "" if said is None else self._doubt(life, said)
            if doubt:
                self._why = doubt
                return False
            self._sure = life
        return True

    def _doubt(self, life: bytes, said: Own) -> str:
        """What speaks against this being the life that the mark knows; nothing if all is well."""
        if said.life == NOTHING:
            return "there is no mark of this file"
        if said.life != life:
            return "the mark is of another life"
        if said.number and not self._has(said.feed, Position(said.number, said.hash)):
            return "the mark knows a later change"
        return ""

    def _has(self, feed: bytes, said: Position) -> bool:
        """Whether this change is here, in the feed or a branch of it."""
        family = self._changes.family(feed)
        entries = [self._changes.entry(row.lane, said.number) for row in family]
        return any(entry is not None and entry.hash == said.hash for entry in entries)

    # -- what others know ----------------------------------------------------------------------------------------
    def compare(self, known: Mapping[bytes, Position]) -> bool:
        """As `Journal.compare_own`."""
        self.look()
        feed = self._author.feed
        said = None if feed is None else known.get(feed)
        if feed is None or said is None or self._has(feed, said):
            return True
        self.end("a peer knows another course of it")
        return False

    @contextmanager
    def compared(self) -> Iterator[None]:
        """Others' changes are taken in; if they were more of this feed than there was here, it is left."""
        self.look()
        before = self._ends()
        yield
        if self._ends() != before:
            self.end("others had more of it")

    def _own_family(self) -> Sequence[Lane]:
        return () if self._author.feed is None else self._changes.family(self._author.feed)

    def _ends(self) -> list[tuple[int, int]]:
        """The lanes of the feed that is written to, and how far each goes."""
        feed = self._author.feed
        return (
            [] if feed is None else [(row.lane, row.linked) for row in self._changes.family(feed)]
        )

    # -- lives begin and end -------------------------------------------------------------------------------------
    def begin(self) -> None:
        """A feed begins in this transaction: with it a life, unless one goes on."""
        if self._goes_on:
            return
        self._begun = self._begun or self._random(LIFE_BYTES)
        self._books.begin_life(self._begun)
        log.info("a new feed begins", extra={"because": self._why})

    def end(self, why: str) -> None:
        """What is written in later transactions, or in this one if nothing was yet, begins another life."""
        self._books.begin_life(None)
        self._goes_on, self._begun, self._why = False, None, why

    def committed(self) -> None:
        """The transaction is durable. Says what the mark is to know."""
        if self._begun is not None:
            self._sure, self._begun, self._goes_on = self._begun, None, True
        if self._goes_on is None:  # others may have written: what they marked stays
            self._books.own = self._books.own_by_mark() or NOBODY
        elif self._goes_on and self._sure is not None and (family := self._own_family()):
            row = family[0]
            self._books.own = Own(self._sure, row.feed, row.linked, row.tip)
        else:
            self._books.own = NOBODY

    @property
    def begun(self) -> bytes | None:
        """The life that began in this transaction, for `back_to`."""
        return self._begun

    def back_to(self, begun: bytes | None) -> None:
        """An inner write was taken back: so is the life that began in it."""
        self._begun = begun

    def forget(self) -> None:
        """What is known may be old."""
        self._goes_on = self._begun = None
