"""Each flow by real touches, and again by the keyboard alone; what counts is what the store then holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.viewmodels.window import Stage
from app.views.grid.grid import Grid
from app.views.house import stage
from app.views.house.focus import focused
from app.views.house.touch import middle, press, tap_at, write
from tests.support.window import Opened, opened


def tap(widget: Any) -> None:
    """With a finger, in the middle."""
    tap_at(*middle(widget))


def tap_cell(grid: Any, row: int, column: int) -> None:
    """With a finger on a cell of the grid."""
    g = grid.geometry
    x = g.x + g.offsets[column] - (grid.scroll_x if column else 0) + 20
    tap_at(x, g.body_top - (row + 0.5) * g.row_h + grid.scroll_y)


def to_grid(window: Opened) -> None:
    """By F6, as somebody without a mouse would."""
    for _ in range(4):
        if isinstance(focused(window.root), Grid):
            return
        press("f6")
    raise AssertionError("F6 does not lead to the grid")


# -- import ----------------------------------------------------------------------------------------
def test_a_spreadsheet_is_imported_by_touch(window_open: Opened) -> None:
    window = window_open
    tap(window.control("Import a file"))
    window.until(lambda: window.chooser.state.entries)
    entries = window.root.sheets.choosing.panel.list
    tap_at(entries.center_x, entries.row_y(0) + entries.row_h / 2)
    window.until(lambda: window.desk.importing.state.stage.value == "preview")
    tap(window.control("Import"))
    window.until(lambda: window.desk.importing.state.stage.value == "done")
    tap(window.control("Open the list"))
    window.until(lambda: window.desk.records.state.slug == "tools")
    assert [record["Code"] for record in window.stored("tools")] == ["007", "010", "011"]


def test_a_spreadsheet_is_imported_by_keys(window_open: Opened) -> None:
    window = window_open
    press("i", ["ctrl"])
    window.until(lambda: window.chooser.state.entries)
    press("enter")
    window.until(lambda: window.desk.importing.state.stage.value == "preview")
    press("enter")
    window.until(lambda: window.desk.importing.state.stage.value == "done")
    press("enter")
    window.until(lambda: window.desk.records.state.slug == "tools")
    assert len(window.stored("tools")) == 3


def test_a_file_dropped_on_the_window_is_shown_first(window_open: Opened, files: Path) -> None:
    from kivy.core.window import Window

    Window.dispatch("on_drop_file", str(files / "tools.csv").encode(), 10, 10)
    window_open.until(lambda: window_open.desk.importing.state.stage.value == "preview")
    press("escape")
    window_open.until(lambda: not window_open.desk.importing.state.open)
    assert "tools" not in [item.slug for item in window_open.desk.collections.state.items]


def test_the_import_sheet_is_as_high_as_what_it_says(window_open: Opened, files: Path) -> None:
    window = window_open
    window.desk.importing.look(str(files / "tools.csv"))
    window.until(lambda: window.desk.importing.state.stage.value == "preview")
    panel = window.root.sheets.importing.panel
    columns = panel.columns
    assert columns.height == pytest.approx(columns.count * columns.row_h, abs=1)
    window.desk.importing.run()
    window.until(lambda: window.desk.importing.state.stage.value == "done")
    parts = (panel.ids.title, panel.ids.words, panel.ids.body, panel.ids.answers)
    free = panel.height - sum(part.height for part in parts)
    assert free == pytest.approx(panel.padding[1] + panel.padding[3] + 3 * panel.spacing, abs=1)


# -- find --------------------------------------------------------------------------------------------
def test_a_record_is_found_by_touch(window_open: Opened) -> None:
    window = window_open
    tap(window.control("Search"))
    stage.pump(4)
    write("血圧計")
    window.until(lambda: window.desk.search.state.hits)
    hits = window.view.search.hits
    tap_at(hits.center_x, hits.row_y(0) + hits.row_h / 2)
    window.until(lambda: window.desk.record.state.loaded)
    assert window.desk.record.state.title.startswith("血圧計")


def test_a_record_is_found_by_keys(window_open: Opened) -> None:
    window = window_open
    press("f", ["ctrl"])
    stage.pump(4)
    write("oximeter")
    window.until(lambda: window.desk.search.state.hits)
    press("down")
    press("enter")
    window.until(lambda: window.desk.record.state.loaded)
    assert "oximeter" in window.desk.record.state.title


def test_the_palette_goes_to_a_record(window_open: Opened) -> None:
    window = window_open
    press("k", ["ctrl"])
    write("skalpell")
    window.until(lambda: any("Skalpell" in row.text for row in window.root.sheets.palette.rows))
    press("enter")
    window.until(lambda: window.desk.record.state.loaded)
    assert window.desk.record.state.title.startswith("Skalpell")


# -- edit ----------------------------------------------------------------------------------------------
def test_a_cell_is_edited_by_keys(window_open: Opened) -> None:
    window = window_open
    window.ready("Stock")
    to_grid(window)
    press("right")
    press("right")
    write("4321")
    press("enter")
    window.until(lambda: window.stored("Stock")[0]["Quantity"] == 4321)


def test_what_is_typed_into_a_cell_is_stored_when_its_list_gains_a_field_elsewhere(
    window_open: Opened,
) -> None:
    window = window_open
    window.ready("Stock")
    to_grid(window)
    press("right")
    press("right")
    write("4321")
    window.desk.workspace.add_field("Stock", "Shelf", "text")
    window.until(lambda: any(f.slug == "Shelf" for f in window.desk.records.state.fields))
    window.until(lambda: window.stored("Stock")[0]["Quantity"] == 4321)


def test_what_is_typed_into_a_cell_is_stored_when_the_window_grows_narrow(
    window_open: Opened,
) -> None:
    window = window_open
    window.ready("Stock")
    to_grid(window)
    press("right")
    press("right")
    write("4321")
    stage.resize(420, 800)
    window.until(lambda: window.stored("Stock")[0]["Quantity"] == 4321)


@pytest.mark.parametrize(("column", "typed"), [("Quantity", "4321"), ("Due", "2026-02-31")])
def test_what_is_typed_into_a_cell_outlives_the_window(
    home: Path, show: Callable[[Any], Any], column: str, typed: str
) -> None:
    with opened(home, show) as window:
        window.ready("Stock")
        to_grid(window)
        names = [field.slug for field in window.desk.records.state.fields]
        for _ in range(names.index(column)):
            press("right")
        write(typed)
    with opened(home, show) as window:
        window.ready("Stock")
        window.desk.open_record("Stock", window.record_at(0))
        window.until(lambda: window.desk.record.state.loaded)
        [shown] = [f for f in window.desk.record.state.fields if f.field.slug == column]
        assert shown.text == typed


def test_a_field_is_edited_by_touch_and_saved_without_a_button(window_open: Opened) -> None:
    window = window_open
    window.ready("Stock")
    window.desk.open_record("Stock", window.record_at(0))
    window.until(lambda: window.desk.record.state.loaded)
    row = list(window.view.record.fields.rows.values())[2]
    tap(row)
    press("a", ["ctrl"])
    write("55")
    window.until(lambda: window.stored("Stock")[0]["Quantity"] == 55)
    assert row.input is not None


def test_a_new_record_is_filled_in_by_typing_and_tab_alone(window_open: Opened) -> None:
    window = window_open
    window.ready("Notes")
    names = [field.slug for field in window.desk.records.state.fields]
    press("n", ["ctrl"])
    window.until(lambda: window.desk.state.record)
    write("Shopping")
    for name in names[1:]:
        press("tab")
        stage.pump(2)
        if window.desk.records.field(name).kind in {"text", "longtext"}:
            write("milk")
            break
    press("tab")
    window.until(
        lambda: any(
            (record.get("Title"), record.get(name)) == ("Shopping", "milk")
            for record in window.stored("Notes")
        )
    )


def test_the_names_of_fields_are_shown_whole_where_there_is_room(window_open: Opened) -> None:
    window = window_open
    window.desk.workspace.add_field("Notes", "Aircraft model", "text")
    window.ready("Notes")
    window.desk.open_record("Notes", window.record_at(0))
    window.until(lambda: window.desk.record.state.loaded)
    rows = list(window.view.record.fields.rows.values())
    assert len({row.label_width for row in rows}) == 1
    assert all(row.natural_label <= row.label_width for row in rows)


def test_the_heading_is_whole_again_after_the_text_grew(window_open: Opened) -> None:
    window = window_open
    window.ready("Stock")
    window.vm.appearance.choose_text_size(150)
    stage.pump(4)
    heading = window.view.records.heading
    assert heading.width >= heading.natural_width


def test_a_date_of_31_february_stays_in_its_editor_and_is_there_again(window_open: Opened) -> None:
    window = window_open
    window.ready("Stock")
    first, second = (window.record_at(i) for i in range(2))
    window.desk.open_record("Stock", first)
    window.until(lambda: window.desk.record.state.loaded)
    before = window.stored("Stock")[0]["Due"]
    row = list(window.view.record.fields.rows.values())[5]
    tap(row)
    press("a", ["ctrl"])
    write("2026-02-31")
    press("enter")
    assert "February" in row.error
    window.desk.open_record("Stock", second)
    window.until(
        lambda: window.desk.record.state.doc_id == second and window.desk.record.state.loaded
    )
    window.desk.open_record("Stock", first)
    window.until(
        lambda: window.desk.record.state.doc_id == first and window.desk.record.state.loaded
    )
    again = list(window.view.record.fields.rows.values())[5]
    assert again.input.text == "2026-02-31"
    assert "February" in again.error
    assert window.stored("Stock")[0]["Due"] == before


# -- new, trash, undo ------------------------------------------------------------------------------------
def test_a_new_record_is_written_by_keys(window_open: Opened) -> None:
    window = window_open
    window.ready("Notes")
    press("n", ["ctrl"])
    window.until(lambda: window.desk.state.record)
    write("Shopping")
    press("tab")
    window.until(
        lambda: any(record.get("Title") == "Shopping" for record in window.stored("Notes"))
    )


def test_a_new_record_is_written_by_touch(window_open: Opened) -> None:
    window = window_open
    window.ready("Notes")
    tap(window.control("New"))
    window.until(lambda: window.desk.state.record)
    write("Paint")
    tap(window.control("Close the record"))
    window.until(lambda: any(record.get("Title") == "Paint" for record in window.stored("Notes")))


def test_a_record_goes_to_the_trash_and_comes_back_by_touch(window_open: Opened) -> None:
    window = window_open
    window.ready("Notes")
    window.desk.open_record("Notes", window.record_at(0))
    window.until(lambda: window.desk.record.state.loaded)
    tap(window.control("Move to Trash"))
    window.until(lambda: window.desk.records.state.count == 5)
    tap(window.control("Undo"))
    window.until(lambda: window.desk.records.state.count == 6)


def test_a_record_goes_to_the_trash_and_comes_back_by_keys(window_open: Opened) -> None:
    window = window_open
    window.ready("Notes")
    to_grid(window)
    press("enter", ["ctrl"])
    window.until(lambda: window.desk.record.state.loaded)
    press("delete", ["ctrl"])
    window.until(lambda: window.desk.records.state.count == 5)
    press("z", ["ctrl"])
    window.until(lambda: window.desk.records.state.count == 6)


def test_the_trash_gives_a_record_back_by_keys(window_open: Opened) -> None:
    window = window_open
    window.ready("Notes")
    window.desk.records.trash([window.record_at(0)])
    window.until(lambda: window.desk.records.state.count == 5)
    press("k", ["ctrl"])
    write("trash")
    names = [row.text for row in window.root.sheets.palette.rows]
    for _ in range(names.index("Go to Trash")):
        press("down")
    press("enter")
    window.until(lambda: window.desk.trash.state.items)
    for _ in range(20):
        if focused(window.root) is window.view.trash.list:
            break
        press("tab")
    press("down")
    press("enter")
    window.until(lambda: window.desk.records.state.count == 6)


# -- lists, lock, first run ----------------------------------------------------------------------------------
def test_a_list_and_a_field_are_made_by_keys(window_open: Opened) -> None:
    window = window_open
    press("n", ["ctrl", "shift"])
    write("Boats")
    press("enter")
    window.until(lambda: window.desk.records.state.slug == "Boats")
    press("k", ["ctrl"])
    write("add a field")
    press("enter")
    window.until(lambda: window.root.sheets.form is not None)
    write("Length")
    press("enter")
    window.until(lambda: len(window.desk.records.state.fields) == 2)
    assert window.desk.workspace.collection("Boats").fields[1].title == "Length"


def test_a_home_is_made_locked_and_opened_by_keys_alone(
    tmp_path: Path, show: Callable[[Any], Any]
) -> None:
    with opened(tmp_path / "home", show) as window:
        assert window.vm.state.stage is Stage.FIRST_RUN
        stage.pump(4)
        press("enter")
        stage.pump(4)
        press("enter")
        press("enter")
        stage.pump(4)
        write("Workshop")
        press("enter")
        stage.pump(4)
        write("four quiet lamps")
        press("enter")
        write("four quiet lamps")
        press("enter")
        window.until(lambda: window.vm.state.stage is Stage.OPEN)
        press("l", ["ctrl"])
        window.until(lambda: window.vm.state.stage is Stage.LOCKED)
        write("four quiet lamp")
        press("enter")
        window.until(lambda: window.root.view.ids.field.error)
        write("four quiet lamps")
        press("enter")
        window.until(lambda: window.vm.state.stage is Stage.OPEN)
        assert window.desk.workspace.name == "Workshop"
