"""The grid's columns and what it draws: only what is in sight, whatever the rows hold."""

from __future__ import annotations

import pytest
from kivy.core.window import Window
from kivy.metrics import dp
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.relativelayout import RelativeLayout

from app.views.grid.grid import Grid
from app.views.grid.keys import CHEAT_SHEET
from app.views.house import stage, touch
from app.views.house.column import Column
from app.views.house.skin import skin
from tests.support.grids import ROWS, shown_rows
from tests.support.rows import MadeUpRows, columns

# -- columns ----------------------------------------------------------------------------------


def test_a_column_is_resized_by_drag_and_by_keys_and_the_widths_are_told(grid):
    edge = grid.x + grid.geometry.offsets[3]
    before = grid.geometry.widths[2]
    touch.Touch(edge, grid.top - 10, "left").down().to(edge + 50, grid.top - 10).up()
    assert grid.geometry.widths[2] == before + 50
    grid.go(0, 2)
    touch.press("left", ["alt"])
    assert grid.geometry.widths[2] == before + 34
    assert [widths[2] for (widths,) in grid.told.of("on_widths")] == [before + 50, before + 34]


def test_a_column_is_never_too_narrow_to_take_again(grid):
    edge = grid.x + grid.geometry.offsets[3]
    touch.Touch(edge, grid.top - 10, "left").down().to(0, grid.top - 10).up()
    assert grid.geometry.widths[2] == dp(56)


def test_a_double_click_on_an_edge_fits_the_column_to_what_is_in_sight(grid):
    grid.set_width(0, 80)
    touch.click_at(grid.x + grid.geometry.offsets[1], grid.top - 10, double=True)
    assert grid.geometry.widths[0] > 150
    assert not grid.told.of("on_sort")


def test_on_a_narrow_window_the_first_column_leaves_room_for_the_others(grid):
    grid.set_width(0, 600)
    stage.resize(480, 800)
    assert grid.geometry.frozen_width <= 480 * 0.56


# -- drawing ----------------------------------------------------------------------------------


def test_only_what_is_in_sight_is_drawn_however_many_rows_there_are(show):
    grid = show(Grid(source=MadeUpRows(1_000_000), columns=columns()))
    grid.scroll_to(0, 500_000 * 40)
    stage.pump(8)
    assert shown_rows(grid)[0] == 500_000
    assert len(shown_rows(grid)) <= 20
    assert len(grid.layers.slots) <= 22


def test_rows_on_their_way_are_ghosts_until_they_come(show):
    rows = MadeUpRows(ROWS, slow=True)
    grid = show(Grid(source=rows, columns=columns()))
    buffers = {id(slot.cells.mesh.vertices) for slot in grid.layers.slots if not slot.away}
    before = [list(slot.cells.mesh.vertices) for slot in grid.layers.slots if not slot.away]
    assert all(one == before[0] for one in before), buffers
    rows.arrive()
    stage.pump(10)
    after = [list(slot.cells.mesh.vertices) for slot in grid.layers.slots if not slot.away]
    assert all(one != before[0] for one in after)


def test_pages_flown_over_are_not_asked_for(show):
    rows = MadeUpRows(1_000_000, slow=True)
    grid = show(Grid(source=rows, columns=columns()))
    for k in range(60):
        grid.scroll_to(0, k * 600_000)
        stage.pump()
    assert len(rows.wanted) <= 4


def test_a_frame_is_drawn_only_after_something_changed(grid):
    stage.pump(5)
    drawn = []
    Window.fbind("on_draw", lambda *_: drawn.append(1))
    stage.pump(20)
    assert not drawn
    touch.press("down")
    stage.pump()
    assert drawn


def test_a_picture_waits_for_the_rows_that_a_busy_machine_puts_off(grid, monkeypatch, tmp_path):
    monkeypatch.setattr("app.views.grid.grid.BUDGET", -1.0)
    grid.repaint()
    stage.pump(2)
    assert grid.unpainted
    stage.shot(tmp_path / "grid.png")
    assert not grid.unpainted
    assert {slot.shows[3] for slot in grid.layers.slots if not slot.away} == {False}


def test_a_shorter_list_takes_the_cursor_along(grid):
    grid.go(ROWS - 1, 0)
    grid.source.count = 7
    grid.source.on_reset()
    stage.pump(2)
    assert grid.cursor == (6, 0)
    assert shown_rows(grid) == list(range(7))


