"""The grid's keys: moving, selecting, editing in place, through the real dispatch."""

from __future__ import annotations

import pytest
from kivy.core.window import Window
from kivy.uix.boxlayout import BoxLayout

from app.views.grid.grid import Grid
from app.views.house import stage, touch
from app.views.house.controls import PushButton
from tests.support.grids import ROWS, Told, middle, type_in
from tests.support.rows import MadeUpRows, columns, values

# -- moving --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "modifiers", "place"),
    [
        ("down", [], (11, 2)), ("up", [], (9, 2)), ("left", [], (10, 1)), ("right", [], (10, 3)),
        ("home", [], (10, 0)), ("end", [], (10, 19)), ("home", ["ctrl"], (0, 0)), ("end", ["ctrl"], (ROWS - 1, 19)),
        ("down", ["ctrl"], (ROWS - 1, 2)), ("up", ["ctrl"], (0, 2)), ("tab", [], (10, 3)), ("tab", ["shift"], (10, 1)),
    ],
)  # fmt: skip
def test_keys_move_the_cursor(grid, key, modifiers, place):
    grid.go(10, 2)
    touch.press(key, modifiers)
    assert grid.cursor == place
    assert grid.anchor == place


def test_page_keys_move_by_what_is_in_sight_and_stop_at_the_ends(grid):
    touch.press("pagedown")
    assert grid.cursor[0] == grid.geometry.page
    touch.press("pageup")
    touch.press("pageup")
    assert grid.cursor == (0, 0)


def test_the_cursor_is_always_in_sight_after_it_moved(grid):
    for key in ("end", "pagedown", "pagedown", "down", "home"):
        touch.press(key, ["ctrl"] if key == "end" else [])
        box = grid.geometry.cell(*grid.cursor, grid.scroll)
        g = grid.geometry
        assert g.body_top - g.body_h <= box.y
        assert box.y + box.height <= g.body_top
        assert box.x + box.width <= g.right


def test_tab_goes_over_the_end_of_a_row(grid):
    grid.go(4, 19)
    touch.press("tab")
    assert grid.cursor == (5, 0)


def test_shift_selects_and_escape_drops_the_selection(grid):
    grid.go(3, 1)
    touch.press("down", ["shift"])
    touch.press("right", ["shift"])
    assert grid.selection == ((3, 1), (4, 2))
    touch.press("escape")
    assert grid.cursor == grid.anchor == (4, 2)
    assert grid.focus


def test_f6_leaves_the_grid_for_what_follows_and_comes_back(show):
    box = BoxLayout()
    grid, button = Grid(source=MadeUpRows(10), columns=columns()), PushButton(text="After")
    box.add_widget(grid)
    box.add_widget(button)
    show(box)
    grid.focus = True
    touch.press("f6")
    assert button.focus
    touch.press("tab", ["shift"])
    assert grid.focus


def test_up_from_the_first_row_enters_the_header_where_enter_sorts(grid):
    touch.press("right")
    touch.press("up")
    assert grid.cursor == (-1, 1)
    touch.press("enter")
    touch.press("enter", ["shift"])
    touch.press("f10", ["shift"])
    assert grid.told.of("on_sort") == [(1, False), (1, True)]
    assert [args[0] for args in grid.told.of("on_header_menu")] == [1]
    touch.press("down")
    assert grid.cursor == (0, 1)


# -- editing -----------------------------------------------------------------------------------------------


def test_f2_edits_enter_keeps_and_goes_down(grid):
    grid.go(2, 2)
    touch.press("f2")
    type_in(grid, "77")
    touch.press("enter")
    assert grid.source.row(2)[2] == 77
    assert grid.cursor == (3, 2)
    assert grid.editing.input is None
    assert grid.focus
    assert grid.told.of("on_edit") == [(2, 1002, "Quantity", 77)]


def test_typing_over_a_cell_replaces_it_and_tab_goes_right(grid):
    grid.go(3, 2)
    touch.write("9")
    touch.press("tab")
    assert grid.source.row(3)[2] == 9
    assert grid.cursor == (3, 3)


def test_nothing_is_lost_of_what_a_scanner_types_within_one_frame(grid):
    grid.go(3, 0)
    for ch in "4006381":
        Window.dispatch("on_textinput", ch)
    touch.press("enter")
    assert grid.source.row(3)[0] == "4006381"


def test_escape_leaves_the_cell_as_it_was(grid):
    grid.go(3, 2)
    touch.press("enter")
    type_in(grid, "5")
    touch.press("escape")
    assert grid.source.row(3)[2] == values(3)[2]
    assert grid.focus
    assert not grid.told.of("on_edit")


def test_a_refused_text_stays_with_its_sentence_wherever_one_goes(grid):
    grid.go(5, 2)
    touch.press("f2")
    type_in(grid, "many")
    for leave in (
        lambda: touch.press("enter"),
        lambda: touch.press("tab"),
        lambda: touch.click_at(*middle(grid, 9, 1)),
        lambda: grid.go(20, 0),
    ):
        leave()
        assert grid.editing.input.text == "many"
        assert "“many” is not a number" in grid.editing.refusal.text
        assert grid.cursor == (5, 2)
    assert grid.source.row(5)[2] == values(5)[2]
    touch.click(grid.editing.input)
    type_in(grid, "12")
    assert grid.editing.refusal is None
    touch.press("enter")
    assert grid.source.row(5)[2] == 12


