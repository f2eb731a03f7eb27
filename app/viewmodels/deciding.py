"""To decide: fields that were set apart from each other, and records deleted while somebody edited them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.errors import FieldValueError
from app.model.past import Choice, Decision
from app.model.schema import COLLECTIONS, FIELDS, Collection, Field
from app.viewmodels.observed import Observed
from app.viewmodels.spoken import exact_time, spoken_ago
from app.viewmodels.undoing import Undoing
from app.viewmodels.work import Refresh, Work
from app.workspace import Workspace
from storage import Action, Touched

SHOWN = 100
NAMELESS = "No name yet"
NO_VALUE = "No value"
SCHEMA = tuple(  # names of lists and fields are records too, and two people may give different ones
    Collection(slug, title, "table", (Field("title", "Name", "text"),), 0, "title")
    for slug, title in ((COLLECTIONS, "Lists"), (FIELDS, "Fields"))
)
JOINED = frozenset({"text", "longtext", "choices", "tags"})  # kinds whose values can be kept both


@dataclass(frozen=True)
class ChoiceLine:
    """One of the values a field was given, ready to be drawn; the first of an item is the one shown now."""

    n: int
    text: str
    value: Any
    who: str
    when: str
    exact: str


@dataclass(frozen=True)
class DecisionItem:
    """A field to decide on; without one, a record that was deleted on one computer and edited on another."""

    slug: str
    doc_id: int
    title: str
    collection: str
    field: Field | None
    choices: tuple[ChoiceLine, ...] = ()
    both: Any = None

    @property
    def key(self) -> tuple[str, int, str]:
        """What tells it from others."""
        return self.slug, self.doc_id, "" if self.field is None else self.field.slug


@dataclass(frozen=True)
class DecidingState:
    """`count` is of all that waits; `records` are those in which something does. `first`: a record to begin with."""

    count: int = 0
    items: tuple[DecisionItem, ...] = ()
    records: frozenset[tuple[str, int]] = frozenset()
    first: tuple[str, int] | None = None
    loaded: bool = False
    error: str = ""

    @property
    def empty(self) -> bool:
        """Nothing waits, and that is known."""
        return self.loaded and not self.items and not self.error


class Deciding(Observed[DecidingState]):
    """Reads what waits after each commit: its count stands in the window wherever one is."""

    def __init__(
        self, workspace: Workspace, work: Work, undoing: Undoing, now: Callable[[], datetime]
    ) -> None:
        super().__init__(DecidingState())
        self._workspace = workspace
        self._work = work
        self._undoing = undoing
        self._now = now
        self._refresh = Refresh(self._read)

    def look(self) -> None:
        """Read what waits, now or after the reading under way."""
        self._refresh.ask()

    def touched(self, _touched: Touched) -> None:
        """Any commit may settle something, or bring something in."""
        self._refresh.ask()

    def begin_with(self, slug: str, doc_id: int | None) -> None:
        """Show what waits in one record before everything else."""
        self._show(first=None if doc_id is None else (slug, doc_id))
        self._refresh.ask()

    # -- deciding ----------------------------------------------------------------------------------
    def keep(self, item: DecisionItem, choice: ChoiceLine) -> None:
        """This value, and no other."""
        self._decide(item, choice.value, choice.text)

    def keep_both(self, item: DecisionItem) -> None:
        """All values in one."""
        self._decide(item, item.both, "both")

    def type(self, item: DecisionItem, text: str, refused: Callable[[str], None]) -> bool:
        """Another value, as it was typed; False and a sentence if it is none of the field."""
        if item.field is None:
            return False
        try:
            value = item.field.parse(text)
        except FieldValueError as error:
            refused(error.reason)
            return False
        self._decide(item, value, item.field.show(value) or NO_VALUE)
        return True

    def keep_record(self, item: DecisionItem) -> None:
        """The record stays."""
        self._write(
            lambda: self._workspace.decide(item.slug, item.doc_id, None),
            f"“{item.title}” stays in {item.collection}",
        )

    def trash_record(self, item: DecisionItem) -> None:
        """The record goes to the trash after all."""
        self._write(
            lambda: self._workspace.trash(item.slug, [item.doc_id]),
            f"“{item.title}” moved to Trash",
        )

    def _decide(self, item: DecisionItem, value: Any, said: str) -> None:
        field = item.field
        if field is not None:
            one_line = " ".join(said.split())
            self._write(
                lambda: self._workspace.decide(item.slug, item.doc_id, field.slug, value),
                f"Decided: {field.title} of “{item.title}” is {one_line if said == 'both' else f'“{one_line}”'}",
            )

    def _write(self, job: Callable[[], object], words: str) -> None:
        self._undoing.before()
        action = self._undoing.steps.begin()
        self._work.write(
            lambda: self._acting(action, job),
            lambda _: self._undoing.offer(words, action),
            self._undoing.failed,
        )

    def _acting(self, action: Action | None, job: Callable[[], object]) -> None:
        with self._workspace.acting(action):
            job()

    # -- reading -----------------------------------------------------------------------------------
    def _read(self, over: Callable[[], None]) -> None:
        def done(found: DecidingState) -> None:
            self._show(
                count=found.count, items=found.items, records=found.records, loaded=True, error=""
            )  # fmt: skip
            over()

        def failed(error: Exception) -> None:
            self._show(error=str(error))
            over()

        first = self.state.first
        self._work.read(lambda: self._gather(first), done, failed)

    def _gather(self, first: tuple[str, int] | None) -> DecidingState:
        found = self._workspace.decisions()
        if not found:
            return DecidingState()
        known = {each.slug: each for each in (*self._workspace.collections(), *SCHEMA)}
        found = [
            each for each in found if each.collection in known
        ]  # else its list is in the trash
        found.sort(key=lambda each: (each.collection, each.record) != first)
        return DecidingState(
            count=len(found),
            items=tuple(self._item(each, known[each.collection]) for each in found[:SHOWN]),
            records=frozenset((each.collection, each.record) for each in found),
        )

    def _item(self, decision: Decision, collection: Collection) -> DecisionItem:
        document = self._workspace.store.table(collection.slug).fetch([decision.record])[0]
        title = "" if document is None else collection.title_of(document)
        field = None if decision.field is None else _field(collection, decision.field)
        return DecisionItem(
            slug=collection.slug,
            doc_id=decision.record,
            title=title or NAMELESS,
            collection=collection.title,
            field=field,
            choices=tuple(self._choice(each, field) for each in decision.choices),
            both=None if field is None else _both(field, decision),
        )

    def _choice(self, choice: Choice, field: Field | None) -> ChoiceLine:
        now = self._now()
        shown = "" if field is None else field.show(choice.value)
        who = " · ".join(part for part in (choice.member or "Somebody", choice.device) if part)
        return ChoiceLine(
            choice.n,
            shown or NO_VALUE,
            choice.value,
            who,
            spoken_ago(choice.at_ms, now),
            exact_time(choice.at_ms, now),
        )


def _field(collection: Collection, slug: str) -> Field:
    """A field of a collection; one that is in it no more is a text."""
    return next(
        (each for each in collection.fields if each.slug == slug), Field(slug, slug, "text")
    )


def _both(field: Field, decision: Decision) -> Any:
    """All the values in one of this field; None where that cannot be."""
    given = [each.value for each in decision.choices if each.value is not None]
    if field.kind not in JOINED or len(given) < 2 or len({type(each) for each in given}) > 1:  # noqa: PLR2004 -- both
        return None
    return " / ".join(given) if field.kind == "text" else decision.both()
