"""What is being typed into one record, from the first letter until it is stored.

It outlives the page: a record that was left while a write was under way is still finished. It does not count on
hearing of its last writes: a window that closes or locks tells nobody any more.

1. What is typed is a draft until it is committed: after a pause of `PAUSE_S`, and on leaving.
2. A draft that cannot be a value of its field stays as it was typed, with the sentence of why; it is
   kept beside the data, so that neither leaving nor a crash loses it.
3. A change from elsewhere shows in every field that has no draft.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.errors import FieldValueError
from app.model.schema import Collection, Field
from app.viewmodels.drafts import Drafts
from app.viewmodels.steps import Steps
from app.viewmodels.work import Work
from app.workspace import Workspace

PAUSE_S = 0.8


class Editing:
    """The drafts of one record; `doc_id` is None until something of a new record is stored."""

    def __init__(
        self,
        workspace: Workspace,
        work: Work,
        kept: Drafts,
        steps: Steps,
        collection: Collection,
        doc_id: int | None,
    ) -> None:
        self.collection = collection
        self.doc_id = doc_id
        self.on_change: Callable[[], None] = _nothing
        self.on_created: Callable[[int], None] = _nobody
        self.on_trouble: Callable[[Exception], None] = _raise
        self._workspace = workspace
        self._work = work
        self._kept = kept
        self._steps = steps
        self._stored: Mapping[str, Any] = {}
        self._drafts: dict[str, str] = {}
        self._chosen: dict[str, Any] = {}
        self._errors: dict[str, str] = {}
        self._writing = 0
        self._under_way: dict[str, Any] = {}  # by field, what the writes under way store
        self._made = doc_id  # set by the writer as soon as a new record is there
        self._left = False
        self._call_off: Callable[[], None] | None = None
        if doc_id is not None:
            self._drafts.update(kept.of(collection.slug, doc_id))
            self._judge()

    # -- what the page shows ---------------------------------------------------------------------
    def text(self, slug: str) -> str:
        """What the editor of a field holds."""
        draft = self._drafts.get(slug)
        if draft is not None:
            return draft
        field = self._field(slug)
        return "" if field is None else field.show(self.value(slug))

    def value(self, slug: str) -> Any:
        """What is stored, or was chosen and is being stored."""
        return self._chosen[slug] if slug in self._chosen else self._stored.get(slug)

    def error(self, slug: str) -> str:
        """Why the draft of a field cannot be stored, or nothing."""
        return self._errors.get(slug, "")

    def waiting(self, slug: str) -> bool:
        """Whether something in the field is not stored yet."""
        return slug in self._drafts or slug in self._chosen

    # -- typing ----------------------------------------------------------------------------------
    def type(self, slug: str, text: str) -> None:
        """Take what an editor holds; it is committed when the typing pauses."""
        if text == self.text(slug):
            return
        self._drafts[slug] = text
        self._errors.pop(slug, None)
        self._pause()
        self._call_off = self._work.after(PAUSE_S, self.commit)
        self.on_change()

    def choose(self, slug: str, value: Any) -> None:
        """Commit a value that was chosen, not typed."""
        self._drafts.pop(slug, None)
        self._errors.pop(slug, None)
        self._chosen[slug] = value
        self.commit()

    def revert(self, slug: str) -> None:
        """Forget the draft of a field."""
        self._drafts.pop(slug, None)
        self._errors.pop(slug, None)
        self._keep()
        self.on_change()

    def commit(self) -> None:
        """Commit everything that is a value of its field; the rest keeps its sentence."""
        self._pause()
        self._judge()
        if not self._writing or self._left:
            self._write()
        self._keep()
        self.on_change()

    def leave(self) -> None:
        """Commit; a new record of which nothing can be stored yet is made for its drafts to be kept with."""
        self._left = True
        self.commit()

    def arrived(self, stored: Mapping[str, Any]) -> None:
        """The record as it is stored now."""
        self._stored = stored
        self.on_change()

    # -- writing ---------------------------------------------------------------------------------
    def _write(self) -> None:
        texts = {slug: text for slug, text in self._drafts.items() if slug not in self._errors}
        chosen = dict(self._chosen)
        values = {slug: self._parsed(slug, text) for slug, text in texts.items()} | chosen
        if self._writing:  # left meanwhile: only what was typed since
            values = {
                slug: value
                for slug, value in values.items()
                if slug not in self._under_way or self._under_way[slug] != value
            }
        elif self.doc_id is None:
            values = {slug: value for slug, value in values.items() if value is not None}
        bad = self._bad() if self._left and self.doc_id is None else {}
        if not values and not bad:
            return
        self._writing += 1
        self._under_way.update(values)
        slug = self.collection.slug
        action = self._steps.typed((self, frozenset(values)))

        def job() -> int:
            with self._workspace.acting(action):
                made = self._made
                if made is None:
                    made = self._workspace.add(slug, [values])[0]
                elif values:
                    self._workspace.change(slug, [made], values)
            self._made = made
            if bad:
                self._kept.store(slug, made, bad)
            return made

        self._work.write(
            job, lambda made: self._written(made, texts, chosen), lambda e: self._refused(e, texts)
        )

    def _written(self, doc_id: int, texts: Mapping[str, str], chosen: Mapping[str, Any]) -> None:
        self._over()
        for slug, text in texts.items():
            if self._drafts.get(slug) == text:
                del self._drafts[slug]
                self._stored = {**self._stored, slug: self._parsed(slug, text)}
        for slug, value in chosen.items():
            if slug in self._chosen and self._chosen[slug] == value:
                del self._chosen[slug]
                self._stored = {**self._stored, slug: value}
        if self.doc_id is None:
            self.doc_id = doc_id
            self.on_created(doc_id)
        over = not self._writing and self._call_off is None
        if over and (self._chosen or self._can_write()):
            self._write()  # typed while this was being written, and the typing is over
        if not self._writing:
            self._keep()
        self.on_change()

    def _refused(self, error: Exception, texts: Mapping[str, str]) -> None:
        self._over()
        self._chosen.clear()
        for slug in texts:
            if slug in self._drafts:
                self._errors[slug] = str(error)
        self._keep()
        self.on_change()
        self.on_trouble(error)

    def _over(self) -> None:
        self._writing -= 1
        if not self._writing:
            self._under_way.clear()

    # -- judging ---------------------------------------------------------------------------------
    def _judge(self) -> None:
        """Say of each draft whether it is a value of its field."""
        self._errors.clear()
        for slug, text in self._drafts.items():
            field = self._field(slug)
            if field is None:
                self._errors[slug] = "This field is no longer in the collection."
                continue
            try:
                field.parse(text)
            except FieldValueError as error:
                self._errors[slug] = error.reason

    def _can_write(self) -> bool:
        return any(slug not in self._errors for slug in self._drafts)

    def _parsed(self, slug: str, text: str) -> Any:
        field = self._field(slug)
        return None if field is None else field.parse(text)

    def _field(self, slug: str) -> Field | None:
        return next((field for field in self.collection.fields if field.slug == slug), None)

    def _keep(self) -> None:
        """Keep what cannot be stored with the record."""
        if self.doc_id is not None:
            self._kept.keep(self.collection.slug, self.doc_id, self._bad())

    def _bad(self) -> dict[str, str]:
        return {slug: text for slug, text in self._drafts.items() if slug in self._errors}

    def _pause(self) -> None:
        if self._call_off is not None:
            self._call_off()
            self._call_off = None


def _nothing() -> None:
    """Nobody looks."""


def _nobody(_doc_id: int) -> None:
    """Nobody waits for it."""


def _raise(error: Exception) -> None:
    raise error
