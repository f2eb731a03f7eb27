"""The record page: one record, its fields, and who it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.model.schema import Collection, Field
from app.viewmodels.drafts import Drafts
from app.viewmodels.editing import Editing
from app.viewmodels.notices import Notices
from app.viewmodels.observed import Observed
from app.viewmodels.spoken import spoken_time
from app.viewmodels.steps import Steps
from app.viewmodels.work import Work
from app.workspace import Workspace
from storage import Document, Touched


@dataclass(frozen=True)
class FieldState:
    """A field as it stands in its editor; `value` is what is stored, `text` what the editor shows."""

    field: Field
    text: str = ""
    value: Any = None
    error: str = ""
    waiting: bool = False
    undecided: bool = False


@dataclass(frozen=True)
class RecordState:
    """`doc_id` is None for a record that nothing was typed into yet; `number` grows with each opening.

    `undecided`: how many things in it wait for a decision.
    """

    open: bool = False
    number: int = 0
    slug: str = ""
    doc_id: int | None = None
    title: str = ""
    note: str = ""
    fields: tuple[FieldState, ...] = ()
    loaded: bool = False
    gone: bool = False
    undecided: int = 0
    error: str = ""


class RecordPage(Observed[RecordState]):
    """One record at a time; `created` is called with the id of a record that was begun here."""

    def __init__(
        self,
        workspace: Workspace,
        work: Work,
        notices: Notices,
        drafts: Drafts,
        steps: Steps,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(RecordState())
        self.created: Callable[[int], None] = _nobody
        self._workspace = workspace
        self._work = work
        self._notices = notices
        self._drafts = drafts
        self._steps = steps
        self._now = now
        self._editing: Editing | None = None
        self._changed_ms: int | None = None
        self._undecided: frozenset[str | None] = frozenset()

    # -- coming and going ------------------------------------------------------------------------
    def open(self, collection: Collection, doc_id: int) -> None:
        """Show a record; what was typed into the one before is committed first."""
        if self.state.open and (self.state.slug, self.state.doc_id) == (collection.slug, doc_id):
            return
        self._begin(collection, doc_id)
        self._read()

    def new(self, collection: Collection) -> None:
        """Begin a record; it is stored with the first thing typed into it."""
        self._begin(collection, None)
        self._show(loaded=True)

    def close(self) -> None:
        """Commit what was typed and show nothing."""
        self.leave()
        self._editing = None
        self._show(open=False, slug="", doc_id=None, fields=(), loaded=False, gone=False, error="")

    def commit(self) -> None:
        """Commit what was typed, and stay."""
        if self._editing is not None:
            self._editing.commit()

    def leave(self) -> None:
        """Commit what was typed; what cannot be committed is kept with the record."""
        if self._editing is not None:
            self._editing.leave()

    def collection_changed(self, collection: Collection) -> None:
        """The collection has other fields or another title now."""
        if self._editing is not None and collection.slug == self.state.slug:
            self._editing.collection = collection
            self._draw()

    def touched(self, touched: Touched) -> None:
        """Read the record again when a commit may have changed it."""
        slug, doc_id = self.state.slug, self.state.doc_id
        if not self.state.open or doc_id is None or not touched.covers(slug):
            return
        ids = touched.ids(slug)
        if ids is None or doc_id in ids:
            self._read()

    # -- typing ----------------------------------------------------------------------------------
    def type(self, slug: str, text: str) -> None:
        """Take what an editor holds; it is committed when the typing pauses."""
        if self._editing is not None:
            self._editing.type(slug, text)

    def choose(self, slug: str, value: Any) -> None:
        """Commit a value that was chosen, not typed."""
        if self._editing is not None:
            self._editing.choose(slug, value)

    def revert(self, slug: str) -> None:
        """Forget the draft of a field and show what is stored."""
        if self._editing is not None:
            self._editing.revert(slug)

    def drop(self, slug: str, before: Any) -> None:
        """Forget the draft and go back to what was there before the typing began."""
        if self._editing is not None:
            self._editing.revert(slug)
            if self._editing.value(slug) != before:
                self._editing.choose(slug, before)

    # -- one record ------------------------------------------------------------------------------
    def _begin(self, collection: Collection, doc_id: int | None) -> None:
        self.leave()
        editing = Editing(
            self._workspace, self._work, self._drafts, self._steps, collection, doc_id
        )
        editing.on_change = lambda: self._changed(editing)
        editing.on_created = lambda made: self._created(editing, made)
        editing.on_trouble = self._notices.trouble
        self._editing, self._changed_ms, self._undecided = editing, None, frozenset()
        self._show(
            open=True,
            number=self.state.number + 1,
            slug=collection.slug,
            doc_id=doc_id,
            loaded=False,
            gone=False,
            error="",
        )
        self._draw()

    def _changed(self, editing: Editing) -> None:
        if editing is self._editing:
            self._draw()

    def _created(self, editing: Editing, doc_id: int) -> None:
        if editing is self._editing:
            self._show(doc_id=doc_id)
            self.created(doc_id)
            self._read()

    def _read(self) -> None:
        editing = self._editing
        if editing is None or editing.doc_id is None:
            return
        doc_id, slug = editing.doc_id, editing.collection.slug
        table = self._workspace.store.table(slug)

        def job() -> tuple[Document | None, int | None, frozenset[str | None]]:
            stamp = table.stamps([doc_id]).get(doc_id)
            waits = frozenset(each.field for each in self._workspace.decisions_in(slug, doc_id))
            return table.fetch([doc_id])[0], None if stamp is None else stamp.changed_ms, waits

        def failed(error: Exception) -> None:
            if editing is self._editing:
                self._show(error=str(error), loaded=True)

        self._work.read(job, lambda result: self._arrived(editing, *result), failed)

    def _arrived(
        self,
        editing: Editing,
        document: Document | None,
        changed_ms: int | None,
        undecided: frozenset[str | None],
    ) -> None:
        if editing is not self._editing:
            return
        if document is None:
            self._show(gone=True, loaded=True)
            return
        self._changed_ms, self._undecided = changed_ms, undecided
        self._show(loaded=True, gone=False, error="")
        editing.arrived(dict(document))

    # -- showing ---------------------------------------------------------------------------------
    def _draw(self) -> None:
        editing = self._editing
        if editing is None:
            return
        fields = tuple(
            FieldState(
                field=field,
                text=editing.text(field.slug),
                value=editing.value(field.slug),
                error=editing.error(field.slug),
                waiting=editing.waiting(field.slug),
                undecided=field.slug in self._undecided,
            )
            for field in editing.collection.fields
        )
        self._show(
            fields=fields,
            title=self._title(editing),
            note=self._note(editing.collection),
            undecided=len(self._undecided),
        )

    def _title(self, editing: Editing) -> str:
        collection = editing.collection
        first = collection.title_field or (collection.fields[0].slug if collection.fields else "")
        text = " ".join(editing.text(first).split())
        return text or ("New record" if editing.doc_id is None else "No name yet")

    def _note(self, collection: Collection) -> str:
        if self._changed_ms is None:
            return collection.title
        return f"{collection.title} · changed {spoken_time(self._changed_ms, self._now())}"


def _nobody(_doc_id: int) -> None:
    """Nobody waits for it."""