def test_density_sets_the_height_of_a_row(grid):
    for density, height in (("compact", 32), ("normal", 40), ("touch", 48)):
        skin.density = density
        assert grid.geometry.row_h == dp(height)


def test_larger_text_makes_rows_grow(grid):
    skin.text_scale = 2.0
    assert grid.geometry.row_h >= 48


def test_any_value_in_any_kind_is_painted(show):
    strange = [
        None,
        "",
        "x\x00\ud800",
        10**40,
        -1.5,
        1e300,
        True,
        [],
        ["a", 3],
        {"a": [1]},
        "\u202eabc",
        "x" * 100_000,
    ]
    rows = MadeUpRows(len(strange))
    for i, value in enumerate(strange):
        rows.typed[i] = [value] * 20
    grid = show(Grid(source=rows, columns=columns()), frames=10)
    assert shown_rows(grid) == list(range(len(strange)))


def test_a_row_with_fewer_values_than_columns_is_painted(show):
    rows = MadeUpRows(2)
    rows.typed[0] = ["only one"]
    grid = show(Grid(source=rows, columns=columns()))
    assert shown_rows(grid) == [0, 1]


def test_no_rows_no_columns_and_no_source_are_drawn_too(show):
    for grid in (Grid(), Grid(source=MadeUpRows(0), columns=columns()), Grid(source=MadeUpRows(5))):
        show(grid)
        grid.focus = True
        for key in ("down", "up", "end", "tab", "f2", "spacebar", "delete", "f10"):
            touch.press(key, ["shift"] if key == "f10" else [])
        touch.press("c", ["ctrl"])
        touch.click_at(300, 300)


def test_the_cheat_sheet_names_every_way_in_and_out():
    keys = " ".join(keys for keys, _ in CHEAT_SHEET)
    for key in (
        "F2",
        "F6",
        "Space",
        "Ctrl + Enter",
        "Shift + F10",
        "Alt + Left",
        "Escape",
        "Delete",
    ):
        assert key in keys


@pytest.fixture
def notes(show):
    rows = MadeUpRows(40)
    for i in range(40):
        rows.typed[i] = [f"Note {i}", "one\ntwo\nthree"]
    grid = show(Grid(source=rows, columns=[columns(1)[0], Column("State", "longtext")]))
    grid.focus = True
    return grid


def test_long_text_is_edited_in_several_lines_and_shift_enter_adds_one(notes):
    notes.go(2, 1)
    touch.press("f2")
    stage.pump(3)
    field = notes.editing.input
    assert field.height > notes.geometry.row_h
    field.cursor = field.get_cursor_from_index(3)
    touch.press("enter", ["shift"])
    touch.press("enter")
    assert notes.source.row(2)[1] == "one\n\ntwo\nthree"
    assert notes.cursor == (3, 1)


def test_an_input_of_several_lines_stays_inside_the_grid(notes):
    notes.go(39, 1)
    touch.press("f2")
    stage.pump(3)
    field = notes.editing.input
    assert field.y >= notes.geometry.body_top - notes.geometry.body_h
    touch.press("escape")


def test_first_rows_that_keep_one_waiting_are_shown_as_ghosts(show):
    grid = Grid(source=MadeUpRows(100, ready=False), columns=columns())
    assert grid._rows_in_sight() == (0, 0)
    show(grid)
    stage.wait_for(lambda: shown_rows(grid) != [])
    grid.source.ready = True
    grid.source.on_reset()
    stage.pump(3)
    assert shown_rows(grid)[0] == 0


def test_inside_a_moved_layout_the_grid_is_drawn_and_touched_where_it_is(show):
    root = RelativeLayout(size_hint=(None, None), size=(900, 500), pos=(200, 100))
    grid = Grid(source=MadeUpRows(100), columns=columns())
    root.add_widget(grid)
    outer = FloatLayout()
    outer.add_widget(root)
    show(outer)
    assert tuple(grid.layers.head_clip.pos) == (200, 100)
    box = grid.geometry.cell(3, 1, grid.scroll)
    touch.click_at(200 + box.x + 20, 100 + box.y + 20)
    assert grid.cursor == (3, 1)
    touch.point_at(200 + box.x + 20, 100 + box.y + 20)
    assert grid.hovered_row == 3
