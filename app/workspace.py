"""One team's data, as the window, the command line and the exchange use it.

It owns collections and their fields, which are records themselves, and finds records by id.
Records are read and written through `storage.Table` and nothing else. Safe from several threads,
as the store is.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Self

from app.errors import NameTakenError, NoSuchCollectionError, NoSuchVersionError, StoppedError
from app.model.past import NOBODY, Choice, Decision, Undone, Version
from app.model.schema import (
    COLLECTIONS,
    FIELDS,
    Collection,
    Field,
    FieldSpec,
    assemble,
    check_fields,
    check_name,
)
from storage import (
    ABSENT,
    Action,
    Because,
    Document,
    FoundText,
    Query,
    Store,
    Table,
    Taken,
    Touched,
    TrashedDocument,
    Undecided,
)
from sync.seat import Seat

Progress = Callable[[float], bool]


def no_progress(_share: float) -> bool:
    """Nobody asks how far it is; it goes on."""
    return True


class Found(NamedTuple):
    """A record found by its id alone, perhaps in the trash."""

    collection: str
    document: Document

    @property
    def trashed_ms(self) -> int | None:
        """When it was put into the trash (ms since 1970 UTC); None if it is not in it."""
        return self.document.trashed_ms if isinstance(self.document, TrashedDocument) else None


class Workspace:
    """One open workspace; whoever opened it closes it."""

    def __init__(
        self,
        store: Store,
        *,
        name: str,
        id: str,  # noqa: A002 - what it is called
        seat: Seat | None = None,
    ) -> None:
        """`seat`: this device's place in the team; None for a store that makes no changes."""
        self.store = store
        self.seat = seat
        self.name = name
        self.id = id
        self._known: dict[str, Collection] = {}
        self._guard = threading.Lock()
        self._stop_watching = store.watch(self._forget)

    def close(self) -> None:
        """Close the store; nothing can be read or written afterwards."""
        self._stop_watching()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    # -------------------------------------------------------------------------- collections

    def collections(self) -> tuple[Collection, ...]:
        """All collections, by title, with their fields and how many records each has."""
        records = self._by_id(COLLECTIONS)
        counts = {each["slug"]: self.store.table(each["slug"]).tally() for each in records}
        return assemble(records, self._by_id(FIELDS), counts)

    def collection(self, slug: str) -> Collection:
        """One collection by its slug; NoSuchCollectionError if there is none."""
        records = self.store.table(COLLECTIONS).search(Query().slug == slug)
        if not records:
            known = [each["slug"] for each in self.store.table(COLLECTIONS)]
            raise NoSuchCollectionError(slug, known)
        fields = self.store.table(FIELDS).search(Query().collection == slug)
        return assemble(records, fields, {slug: self.store.table(slug).tally()})[0]

    def create_collection(
        self, title: str, fields: Iterable[FieldSpec] = (), icon: str | None = None
    ) -> Collection:
        """Make a collection; its slug is the title as given now. NameTakenError, BadNameError, KindError."""
        slug = check_name(title, collection=True)
        made = check_fields(fields)
        with self.store.transaction():
            self._refuse_taken(slug)
            record = {"slug": slug, "title": slug} | ({"icon": icon} if icon else {})
            self.store.table(COLLECTIONS).insert(record)
            self.store.table(FIELDS).insert_multiple({"collection": slug} | each for each in made)
        return self.collection(slug)

    def add_field(
        self, slug: str, name: str, kind: str, options: Mapping[str, Any] | None = None
    ) -> Field:
        """Add a field to a collection, after those there are."""
        (made,) = check_fields([(name, kind, options or {})])
        with self.store.transaction():
            there = self.collection(slug).fields
            if any(each.slug == made["slug"] for each in there):
                raise NameTakenError("field", made["slug"])
            made["position"] = 1 + max((each.position for each in there), default=-1)
            self.store.table(FIELDS).insert({"collection": slug} | made)
        return self.collection(slug).field(made["slug"])

    def rename_collection(self, slug: str, title: str) -> Collection:
        """Change a collection's title; its slug stays."""
        checked = check_name(title)
        with self.store.transaction():
            self.collection(slug)
            self.store.table(COLLECTIONS).update({"title": checked}, Query().slug == slug)
        return self.collection(slug)

    def trash_collection(self, slug: str) -> None:
        """Put a collection into the trash; its records stay as they are, out of sight."""
        with self.store.transaction():
            self.collection(slug)
            table = self.store.table(COLLECTIONS)
            table.trash([each.doc_id for each in table.search(Query().slug == slug)])

    def restore_collection(self, slug: str) -> Collection:
        """Take a collection out of the trash; NoSuchCollectionError if it is not in it."""
        with self.store.transaction():
            trashed = self._trashed_collections()
            if slug not in trashed:
                raise NoSuchCollectionError.of_trash(slug, trashed)
            self.store.table(COLLECTIONS).restore(trashed[slug])
        return self.collection(slug)

    def trashed_collections(self) -> tuple[str, ...]:
        """The slugs of the collections in the trash."""
        return tuple(self._trashed_collections())

    # ------------------------------------------------------------------------------ records

    def table(self, slug: str) -> Table:
        """The records of a collection; NoSuchCollectionError if there is none."""
        self._known_collection(slug)
        return self.store.table(slug)

    def add(self, slug: str, documents: Sequence[Mapping[str, Any]]) -> list[int]:
        """Add records, all or none, and return their ids in order."""
        with self.store.transaction():
            return list(self.table(slug).insert_multiple(documents))

    def change(self, slug: str, ids: Sequence[int], fields: Mapping[str, Any]) -> list[int]:
        """Set fields of records in one commit; the others stay. Returns the ids that are there."""
        with self.store.transaction():
            return list(self.table(slug).update(dict(fields), doc_ids=list(ids)))

    def trash(self, slug: str, ids: Sequence[int]) -> list[int]:
        """Put records into the trash; returns those that were not in it."""
        return self.table(slug).trash(list(ids))

    def restore(self, slug: str, ids: Sequence[int]) -> list[int]:
        """Take records out of the trash; returns those that were in it."""
        return self.table(slug).restore(list(ids))

    def find(self, record: int) -> tuple[str, Document] | None:
        """A record by its id alone, with its collection's slug; None if there is none or it is trashed."""
        for each in self._slugs():
            document = self.store.table(each).get(doc_id=record)
            if isinstance(document, Document):
                return each, document
        return None

    def locate(self, record: int) -> Found | None:
        """A record by its id alone, also when it is in the trash."""
        if found := self.find(record):
            return Found(*found)
        for each in self._slugs():
            if trashed := self.store.table(each).in_trash(record):
                return Found(each, trashed)
        return None

    def title_of(self, slug: str, document: Mapping[str, Any]) -> str:
        """What names a record for people; empty if nothing in it does."""
        return self._known_collection(slug).title_of(document)

    def search(self, text: str, slug: str | None = None, limit: int = 50) -> FoundText:
        """Find records by words in them, best first, in one collection or in all."""
        tables = [self.collection(slug).slug] if slug is not None else self._slugs()
        return self.store.find_text(text, tables=tables, limit=limit)

    # --------------------------------------------------------------------------- the past

    def history(self, slug: str, record: int) -> list[Version]:
        """Every version of a record, the oldest first; empty where nothing keeps one."""
        if not self.store.makes_changes:
            return []
        names = self._names()
        return [
            Version(
                *(each.n, each.at_ms, *names.get(each.device, NOBODY), each.what),
                *(_pairs(each.fields), each.document, each.action),
            )
            for each in self.store.past.history(slug, record)
        ]

    def as_of(self, slug: str, record: int, at_ms: int) -> dict[str, Any] | None:
        """A record as it was at a time; None if it was not there then."""
        return self.store.past.as_of(slug, record, at_ms) if self.store.makes_changes else None

    def restore_version(self, slug: str, record: int, n: int) -> None:
        """Make a record what it was in its version `n`, as a new edit. NoSuchVersionError."""
        with self.store.transaction():
            versions = self.history(slug, record)
            if not 1 <= n <= len(versions):
                raise NoSuchVersionError(n, len(versions))
            table = self.table(slug)
            table.restore([record])
            table.put(record, dict(versions[n - 1].document))

    def purge(self, slug: str, records: Sequence[int]) -> list[int]:
        """Delete records for good; returns those that were there. Undo still brings them back."""
        return self.store.past.purge(self.collection(slug).slug, records)

    def new_action(self) -> Action | None:
        """An action that several writes may belong to (`acting`); None where nothing makes one."""
        return self.store.journal.new_action() if self.store.makes_changes else None

    @contextmanager
    def acting(self, action: Action | None) -> Iterator[None]:
        """One commit, as a part of an action: what is undone as one. None begins one with each commit."""
        with self.store.transaction():
            if action is None:
                yield
            else:
                with self.store.journal.acting(action):
                    yield

    def undo(self, action: Action | None = None, progress: Progress = no_progress) -> Undone | None:
        """Take back what was done last on this computer, or `action`; None if there is nothing.

        `progress` hears a share from 0 to 1 and says whether to go on; False raises StoppedError, and nothing is done.
        """
        if not self.store.makes_changes:
            return None
        wanted = None if action is None else action.id
        return _undone(self.store.past.undo(wanted, _stepping(progress)))

    def redo(self, progress: Progress = no_progress) -> Undone | None:
        """Do again what was undone last; None if there is nothing. `progress` as for `undo`."""
        if not self.store.makes_changes:
            return None
        return _undone(self.store.past.redo(_stepping(progress)))

    def can_undo(self) -> tuple[bool, bool]:
        """Whether there is something to undo, and something to redo."""
        return self.store.past.can() if self.store.makes_changes else (False, False)

    def decisions(self, slug: str | None = None) -> list[Decision]:
        """What waits for a decision, in one collection or in all."""
        if not self.store.makes_changes:
            return []
        names = self._names()
        found = self.store.past.undecided(None if slug is None else [slug])
        return [_decision(each, names) for each in found]

    def decisions_in(self, slug: str, record: int) -> list[Decision]:
        """What waits for a decision in one record."""
        if not self.store.makes_changes:
            return []
        names = self._names()
        return [_decision(each, names) for each in self.store.past.undecided_in(slug, record)]

    def decide(self, slug: str, record: int, field: str | None, value: Any = None) -> None:
        """Settle a field: this value, and no other, is what it holds. With no field: the record stays."""
        self.store.past.settle(slug, record, field, value)

    def _names(self) -> Mapping[bytes, tuple[str, str]]:
        return {} if self.seat is None else self.seat.names()

    def watch(self, callback: Callable[[Touched], None]) -> Callable[[], None]:
        """Call back after each commit, on the committing thread; returns what stops it."""
        return self.store.watch(callback)

    # ------------------------------------------------------------------------------- inside

    def _by_id(self, table: str) -> list[Document]:
        return sorted(self.store.table(table).all(), key=lambda each: each.doc_id)

    def _slugs(self) -> list[str]:
        return list(dict.fromkeys(each["slug"] for each in self._by_id(COLLECTIONS)))

    def _known_collection(self, slug: str) -> Collection:
        """A collection as last seen, for what is asked again for every row; its count may be old."""
        with self._guard:
            known = self._known.get(slug)
        if known is None:
            known = self.collection(slug)
            if not self.store.in_transaction:  # what is not committed yet may never be
                with self._guard:
                    self._known[slug] = known
        return known

    def _forget(self, touched: Touched) -> None:
        if touched.covers(COLLECTIONS) or touched.covers(FIELDS):
            with self._guard:
                self._known.clear()

    def _refuse_taken(self, slug: str) -> None:
        if self.store.table(COLLECTIONS).contains(Query().slug == slug):
            raise NameTakenError("collection", slug)
        if slug in self._trashed_collections():
            hint = f"It is in the trash: 'commonhold collection restore {slug}' brings it back."
            raise NameTakenError("collection", slug, hint=hint)

    def _trashed_collections(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for each in trashed_documents(self.store.table(COLLECTIONS)):
            found.setdefault(each["slug"], []).append(each.doc_id)
        return found


def trashed_documents(table: Table, page: int = 500) -> Iterator[TrashedDocument]:
    """Everything in a table's trash, latest first, a page at a time."""
    after: TrashedDocument | None = None
    while documents := table.trashed(limit=page, after=after):
        yield from documents
        after = documents[-1]


def _pairs(fields: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """None for a value that was not there."""
    return {
        name: (None if old is ABSENT else old, None if new is ABSENT else new)
        for name, (old, new) in fields.items()
    }


def _stepping(progress: Progress) -> Callable[[int, int], None]:
    def step(done: int, of: int) -> None:
        if not progress(done / of):
            raise StoppedError

    return step


def _undone(taken: Taken | None) -> Undone | None:
    if taken is None:
        return None
    texts = sum(each.left.because is Because.TEXT for each in taken.remains)
    return Undone(taken.records, len(taken.remains) - texts, texts)


def _decision(each: Undecided, names: Mapping[bytes, tuple[str, str]]) -> Decision:
    choices = []
    for n, one in enumerate(each.siblings, 1):
        member, device = names.get(one.device, NOBODY)
        value = None if one.value is ABSENT else one.value
        choices.append(Choice(n, value, member, device, one.at_ms))
    return Decision(each.collection, each.doc_id, each.field, tuple(choices))
