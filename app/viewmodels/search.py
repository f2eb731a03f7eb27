"""One box over every record: ranked hits as you type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.viewmodels.commands import Command
from app.viewmodels.observed import Observed
from app.viewmodels.work import SLOW_S, Work
from app.workspace import Workspace
from storage import FoundText, Hit

PAUSE_S = 0.06
SHOWN = 100
AROUND = 60

Piece = tuple[str, bool]  # a stretch of text, and whether it is what was searched for


@dataclass(frozen=True)
class SearchHit:
    """One record found, ready to be drawn."""

    slug: str
    doc_id: int
    title: str
    collection: str
    snippet: tuple[Piece, ...]


@dataclass(frozen=True)
class SearchState:
    """`scope` is a collection's slug, or None for all; `asked` is the text that `hits` answer."""

    text: str = ""
    scope: str | None = None
    hits: tuple[SearchHit, ...] = ()
    total: int = 0
    asked: str = ""
    at: int = 0
    slow: bool = False
    error: str = ""

    @property
    def nothing_found(self) -> bool:
        """Searched, and nothing is there."""
        return (
            bool(self.asked)
            and self.asked == self.text.strip()
            and not self.hits
            and not self.error
        )


class Search(Observed[SearchState]):
    """Searches on a worker; an answer to what is no longer asked is dropped."""

    def __init__(self, workspace: Workspace, work: Work, title_of: Callable[[str], str]) -> None:
        super().__init__(SearchState())
        self._workspace = workspace
        self._work = work
        self._title_of = title_of
        self._call_off: Callable[[], None] | None = None
        self._ticket = 0

    def type(self, text: str) -> None:
        """Search when the typing pauses, however shortly."""
        self._show(text=text)
        self._later()

    def look_in(self, slug: str | None) -> None:
        """Search one collection, or all."""
        self._show(scope=slug)
        self._later()

    def move(self, by: int) -> None:
        """Walk the hits."""
        if self.state.hits:
            self._show(at=min(max(0, self.state.at + by), len(self.state.hits) - 1))

    def again(self) -> None:
        """Search the same again: something was committed, or it failed."""
        if self.state.text.strip():
            self._later()

    def commands(
        self,
        text: str,
        found: Callable[[tuple[Command, ...]], None],
        go: Callable[[str, int], None],
    ) -> None:
        """The best few records for the palette."""

        def done(hits: list[SearchHit]) -> None:
            found(tuple(_command(hit, go) for hit in hits))

        self._work.read(
            lambda: self._drawn(self._workspace.search(text, limit=5)), done, lambda _: found(())
        )

    def _later(self) -> None:
        if self._call_off is not None:
            self._call_off()
        self._call_off = self._work.after(PAUSE_S, self._ask)

    def _ask(self) -> None:
        self._call_off = None
        self._ticket += 1
        ticket, text, scope = self._ticket, self.state.text.strip(), self.state.scope
        if not text:
            self._show(hits=(), total=0, asked="", at=0, slow=False, error="")
            return

        def job() -> tuple[list[SearchHit], int]:
            found = self._workspace.search(text, slug=scope, limit=SHOWN)
            return self._drawn(found), found.total

        def done(result: tuple[list[SearchHit], int]) -> None:
            if ticket == self._ticket:
                self._show(
                    hits=tuple(result[0]), total=result[1], asked=text, at=0, slow=False, error=""
                )

        def failed(error: Exception) -> None:
            if ticket == self._ticket:
                self._show(hits=(), total=0, asked=text, slow=False, error=str(error))

        self._work.after(SLOW_S, lambda: self._still(ticket, text))
        self._work.read(job, done, failed)

    def _still(self, ticket: int, text: str) -> None:
        if ticket == self._ticket and self.state.asked != text:
            self._show(slow=True)

    def _drawn(self, found: FoundText) -> list[SearchHit]:
        return [self._hit(hit) for hit in found.hits]

    def _hit(self, hit: Hit) -> SearchHit:
        title = self._workspace.title_of(hit.table, hit.document)
        return SearchHit(
            hit.table,
            hit.doc_id,
            title,
            self._title_of(hit.table),
            snippet(hit.document, hit.words, besides=title),
        )


def _command(hit: SearchHit, go: Callable[[str, int], None]) -> Command:
    return Command(
        hit.title, "text-box-outline", lambda: go(hit.slug, hit.doc_id), note=hit.collection
    )


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
