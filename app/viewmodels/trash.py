"""The trash: what was moved there, newest first, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.model.schema import Collection
from app.viewmodels.notices import Notices
from app.viewmodels.observed import Observed
from app.viewmodels.record import spoken_time
from app.viewmodels.work import SLOW_S, Refresh, Work
from app.workspace import Workspace
from storage import Touched

SHOWN = 200
NAMELESS = "No name yet"


@dataclass(frozen=True)
class TrashItem:
    """A record in the trash, ready to be drawn."""

    slug: str
    doc_id: int
    title: str
    collection: str
    when: str


@dataclass(frozen=True)
class TrashState:
    """`collections` are slugs of whole lists in the trash; `more`: older records are not shown."""

    collections: tuple[str, ...] = ()
    items: tuple[TrashItem, ...] = ()
    more: bool = False
    loaded: bool = False
    slow: bool = False
    error: str = ""

    @property
    def empty(self) -> bool:
        """Nothing is in it, and that is known."""
        return self.loaded and not self.items and not self.collections and not self.error


class Trash(Observed[TrashState]):
    """Reads only while it is looked at."""

    def __init__(
        self, workspace: Workspace, work: Work, notices: Notices, now: Callable[[], datetime]
    ) -> None:
        super().__init__(TrashState())
        self._workspace = workspace
        self._work = work
        self._notices = notices
        self._now = now
        self._looking = False
        self._refresh = Refresh(self._read)

    def look(self) -> None:
        """The screen is shown."""
        self._looking = True
        self._work.after(SLOW_S, self._still_loading)
        self._refresh.ask()

    def leave(self) -> None:
        """The screen is shown no longer."""
        self._looking = False

    def touched(self, _touched: Touched) -> None:
        """Something was committed: it may have come here, or gone."""
        if self._looking:
            self._refresh.ask()

    def restore(self, item: TrashItem) -> None:
        """Bring a record back."""

        def back(_ids: list[int]) -> None:
            self._notices.offer(
                f"“{item.title}” is back in {item.collection}", lambda: self._trash(item)
            )

        self._work.write(
            lambda: self._workspace.restore(item.slug, [item.doc_id]), back, self._notices.trouble
        )

    def restore_collection(self, slug: str) -> None:
        """Bring a whole list back, with its records."""
        self._work.write(
            lambda: self._workspace.restore_collection(slug),
            lambda made: self._notices.say(f"“{made.title}” is back"),
            self._notices.trouble,
        )

    def _trash(self, item: TrashItem) -> None:
        self._work.write(
            lambda: self._workspace.trash(item.slug, [item.doc_id]),
            lambda _: None,
            self._notices.trouble,
        )

    def _read(self, over: Callable[[], None]) -> None:
        def done(found: TrashState) -> None:
            self._show(
                collections=found.collections,
                items=found.items,
                more=found.more,
                loaded=True,
                slow=False,
                error="",
            )
            over()

        def failed(error: Exception) -> None:
            self._show(error=str(error), slow=False)
            over()

        self._work.read(self._gather, done, failed)

    def _gather(self) -> TrashState:
        found: list[tuple[int, TrashItem]] = []
        for collection in self._workspace.collections():
            found += self._trashed(collection)
        found.sort(key=lambda pair: pair[0], reverse=True)
        return TrashState(
            collections=self._workspace.trashed_collections(),
            items=tuple(item for _, item in found[:SHOWN]),
            more=len(found) > SHOWN,
        )

    def _trashed(self, collection: Collection) -> list[tuple[int, TrashItem]]:
        documents = self._workspace.store.table(collection.slug).trashed(limit=SHOWN + 1)
        return [
            (
                document.trashed_ms,
                TrashItem(
                    collection.slug,
                    document.doc_id,
                    collection.title_of(document) or NAMELESS,
                    collection.title,
                    spoken_time(document.trashed_ms, self._now()),
                ),
            )
            for document in documents
        ]

    def _still_loading(self) -> None:
        if self._looking and not self.state.loaded and not self.state.error:
            self._show(slow=True)
