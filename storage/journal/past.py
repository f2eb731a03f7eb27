"""Answers the merge core's questions about the changes applied so far (`storage.crdt.past`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from storage.changes.lanes import name_of
from storage.changes.log import NOWHERE
from storage.changes.stream import Stream
from storage.changes.vectors import Vectors
from storage.crdt.dots import Dot
from storage.crdt.edits import settle
from storage.crdt.operations import TextEdit, fields_of
from storage.crdt.past import Applied
from storage.crdt.rules import IN_FORCE
from storage.crdt.state import RecordState
from storage.crdt.step import Step
from storage.crdt.text import Text
from storage.journal.sqllog import SqlLog

MOST_TEXTS: Final = 200


class StorePast:
    """The past of one store. `history` gives the accepted operations on a record; set by whoever keeps records."""

    history: Callable[[Dot], Iterable[Applied]]

    def __init__(self, log: SqlLog, vectors: Vectors) -> None:
        self._log, self._vectors = log, vectors
        self._texts: dict[tuple[Dot, str], Text] = {}
        self._extents: dict[bytes, dict[int, int]] = {}  # of forked feeds, as their names go by
        self.stream: Stream | None = None  # of the transaction that is being written

    def sees(self, later: Dot, earlier: Dot) -> bool:
        """Whether the author of `later` saw `earlier`, if both count now."""
        stream = self.stream
        if stream is not None and later.lane == stream.lane and later.number >= stream.first:
            if (later.lane, later.number) == (earlier.lane, earlier.number):
                return earlier.at < later.at
            return self._counts(earlier) and stream.cause(later.number).sees(earlier)
        return self._counts(later) and self._counts(earlier) and self._vectors.sees(later, earlier)

    def _counts(self, dot: Dot) -> bool:
        """Whether the change that a dot stands in is accepted now, or is being applied."""
        stream = self.stream
        if stream is not None and dot.lane == stream.lane and dot.number >= stream.first:
            return True
        if dot.lane == NOWHERE:
            return False
        row = self._log.lane(dot.lane)
        return row.start < dot.number <= min(row.linked, row.limit)

    def stamp_and_hash(self, lane: int, number: int) -> tuple[int, bytes]:
        """Of an applied change; one that is being written has no hash yet."""
        stream = self.stream
        if stream is not None and lane == stream.lane and number >= stream.first:
            return stream.stamp, b""
        entry = self._log.entry(lane, number)
        if entry is None:
            raise KeyError((lane, number))
        return self._log.stamp(lane, number), entry.hash

    def name_of(self, lane: int, number: int) -> bytes:
        """The 16 bytes by which all replicas know the feed of a change, or beyond a fork its branch."""
        stream = self.stream
        if stream is not None and lane == stream.lane:
            return stream.feed
        row = self._log.lane(lane)
        family = self._log.family(row.feed)
        if len(family) == 1:
            return row.feed
        self.keep_names(row.feed)
        extents = self._extents[row.feed]
        return name_of(self._log, lane, number, lambda other: extents.get(other, 0))

    def keep_names(self, feed: bytes | None = None) -> None:
        """Go on with the present names of what lies beyond forks, of one feed or of all, until `renew_names`.

        A digest is taken out of a sum under the names that it came in with.
        """
        rows = self._log.lanes() if feed is None else self._log.family(feed)
        for row in rows:
            if row.parent is not None and row.feed not in self._extents:
                family = self._log.family(row.feed)
                self._extents[row.feed] = {other.lane: other.extent for other in family}

    def renew_names(self) -> None:
        """Name everything by what counts now."""
        self._extents.clear()
        self.keep_names()

    def operations(self, record: Dot, field: str) -> Iterable[Applied]:
        """The accepted operations on one field of a record."""
        return [one for one in self.history(record) if field in fields_of(one.operation)]

    def text(self, record: Dot, field: str) -> Text:
        """The text of a field with its effective edits so far."""
        kept = self._texts.pop((record, field), None)
        if kept is not None:
            return kept
        edits = [
            one for one in self.operations(record, field) if isinstance(one.operation, TextEdit)
        ]
        if not edits:
            return Text()
        step = Step(record, field, edits[0].dot, edits[0].cause, self, IN_FORCE)
        return settle(edits, step).text or Text()

    def keep_text(self, state: RecordState, field: str) -> None:
        """Keep the text of a field as its last edit left it: the next one needs it."""
        edits = state.fields[field].edits if field in state.fields else None
        if edits is not None and edits.text is not None:
            self._texts[state.dot, field] = edits.text
            if len(self._texts) > MOST_TEXTS:
                del self._texts[next(iter(self._texts))]

    def forget(self) -> None:
        """Drop what is kept: a transaction was taken back, or another process wrote."""
        self._extents.clear()
        self._texts.clear()

    def forget_texts(self) -> None:
        """Drop the texts that are kept: other edits count now."""
        self._texts.clear()
