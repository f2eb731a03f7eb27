"""Undo, history, decisions and deleting for good in the real window: by touch, by mouse, and by the keyboard alone."""

from __future__ import annotations

import time
from typing import Any

import pytest
from kivy.core.window import Window

from app.sample_team import work_apart
from app.viewmodels.layout import Place
from app.views.house import stage
from app.views.house.focus import by_keyboard, focused
from app.views.house.touch import click, middle, press, tap_at, write
from app.views.undo import UndoPanel
from tests.support.window import Opened


def tap(widget: Any) -> None:
    """With a finger, in the middle."""
    tap_at(*middle(widget))


def open_first_note(window: Opened) -> int:
    """The first note, open beside its list."""
    window.ready("Notes")
    record = window.record_at(0)
    window.desk.open_record("Notes", record)
    window.until(lambda: window.desk.record.state.loaded)
    return record


def field(window: Opened, at: int = 0) -> Any:
    """The row of a field on the record page."""
    return list(window.view.record.fields.rows.values())[at]


def title(window: Opened, record: int) -> object:
    found = window.desk.workspace.find(record)
    return None if found is None else found[1].get("Title")


@pytest.fixture
def apart(window_open: Opened) -> Opened:
    """A window in which three things wait for a decision."""
    work_apart(window_open.desk.workspace, time.time)
    window_open.until(lambda: window_open.desk.deciding.state.count == 3)
    return window_open


# -- undo and redo --------------------------------------------------------------------------------
def test_an_edit_is_undone_and_redone_by_the_buttons(window_open: Opened) -> None:
    window = window_open
    record = open_first_note(window)
    before = title(window, record)
    window.desk.record.choose("Title", "Closing the clinic")
    window.until(lambda: title(window, record) == "Closing the clinic")
    window.until(lambda: not window.control("Undo (Ctrl Z)").disabled)
    tap(window.control("Undo (Ctrl Z)"))
    window.until(lambda: title(window, record) == before)
    window.until(lambda: not window.control("Redo (Ctrl Shift Z)").disabled)
    click(window.control("Redo (Ctrl Shift Z)"))
    window.until(lambda: title(window, record) == "Closing the clinic")


@pytest.mark.parametrize("again", [("z", ["ctrl", "shift"]), ("y", ["ctrl"])])
def test_an_edit_is_undone_and_redone_by_keys(
    window_open: Opened, again: tuple[str, list[str]]
) -> None:
    window = window_open
    record = open_first_note(window)
    before = title(window, record)
    window.desk.record.choose("Title", "Closing the clinic")
    window.until(lambda: title(window, record) == "Closing the clinic")
    press("z", ["ctrl"])
    window.until(lambda: title(window, record) == before)
    press(*again)
    window.until(lambda: title(window, record) == "Closing the clinic")


def test_in_a_field_with_typing_of_its_own_the_keys_are_the_fields(window_open: Opened) -> None:
    window = window_open
    record = open_first_note(window)
    window.desk.record.choose("Title", "Closing the clinic")
    window.until(lambda: title(window, record) == "Closing the clinic")
    row = field(window)
    row.edit()
    stage.pump(4)
    write("Lunch")
    assert row.input.text == "Lunch"
    press("z", ["ctrl"])
    assert row.input.text != "Lunch"
    press("z", ["ctrl", "shift"])
    assert row.input.text.endswith("h")
    assert window.desk.undoing.state.runs == ""
    press("escape")
    window.until(lambda: title(window, record) == "Closing the clinic")


def test_the_buttons_stand_in_a_narrow_window_too(window_open: Opened) -> None:
    window = window_open
    stage.resize(480, 900)
    record = open_first_note(window)
    window.desk.record.choose("Title", "Closing the clinic")
    window.until(lambda: title(window, record) == "Closing the clinic")
    window.until(lambda: not window.control("Undo (Ctrl Z)").disabled)
    tap(window.control("Undo (Ctrl Z)"))
    window.until(lambda: title(window, record) != "Closing the clinic")


