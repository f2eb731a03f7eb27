"""The audit finds each defect that it names, and nothing in what is right."""

from __future__ import annotations

import pytest
from kivy.core.window import Window
from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from app.views.grid.grid import Grid
from app.views.house import stage, touch
from app.views.house.audit import audit
from app.views.house.controls import IconButton, NavRow, PushButton
from app.views.house.menus import MenuItem, MenuSheet
from app.views.house.painted import Painted
from app.views.house.skin import skin
from tests.support.rows import MadeUpRows, columns


class Board(Painted):
    """Paints what a test hands it."""

    text = StringProperty()

    def __init__(self, painter, **kwargs):
        self.painter = painter
        super().__init__(**kwargs)

    def paint(self, b, w, h, r):
        b.box(0, 0, w, h, r.pane)
        self.painter(b, w, h, r)


def kinds():
    return [finding.kind for finding in audit(Window)]


def defect(painter, show):
    show(Board(painter))
    return kinds()


def test_low_contrast_is_found(show):
    assert defect(lambda b, w, h, r: b.write("body", "faint", 10, 10, 40, 0xDDDDDD, 200), show) == [
        "low contrast"
    ]


def test_contrast_is_measured_on_the_ground_below_the_text(show):
    def painter(b, w, h, r):
        b.rounded(0, 0, 200, 60, 8, 0x000000)
        b.write("body", "white on black", 10, 10, 40, 0xFFFFFF, 180)

    assert defect(painter, show) == []


def test_overlapping_text_is_found(show):
    def painter(b, w, h, r):
        b.write("body", "one and", 10, 10, 40, r.text, 200)
        b.write("body", "the other", 20, 12, 40, r.text, 200)

    assert defect(painter, show) == ["overlapping text"]


def test_text_that_leaves_its_widget_is_found(show):
    assert defect(lambda b, w, h, r: b.write("body", "long " * 90, 10, 10, 40, r.text), show) == [
        "text out of its widget"
    ]


def test_text_cut_with_an_ellipsis_is_right(show):
    assert (
        defect(lambda b, w, h, r: b.write("body", "long " * 90, 10, 10, 40, r.text, 300), show)
        == []
    )


def test_text_without_room_for_a_letter_is_found(show):
    assert defect(lambda b, w, h, r: b.write("body", "long", 10, 10, 40, r.text, 11), show) == [
        "text without room"
    ]


def test_a_glyph_that_no_font_has_is_found(show):
    assert defect(
        lambda b, w, h, r: b.write("body", "a\U000f8000", 10, 10, 40, r.text, 300), show
    ) == ["missing glyph"]


@pytest.fixture
def free(show):
    def place(*controls):
        root = FloatLayout()
        for control in controls:
            root.add_widget(control)
        show(root)
        return kinds()

    return place


def test_controls_that_overlap_are_found(free):
    assert free(PushButton(text="One", pos=(100, 100)), PushButton(text="Two", pos=(140, 110))) == [
        "overlapping controls"
    ]


def test_touch_areas_that_overlap_are_found(free):
    assert free(PushButton(text="One", pos=(100, 100)), PushButton(text="Two", pos=(100, 142))) == [
        "overlapping controls"
    ]


def test_controls_eight_dp_apart_are_right(free):
    assert (
        free(PushButton(text="One", pos=(100, 100)), PushButton(text="Two", pos=(100, 148))) == []
    )


def test_a_control_that_sticks_out_is_found(free):
    assert "sticks out of the window" in free(PushButton(text="Import", pos=(1240, 100)))


def test_a_row_too_low_to_touch_is_found(free):
    row = NavRow(text="Low", icon="table", size_hint=(None, None), pos=(100, 100))
    row.size = 200, 30
    assert free(row) == ["too small to touch"]


def test_an_icon_without_words_is_found(free):
    assert free(IconButton(icon="history", pos=(100, 100))) == ["control without words"]


def test_what_lies_below_an_open_menu_is_not_counted_as_reachable(show):
    root = FloatLayout()
    root.add_widget(PushButton(text="One", pos=(100, 600)))
    show(root)
    menu = MenuSheet([MenuItem("Copy", "content-copy", lambda: None)], at=(100, 640))
    menu.open()
    stage.pump(3)
    assert kinds() == []
    menu.dismiss()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("density", ["compact", "normal", "touch"])
@pytest.mark.parametrize("size", [(480, 900), (800, 1280), (1280, 800)])
def test_a_grid_of_every_kind_has_no_defect(show, dark, density, size):
    skin.dark, skin.density = dark, density
    stage.resize(*size)
    box = BoxLayout()
    grid = Grid(source=MadeUpRows(1000), columns=columns(), sorting=[(1, True)])
    box.add_widget(grid)
    show(box, frames=12)
    grid.focus = True
    grid.go(3, 1)
    grid.go(5, 2, extend=True)
    touch.point_at(100, 400)
    grid.scroll_to(0, 13)
    stage.pump(4)
    assert audit(Window) == []
