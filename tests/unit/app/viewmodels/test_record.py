"""The record page: what is typed is committed when the typing pauses, and nothing typed is lost."""

from __future__ import annotations

import pytest

from app.viewmodels.drafts import Drafts
from app.viewmodels.editing import PAUSE_S
from app.viewmodels.record import FieldState, RecordPage
from app.viewmodels.steps import Steps
from app.workspace import Workspace
from tests.unit.app.viewmodels.conftest import NOW, Desktop


class Bench:
    """A record page over a workspace with one list, and a clock that moves when told."""

    def __init__(self, workspace: Workspace, desktop: Desktop) -> None:
        self.workspace, self.desktop = workspace, desktop
        self.page = self.another_page()
        workspace.watch(self.page.touched)

    def another_page(self) -> RecordPage:
        """A page as a window opened now would have it."""
        drafts = Drafts(self.workspace, self.desktop.work, self.desktop.notices)
        drafts.load()
        steps = Steps(self.workspace, lambda: NOW)
        return RecordPage(
            self.workspace, self.desktop.work, self.desktop.notices, drafts, steps, lambda: NOW
        )

    def open(self, **values: object) -> int:
        """Show a record that holds these."""
        [doc_id] = self.workspace.add("Stock", [{"Name": "Drill bit", **values}])
        self.page.open(self.workspace.collection("Stock"), doc_id)
        return doc_id

    def new(self) -> None:
        """Begin a record."""
        self.page.new(self.workspace.collection("Stock"))

    def add_while_the_writer_waits(self) -> None:
        """Begin a record whose first commit is not done yet."""
        self.new()
        self.desktop.writer.paused = True
        self.page.type("Name", "Belt")
        self.pause()

    def pause(self, seconds: float = PAUSE_S) -> None:
        """Type nothing for so long."""
        self.desktop.clock.move(seconds)

    def close_window(self) -> None:
        """Leave while writes wait, and hear nothing of them."""
        self.page.leave()
        self.desktop.work.close()
        self.desktop.writer.go()

    def field(self, name: str, page: RecordPage | None = None) -> FieldState:
        """A field as the page shows it."""
        shown = (page or self.page).state.fields
        return next(each for each in shown if each.field.slug == name)

    def ids(self) -> list[int]:
        """The records there are."""
        return list(self.workspace.table("Stock").ids())

    def stored(self, doc_id: int) -> dict[str, object]:
        """What the store has of a record."""
        [document] = self.workspace.table("Stock").fetch([doc_id])
        assert document is not None
        return dict(document)

    def kept(self, doc_id: int) -> dict[str, str]:
        """The drafts that a window opened later finds."""
        later = Drafts(self.workspace, Desktop().work, self.desktop.notices)
        later.load()
        return dict(later.of("Stock", doc_id))


@pytest.fixture
def bench(workspace: Workspace, desktop: Desktop) -> Bench:
    """The page, nothing opened."""
    return Bench(workspace, desktop)


def test_what_is_typed_is_committed_when_the_typing_pauses(bench: Bench) -> None:
    doc_id = bench.open()
    bench.page.type("Name", "Drill")
    bench.pause(PAUSE_S / 2)
    bench.page.type("Name", "Drill bit 7 mm")
    bench.pause(PAUSE_S / 2)
    assert bench.stored(doc_id)["Name"] == "Drill bit"
    bench.pause()
    assert bench.stored(doc_id)["Name"] == "Drill bit 7 mm"
    assert bench.page.state.title == "Drill bit 7 mm"
    assert not bench.field("Name").waiting


def test_leaving_commits_at_once(bench: Bench) -> None:
    doc_id = bench.open()
    bench.page.type("Count", "12")
    bench.page.close()
    assert bench.stored(doc_id)["Count"] == 12


def test_a_bad_value_stays_in_its_editor_with_the_sentence(bench: Bench) -> None:
    doc_id = bench.open(Due="2026-03-01")
    bench.page.type("Due", "2026-02-31")
    bench.page.type("Count", "4")
    bench.pause()
    assert bench.field("Due").text == "2026-02-31"
    assert "February" in bench.field("Due").error
    assert bench.stored(doc_id) == {"Name": "Drill bit", "Due": "2026-03-01", "Count": 4}


def test_a_bad_value_is_there_again_when_the_record_is_opened_again(bench: Bench) -> None:
    doc_id = bench.open()
    bench.page.type("Count", "a dozen")
    bench.page.close()
    other = bench.another_page()
    other.open(bench.workspace.collection("Stock"), doc_id)
    assert bench.field("Count", other).text == "a dozen"
    assert bench.field("Count", other).error
    other.revert("Count")
    assert bench.field("Count", other).text == ""
    assert bench.kept(doc_id) == {}