def test_an_import_is_taken_back_from_its_sheet(window_open: Opened, files: Any) -> None:
    window = window_open
    window.desk.importing.look(str(files / "tools.csv"))
    window.until(lambda: window.desk.importing.state.stage.value == "preview")
    press("enter")
    window.until(lambda: window.desk.importing.state.stage.value == "done")
    tap(window.control("Undo the import"))
    window.until(lambda: window.desk.notices.state.notice is not None)
    assert "tools" not in [each.slug for each in window.desk.workspace.collections()]


def test_a_long_undo_covers_the_window_until_it_is_over_or_stopped(window_open: Opened) -> None:
    window = window_open
    undoing = window.desk.undoing
    undoing._show(runs="Undoing…", shown=True, share=0.25)
    stage.pump(4)
    [sheet] = [each for each in Window.children if getattr(each, "covers", False)]
    assert isinstance(sheet.panel, UndoPanel)
    press("escape")
    assert sheet.parent is not None
    tap(window.control("Stop"))
    assert undoing.state.stopping
    undoing._over()
    window.until(lambda: sheet.parent is None)


# -- history ----------------------------------------------------------------------------------------
def test_a_version_is_looked_at_and_restored_by_touch(window_open: Opened) -> None:
    window = window_open
    record = open_first_note(window)
    before = title(window, record)
    window.desk.record.choose("Title", "Closing the clinic")
    window.until(lambda: title(window, record) == "Closing the clinic")
    tap(window.control("History (Ctrl H)"))
    window.until(lambda: len(window.desk.history.state.lines) == 2)
    tap(list(window.view.history.view.rows.rows.values())[1])
    window.until(lambda: window.desk.history.state.looked is not None)
    tap(window.control("Restore this version"))
    window.until(lambda: title(window, record) == before)
    window.until(lambda: len(window.desk.history.state.lines) == 3)


@pytest.mark.parametrize("size", [(1440, 900), (900, 800), (480, 900)])
def test_a_version_is_restored_and_that_undone_by_keys(
    window_open: Opened, size: tuple[int, int]
) -> None:
    window = window_open
    stage.resize(*size)
    record = open_first_note(window)
    before = title(window, record)
    window.desk.record.choose("Title", "Closing the clinic")
    window.until(lambda: title(window, record) == "Closing the clinic")
    by_keyboard.on = True
    press("h", ["ctrl"])
    window.until(lambda: len(window.desk.history.state.lines) == 2)
    beside = window.view.history.sheet is None
    assert beside == (size[0] == 1440)
    rows = list(window.view.history.view.rows.rows.values())
    rows[1].focus = True
    press("enter")
    window.until(lambda: window.desk.history.state.looked is not None)
    assert getattr(focused(window.view.history.view), "text", "") == "Restore this version"
    press("enter")
    window.until(lambda: title(window, record) == before)
    press("z", ["ctrl"])
    window.until(lambda: title(window, record) == "Closing the clinic")
    for _ in range(3):
        press("escape")
    window.until(lambda: not window.desk.history.state.open)
    assert window.view.history.sheet is None


def test_the_history_of_a_field_comes_from_its_menu(window_open: Opened) -> None:
    window = window_open
    open_first_note(window)
    row = field(window)
    row.focus = True
    press("f10", ["shift"])
    stage.pump(2)
    tap(window.control("History of this field"))
    window.until(lambda: window.desk.history.state.loaded)
    assert window.view.history.view.title == "History of Title"
    tap(window.control("The whole record"))
    window.until(lambda: window.desk.history.state.field == "")


def test_the_history_moves_between_its_pane_and_its_sheet(window_open: Opened) -> None:
    window = window_open
    open_first_note(window)
    window.desk.show_history()
    window.until(lambda: window.desk.history.state.loaded)
    for size, sheet in (((1440, 900), False), ((900, 800), True), ((1440, 900), False)):
        stage.resize(*size)
        stage.pump(4)
        assert (window.view.history.sheet is not None) is sheet
        assert window.view.history.view.get_root_window() is not None
        assert window.desk.history.state.open


