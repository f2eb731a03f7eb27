"""The record page: its fields, and what is being typed into them.

1. What is typed is a draft until it is committed: after a pause of `PAUSE_S`, and on leaving.
2. A draft that cannot be a value of its field stays as it was typed, with the sentence of why; it is
   written down beside the data, so that neither leaving nor a crash loses it.
3. A change from elsewhere shows in every field that has no draft.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.errors import FieldValueError
from app.model.fields import parse, show
from app.model.schema import Collection, Field
from app.viewmodels.drafts import Drafts
from app.viewmodels.notices import Notices
from app.viewmodels.observed import Observed
from app.viewmodels.work import Work
from app.workspace import Workspace
from storage import Document, Touched

PAUSE_S = 0.8


@dataclass(frozen=True)
class FieldState:
    """A field as it stands in its editor; `value` is what is stored, `text` what the editor shows."""

    field: Field
    text: str = ""
    value: Any = None
    error: str = ""
    waiting: bool = False


@dataclass(frozen=True)
class RecordState:
    """`doc_id` is None for a record that nothing was typed into yet."""

    open: bool = False
    slug: str = ""
    doc_id: int | None = None
    title: str = ""
    note: str = ""
    fields: tuple[FieldState, ...] = ()
    loaded: bool = False
    gone: bool = False
    error: str = ""


class RecordPage(Observed[RecordState]):
    """One record at a time; `created` is called with the id of a record that was begun here."""

    def __init__(
        self,
        workspace: Workspace,
        work: Work,
        notices: Notices,
        drafts: Drafts,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(RecordState())
        self.created: Callable[[int], None] = _ignore
        self._workspace = workspace
        self._work = work
        self._notices = notices
        self._kept = drafts
        self._now = now
        self._collection: Collection | None = None
        self._document: Document | None = None
        self._stored: dict[str, Any] = {}
        self._drafts: dict[str, str] = {}
        self._sent: dict[str, str] = {}
        self._errors: dict[str, str] = {}
        self._changed_ms: int | None = None
        self._call_off: Callable[[], None] | None = None
        self._adding = False

    # -- coming and going --------------------------------------------------------------------------
    def open(self, collection: Collection, doc_id: int) -> None:
        """Show a record; what was typed into the one before is committed first."""
        if self.state.open and (self.state.slug, self.state.doc_id) == (collection.slug, doc_id):
            return
        self.leave()
        self._begin(collection, doc_id)
        self._read()

    def new(self, collection: Collection) -> None:
        """Begin a record; it is stored with the first thing typed into it."""
        self.leave()
        self._begin(collection, None)
        self._show(loaded=True, **self._drawn())

    def close(self) -> None:
        """Commit what was typed and show nothing."""
        self.leave()
        self._collection = None
        self._show(
            open=False,
            slug="",
            doc_id=None,
            title="",
            note="",
            fields=(),
            loaded=False,
            gone=False,
            error="",
        )

    def leave(self) -> None:
        """Commit what was typed; what cannot be committed is kept with the record."""
        if not self.state.open:
            return
        self.commit()
        self._keep_drafts()

    def fields_changed(self, collection: Collection) -> None:
        """The collection has other fields or another title now."""
        if self.state.open and collection.slug == self.state.slug:
            self._collection = collection
            self._show(**self._drawn())

    def touched(self, touched: Touched) -> None:
        """Read the record again when a commit may have changed it."""
        slug, doc_id = self.state.slug, self.state.doc_id
        if not self.state.open or doc_id is None or not touched.covers(slug):
            return
        ids = touched.ids(slug)
        if ids is None or doc_id in ids:
            self._read()

    # -- typing ------------------------------------------------------------------------------------
    def type(self, slug: str, text: str) -> None:
        """Take what an editor holds; it is committed when the typing pauses."""
        if self._text_of(slug) == text:
            return
        self._drafts[slug] = text
        self._errors.pop(slug, None)
        if self._call_off is not None:
            self._call_off()
        self._call_off = self._work.after(PAUSE_S, self._paused)
        self._show(**self._drawn())

    def set_value(self, slug: str, value: Any) -> None:
        """Commit a value that was chosen, not typed."""
        self._drafts.pop(slug, None)
        self._errors.pop(slug, None)
        self._stored[slug] = value
        self._write({slug: value}, {})
        self._show(**self._drawn())

    def revert(self, slug: str) -> None:
        """Forget the draft of a field and show what is stored."""
        self._drafts.pop(slug, None)
        self._errors.pop(slug, None)
        self._keep_drafts()
        self._show(**self._drawn())

    def commit(self) -> None:
        """Commit every draft that is a value of its field; the others keep their sentence."""
        if self._call_off is not None:
            self._call_off()
            self._call_off = None
        values: dict[str, Any] = {}
        texts: dict[str, str] = {}
        for slug, text in self._drafts.items():
            field = self._field(slug)
            if field is None or self._sent.get(slug) == text:
                continue
            try:
                values[slug] = parse(field.kind, text, field.options)
                texts[slug] = text
            except FieldValueError as error:
                self._errors[slug] = str(error)
        if values:
            self._write(values, texts)
        if self.state.open:
            self._show(**self._drawn())

    def _paused(self) -> None:
        self._call_off = None
        self.commit()
        self._keep_drafts()

    # -- writing -----------------------------------------------------------------------------------
    def _write(self, values: Mapping[str, Any], texts: Mapping[str, str]) -> None:
        if self._adding:
            return  # committed when the record that is being added has its id
        slug, doc_id, page = self.state.slug, self.state.doc_id, self._collection
        self._sent.update(texts)

        def refused(error: Exception) -> None:
            self._adding = False
            self._notices.trouble(error)
            if page is self._collection:
                for name in texts:
                    self._sent.pop(name, None)
                    self._errors[name] = str(error)
                self._show(**self._drawn())

        if doc_id is None:
            filled = {name: value for name, value in values.items() if value is not None}
            if not filled:
                return
            self._adding = True
            self._work.write(
                lambda: self._workspace.add(slug, [filled]),
                lambda ids: self._added(page, ids[0], texts),
                refused,
            )
        else:
            self._work.write(
                lambda: self._workspace.change(slug, [doc_id], dict(values)),
                lambda _: self._stored_drafts(page, doc_id, texts),
                refused,
            )

    def _added(self, page: Collection | None, doc_id: int, texts: Mapping[str, str]) -> None:
        self._adding = False
        if page is not self._collection or self.state.doc_id is not None:
            return
        self._show(doc_id=doc_id)
        self._stored_drafts(page, doc_id, texts)
        self.created(doc_id)
        self._read()
        self.commit()

    def _stored_drafts(
        self, page: Collection | None, doc_id: int, texts: Mapping[str, str]
    ) -> None:
        """The drafts that were written are values now, unless more was typed since."""
        if page is not self._collection or self.state.doc_id != doc_id:
            return
        for name, text in texts.items():
            if self._sent.get(name) == text:
                self._sent.pop(name)
            if self._drafts.get(name) == text:
                self._stored[name] = self._parsed(name, text)
                del self._drafts[name]
        self._show(**self._drawn())

    def _parsed(self, slug: str, text: str) -> Any:
        field = self._field(slug)
        return None if field is None else parse(field.kind, text, field.options)

    # -- reading -----------------------------------------------------------------------------------
    def _begin(self, collection: Collection, doc_id: int | None) -> None:
        self._collection = collection
        self._document, self._stored, self._changed_ms = None, {}, None
        self._drafts, self._sent, self._errors = {}, {}, {}
        if doc_id is not None:
            self._drafts = dict(self._kept.of(collection.slug, doc_id))
            self._name_errors()
        self._show(
            open=True,
            slug=collection.slug,
            doc_id=doc_id,
            title="",
            note="",
            fields=(),
            loaded=False,
            gone=False,
            error="",
        )

    def _read(self) -> None:
        page, slug, doc_id = self._collection, self.state.slug, self.state.doc_id
        if doc_id is None:
            return
        table = self._workspace.table(slug)

        def job() -> tuple[Document | None, int | None]:
            stamp = table.stamps([doc_id]).get(doc_id)
            return table.fetch([doc_id])[0], None if stamp is None else stamp.changed_ms

        def done(result: tuple[Document | None, int | None]) -> None:
            if page is not None and self._collection is not None and self._shows(slug, doc_id):
                self._arrived(*result)

        def failed(error: Exception) -> None:
            if self._shows(slug, doc_id):
                self._show(error=str(error), loaded=True)

        self._work.read(job, done, failed)

    def _shows(self, slug: str, doc_id: int) -> bool:
        return self.state.open and (self.state.slug, self.state.doc_id) == (slug, doc_id)

    def _arrived(self, document: Document | None, changed_ms: int | None) -> None:
        if document is None:
            self._show(gone=True, loaded=True)
            return
        self._document, self._stored, self._changed_ms = document, dict(document), changed_ms
        self._show(loaded=True, gone=False, error="", **self._drawn())

    # -- showing -----------------------------------------------------------------------------------
    def _drawn(self) -> dict[str, Any]:
        collection = self._collection
        if collection is None:
            return {}
        fields = tuple(self._drawn_field(field) for field in collection.fields)
        return {"fields": fields, "title": self._title(collection), "note": self._note(collection)}

    def _drawn_field(self, field: Field) -> FieldState:
        value = self._stored.get(field.slug)
        return FieldState(
            field=field,
            text=self._text_of(field.slug),
            value=value,
            error=self._errors.get(field.slug, ""),
            waiting=field.slug in self._drafts,
        )

    def _text_of(self, slug: str) -> str:
        draft = self._drafts.get(slug)
        if draft is not None:
            return draft
        field = self._field(slug)
        value = self._stored.get(slug)
        return "" if field is None or value is None else show(field.kind, value, field.options)

    def _title(self, collection: Collection) -> str:
        first = collection.title_field or (collection.fields[0].slug if collection.fields else "")
        text = " ".join(self._text_of(first).split())
        return text or ("New record" if self.state.doc_id is None else "No name yet")

    def _note(self, collection: Collection) -> str:
        if self._changed_ms is None:
            return collection.title
        return f"{collection.title} · changed {spoken_time(self._changed_ms, self._now())}"

    def _field(self, slug: str) -> Field | None:
        fields = self._collection.fields if self._collection else ()
        return next((field for field in fields if field.slug == slug), None)

    # -- drafts that cannot be committed -----------------------------------------------------------
    def _keep_drafts(self) -> None:
        doc_id = self.state.doc_id
        if doc_id is not None:
            bad = {slug: text for slug, text in self._drafts.items() if slug in self._errors}
            self._kept.keep(self.state.slug, doc_id, bad)

    def _name_errors(self) -> None:
        for slug, text in self._drafts.items():
            field = self._field(slug)
            if field is not None:
                try:
                    parse(field.kind, text, field.options)
                except FieldValueError as error:
                    self._errors[slug] = str(error)


def spoken_time(at_ms: int, now: datetime) -> str:
    """A moment as people say it: the time when it was today, else the day."""
    at = datetime.fromtimestamp(at_ms / 1000, tz=now.tzinfo)
    if at.date() == now.date():
        return f"{at:%H:%M}"
    return f"{at.day} {at:%b}" if at.year == now.year else f"{at.day} {at:%b} {at.year}"


def _ignore(_doc_id: int) -> None:
    """Nobody waits for it."""
