"""The open workspace: its screens side by side, where one is, and what joins them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from app.model.schema import Collection
from app.viewmodels.collections import Collections, NewField
from app.viewmodels.commands import Command
from app.viewmodels.deciding import Deciding
from app.viewmodels.drafts import Drafts
from app.viewmodels.forms import Ask, Form, FormState
from app.viewmodels.history import History
from app.viewmodels.importing import Importing
from app.viewmodels.keys import Intent
from app.viewmodels.layout import Place
from app.viewmodels.notices import Notices
from app.viewmodels.observed import Observed
from app.viewmodels.record import RecordPage
from app.viewmodels.records import Records
from app.viewmodels.search import Search
from app.viewmodels.security import Security
from app.viewmodels.steps import Steps
from app.viewmodels.trash import Trash
from app.viewmodels.undoing import Undoing
from app.viewmodels.upkeep import Upkeep
from app.viewmodels.widths import Widths
from app.viewmodels.work import Work
from app.workspace import Workspace
from storage import Touched


def _nowhere(_name: str) -> None:
    """There is no other workspace."""


@dataclass(frozen=True)
class Outside:
    """What belongs to the window: its clock, choosing a file, the lock, the other workspaces."""

    now: Callable[[], datetime]
    choose_file: Callable[[Callable[[str], None]], None]
    lock: Callable[[], None] | None = None
    security: Security | None = None
    others: tuple[str, ...] = ()
    switch: Callable[[str], None] = _nowhere


@dataclass(frozen=True)
class DeskState:
    """Where one is; `collection` and `record` say which panes have something in them."""

    place: Place = Place.RECORDS
    collection: bool = False
    record: bool = False


class Desk(Observed[DeskState]):
    """Owns the view-models of one workspace; `start` and `close` frame its life."""

    def __init__(
        self, workspace: Workspace, work: Work, notices: Notices, outside: Outside
    ) -> None:
        super().__init__(DeskState())
        self.notices = notices
        self.workspace = workspace
        self.security = outside.security
        self.upkeep = Upkeep(workspace, work)
        self._outside = outside
        self.drafts = Drafts(workspace, work, notices)
        self.widths = Widths(workspace, work, notices)
        self.steps = Steps(workspace, outside.now)
        self.undoing = Undoing(workspace, work, notices, self.steps)
        self.undoing.before = self._settle
        self.collections = Collections(workspace, work, notices, self.undoing)
        self.records = Records(workspace, work, notices, self.undoing, self.drafts, self.widths)
        self.record = RecordPage(workspace, work, notices, self.drafts, self.steps, outside.now)
        self.history = History(workspace, work, self.undoing, outside.now)
        self.deciding = Deciding(workspace, work, self.undoing, outside.now)
        self.search = Search(workspace, work, self.collections.find)
        self.trash = Trash(workspace, work, notices, self.undoing, outside.now)
        self.form = Form(self._submit)
        self.importing = Importing(workspace, work, self.undoing, self.open_collection)
        self.record.created = self._created
        self._wanted: str | None = None
        self._open = True
        self._work = work
        self._stop_watching = workspace.watch(self._committed)
        self.collections.observe(lambda _: self._collections_changed())

    @property
    def lock(self) -> Callable[[], None] | None:
        """Locks the window; None where there is no passphrase to ask for."""
        open_to_all = self.security is not None and not self.security.state.protected
        return None if open_to_all else self._outside.lock

    def start(self) -> None:
        """Read the list of collections; the first one opens where there is room for it."""
        self.drafts.load()
        self.widths.load(self.records.show_widths)
        self.collections.load()
        self.undoing.look()
        self.deciding.look()
        self.upkeep.soon()
        for loss in self.workspace.store.losses:
            self.notices.warn(loss)

    def close(self) -> None:
        """Commit what was typed and look at the workspace no longer; an import or undo under way leaves no trace."""
        self.record.leave()
        self.importing.cancel()
        self.undoing.stop()
        self._open = False
        self.upkeep.stop()
        self._stop_watching()
        self.records.close()

    # -- going somewhere ---------------------------------------------------------------------------
    def go(self, place: Place) -> None:
        """Go to a place of the rail; going to Records again shows the list of collections."""
        again = place is self.state.place is Place.RECORDS
        if place is not Place.RECORDS:
            self.close_record()
        if place is Place.DECIDE:
            self.deciding.look()
        if again:
            self.close_record()
            self._show(collection=False)
        if place is Place.TRASH:
            self.trash.look()
        else:
            self.trash.leave()
        if place is Place.SETTINGS and self.security is not None:
            self.security.look()
        self._show(place=place)

    def open_collection(self, slug: str) -> None:
        """Show a collection; one that was made a moment ago opens as soon as it is read."""
        collection = self.collections.find(slug)
        self.trash.leave()
        if collection is None:
            self._wanted = slug
            self.collections.load()
            return
        self._wanted = None
        if slug != self.records.state.slug:
            self.close_record()
        self.collections.choose(slug)
        self.records.open(collection)
        self._show(place=Place.RECORDS, collection=True)

    def show_lists(self) -> None:
        """Back to the list of collections, in a window with one pane."""
        self.close_record()
        self._show(collection=False)

    def ask_new_collection(self) -> None:
        """Ask for the name of a new collection."""
        self.form.open(Ask.NEW_COLLECTION)

    def open_record(self, slug: str, doc_id: int) -> None:
        """Show a record beside its collection."""
        collection = self.collections.find(slug)
        if collection is None:
            return
        self.open_collection(slug)
        follows = self.history.state.open and not self.history.shows(slug, doc_id)
        self.record.open(collection, doc_id)
        self.records.choose(doc_id)
        self._show(record=True)
        if follows:
            self.show_history()

    def new_record(self) -> None:
        """Begin a record in the open collection."""
        collection = self.collections.find(self.collections.state.current or "")
        if collection is None:
            self.form.open(Ask.NEW_COLLECTION)
            return
        self.open_collection(collection.slug)
        self.history.close()
        self.record.new(collection)
        self.records.choose(None)
        self._show(record=True)

    def close_record(self) -> None:
        """Leave the record; what was typed is committed."""
        if self.state.record:
            self.history.close()
            self.record.close()
            self.records.choose(None)
            self._show(record=False)

    # -- the past ----------------------------------------------------------------------------------
    def show_history(self, field: str = "") -> None:
        """The history of the open record, or of one of its fields."""
        doc_id, slug = self.record.state.doc_id, self.record.state.slug
        collection = self.collections.find(slug)
        if self.state.record and doc_id is not None and collection is not None:
            self.record.commit()
            self.history.open(collection, doc_id, self.record.state.title, field)

    def toggle_history(self) -> None:
        """Show the history of the open record, or put it away."""
        if self.history.state.open:
            self.history.close()
        else:
            self.show_history()

    def decide_record(self) -> None:
        """To what waits for a decision in the open record."""
        state = self.record.state
        if state.doc_id is not None:
            self.deciding.begin_with(state.slug, state.doc_id)
            self.go(Place.DECIDE)

    def trash_record(self) -> None:
        """Move the open record to the trash."""
        doc_id, title = self.record.state.doc_id, self.record.state.title
        if not self.state.record or doc_id is None:
            return
        self.close_record()
        self.records.trash([doc_id], title)

    def restore_record(self) -> None:
        """Bring the open record back from the trash."""
        doc_id = self.record.state.doc_id
        if doc_id is not None:
            self.records.restore(self.record.state.slug, [doc_id])

    def trash_collection(self) -> None:
        """Move the open collection to the trash."""
        slug = self.collections.state.current
        if slug is not None:
            self.close_record()
            self.collections.trash(slug)

    def back(self) -> bool:
        """Go one step back; False when there is nothing to leave."""
        if self.history.state.looked is not None:
            self.history.look_back()
        elif self.history.state.open:
            self.history.close()
        elif self.state.record:
            self.close_record()
        elif self.state.place is not Place.RECORDS:
            self.go(Place.RECORDS)
        else:
            return False
        return True

    def choose_file(self) -> None:
        """Choose a file and look at what it would become."""
        self._outside.choose_file(self.importing.look)

    # -- what can be done --------------------------------------------------------------------------
    def do(self, intent: Intent) -> bool:
        """Do what a key asks for; False when it means nothing here."""
        plain: dict[Intent, Callable[[], None]] = {
            Intent.SEARCH: lambda: self.go(Place.SEARCH),
            Intent.NEW_RECORD: self.new_record,
            Intent.NEW_COLLECTION: lambda: self.form.open(Ask.NEW_COLLECTION),
            Intent.IMPORT: self.choose_file,
            Intent.SETTINGS: lambda: self.go(Place.SETTINGS),
            Intent.TRASH: self.trash_record,
            Intent.UNDO: self.undoing.undo,
            Intent.REDO: self.undoing.redo,
            Intent.HISTORY: self.toggle_history,
        }
        if intent is Intent.BACK:
            return self.back()
        if intent is Intent.LOCK and self.lock is not None:
            self.lock()
            return True
        if intent not in plain:
            return False
        plain[intent]()
        return True

    def find_commands(self, text: str, found: Callable[[tuple[Command, ...]], None]) -> None:
        """The best few records for a text, as lines that lead to them."""
        self.search.commands(text, found, self.open_record)

    def commands(self) -> tuple[Command, ...]:
        """Everything that can be done from where one is, likely things first."""
        current = self.collections.find(self.collections.state.current or "")
        found = self._commands_back()
        if self.state.record and self.record.state.doc_id is not None:
            found.append(
                Command(
                    f"History of “{self.record.state.title}”",
                    "history",
                    self.show_history,
                    "Ctrl H",
                )
            )
            found.append(
                Command(
                    f"Move “{self.record.state.title}” to Trash",
                    "trash-can-outline",
                    self.trash_record,
                    "Ctrl Del",
                )
            )
        if current is not None:
            found += self._commands_of(current)
        found += [
            Command(
                f"Go to {item.title}",
                item.icon or "table",
                partial(self.open_collection, item.slug),
            )
            for item in self.collections.state.items
        ]
        found += [
            Command("Import a file", "table-arrow-left", self.choose_file, "Ctrl I"),
            Command(
                "New list",
                "table-plus",
                partial(self.form.open, Ask.NEW_COLLECTION),
                "Ctrl Shift N",
            ),
            Command("Go to Search", "magnify", partial(self.go, Place.SEARCH), "Ctrl F"),
            Command("Go to what is to be decided", "call-split", partial(self.go, Place.DECIDE)),
            Command("Go to Trash", "trash-can-outline", partial(self.go, Place.TRASH)),
            Command("Go to Settings", "cog-outline", partial(self.go, Place.SETTINGS), "Ctrl ,"),
        ]
        found += [
            Command(
                f"Go to the workspace {name}",
                "swap-horizontal",
                partial(self._outside.switch, name),
            )
            for name in self._outside.others
        ]
        if self.security is not None:
            found += [
                Command(
                    "Change the passphrase", "form-textbox-password", self.security.ask_passphrase
                ),
                Command("Make a recovery sheet", "file-key-outline", self.security.ask_sheet),
            ]
        if self.lock is not None:
            found.append(Command("Lock", "lock-outline", self.lock, "Ctrl L"))
        return tuple(found)

    def _commands_back(self) -> list[Command]:
        """The notice's action, undo and redo, each where there is something."""
        notice, undoing = self.notices.state.notice, self.undoing
        found: list[Command] = []
        if notice is not None and notice.action:
            found.append(Command(f"{notice.action}: {notice.text}", "undo", self.notices.act))
        if undoing.state.can_undo:
            found.append(Command("Undo what was done last", "undo", undoing.undo, "Ctrl Z"))
        if undoing.state.can_redo:
            found.append(Command("Redo what was undone", "redo", undoing.redo, "Ctrl Shift Z"))
        return found

    def _commands_of(self, current: Collection) -> list[Command]:
        return [
            Command(f"New record in {current.title}", "plus", self.new_record, "Ctrl N"),
            Command(
                f"Add a field to {current.title}",
                "table-column-plus-after",
                partial(self.form.open, Ask.NEW_FIELD),
            ),
            Command(
                f"Rename {current.title}",
                "pencil-outline",
                partial(self.form.open, Ask.RENAME, current.title),
            ),
            Command(
                f"Move the list {current.title} to Trash",
                "trash-can-outline",
                self.trash_collection,
            ),
        ]

    def _settle(self) -> None:
        """Have everything stored that is being typed."""
        self.record.commit()
        self.records.settle()

    # -- what joins them ---------------------------------------------------------------------------
    def _committed(self, touched: Touched) -> None:
        """Called on whichever thread committed."""
        self._work.post(partial(self._touched, touched))

    def _touched(self, touched: Touched) -> None:
        if not self._open:
            return  # told before the closing, heard after it
        if touched.elsewhere:
            self.steps.over()  # another window may have undone what is being typed here
        self.upkeep.soon()
        self.undoing.look()
        self.deciding.touched(touched)
        self.history.touched(touched)
        self.collections.touched(touched)
        self.records.touched(touched)
        self.record.touched(touched)
        self.trash.touched(touched)
        if self.state.place is Place.SEARCH:
            self.search.again()

    def _collections_changed(self) -> None:
        state = self.collections.state
        if self._wanted is not None and self.collections.find(self._wanted) is not None:
            self.open_collection(self._wanted)
            return
        current = self.collections.find(state.current or "")
        if current is not None:
            self.records.collection_changed(current)
            self.record.collection_changed(current)
        elif state.loaded and state.current is not None:
            self.close_record()
            self.records.close()
            self.collections.choose(None)
            self._show(collection=False)
        elif state.items and state.current is None:
            self._open_first(state.items[0])

    def _open_first(self, first: Collection) -> None:
        """Something to look at in the view pane; a narrow window still begins with the list."""
        self.collections.choose(first.slug)
        self.records.open(first)

    def _created(self, doc_id: int) -> None:
        self.records.choose(doc_id)

    def _submit(
        self, form: FormState, done: Callable[[], None], refused: Callable[[str], None]
    ) -> None:
        current = self.collections.state.current or ""

        def made(slug: str) -> None:
            done()
            self.open_collection(slug)

        if form.ask is Ask.NEW_COLLECTION:
            self.collections.create(form.name.strip(), made, refused)
        elif form.ask is Ask.RENAME:
            self.collections.rename(current, form.name.strip(), done, refused)
        elif form.ask is Ask.NEW_FIELD:
            field = NewField(form.name.strip(), form.kind, form.options)
            self.collections.add_field(current, field, done, refused)
