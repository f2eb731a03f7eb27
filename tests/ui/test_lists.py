"""Lists of any length, progress, empty states and pacing."""

from __future__ import annotations

import pytest
from kivy.clock import Clock
from kivy.metrics import dp

from app.views.house import stage, touch
from app.views.house.pacing import QUIET, SLOW, Pace
from app.views.house.panes import Caption, EmptyState
from app.views.house.progress import ProgressLine, ProgressPanel
from app.views.house.scroller import VirtualList
from app.views.house.skin import skin


class Numbers(VirtualList):
    """Row numbers."""

    def paint_row(self, b, index, w, h, r):
        b.write("body", f"Row {index}", dp(16), 0, h, r.text, w - dp(32))


@pytest.fixture
def numbers(show):
    made = Numbers(count=100_000, row_dp=56)
    show(made)
    made.opened = []
    made.fbind("on_open", lambda _, index: made.opened.append(index))
    return made


def rows_shown(numbers):
    return sorted(slot.shows[0] for slot in numbers.slots if slot.shows)


def test_a_list_holds_as_many_rows_as_are_in_sight(numbers):
    numbers.scroll_to(50_000 * 56)
    stage.pump()
    assert rows_shown(numbers)[0] == 50_000
    assert len(numbers.slots) <= 800 / 56 + 4


def test_keys_walk_and_enter_opens(numbers):
    numbers.focus = True
    for key in ("down", "down", "end", "pageup", "home", "down"):
        touch.press(key)
    assert numbers.cursor == 1
    touch.press("enter")
    assert numbers.opened == [1]


def test_the_cursor_stays_in_sight(numbers):
    numbers.focus = True
    touch.press("end")
    assert numbers.row_y(int(numbers.cursor)) >= numbers.y


def test_a_click_and_a_tap_open_and_a_drag_does_not(numbers):
    touch.click_at(300, numbers.top - 28)
    touch.tap_at(300, numbers.top - 84)
    finger = touch.Touch(300, 300).down()
    for k in range(5):
        finger.to(300, 300 + 30 * k)
    finger.up()
    numbers.motion.stop()
    assert numbers.opened == [0, 1]
    assert numbers.scroll_y >= 120


def test_a_right_click_a_long_press_and_shift_f10_ask_for_the_menu(numbers):
    asked = []
    numbers.fbind("on_menu", lambda _, index, pos: asked.append(index))
    touch.click_at(300, numbers.top - 28, "right")
    finger = touch.Touch(300, numbers.top - 84).down()
    stage.wait_for(lambda: len(asked) == 2)
    finger.up()
    numbers.focus = True
    touch.press("f10", ["shift"])
    assert asked == [0, 1, 1]
    assert not numbers.opened


def test_a_finger_takes_the_thumb(numbers):
    x, y, _w, h = numbers.thumb()
    finger = touch.Touch(x - dp(20), y + h / 2).down()
    finger.to(x, y - 200)
    finger.up()
    assert numbers.scroll_y > numbers.max_y / 5


def test_a_shorter_list_scrolls_back(numbers):
    numbers.scroll_to(numbers.max_y)
    numbers.count = 3
    stage.pump()
    assert numbers.scroll_y == 0
    assert rows_shown(numbers) == [0, 1, 2]


# -- panes ---------------------------------------------------------------------------------------------


def test_a_caption_grows_with_its_lines_and_stops_at_the_most(show):
    words = "Two boxes arrived damp; the supplier takes them back. " * 5
    caption = Caption(text=words, lines=0, size_hint_x=None, width=200)
    show(caption)
    many = caption.natural_height
    caption.lines = 2
    assert caption.natural_height == 2 * caption.step < many


def test_an_empty_state_offers_its_action_and_nothing_without_one(show):
    state = show(EmptyState(title="No visits yet", text="Write the first one.", action_text="New"))
    pressed = []
    state.fbind("on_action", lambda *_: pressed.append(1))
    touch.click(state.button)
    assert pressed
    state.action_text = ""
    assert state.button.parent is None


# -- progress ------------------------------------------------------------------------------------------------


def test_stop_is_told_by_click(show):
    panel = show(ProgressPanel(title="Importing", note="12 of 42", value=0.3))
    stopped = []
    panel.fbind("on_cancel", lambda *_: stopped.append(1))
    touch.click(panel.button)
    panel.stoppable = False
    touch.click(panel.button)
    assert stopped == [1]


def test_unknown_progress_moves_only_while_it_is_in_the_window(show):
    line = show(ProgressLine(value=-1))
    stage.wait_for(lambda: line.phase > 0)
    line.value = 0.5
    assert line._event is None
    line.value = -1
    line.parent.remove_widget(line)
    assert line._event is None


def test_under_reduced_motion_nothing_moves(show):
    skin.reduced_motion = True
    line = show(ProgressLine(value=-1))
    assert line._event is None


# -- pacing ------------------------------------------------------------------------------------------------------


@pytest.fixture
def pace(window):
    before = Clock._max_fps
    made = Pace(60)
    yield made
    Clock.unschedule(made._look)
    made.fps = 0
    Clock._max_fps = before


def test_the_loop_slows_down_when_nothing_happens_and_wakes_on_any_input(pace):
    pace._last = Clock.time() - QUIET - 1
    pace._look(0)
    assert Clock._max_fps == SLOW
    assert pace.idle
    touch.point_at(20, 20)
    assert Clock._max_fps == 60


def test_the_loop_stays_fast_while_frames_are_drawn(pace, show):
    pace._last = Clock.time() - QUIET - 1
    show(Caption(text="something new"))
    pace._look(0)
    assert not pace.idle


def test_wake_is_for_what_comes_from_other_threads(pace):
    pace._last = Clock.time() - QUIET - 1
    pace._look(0)
    pace.wake()
    assert not pace.idle
