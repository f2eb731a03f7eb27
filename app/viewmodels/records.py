"""One collection in its grid: which rows, in which order, and what is done to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.errors import FieldValueError
from app.model.schema import Collection, Field
from app.viewmodels.drafts import Drafts
from app.viewmodels.notices import Notices
from app.viewmodels.observed import Observed
from app.viewmodels.rows import Rows
from app.viewmodels.undoing import Undoing
from app.viewmodels.widths import Widths
from app.viewmodels.work import SLOW_S, Work
from app.workspace import Workspace
from storage import Touched


@dataclass(frozen=True)
class Sort:
    """The field that a view is ordered by."""

    field: str
    descending: bool = False


@dataclass(frozen=True)
class RecordsState:
    """`epoch` grows with each new row source, so that the grid knows to begin at its top.

    `widths` are those of the columns that a person made wider or narrower, in dp.
    """

    slug: str = ""
    title: str = ""
    icon: str = ""
    fields: tuple[Field, ...] = ()
    widths: Mapping[str, int] = field(default_factory=dict)
    count: int = 0
    sort: Sort | None = None
    chosen: int | None = None
    epoch: int = 0
    ready: bool = False
    slow: bool = False
    error: str = ""

    @property
    def empty(self) -> bool:
        """Nothing is in it, and that is known."""
        return self.ready and not self.error and self.count == 0

    @property
    def note(self) -> str:
        """How many records, in words."""
        if not self.ready or not self.count:
            return ""
        return f"{self.count:,} record" if self.count == 1 else f"{self.count:,} records"


class Records(Observed[RecordsState]):
    """Owns the row source of the open collection."""

    def __init__(
        self,
        workspace: Workspace,
        work: Work,
        notices: Notices,
        undoing: Undoing,
        drafts: Drafts,
        widths: Widths,
    ) -> None:
        super().__init__(RecordsState())
        self._workspace = workspace
        self._work = work
        self._notices = notices
        self._undoing = undoing
        self._drafts = drafts
        self._widths = widths
        self._collection: Collection | None = None
        self.rows: Rows | None = None
        self.settle: Callable[[], None] = _settled
        """Set by whoever shows the rows; called before they go, to have what is being typed into a cell."""

    # -- what is looked at -------------------------------------------------------------------------
    def open(self, collection: Collection) -> None:
        """Show a collection from its first row; the one that is open keeps its place."""
        if collection.slug != self.state.slug:
            self._show(sort=None, chosen=None)
            self._source(collection, None)
        else:
            self.collection_changed(collection)

    def close(self) -> None:
        """Show none."""
        self.settle()
        if self.rows is not None:
            self.rows.close()
            self.rows = self._collection = None
        self._show(
            slug="", title="", fields=(), count=0, chosen=None, sort=None, ready=False, error=""
        )

    def collection_changed(self, collection: Collection) -> None:
        """Its title or its fields are others now; new fields need other rows."""
        if collection.fields != self.state.fields:
            self._source(collection, self.state.sort)
        else:
            self._collection = collection
            self._show(title=collection.title, icon=collection.icon or "")

    def sort_by(self, field: str) -> None:
        """Order by a field: first ascending, then descending, then as the records came."""
        old = self.state.sort
        if old is None or old.field != field:
            self.order_by(field, descending=False)
        elif not old.descending:
            self.order_by(field, descending=True)
        else:
            self.unsort()

    def order_by(self, field: str, *, descending: bool) -> None:
        """Order by a field."""
        if self._collection is not None:
            self._source(self._collection, Sort(field, descending=descending))

    def unsort(self) -> None:
        """Order as the records came."""
        if self._collection is not None:
            self._source(self._collection, None)

    def retry(self) -> None:
        """Read again after an error."""
        if self._collection is not None:
            self._source(self._collection, self.state.sort)

    def choose(self, doc_id: int | None) -> None:
        """Mark the record that stands beside the grid."""
        self._show(chosen=doc_id)

    def show_widths(self) -> None:
        """The widths of the columns were read."""
        self._show(widths=self._widths.of(self.state.slug))

    def keep_widths(self, widths: Mapping[str, int]) -> None:
        """A person made columns wider or narrower."""
        self._widths.keep(self.state.slug, widths)
        self.show_widths()

    def touched(self, touched: Touched) -> None:
        """Bring in what was committed here, or by another process."""
        if self.rows is not None and touched.covers(self.state.slug):
            self.rows.touched(touched.ids(self.state.slug))

    # -- what is done ------------------------------------------------------------------------------
    def edit(self, doc_id: int, field_slug: str, value: Any) -> None:
        """Commit a cell that was edited in place; the rows show it already."""
        slug, rows = self.state.slug, self.rows
        action = self._undoing.steps.typed((slug, doc_id, field_slug))
        self.keep_draft(doc_id, field_slug, None)

        def job() -> None:
            with self._workspace.acting(action):
                self._workspace.change(slug, [doc_id], {field_slug: value})

        def refused(error: Exception) -> None:
            if rows is not None:
                rows.take_back(doc_id)
            self._notices.trouble(error)

        self._work.write(job, _nothing, refused)

    def choose_value(self, row: int, field_slug: str, value: Any) -> None:
        """Commit a value that was chosen for a cell."""
        doc_id = None if self.rows is None else self.rows.id_at(row)
        if self.rows is not None and doc_id is not None:
            self.rows.put(doc_id, {field_slug: value})
            self.edit(doc_id, field_slug, value)

    def keep_draft(self, doc_id: int, field_slug: str, text: str | None) -> None:
        """Keep with its record what a cell cannot store as it was typed; None: there is nothing to keep."""
        slug = self.state.slug
        drafts = dict(self._drafts.of(slug, doc_id))
        drafts.pop(field_slug, None)
        self._drafts.keep(slug, doc_id, drafts if text is None else {**drafts, field_slug: text})

    def clear(self, rows: range, fields: Sequence[str]) -> None:
        """Empty cells; the notice offers the way back."""
        if self.rows is not None and fields:
            empty = dict.fromkeys(fields)
            self._change_many(dict.fromkeys(self.rows.ids_in(rows), empty), "emptied")

    def paste(self, row: int, fields: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
        """Put lines of cells in, from a row and its first field on; what does not fit its field is said."""
        if self.rows is None:
            return
        changes: dict[int, dict[str, Any]] = {}
        refused = 0
        for doc_id, cells in zip(
            self.rows.ids_in(range(row, row + len(lines))), lines, strict=False
        ):
            for name, text in zip(fields, cells, strict=False):
                try:
                    changes.setdefault(doc_id, {})[name] = self.field(name).parse(text)
                except FieldValueError:
                    refused += 1
        beyond = len(lines) - len(changes) if not refused else 0
        self._change_many(changes, "pasted", left_out=refused, beyond=beyond)

    def _change_many(
        self,
        changes: Mapping[int, Mapping[str, Any]],
        done_what: str,
        *,
        left_out: int = 0,
        beyond: int = 0,
    ) -> None:
        """Change many records as one, and offer to take it back."""
        slug, action = self.state.slug, self._undoing.steps.begin()
        if not changes:
            self._notices.say("Nothing there fits these fields; nothing was changed.")
            return

        def job() -> int:
            with self._workspace.acting(action):
                return change_all(self._workspace, slug, changes)

        def done(cells: int) -> None:
            words = f"{cells:,} cell{'' if cells == 1 else 's'} {done_what}"
            if left_out:
                words += f", {left_out:,} left out: they do not fit their field"
            if beyond:
                words += f", {beyond:,} lines had no record below"
            self._undoing.offer(words, action)

        self._work.write(job, done, self._notices.trouble)

    def trash_rows(self, rows: range) -> None:
        """Move the records of rows to the trash."""
        if self.rows is not None:
            self.trash(self.rows.ids_in(rows))

    def trash(self, ids: Sequence[int], name: str = "") -> None:
        """Move records to the trash; the notice offers the way back."""
        slug, wanted = self.state.slug, list(ids)
        if not wanted:
            return
        action = self._undoing.steps.begin()

        def job() -> tuple[list[int], str]:
            title = name
            if not title and len(wanted) == 1:
                found = self._workspace.store.table(slug).fetch(wanted)[0]
                title = "" if found is None else self._workspace.title_of(slug, found)
            with self._workspace.acting(action):
                return self._workspace.trash(slug, wanted), title

        def done(result: tuple[list[int], str]) -> None:
            gone, title = result
            one = f"“{title}”" if title else "1 record"
            what = one if len(gone) == 1 else f"{len(gone):,} records"
            self._undoing.offer(f"{what} moved to Trash", action)

        self._work.write(job, done, self._notices.trouble)

    def restore(self, slug: str, ids: Sequence[int]) -> None:
        """Bring records back from the trash."""
        wanted = list(ids)
        self._work.write(
            lambda: self._workspace.restore(slug, wanted), _nothing, self._notices.trouble
        )

    def field(self, slug: str) -> Field:
        """A field of the open collection by its slug."""
        return next(field for field in self.state.fields if field.slug == slug)

    # -- row sources -------------------------------------------------------------------------------
    def _source(self, collection: Collection, sort: Sort | None) -> None:
        self.settle()
        if self.rows is not None:
            self.rows.close()
        fields = collection.fields
        order = [self.field(sort.field).order(descending=sort.descending)] if sort else []
        rows = Rows(
            self._work,
            self._workspace.store.table(collection.slug),
            [field.slug for field in fields],
            order=order,
        )
        self._collection, self.rows = collection, rows
        rows.on_count = lambda: self._counted(rows)
        rows.on_error = lambda error: self._failed(rows, error)
        self._show(
            slug=collection.slug,
            title=collection.title,
            icon=collection.icon or "",
            fields=fields,
            widths=self._widths.of(collection.slug),
            sort=sort,
            ready=False,
            slow=False,
            error="",
            epoch=self.state.epoch + 1,
        )
        self._work.after(SLOW_S, lambda: self._still_loading(rows))
        rows.start()

    def _counted(self, rows: Rows) -> None:
        if rows is self.rows:
            self._show(count=rows.count, ready=True, slow=False, error="")

    def _failed(self, rows: Rows, error: Exception) -> None:
        if rows is self.rows:
            self._show(error=str(error), slow=False)

    def _still_loading(self, rows: Rows) -> None:
        if rows is self.rows and not rows.ready and not self.state.error:
            self._show(slow=True)


def change_all(workspace: Workspace, slug: str, changes: Mapping[int, Mapping[str, Any]]) -> int:
    """Change the records that are there, all or none; returns how many fields that were."""
    with workspace.store.transaction():
        found = workspace.store.table(slug).fetch(list(changes))
        there = [document.doc_id for document in found if document is not None]
        for doc_id in there:
            workspace.change(slug, [doc_id], changes[doc_id])
    return sum(len(changes[doc_id]) for doc_id in there)


def _settled() -> None:
    """Nobody types."""


def _nothing(_result: Any) -> None:
    """What was written comes back as Touched."""
