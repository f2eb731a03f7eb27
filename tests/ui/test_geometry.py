"""Where things are in the grid: places lead to cells and back, whatever the sizes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.views.grid.geometry import HEADER, NOWHERE, Geometry


@st.composite
def layouts(draw):
    made = Geometry(dp=draw(st.sampled_from([1.0, 1.5, 2.0])))
    made.x, made.y = draw(st.integers(0, 300)), draw(st.integers(0, 300))
    made.width, made.height = draw(st.integers(320, 2000)), draw(st.integers(300, 1400))
    made.row_h = draw(st.sampled_from([32, 40, 48, 72]))
    made.count = draw(st.integers(1, 2_000_000))
    made.widths = draw(st.lists(st.integers(56, 960), min_size=1, max_size=30))
    made.measure()
    return made


@st.composite
def places(draw):
    made = draw(layouts())
    row, column = draw(st.integers(0, made.count - 1)), draw(st.integers(0, len(made.widths) - 1))
    start = draw(st.floats(0, made.max_x)), draw(st.floats(0, made.max_y))
    return made, row, column, start


@given(places())
def test_a_revealed_cell_is_in_sight_and_found_again_by_its_place(place):
    g, row, column, start = place
    scroll = g.reveal(row, column, start)
    box = g.cell(row, column, scroll)
    assert g.body_top - g.body_h <= box.y
    assert box.y + box.height <= g.body_top
    x = max(box.x, g.x + (g.frozen_width if column else g.gutter)) + 1
    assert g.row_at(box.y + 1, scroll[1]) == row
    assert g.column_at(x, scroll[0]) == column
    first, last = g.visible_rows(scroll[1])
    assert first <= row < last
    if column:
        left, right = g.visible_columns(scroll[0])
        assert left <= column < right


@given(places())
def test_revealing_what_is_in_sight_moves_nothing(place):
    g, row, column, start = place
    scroll = g.reveal(row, column, start)
    assert g.reveal(row, column, scroll) == scroll


@given(layouts())
def test_scroll_ends_where_the_last_row_and_column_are_whole(g):
    box = g.cell(g.count - 1, len(g.widths) - 1, (g.max_x, g.max_y))
    assert box.y >= g.body_top - g.body_h
    assert box.x + box.width <= g.right or len(g.widths) == 1


@given(layouts(), st.floats(0, 1), st.floats(0, 1))
def test_thumbs_stay_on_their_tracks_and_are_long_enough_to_take(g, down, along):
    y, x = g.thumb_y(g.max_y * down), g.thumb_x(g.max_x * along)
    if y is not NOWHERE:
        assert y.y >= g.body_top - g.body_h
        assert y.y + y.height <= g.body_top
        assert y.height >= min(48 * g.dp, g.body_h - 20 * g.dp) - 1
    if x is not NOWHERE:
        assert x.x >= g.x + g.frozen_width
        assert x.x + x.width <= g.right + 1


@given(layouts())
def test_dragging_a_thumb_over_its_whole_track_goes_from_end_to_end(g):
    top, bottom = g.thumb_y(0), g.thumb_y(g.max_y)
    if top is not NOWHERE:
        assert abs((top.y - bottom.y) * g.per_pixel_y() - g.max_y) <= max(1.0, g.max_y * 0.01)


@given(layouts())
def test_the_frozen_column_leaves_the_others_their_room(g):
    assert g.frozen_width <= max(g.width * 0.55, g.gutter + 96 * g.dp) + 1


def test_above_the_rows_is_the_header():
    g = Geometry()
    g.width, g.height, g.count, g.widths = 800, 600, 10, [100, 100]
    g.measure()
    assert g.row_at(g.top - 1, 0) == HEADER
    assert g.row_at(g.body_top - 1, 0) == 0
