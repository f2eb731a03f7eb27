"""The grid's hands and eyes, through the real dispatch: keys, mouse, fingers, editing, copying, a million rows."""

from __future__ import annotations

import pytest
from kivy.core.window import Window
from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.relativelayout import RelativeLayout

from app.views.grid.grid import Grid
from app.views.grid.keys import CHEAT_SHEET
from app.views.house import stage, touch
from app.views.house.column import Column
from app.views.house.controls import PushButton
from app.views.house.skin import skin
from tests.support.rows import MadeUpRows, columns, values

ROWS = 5000


class Told:
    """What the grid asked for."""

    def __init__(self, grid):
        self.calls = []
        for event in grid.__events__:
            grid.fbind(event, self._note, event)

    def _note(self, event, _grid, *args):
        self.calls.append((event, *args))

    def of(self, event):
        return [call[1:] for call in self.calls if call[0] == event]


@pytest.fixture
def grid(show, clipboard):
    made = Grid(source=MadeUpRows(ROWS), columns=columns(), clipboard=clipboard)
    show(made)
    made.focus = True
    made.told = Told(made)
    return made


def middle(grid, row, column) -> tuple[float, float]:
    box = grid.geometry.cell(row, column, grid.scroll)
    return box.x + box.width / 2, box.y + box.height / 2


def shown_rows(grid):
    return sorted(slot.shows[0] for slot in grid.layers.slots if not slot.away)


def type_in(grid, text):
    grid.editing.input.select_all()
    touch.write(text)


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