# -- to decide --------------------------------------------------------------------------------------
def test_a_value_is_kept_by_touch(apart: Opened) -> None:
    window = apart
    tap(window.control("To decide"))
    window.until(lambda: window.desk.state.place is Place.DECIDE)
    row = window.control("Keep this one")
    item, chosen = row.parent.item, row.choice
    tap(row)
    window.until(lambda: window.desk.deciding.state.count == 2)
    found = window.desk.workspace.find(item.doc_id)
    assert found is not None
    assert found[1][item.field.slug] == chosen.value
    assert window.desk.workspace.decisions_in(item.slug, item.doc_id) == []


def test_another_value_is_typed_by_keys(apart: Opened) -> None:
    window = apart
    window.desk.go(Place.DECIDE)
    window.until(lambda: window.view.deciding.cards.rows)
    item = window.desk.deciding.state.items[0]
    button = window.view.deciding.cards.children[-1].buttons.children[-1]
    assert button.text == "Type another"
    button.focus = True
    press("enter")
    stage.pump(2)
    press("a", ["ctrl"])
    write("many")
    press("enter")
    stage.pump(2)
    assert window.desk.deciding.state.count == 3
    press("a", ["ctrl"])
    write("10")
    press("enter")
    window.until(lambda: window.desk.deciding.state.count == 2)
    found = window.desk.workspace.find(item.doc_id)
    assert found is not None
    assert found[1]["Quantity"] == 10


def test_a_record_deleted_while_edited_is_kept_by_touch(apart: Opened) -> None:
    window = apart
    window.desk.go(Place.DECIDE)
    window.until(lambda: window.view.deciding.cards.rows)
    tap(window.control("Keep the record"))
    window.until(lambda: window.desk.deciding.state.count == 2)
    assert all(item.field is not None for item in window.desk.deciding.state.items)


def test_the_record_page_leads_to_what_waits_in_it(apart: Opened) -> None:
    window = apart
    item = window.desk.deciding.state.items[1]
    window.ready("Stock")
    window.desk.open_record(item.slug, item.doc_id)
    window.until(lambda: window.desk.record.state.undecided)
    tap(window.control("1 thing to decide"))
    window.until(lambda: window.desk.state.place is Place.DECIDE)
    window.until(lambda: window.desk.deciding.state.items[0].key == item.key)


def test_the_grid_marks_the_rows_with_something_to_decide(apart: Opened) -> None:
    window = apart
    window.ready("Stock")
    waits = {item.doc_id for item in window.desk.deciding.state.items}
    grid = window.view.records.grid
    assert grid.marked == waits
    shown = [slot.shows for slot in grid.layers.slots if slot.shows]
    marked = {window.record_at(shows[0]) for shows in shown if shows[-1]}
    assert marked == {each for each in waits if grid.source.index_of(each) in {s[0] for s in shown}}
    assert marked


# -- delete for good ----------------------------------------------------------------------------------
def test_a_record_is_deleted_for_good_after_a_question_by_keys(window_open: Opened) -> None:
    window = window_open
    record = open_first_note(window)
    window.desk.trash_record()
    window.desk.go(Place.TRASH)
    window.until(lambda: window.desk.trash.state.items)
    trash = window.view.trash
    trash.list.focus = True
    press("down")
    press("delete")
    assert "Undo still brings it back" in trash.question.words.text
    press("enter")
    window.until(lambda: window.desk.trash.state.empty)
    assert window.desk.workspace.locate(record) is None
    window.until(lambda: window.desk.notices.state.notice.text.endswith("deleted for good"))
    press("z", ["ctrl"])
    window.until(lambda: window.desk.workspace.find(record) is not None)


def test_the_trash_is_emptied_by_touch_and_escape_leaves_it_as_it_is(window_open: Opened) -> None:
    window = window_open
    open_first_note(window)
    window.desk.trash_record()
    window.desk.go(Place.TRASH)
    window.until(lambda: window.desk.trash.state.items)
    tap(window.control("Empty the trash"))
    press("escape")
    assert window.desk.trash.state.items
    tap(window.control("Empty the trash"))
    tap(window.control("Delete for good"))
    window.until(lambda: window.desk.trash.state.empty)
