"""One box over every record: ranked hits as you type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import bidirectional

from app.model.schema import Collection, Field
from app.model.snippets import Piece, marked, snippet
from app.viewmodels.commands import Command
from app.viewmodels.observed import Observed
from app.viewmodels.work import SLOW_S, Work
from app.workspace import Workspace
from storage import FoundText, Hit

PAUSE_S = 0.06
SHOWN = 100
FACTS = 5  # fields that tell a record from others, at most
LONG = frozenset({"longtext", "checkbox", "checklist"})  # kinds that say little in a line

NUMERIC = frozenset({"number", "quantity", "currency", "percent", "duration", "rating"})


@dataclass(frozen=True)
class SearchHit:
    """One record found, ready to be drawn: its name, and below it where the words stand and what else it holds."""

    slug: str
    doc_id: int
    title: str
    collection: str
    named: tuple[Piece, ...] = ()
    snippet: tuple[Piece, ...] = ()


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

    def __init__(
        self, workspace: Workspace, work: Work, find: Callable[[str], Collection | None]
    ) -> None:
        super().__init__(SearchState())
        self._workspace = workspace
        self._work = work
        self._find = find
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
        collection = self._find(hit.table)
        return SearchHit(
            hit.table,
            hit.doc_id,
            title,
            hit.table if collection is None else collection.title,
            marks_in(title, hit.words),
            line_below(hit.document, hit.words, title, collection),
        )


def _command(hit: SearchHit, go: Callable[[str, int], None]) -> Command:
    return Command(
        hit.title, "text-box-outline", lambda: go(hit.slug, hit.doc_id), note=hit.collection
    )


def line_below(
    document: Mapping[str, Any], words: Sequence[str], title: str, collection: Collection | None
) -> tuple[Piece, ...]:
    """Where the words stand outside the title, if anywhere, then what tells the record from others of that name."""
    found = snippet(document, words, besides=title)
    if "".join(text for text, _ in found) == title:
        found = ()
    told = found[0][0].removesuffix(": ") if found else ""
    fields = sorted(collection.fields, key=_said_late) if collection is not None else []
    facts = [
        f"{field.title}: {shown}"
        for field in fields
        if field.kind not in LONG
        and field.slug != told
        and (shown := " ".join(field.show(document.get(field.slug)).split()))
        and shown != title
    ]
    rest = " · ".join(facts[:FACTS])
    if not rest:
        return found
    return (*found, (f" · {rest}" if found else rest, False))


def _said_late(field: Field) -> bool:
    """Words tell records apart sooner than numbers do."""
    return field.kind in NUMERIC


def marks_in(text: str, words: Sequence[str]) -> tuple[Piece, ...]:
    """The text with the words marked; from right to left it stays whole, or its parts would change places."""
    if any(bidirectional(ch) in {"R", "AL"} for ch in text):
        return ((text, False),)
    return marked(text, [word.casefold() for word in words if word])
