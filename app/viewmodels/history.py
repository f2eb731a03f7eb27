"""The history of one record or of one of its fields: its versions, newest first, and the way back to one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.model.past import Version
from app.model.schema import Collection
from app.viewmodels.observed import Observed
from app.viewmodels.spoken import exact_time, spoken_ago, spoken_time
from app.viewmodels.undoing import Undoing
from app.viewmodels.work import SLOW_S, Refresh, Work
from app.workspace import Workspace
from storage import Touched

PAGE = 50
NOTHING = "nothing"
BEFORE, AROUND = 16, 72  # signs of a long text that are shown before and from its first difference
DONE = {
    "created": "Written", "changed": "Changed", "trashed": "Moved to Trash", "purged": "Deleted for good",
    "restored": "Brought back", "undone": "Undone", "redone": "Done again",
}  # fmt: skip


@dataclass(frozen=True)
class ChangeLine:
    """A field of a version that differs from the one before, in words."""

    field: str
    before: str
    after: str
    new: bool = False  # of a record just written: nothing was before

    @property
    def said(self) -> str:
        """In one line."""
        return f"{self.field}: {'' if self.new else f'{self.before} → '}{self.after}"


@dataclass(frozen=True)
class VersionLine:
    """One version, or several that were one edit; `n` is the last of them, `current` the newest of all."""

    n: int
    what: str
    who: str
    computer: str
    when: str
    exact: str
    changes: tuple[ChangeLine, ...]
    current: bool = False


@dataclass(frozen=True)
class HistoryState:
    """`field` is empty for the history of a whole record. `looked` is the version that is looked at, with `values`."""

    open: bool = False
    title: str = ""
    field: str = ""
    field_title: str = ""
    lines: tuple[VersionLine, ...] = ()
    more: int = 0
    looked: VersionLine | None = None
    values: tuple[tuple[str, str], ...] = ()
    loaded: bool = False
    slow: bool = False
    error: str = ""


class History(Observed[HistoryState]):
    """Reads while it is open, and again whenever the record changed."""

    def __init__(
        self, workspace: Workspace, work: Work, undoing: Undoing, now: Callable[[], datetime]
    ) -> None:
        super().__init__(HistoryState())
        self._workspace = workspace
        self._work = work
        self._undoing = undoing
        self._now = now
        self._collection: Collection | None = None
        self._doc_id = 0
        self._versions: dict[int, Version] = {}
        self._room = PAGE
        self._refresh = Refresh(self._read)

    # -- coming and going ------------------------------------------------------------------------
    def open(self, collection: Collection, doc_id: int, title: str, field: str = "") -> None:
        """Show the history of a record, or of one of its fields."""
        self._collection, self._doc_id, self._room = collection, doc_id, PAGE
        self._versions = {}
        names = {each.slug: each.title for each in collection.fields}
        self._show(
            open=True, title=title, field=field, field_title=names.get(field, field),
            lines=(), more=0, looked=None, values=(), loaded=False, slow=False, error="",
        )  # fmt: skip
        self._work.after(SLOW_S, self._still_loading)
        self._refresh.ask()

    def close(self) -> None:
        """Show none."""
        self._collection, self._versions = None, {}
        self._show(open=False, lines=(), looked=None, values=(), loaded=False)

    def shows(self, slug: str, doc_id: int | None) -> bool:
        """Whether it is the history of this record."""
        here = self._collection is not None and self._collection.slug == slug
        return self.state.open and here and doc_id == self._doc_id

    def touched(self, touched: Touched) -> None:
        """Read again when a commit may have changed the record."""
        collection = self._collection
        if collection is None or not touched.covers(collection.slug):
            return
        ids = touched.ids(collection.slug)
        if ids is None or self._doc_id in ids:
            self._refresh.ask()

    def show_more(self) -> None:
        """Older versions too."""
        self._room += PAGE
        self._refresh.ask()

    # -- one version -------------------------------------------------------------------------------
    def look_at(self, line: VersionLine) -> None:
        """Show what the record was in a version."""
        version, collection = self._versions.get(line.n), self._collection
        if version is None or collection is None:
            return
        values = tuple(
            (field.title, field.show(version.document.get(field.slug)) or "–")
            for field in collection.fields
            if self.state.field in {"", field.slug}
        )
        self._show(looked=line, values=values)

    def look_back(self) -> None:
        """To the list of versions."""
        self._show(looked=None, values=())

    def restore(self, line: VersionLine) -> None:
        """Make the record, or the field, what it was in a version: an edit, which can be undone."""
        version, collection = self._versions.get(line.n), self._collection
        if version is None or collection is None:
            return
        self._undoing.before()
        action, slug, doc_id, field = (
            self._undoing.steps.begin(),
            collection.slug,
            self._doc_id,
            self.state.field,
        )
        when = spoken_time(version.at_ms, self._now())
        what = self.state.field_title or self.state.title

        def job() -> None:
            with self._workspace.acting(action):
                if field:
                    self._workspace.change(slug, [doc_id], {field: version.document.get(field)})
                else:
                    self._workspace.restore_version(slug, doc_id, version.n)

        def done(_result: None) -> None:
            self.look_back()
            self._undoing.offer(f"“{what}” is again what it was: version of {when}", action)

        self._work.write(job, done, self._failed)

    # -- reading -----------------------------------------------------------------------------------
    def _read(self, over: Callable[[], None]) -> None:
        collection, doc_id = self._collection, self._doc_id
        if collection is None:
            over()
            return

        def done(versions: list[Version]) -> None:
            if self.shows(collection.slug, doc_id) and collection is self._collection:
                self._arrived(collection, versions)
            over()

        def failed(error: Exception) -> None:
            self._show(error=str(error), slow=False)
            over()

        self._work.read(lambda: self._workspace.history(collection.slug, doc_id), done, failed)

    def _arrived(self, collection: Collection, versions: list[Version]) -> None:
        field = self.state.field
        edits = [each for each in joined(versions) if not field or field in each.fields]
        self._versions = {each.n: each for each in edits}
        newest = list(reversed(edits))
        lines = tuple(
            self._line(collection, each, current=at == 0)
            for at, each in enumerate(newest[: self._room])
        )
        self._show(
            lines=lines, more=max(0, len(newest) - self._room), loaded=True, slow=False, error=""
        )  # fmt: skip

    def _line(self, collection: Collection, version: Version, *, current: bool) -> VersionLine:
        now, only = self._now(), self.state.field
        changes = () if version.what in {"trashed", "purged", "restored"} else version.fields
        return VersionLine(
            n=version.n,
            what=DONE.get(version.what, "Changed"),
            who=version.member or "Somebody",
            computer=version.device,
            when=spoken_ago(version.at_ms, now),
            exact=exact_time(version.at_ms, now),
            changes=tuple(
                line
                for slug in ordered(collection, changes)
                if not only or slug == only
                if (line := change_line(collection, slug, version)).before != line.after
            ),
            current=current,
        )

    def _failed(self, error: Exception) -> None:
        self._show(error=str(error))

    def _still_loading(self) -> None:
        if self.state.open and not self.state.loaded and not self.state.error:
            self._show(slow=True)


def joined(versions: Sequence[Version]) -> Iterator[Version]:
    """Versions, those that follow each other and were made by one action as one."""
    held: Version | None = None
    for version in versions:
        if held is None:
            held = version
        elif version.action and version.action == held.action:
            held = replace(
                version, what=held.what, fields=_together(held.fields, version.fields)
            )  # fmt: skip
        else:
            yield held
            held = version
    if held is not None:
        yield held


def _together(
    first: Mapping[str, tuple[Any, Any]], later: Mapping[str, tuple[Any, Any]]
) -> dict[str, tuple[Any, Any]]:
    fields = dict(first)
    for name, (before, after) in later.items():
        fields[name] = (fields[name][0] if name in fields else before, after)
    return {name: pair for name, pair in fields.items() if pair[0] != pair[1]}


def ordered(collection: Collection, slugs: Iterable[str]) -> list[str]:
    """Fields as the collection orders them, then those that are in it no more."""
    places = {field.slug: at for at, field in enumerate(collection.fields)}
    return sorted(slugs, key=lambda slug: places.get(slug, len(places)))


def change_line(collection: Collection, slug: str, version: Version) -> ChangeLine:
    """A field's two values as people read them; of long ones what differs, with a little around it."""
    before, after = version.fields[slug]
    new = version.what == "created"
    field = next((each for each in collection.fields if each.slug == slug), None)
    if field is None:
        return ChangeLine(slug, _plain(before), _plain(after), new)
    old, now = excerpts(field.show(before), field.show(after))
    return ChangeLine(field.title, old or NOTHING, now or NOTHING, new)


def excerpts(before: str, after: str) -> tuple[str, str]:
    """Two texts in one line each, cut to where they begin to differ."""
    old, new = " ".join(before.split()), " ".join(after.split())
    if max(len(old), len(new)) <= BEFORE + AROUND:
        return old, new
    same = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )
    start = max(0, same - BEFORE)
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    part = text[start : start + BEFORE + AROUND]
    return f"{'…' if start and part else ''}{part}{'…' if start + len(part) < len(text) else ''}"


def _plain(value: Any) -> str:
    return NOTHING if value is None else str(value)
