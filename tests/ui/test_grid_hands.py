"""The grid's intents, copying, mouse and fingers, through the real dispatch."""

from __future__ import annotations

from kivy.metrics import dp

from app.views.grid.grid import Grid
from app.views.house import stage, touch
from app.views.house.skin import skin
from tests.support.grids import ROWS, Told, middle
from tests.support.rows import MadeUpRows, columns

# -- intents --------------------------------------------------------------------------------------------------


def test_space_and_ctrl_enter_open_the_record(grid):
    grid.go(4, 1)
    touch.press("spacebar")
    touch.press("enter", ["ctrl"])
    assert grid.told.of("on_open") == [(4, 1004), (4, 1004)]


def test_the_way_to_the_record_shows_under_the_mouse_and_opens_it(grid):
    touch.point_at(*middle(grid, 6, 0))
    assert grid.hovered_row == 6
    box = grid.open_box()
    touch.click_at(grid.x + box.x + box.width / 2, middle(grid, 6, 0)[1])
    assert grid.told.of("on_open") == [(6, 1006)]


def test_delete_asks_for_cells_and_ctrl_delete_for_records(grid):
    grid.go(2, 1)
    touch.press("down", ["shift"])
    touch.press("delete")
    touch.press("delete", ["ctrl"])
    assert grid.told.of("on_delete") == [
        (range(2, 4), range(1, 2), False),
        (range(2, 4), range(1, 2), True),
    ]


def test_a_heading_sorts_by_click_and_asks_for_its_menu_by_right_click(grid):
    touch.click_at(*middle(grid, -1, 2))
    touch.click_at(*middle(grid, -1, 2), button="right")
    assert grid.told.of("on_sort") == [(2, False)]
    assert [args[0] for args in grid.told.of("on_header_menu")] == [2]


def test_a_right_click_inside_the_selection_keeps_it_and_outside_moves_the_cursor(grid):
    grid.go(2, 1)
    grid.go(5, 3, extend=True)
    touch.click_at(*middle(grid, 3, 2), button="right")
    assert grid.selection == ((2, 1), (5, 3))
    touch.click_at(*middle(grid, 8, 4), button="right")
    assert grid.cursor == grid.anchor == (8, 4)
    assert [args[:2] for args in grid.told.of("on_cell_menu")] == [(3, 2), (8, 4)]


def test_paste_hands_over_a_table(grid):
    grid.clipboard.text = "a\tb\nc\td\n"
    grid.go(3, 1)
    touch.press("v", ["ctrl"])
    assert grid.told.of("on_paste") == [(3, 1, [["a", "b"], ["c", "d"]])]


# -- copying --------------------------------------------------------------------------------------------------------


def test_copy_is_a_table_for_a_spreadsheet(grid):
    grid.go(0, 1)
    grid.go(1, 2, extend=True)
    touch.press("c", ["ctrl"])
    assert grid.clipboard.text == "In stock\t-20\nOrdered\t7899"
    assert grid.told.of("on_copied") == [(2,)]


def test_what_is_copied_comes_back_by_paste_with_its_tabs_lines_and_quotes(show, clipboard):
    rows = MadeUpRows(2)
    rows.typed = {0: ["a\tb", "two\nlines", 3], 1: ['say "x"', None, -1]}
    grid = show(Grid(source=rows, columns=columns(3), clipboard=clipboard))
    told = Told(grid)
    grid.select_all()
    grid.copy()
    grid.go(0, 0)
    grid.paste()
    assert told.of("on_paste") == [(0, 0, [["a\tb", "two\nlines", "3"], ['say "x"', "", "-1"]])]


def test_copy_of_rows_that_are_not_here_reads_them_first(show, clipboard):
    rows = MadeUpRows(ROWS, slow=True)
    grid = show(Grid(source=rows, columns=columns(), clipboard=clipboard))
    grid.focus = True
    grid.select_all()
    grid.copy()
    assert rows.collected == 1
    assert clipboard.text.count("\n") == ROWS - 1


