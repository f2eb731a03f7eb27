"""The trash: what was moved there, newest first, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.model.schema import Collection
from app.viewmodels.notices import Notices
from app.viewmodels.observed import Observed
from app.viewmodels.spoken import counted, spoken_time
from app.viewmodels.undoing import Undoing
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
        self,
        workspace: Workspace,
        work: Work,
        notices: Notices,
        undoing: Undoing,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(TrashState())
        self._workspace = workspace
        self._work = work
        self._notices = notices
        self._undoing = undoing
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
        self._do(
            lambda: self._workspace.restore(item.slug, [item.doc_id]),
            f"“{item.title}” is back in {item.collection}",
        )

    def restore_collection(self, slug: str) -> None:
        """Bring a whole list back, with its records."""
        self._do(lambda: self._workspace.restore_collection(slug), f"“{slug}” is back")

    def purge(self, items: Sequence[TrashItem]) -> None:
        """Delete records for good: out of the trash, on every computer; undo brings them back."""
        by_list: dict[str, list[int]] = {}
        for item in items:
            by_list.setdefault(item.slug, []).append(item.doc_id)

        def job() -> None:
            for slug, records in by_list.items():
                self._workspace.purge(slug, records)

        what = f"“{items[0].title}”" if len(items) == 1 else counted(len(items), "record")
        self._do(job, f"{what} deleted for good")

    def _do(self, job: Callable[[], object], words: str) -> None:
        action = self._undoing.steps.begin()

        def acting() -> None:
            with self._workspace.acting(action):
                job()

        self._work.write(
            acting, lambda _: self._undoing.offer(words, action), self._notices.trouble
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
