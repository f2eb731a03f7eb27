"""Things to press, through the real dispatch: mouse, finger, keys."""

from __future__ import annotations

import gc
import weakref

import pytest
from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from app.views.grid.grid import Grid
from app.views.house import stage, touch
from app.views.house.column import Column
from app.views.house.controls import (
    Chip,
    FloatingButton,
    IconButton,
    NavRow,
    PushButton,
    RailItem,
    Tick,
    ViewTab,
)
from app.views.house.field_row import FieldRow
from app.views.house.fields import TextField
from app.views.house.skin import skin
from app.views.house.tips import Tips
from tests.support.rows import MadeUpRows, columns

ALL = (PushButton, FloatingButton, IconButton, RailItem, NavRow, ViewTab, Chip, Tick)


def told(widget, event="on_release"):
    calls = []
    widget.fbind(event, lambda *args: calls.append(args[1:]))
    return calls


@pytest.fixture
def pair(show):
    box = BoxLayout(spacing=20, padding=20)
    box.add_widget(PushButton(text="First", ground="page"))
    box.add_widget(PushButton(text="Second", ground="page"))
    show(box)
    return box.children[1], box.children[0]


def ring_alpha(control):
    return control._ring_ink.a


@pytest.mark.parametrize("kind", ALL)
def test_every_control_is_pressed_by_mouse_finger_enter_and_space(show, kind):
    root = FloatLayout()
    control = kind(
        text="Go", icon="plus", label="Go", pos=(100, 100), size_hint=(None, None), width=200
    )
    root.add_widget(control)
    show(root)
    calls = told(control)
    touch.click(control)
    touch.tap_at(*touch.middle(control))
    control.focus = True
    touch.press("enter")
    touch.press("spacebar")
    assert len(calls) == 4


def test_a_disabled_control_is_not_pressed(pair):
    first, _ = pair
    calls = told(first)
    first.focus = True
    first.disabled = True
    touch.click(first)
    touch.press("enter")
    assert not calls
    assert not first.focus


def test_tab_walks_in_the_order_of_adding_and_back(pair):
    first, second = pair
    first.focus = True
    touch.press("tab")
    assert second.focus
    touch.press("tab", ["shift"])
    assert first.focus


def test_the_ring_shows_after_tab_and_hides_after_a_click(pair):
    first, second = pair
    touch.click(first)
    assert first.focus
    assert ring_alpha(first) == 0
    touch.press("tab")
    assert ring_alpha(second) == 1
    touch.click(second)
    assert ring_alpha(second) == 0


def test_escape_does_not_take_the_focus_away(pair):
    first, _ = pair
    first.focus = True
    touch.press("escape")
    assert first.focus


def test_a_finger_hits_a_control_within_48_dp_around_its_middle(pair):
    first, _ = pair
    calls = told(first)
    assert first.height == dp(40)
    x, y = touch.middle(first)
    touch.tap_at(x, y + dp(23))
    touch.tap_at(x, y + dp(27))
    assert len(calls) == 1


def test_a_right_click_and_shift_f10_ask_for_the_menu_and_press_nothing(pair):
    first, _ = pair
    released, asked = told(first), told(first, "on_context")
    touch.click(first, "right")
    first.focus = True
    touch.press("f10", ["shift"])
    assert len(asked) == 2
    assert not released


def test_a_long_press_asks_for_the_menu(pair):
    first, _ = pair
    asked = told(first, "on_context")
    finger = touch.Touch(*touch.middle(first)).down()
    stage.wait_for(lambda: bool(asked))
    finger.up()
    assert len(asked) == 1


def test_the_mouse_over_a_control_shows_and_leaves_no_trace(pair):
    first, second = pair
    touch.point_at(*touch.middle(first))
    assert first.hovered
    touch.point_at(*touch.middle(second))
    assert second.hovered
    assert not first.hovered
    second.parent.remove_widget(second)
    assert not second.hovered


def test_a_tick_turns_before_it_tells(show):
    tick = show(Tick(text="Remember"))
    states = []
    tick.fbind("on_tick", lambda _, value: states.append((value, tick.selected)))
    touch.click(tick)
    touch.click(tick)
    assert states == [(True, True), (False, False)]


def test_a_button_is_as_wide_as_its_words_and_follows_the_text_size(show):
    root = FloatLayout()
    button = PushButton(text="Import a spreadsheet", icon="plus")
    root.add_widget(button)
    show(root)
    before = button.width
    skin.text_scale = 1.5
    stage.pump(2)
    assert button.width > before * 1.2
    button.text = "Go"
    assert button.width < before


def test_an_icon_says_in_words_what_it_does_once_the_mouse_rests_on_it(show):
    root = FloatLayout()
    button = IconButton(icon="history", label="History", pos=(300, 300))
    root.add_widget(button)
    show(root)
    tips = Tips()
    touch.point_at(*touch.middle(button))
    stage.wait_for(lambda: tips.tip is not None)
    assert tips.tip.text == "History"
    touch.point_at(10, 10)
    assert tips.tip is None


def test_a_change_of_theme_paints_again_without_being_told(show):
    button = show(PushButton(text="Save"))
    before = button.layer.mesh.vertices
    skin.dark = True
    stage.pump(2)
    assert button.layer.mesh.vertices != before


def test_tab_and_touches_pass_over_what_is_hidden(show):
    box = BoxLayout(spacing=20, padding=20)
    inner = BoxLayout(opacity=0)
    first, second, third = (PushButton(text=name) for name in ("One", "Two", "Three"))
    inner.add_widget(second)
    for part in (first, inner, third):
        box.add_widget(part)
    show(box)
    calls = told(second)
    first.focus = True
    touch.press("tab")
    assert third.focus
    touch.press("tab", ["shift"])
    assert first.focus
    touch.click(second)
    assert not calls
    inner.opacity = 1
    touch.click(second)
    assert calls


def test_tab_with_the_focus_nowhere_goes_to_the_first_control(pair):
    first, _ = pair
    touch.press("tab")
    assert first.focus
    assert ring_alpha(first) == 1


def freed(make, show):
    """Whether what was shown is gone from memory once another of its kind stands in its place.

    Kivy itself keeps the last text input whose view moved, and only that.
    """
    widget = show(make())
    touch.point_at(*touch.middle(widget))
    watcher = weakref.ref(widget)
    stage.clear()
    touch.point_at(1, 1)
    del widget
    show(make())
    gc.collect()
    return watcher() is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: PushButton(text="Go"),
        lambda: IconButton(icon="plus", label="More"),
        lambda: TextField(label="Name"),
        lambda: FieldRow(column=Column("Name"), value="x"),
        lambda: Grid(source=MadeUpRows(100), columns=columns()),
    ],
    ids=["button", "icon", "field", "row", "grid"],
)
def test_what_left_the_window_is_freed(show, make):
    assert freed(make, show)