# -- mouse and fingers -------------------------------------------------------------------------------------------------


def test_a_mouse_drag_selects(grid):
    start, end = middle(grid, 2, 1), middle(grid, 6, 3)
    touch.Touch(*start, button="left").down().to(*end).up()
    assert grid.selection == ((2, 1), (6, 3))


def test_a_click_on_a_row_number_selects_the_row(grid):
    touch.click_at(grid.x + 10, middle(grid, 3, 0)[1])
    assert grid.selection == ((3, 0), (3, 19))


def test_a_finger_pans_and_flings(grid):
    finger = touch.Touch(600, 200).down()
    for k in range(6):
        finger.to(600, 200 + k * 40)
        stage.pump()
    finger.up()
    panned = grid.scroll_y
    assert panned >= 200
    assert grid.pointer.motion.moving
    stage.wait_for(lambda: grid.scroll_y > panned + 40)
    grid.pointer.motion.stop()


def test_a_second_finger_changes_nothing(grid):
    first = touch.Touch(600, 300).down()
    second = touch.Touch(400, 300).down()
    second.to(400, 500)
    second.up()
    assert grid.scroll_y == 0
    first.to(600, 360)
    first.up()
    assert grid.scroll_y == 60
    grid.pointer.motion.stop()


def test_a_tap_selects_and_a_second_tap_edits(grid):
    touch.tap_at(*middle(grid, 4, 2))
    assert grid.cursor == (4, 2)
    assert grid.editing.input is None
    touch.tap_at(*middle(grid, 4, 2))
    assert grid.editing.place == (4, 2)


def test_after_a_tap_the_handles_drag_the_selection_out(grid):
    touch.tap_at(*middle(grid, 4, 2))
    _, low = grid.handles()
    finger = touch.Touch(low.x + low.width / 2 + dp(10), low.y + low.height / 2 - dp(10)).down()
    finger.to(*middle(grid, 7, 3))
    finger.up()
    assert grid.selection == ((4, 2), (7, 3))
    assert grid.scroll_y == 0


def test_a_long_press_asks_for_the_menu_of_the_cell(grid):
    finger = touch.Touch(*middle(grid, 5, 1)).down()
    stage.wait_for(lambda: bool(grid.told.of("on_cell_menu")))
    finger.up()
    assert grid.told.of("on_cell_menu")[0][:2] == (5, 1)
    assert grid.scroll_y == 0


def test_a_finger_takes_the_scrollbar_within_48_dp(grid):
    thumb = grid.geometry.thumb_y(0)
    x, y = thumb.x - dp(15), thumb.y + thumb.height / 2
    finger = touch.Touch(x, y).down()
    finger.to(x, y - 200)
    finger.up()
    assert grid.scroll_y > ROWS * 40 / 5


def test_a_click_on_the_scrollbars_track_goes_there(grid):
    g = grid.geometry
    touch.click_at(grid.right - 5, g.body_top - g.body_h / 2)
    assert abs(grid.scroll_y - g.max_y / 2) < g.max_y * 0.05


def test_the_wheel_glides_and_shift_turns_it_sideways(grid):
    touch.wheel(600, 300)
    stage.wait_for(lambda: not grid.pointer.motion.moving)
    assert grid.scroll_y == dp(56)
    touch.wheel(600, 300, "scrollright")
    stage.wait_for(lambda: not grid.pointer.motion.moving)
    assert grid.scroll_x == dp(56)


def test_under_reduced_motion_the_wheel_jumps(grid):
    skin.reduced_motion = True
    touch.wheel(600, 300)
    assert grid.scroll_y == dp(56)
    assert not grid.pointer.motion.moving


def test_a_tap_where_a_handle_lies_over_the_cell_is_a_tap_on_the_cell(grid):
    box = grid.geometry.cell(4, 2, grid.scroll)
    for _ in range(2):
        touch.tap_at(box.x + 12, box.y + box.height - 8)
    assert grid.editing.place == (4, 2)
