"""The record page: what is typed is committed when the typing pauses, and nothing typed is lost."""

from __future__ import annotations

import pytest

from app.viewmodels.drafts import Drafts
from app.viewmodels.editing import PAUSE_S
from app.viewmodels.record import FieldState, RecordPage
from app.workspace import Workspace
from tests.unit.app.viewmodels.conftest import NOW, Desktop


@pytest.fixture
def page(workspace: Workspace, desktop: Desktop) -> RecordPage:
    drafts = Drafts(workspace, desktop.work, desktop.notices)
    made = RecordPage(workspace, desktop.work, desktop.notices, drafts, lambda: NOW)
    workspace.watch(made.touched)
    return made


def opened(page: RecordPage, workspace: Workspace, **values: object) -> int:
    [doc_id] = workspace.add("Stock", [{"Name": "Drill bit", **values}])
    page.open(workspace.collection("Stock"), doc_id)
    return doc_id


def field(page: RecordPage, name: str) -> FieldState:
    return next(shown for shown in page.state.fields if shown.field.slug == name)


def stored(workspace: Workspace, doc_id: int) -> dict[str, object]:
    [document] = workspace.table("Stock").fetch([doc_id])
    assert document is not None
    return dict(document)


def test_what_is_typed_is_committed_when_the_typing_pauses(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    doc_id = opened(page, workspace)
    page.type("Name", "Drill")
    desktop.clock.move(PAUSE_S / 2)
    page.type("Name", "Drill bit 7 mm")
    desktop.clock.move(PAUSE_S / 2)
    assert stored(workspace, doc_id)["Name"] == "Drill bit"
    desktop.clock.move(PAUSE_S)
    assert stored(workspace, doc_id)["Name"] == "Drill bit 7 mm"
    assert page.state.title == "Drill bit 7 mm"
    assert not field(page, "Name").waiting


def test_leaving_commits_at_once(page: RecordPage, workspace: Workspace) -> None:
    doc_id = opened(page, workspace)
    page.type("Count", "12")
    page.close()
    assert stored(workspace, doc_id)["Count"] == 12


def test_a_bad_value_stays_in_its_editor_with_the_sentence(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    doc_id = opened(page, workspace, Due="2026-03-01")
    page.type("Due", "2026-02-31")
    page.type("Count", "4")
    desktop.clock.move(PAUSE_S)
    assert field(page, "Due").text == "2026-02-31"
    assert "February" in field(page, "Due").error
    assert stored(workspace, doc_id) == {"Name": "Drill bit", "Due": "2026-03-01", "Count": 4}


def test_a_bad_value_is_there_again_when_the_record_is_opened_again(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    doc_id = opened(page, workspace)
    page.type("Count", "a dozen")
    page.close()
    again = Drafts(workspace, desktop.work, desktop.notices)
    again.load()
    other = RecordPage(workspace, desktop.work, desktop.notices, again, lambda: NOW)
    other.open(workspace.collection("Stock"), doc_id)
    assert field(other, "Count").text == "a dozen"
    assert field(other, "Count").error
    other.revert("Count")
    assert field(other, "Count").text == ""
    assert again.of("Stock", doc_id) == {}


def test_a_change_from_elsewhere_shows_in_the_fields_that_nobody_types_in(
    page: RecordPage, workspace: Workspace
) -> None:
    doc_id = opened(page, workspace, Count=1)
    page.type("Name", "Drill bit, half")
    workspace.change("Stock", [doc_id], {"Count": 5, "Name": "Auger"})
    assert field(page, "Count").text == "5"
    assert field(page, "Name").text == "Drill bit, half"


def test_typing_on_while_a_commit_is_under_way_keeps_what_was_typed(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    doc_id = opened(page, workspace)
    desktop.writer.paused = True
    page.type("Name", "One")
    desktop.clock.move(PAUSE_S)
    page.type("Name", "One two")
    desktop.writer.go()
    assert field(page, "Name").text == "One two"
    assert stored(workspace, doc_id)["Name"] == "One"
    desktop.clock.move(PAUSE_S)
    desktop.writer.go()
    assert stored(workspace, doc_id)["Name"] == "One two"


def test_a_new_record_is_stored_with_the_first_thing_typed(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    created: list[int] = []
    page.created = created.append
    page.new(workspace.collection("Stock"))
    assert page.state.title == "New record"
    assert workspace.table("Stock").tally() == 0
    page.type("Name", "Belt")
    desktop.clock.move(PAUSE_S)
    assert created == [page.state.doc_id]
    assert stored(workspace, created[0]) == {"Name": "Belt"}


def test_a_new_record_that_nothing_was_typed_into_is_not_stored(
    page: RecordPage, workspace: Workspace
) -> None:
    page.new(workspace.collection("Stock"))
    page.close()
    assert workspace.table("Stock").tally() == 0


def test_typing_in_two_fields_of_a_new_record_makes_one_record(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    page.new(workspace.collection("Stock"))
    desktop.writer.paused = True
    page.type("Name", "Belt")
    desktop.clock.move(PAUSE_S)
    page.type("Count", "3")
    desktop.clock.move(PAUSE_S)
    desktop.writer.go()
    desktop.writer.go()
    [document] = workspace.table("Stock").all()
    assert dict(document) == {"Name": "Belt", "Count": 3}


def test_leaving_a_new_record_while_it_is_added_loses_nothing(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    page.new(workspace.collection("Stock"))
    desktop.writer.paused = True
    page.type("Name", "Belt")
    desktop.clock.move(PAUSE_S)
    page.type("Count", "3")
    page.close()
    desktop.writer.go()
    desktop.writer.go()
    [document] = workspace.table("Stock").all()
    assert dict(document) == {"Name": "Belt", "Count": 3}


def test_an_emptied_field_has_no_value(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    doc_id = opened(page, workspace, Count=3)
    page.type("Count", "")
    desktop.clock.move(PAUSE_S)
    assert stored(workspace, doc_id).get("Count") is None


def test_a_record_that_went_to_the_trash_elsewhere_says_so(
    page: RecordPage, workspace: Workspace
) -> None:
    doc_id = opened(page, workspace)
    workspace.trash("Stock", [doc_id])
    assert page.state.gone


def test_a_write_that_fails_keeps_the_text_and_says_why(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    opened(page, workspace)
    page.type("Name", "Auger")
    workspace.store.close()
    desktop.clock.move(PAUSE_S)
    assert field(page, "Name").text == "Auger"
    assert field(page, "Name").error
    assert desktop.notices.state.notice is not None


def test_a_new_record_with_nothing_but_a_bad_value_keeps_what_was_typed(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    page.new(workspace.collection("Stock"))
    page.type("Count", "a dozen")
    desktop.clock.move(PAUSE_S)
    assert workspace.table("Stock").tally() == 0
    page.close()
    [document] = workspace.table("Stock").all()
    page.open(workspace.collection("Stock"), document.doc_id)
    assert field(page, "Count").text == "a dozen"


def test_what_is_typed_while_a_commit_is_under_way_is_stored_when_the_window_closes(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    doc_id = opened(page, workspace, Count=1)
    desktop.writer.paused = True
    page.type("Name", "One")
    desktop.clock.move(PAUSE_S)
    page.type("Name", "One two")
    page.type("Count", "")
    page.leave()
    desktop.work.close()
    desktop.writer.go()
    assert stored(workspace, doc_id)["Name"] == "One two"
    assert stored(workspace, doc_id)["Count"] is None


def test_a_new_record_is_stored_whole_when_the_window_closes_while_it_is_added(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    page.new(workspace.collection("Stock"))
    desktop.writer.paused = True
    page.type("Name", "Belt")
    desktop.clock.move(PAUSE_S)
    page.type("Count", "3")
    page.type("Due", "2026-02-31")
    page.leave()
    desktop.work.close()
    desktop.writer.go()
    [document] = workspace.table("Stock").all()
    assert dict(document) == {"Name": "Belt", "Count": 3}
    assert kept_on_disk(workspace, desktop, document.doc_id) == {"Due": "2026-02-31"}


def test_a_bad_value_in_a_new_record_is_kept_when_the_window_closes(
    page: RecordPage, workspace: Workspace, desktop: Desktop
) -> None:
    page.new(workspace.collection("Stock"))
    desktop.writer.paused = True
    page.type("Count", "a dozen")
    page.leave()
    desktop.work.close()
    desktop.writer.go()
    [document] = workspace.table("Stock").all()
    assert kept_on_disk(workspace, desktop, document.doc_id) == {"Count": "a dozen"}


def kept_on_disk(workspace: Workspace, desktop: Desktop, doc_id: int) -> dict[str, str]:
    """The drafts that a window opened later finds."""
    later = Drafts(workspace, Desktop().work, desktop.notices)
    later.load()
    return dict(later.of("Stock", doc_id))