def test_a_change_from_elsewhere_shows_in_the_fields_that_nobody_types_in(bench: Bench) -> None:
    doc_id = bench.open(Count=1)
    bench.page.type("Name", "Drill bit, half")
    bench.workspace.change("Stock", [doc_id], {"Count": 5, "Name": "Auger"})
    assert bench.field("Count").text == "5"
    assert bench.field("Name").text == "Drill bit, half"


def test_typing_on_while_a_commit_is_under_way_keeps_what_was_typed(bench: Bench) -> None:
    doc_id = bench.open()
    bench.desktop.writer.paused = True
    bench.page.type("Name", "One")
    bench.pause()
    bench.page.type("Name", "One two")
    bench.desktop.writer.go()
    assert bench.field("Name").text == "One two"
    assert bench.stored(doc_id)["Name"] == "One"
    bench.pause()
    bench.desktop.writer.go()
    assert bench.stored(doc_id)["Name"] == "One two"


def test_a_new_record_is_stored_with_the_first_thing_typed(bench: Bench) -> None:
    created: list[int] = []
    bench.page.created = created.append
    bench.new()
    assert bench.page.state.title == "New record"
    assert bench.ids() == []
    bench.page.type("Name", "Belt")
    bench.pause()
    assert created == [bench.page.state.doc_id]
    assert bench.stored(created[0]) == {"Name": "Belt"}


def test_a_new_record_that_nothing_was_typed_into_is_not_stored(bench: Bench) -> None:
    bench.new()
    bench.page.close()
    assert bench.ids() == []


def test_typing_in_two_fields_of_a_new_record_makes_one_record(bench: Bench) -> None:
    bench.add_while_the_writer_waits()
    bench.page.type("Count", "3")
    bench.pause()
    bench.desktop.writer.go()
    bench.desktop.writer.go()
    [doc_id] = bench.ids()
    assert bench.stored(doc_id) == {"Name": "Belt", "Count": 3}


def test_leaving_a_new_record_while_it_is_added_loses_nothing(bench: Bench) -> None:
    bench.add_while_the_writer_waits()
    bench.page.type("Count", "3")
    bench.page.close()
    bench.desktop.writer.go()
    bench.desktop.writer.go()
    [doc_id] = bench.ids()
    assert bench.stored(doc_id) == {"Name": "Belt", "Count": 3}


def test_an_emptied_field_has_no_value(bench: Bench) -> None:
    doc_id = bench.open(Count=3)
    bench.page.type("Count", "")
    bench.pause()
    assert bench.stored(doc_id).get("Count") is None


def test_a_record_that_went_to_the_trash_elsewhere_says_so(bench: Bench) -> None:
    doc_id = bench.open()
    bench.workspace.trash("Stock", [doc_id])
    assert bench.page.state.gone


def test_a_write_that_fails_keeps_the_text_and_says_why(bench: Bench) -> None:
    bench.open()
    bench.page.type("Name", "Auger")
    bench.workspace.store.close()
    bench.pause()
    assert bench.field("Name").text == "Auger"
    assert bench.field("Name").error
    assert bench.desktop.notices.state.notice is not None


def test_a_new_record_with_nothing_but_a_bad_value_keeps_what_was_typed(bench: Bench) -> None:
    bench.new()
    bench.page.type("Count", "a dozen")
    bench.pause()
    assert bench.ids() == []
    bench.page.close()
    [doc_id] = bench.ids()
    bench.page.open(bench.workspace.collection("Stock"), doc_id)
    assert bench.field("Count").text == "a dozen"


def test_what_is_typed_while_a_commit_is_under_way_is_stored_when_the_window_closes(
    bench: Bench,
) -> None:
    doc_id = bench.open(Count=1)
    bench.desktop.writer.paused = True
    bench.page.type("Name", "One")
    bench.pause()
    bench.page.type("Name", "One two")
    bench.page.type("Count", "")
    bench.close_window()
    assert bench.stored(doc_id)["Name"] == "One two"
    assert bench.stored(doc_id)["Count"] is None


def test_a_new_record_is_stored_whole_when_the_window_closes_while_it_is_added(
    bench: Bench,
) -> None:
    bench.add_while_the_writer_waits()
    bench.page.type("Count", "3")
    bench.page.type("Due", "2026-02-31")
    bench.close_window()
    [doc_id] = bench.ids()
    assert bench.stored(doc_id) == {"Name": "Belt", "Count": 3}
    assert bench.kept(doc_id) == {"Due": "2026-02-31"}


def test_a_bad_value_in_a_new_record_is_kept_when_the_window_closes(bench: Bench) -> None:
    bench.new()
    bench.desktop.writer.paused = True
    bench.page.type("Count", "a dozen")
    bench.close_window()
    [doc_id] = bench.ids()
    assert bench.kept(doc_id) == {"Count": "a dozen"}
