"""The list of collections: their titles and counts, the open one, and making new ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.model.schema import Collection
from app.viewmodels.notices import Notices
from app.viewmodels.observed import Observed
from app.viewmodels.undoing import Undoing
from app.viewmodels.work import SLOW_S, Refresh, Work
from app.workspace import Workspace
from storage import Touched


@dataclass(frozen=True)
class CollectionsState:
    """`slow` is true when loading has lasted long enough to be shown."""

    workspace: str = ""
    items: tuple[Collection, ...] = ()
    current: str | None = None
    loaded: bool = False
    slow: bool = False
    error: str = ""


@dataclass(frozen=True)
class NewField:
    """A field to be made."""

    name: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


class Collections(Observed[CollectionsState]):
    """Reads the schema and counts again whenever something was committed."""

    def __init__(
        self, workspace: Workspace, work: Work, notices: Notices, undoing: Undoing
    ) -> None:
        super().__init__(CollectionsState(workspace=workspace.name))
        self._workspace = workspace
        self._work = work
        self._notices = notices
        self._undoing = undoing
        self._refresh = Refresh(self._read)
        self._work.after(SLOW_S, self._still_loading)

    def load(self) -> None:
        """Read the list, now or as soon as the reading under way is over."""
        self._refresh.ask()

    def touched(self, _touched: Touched) -> None:
        """Any commit may change a count."""
        self._refresh.ask()

    def choose(self, slug: str | None) -> None:
        """Mark one as open."""
        self._show(current=slug)

    def find(self, slug: str) -> Collection | None:
        """A collection by its slug, as last read."""
        return next((item for item in self.state.items if item.slug == slug), None)

    def create(
        self, title: str, made: Callable[[str], None], refused: Callable[[str], None]
    ) -> None:
        """Make a collection with one text field, its title; `refused` gets the sentence of why not."""
        self._work.write(
            lambda: self._workspace.create_collection(title, fields=[("Name", "text")]),
            lambda collection: made(collection.slug),
            lambda error: refused(str(error)),
        )

    def rename(
        self, slug: str, title: str, done: Callable[[], None], refused: Callable[[str], None]
    ) -> None:
        """Give a collection another title; its slug stays."""
        self._work.write(
            lambda: self._workspace.rename_collection(slug, title),
            lambda _: done(),
            lambda error: refused(str(error)),
        )

    def add_field(
        self, slug: str, made: NewField, done: Callable[[], None], refused: Callable[[str], None]
    ) -> None:
        """Add a field at the end."""
        self._work.write(
            lambda: self._workspace.add_field(slug, made.name, made.kind, made.options),
            lambda _: done(),
            lambda error: refused(str(error)),
        )

    def trash(self, slug: str) -> None:
        """Move a collection to the trash; its records stay in it."""
        found = self.find(slug)
        title = slug if found is None else found.title
        action = self._undoing.steps.begin()

        def job() -> None:
            with self._workspace.acting(action):
                self._workspace.trash_collection(slug)

        words = f"The list “{title}” moved to Trash"
        self._work.write(job, lambda _: self._undoing.offer(words, action), self._notices.trouble)

    def _read(self, over: Callable[[], None]) -> None:
        def done(items: tuple[Collection, ...]) -> None:
            self._show(items=items, loaded=True, slow=False, error="")
            over()

        def failed(error: Exception) -> None:
            self._show(error=str(error), slow=False)
            over()

        self._work.read(self._workspace.collections, done, failed)

    def _still_loading(self) -> None:
        if not self.state.loaded and not self.state.error:
            self._show(slow=True)