def test_an_unchanged_text_is_no_edit(grid):
    grid.go(2, 2)
    touch.press("f2")
    touch.press("enter")
    assert not grid.told.of("on_edit")


def test_going_elsewhere_keeps_what_was_typed(grid):
    grid.go(2, 2)
    touch.press("f2")
    type_in(grid, "31")
    touch.click_at(*middle(grid, 6, 1))
    assert grid.source.row(2)[2] == 31
    assert grid.cursor == (6, 1)
    assert grid.editing.input is None


def test_f2_puts_the_caret_at_the_end_and_enter_selects_all(grid):
    grid.go(2, 0)
    touch.press("f2")
    touch.write("!")
    touch.press("enter")
    assert grid.source.row(2)[0] == f"{values(2)[0]}!"
    grid.go(2, 0)
    touch.press("enter")
    stage.pump()
    touch.write("Auger")
    touch.press("enter")
    assert grid.source.row(2)[0] == "Auger"


def test_what_is_typed_is_stored_when_the_typing_pauses_and_the_edit_stays_open(grid):
    grid.go(2, 2)
    touch.write("4")
    stage.wait_for(lambda: grid.told.of("on_edit"), 10)
    touch.write("2")
    stage.wait_for(lambda: len(grid.told.of("on_edit")) > 1, 10)
    touch.press("enter")
    assert [edit[3] for edit in grid.told.of("on_edit")] == [4, 42]
    assert grid.cursor == (3, 2)


def test_escape_takes_back_all_that_the_pauses_of_an_edit_stored(grid):
    grid.go(2, 2)
    for count, digit in enumerate("42", 1):
        touch.write(digit)
        stage.wait_for(lambda: len(grid.told.of("on_edit")) == count, 10)  # noqa: B023 -- called in this turn
    touch.press("escape")
    assert grid.told.of("on_edit")[-1] == (2, 1002, "Quantity", values(2)[2])
    assert grid.source.row(2)[2] == values(2)[2]


def test_what_a_column_refuses_at_a_pause_is_told_as_a_draft_until_it_is_mended(grid):
    grid.go(2, 2)
    touch.write("x")
    stage.wait_for(lambda: grid.told.of("on_draft"), 10)
    assert grid.editing.refusal is not None
    touch.press("backspace")
    touch.write("7")
    touch.press("enter")
    assert grid.told.of("on_draft") == [(1002, "Quantity", "x"), (1002, "Quantity", None)]
    assert grid.source.row(2)[2] == 7


def test_an_edit_in_which_nothing_was_typed_does_not_undo_a_change_from_elsewhere(grid):
    grid.go(2, 2)
    touch.press("f2")
    grid.source.put(1002, {"Quantity": 55})
    touch.press("enter")
    assert grid.source.row(2)[2] == 55
    assert not grid.told.of("on_edit")


def test_a_choice_is_chosen_not_typed(grid):
    grid.go(2, 1)
    touch.press("enter")
    assert grid.told.of("on_choose") == [(2, 1)]
    assert grid.editing.input is None


def test_the_order_is_held_while_a_cell_is_edited(grid):
    grid.go(2, 2)
    touch.press("f2")
    assert grid.source.held == [True]
    touch.press("escape")
    assert grid.source.held == [True, False]


def test_a_checkbox_turns_by_space_and_by_one_click(grid):
    grid.go(1, 4)
    touch.press("spacebar")
    assert grid.source.row(1)[4] is True
    touch.click_at(*middle(grid, 1, 4))
    assert grid.source.row(1)[4] is False
    assert grid.editing.input is None


def test_a_double_click_edits(grid):
    touch.click_at(*middle(grid, 4, 2), double=True)
    assert grid.editing.place == (4, 2)


def test_a_column_that_is_not_written_says_so(show):
    grid = show(
        Grid(
            source=MadeUpRows(5),
            columns=[c if i else type(c)("Sum", "formula") for i, c in enumerate(columns(3))],
        )
    )
    told = Told(grid)
    grid.focus = True
    touch.press("f2")
    assert grid.editing.input is None
    assert told.of("on_refused") == [(0,)]


def test_the_input_follows_its_cell_when_the_rows_scroll(grid):
    grid.go(8, 2)
    touch.press("f2")
    before = grid.editing.input.y
    grid.scroll_to(0, 80)
    stage.pump()
    assert grid.editing.input.y == before + 80


def test_text_that_no_screen_can_show_is_edited_without_harm(show):
    rows = MadeUpRows(3)
    rows.typed[0] = ["a\ud800\x00b", *values(0)[1:]]
    grid = show(Grid(source=rows, columns=columns()))
    grid.focus = True
    touch.press("f2")
    assert grid.editing.input.text == "a?\x00b"
    touch.press("escape")
    assert rows.row(0)[0] == "a\ud800\x00b"
