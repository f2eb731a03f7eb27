"""Long text: the only module that knows Loro (`rules.md` 10, `DamagedTextError`, `UnreadableEditError`).

1. Loro raises bare BaseException, so each call is guarded here and comes out as an error of ours. It gets no callbacks,
   and one lock holds all calls: with either, threads can wait for each other for ever.
2. Imports go into a copy, which takes over once it could be read and exported whole; a refused edit changes nothing.
3. A peer id is handed in, fresh and random at each opening for writing, and never used again after that.
4. An update claims a range of counters of a peer. Two updates that claim one range must never meet in one document:
   `claims` tells, before anything is imported.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from threading import RLock
from typing import Final, ParamSpec, TypeVar

from loro import EncodedBlobMode, ExportMode, LoroDoc, LoroText, VersionVector

from storage.errors import DamagedTextError, RefusedValueError, StorageError, UnreadableEditError

DIFF_MS: Final = 20  # longer, and the whole program waits: a full rewrite of 10 kB takes seconds
MAX_PEER: Final = (1 << 64) - 2  # the greatest number is Loro's own
Claims = dict[int, tuple[int, int]]  # peer: first counter, and the one after the last

_LOCK = RLock()
_NAME: Final = "text"
_P = ParamSpec("_P")
_T = TypeVar("_T")


def claims(update: bytes) -> Claims:
    """Which counters of which peers an update brings. Raises UnreadableEditError."""
    return _guarded(UnreadableEditError, _claims, update)


class Text:
    """One long text with its history. May be handed from thread to thread."""

    def __init__(self, snapshot: bytes | None = None) -> None:
        """Empty, or as `snapshot` gave it. Raises DamagedTextError."""
        self._document = _guarded(DamagedTextError, _opened, snapshot)
        self._snapshot = snapshot
        self._peer: int | None = None
        self._made: list[bytes] = []  # own edits that are in the document but not absorbed yet

    @property
    def content(self) -> str:
        """The text."""
        return _guarded(DamagedTextError, lambda: _content(self._document))

    def snapshot(self) -> bytes:
        """The text with its history, for `Text(snapshot)`. Equal texts may have different ones."""
        if self._snapshot is None:
            self._snapshot = _guarded(DamagedTextError, _exported, self._document)
        return self._snapshot

    def write_as(self, peer: int) -> None:
        """Open for writing; `peer` is a fresh random number up to `MAX_PEER`, never used before."""
        if not 0 <= peer <= MAX_PEER:
            raise ValueError(f"a peer id lies between 0 and {MAX_PEER}, not {peer}")
        self._peer = peer
        _guarded(DamagedTextError, _name_peer, self._document, peer)

    def edit(self, content: str) -> bytes | None:
        """Make the text read `content`; gives the update, None if it reads so already. Call `write_as` before.

        `absorb` knows the updates that came from here. Raises RefusedValueError for halves of characters.
        """
        if self._peer is None:
            raise ValueError("a text is opened for writing before it is edited")
        try:
            content.encode()
        except UnicodeEncodeError as error:
            raise RefusedValueError(
                "text", "half a character cannot stand in a long text"
            ) from error
        update = _guarded(DamagedTextError, _edited, self._document, content)
        if update is not None:
            self._snapshot = None
            self._made.append(update)
        return update

    def is_own(self, update: bytes) -> bool:
        """Whether an update is an edit made here that was not absorbed yet."""
        return update in self._made

    def overlaps(self, claimed: Claims) -> bool:
        """Whether the text has some of the counters already."""
        return _guarded(DamagedTextError, _overlaps, self._document, claimed)

    def absorb(self, *updates: bytes) -> bool:
        """Take updates in, all or none. False if they build on what is not there. Raises UnreadableEditError."""
        with _LOCK:  # what is read here must still be so when it is replaced
            foreign = []
            for update in updates:
                if update in self._made:
                    self._made.remove(update)
                else:
                    foreign.append(update)
            if not foreign:
                return True
            base = self.snapshot()
            taken = _guarded(UnreadableEditError, _joined, base, foreign)
            if taken is None:
                return False
            self._document, self._snapshot = taken
            if self._peer is not None:  # the old document is gone: its counters go on here
                _guarded(DamagedTextError, _name_peer, self._document, self._peer)
            return True


def replacement(old: str, new: str) -> tuple[int, int, str]:
    """The one run that differs: where it starts, how much of `old` goes, and what comes for it."""
    start = _common(old, new)
    rest_old, rest_new = old[start:], new[start:]
    end = _common(rest_old[::-1], rest_new[::-1])
    return start, len(rest_old) - end, rest_new[: len(rest_new) - end]


def _common(one: str, other: str) -> int:
    """How many signs two texts have in common at their start."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _guarded(
    wrong: Callable[[str], StorageError],
    call: Callable[_P, _T],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> _T:
    with _LOCK:
        try:
            return call(*args, **kwargs)
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:
            raise wrong(str(error).partition("Position:")[0].strip()) from error


def _container(document: LoroDoc) -> LoroText:
    return document.get_text(_NAME)


def _content(document: LoroDoc) -> str:
    return _container(document).to_string()


def _opened(snapshot: bytes | None) -> LoroDoc:
    document = LoroDoc()
    if snapshot is not None and document.import_(snapshot).pending is not None:
        raise ValueError("the snapshot is not whole")
    return document


def _exported(document: LoroDoc) -> bytes:
    return document.export(ExportMode.Snapshot())


def _name_peer(document: LoroDoc, peer: int) -> None:
    document.peer_id = peer


def _edited(document: LoroDoc, content: str) -> bytes | None:
    before = document.oplog_vv
    text = _container(document)
    try:
        text.update(content, timeout_ms=DIFF_MS)
    except ValueError:  # out of time, and nothing was changed
        start, gone, come = replacement(text.to_string(), content)
        text.splice(start, gone, come)
    document.commit()
    if document.oplog_vv == before:
        return None
    return document.export(ExportMode.Updates(before))


def _claims(update: bytes) -> Claims:
    about = LoroDoc.decode_import_blob_meta(update, check_checksum=True)
    if about.mode != EncodedBlobMode.Updates:
        raise ValueError("it is not an edit but something else of the library's")
    first = about.partial_start_vv.to_spans().inner()
    after = about.partial_end_vv.to_spans().inner()
    found = {peer: (first.get(peer, (0, 0))[1], end) for peer, (_, end) in after.items()}
    found = {peer: (start, end) for peer, (start, end) in found.items() if start < end}
    if not found:
        raise ValueError("it brings nothing")
    return found


def _overlaps(document: LoroDoc, claimed: Claims) -> bool:
    known: VersionVector = document.oplog_vv
    for peer, (start, _) in claimed.items():
        last = known.get_last(peer)
        if last is not None and start <= last:
            return True
    return False


def _joined(base: bytes, updates: list[bytes]) -> tuple[LoroDoc, bytes] | None:
    copy = _opened(base)
    try:
        if copy.import_batch(updates).pending is not None:
            return None
        _content(copy)  # what imports can still be unreadable, if somebody made it so
        return copy, _exported(copy)
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            _never_free(copy)
        raise


def _never_free(document: LoroDoc) -> None:
    """Keep a document that the library left half-changed: to free it would fail once more, where nobody can catch it.

    It costs some kilobytes for each edit that somebody made up to do harm.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(document))
