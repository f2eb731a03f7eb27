"""Menus, dialogs, palette and notices: keys, touches beside them, and the focus afterwards."""

from __future__ import annotations

from functools import partial

import pytest
from kivy.core.window import Window
from kivy.uix.boxlayout import BoxLayout

from app.views.house import stage, touch
from app.views.house.batch import Wrote, recording
from app.views.house.controls import PushButton
from app.views.house.dialogs import Answer, Dialog
from app.views.house.fields import TextField
from app.views.house.menus import MenuItem, MenuSheet
from app.views.house.notices import Notices
from app.views.house.palette import Command, Palette, best, score
from app.views.house.skin import skin


@pytest.fixture
def page(show):
    box = BoxLayout(padding=40)
    box.button = PushButton(text="Below", ground="page")
    box.add_widget(box.button)
    show(box)
    box.button.focus = True
    return box


@pytest.fixture
def chosen():
    return []


@pytest.fixture
def menu(page, chosen):
    def item(text, **more):
        return MenuItem(text, "plus", lambda: chosen.append(text), **more)

    made = MenuSheet(
        [
            item("Copy"),
            item("Sort A to Z"),
            MenuItem("Hide"),
            item("Sort Z to A"),
            item("Trash", danger=True),
        ],
        at=(300, 400),
    )
    made.open()
    stage.pump(3)
    return made


def focus_of(sheet):
    return next((row.text for row in sheet.rows if row.focus), None)


# -- menus ----------------------------------------------------------------------------------------------


def test_a_menu_is_walked_by_arrows_over_what_cannot_be_chosen_and_chosen_by_enter(
    menu, chosen, page
):
    assert focus_of(menu) == "Copy"
    touch.press("down")
    touch.press("down")
    assert focus_of(menu) == "Sort Z to A"
    touch.press("up")
    touch.press("enter")
    assert chosen == ["Sort A to Z"]
    assert menu.parent is None
    assert page.button.focus


def test_a_letter_goes_to_the_next_item_that_begins_so(menu):
    touch.press("s")
    assert focus_of(menu) == "Sort A to Z"
    touch.press("s")
    assert focus_of(menu) == "Sort Z to A"
    touch.press("home")
    assert focus_of(menu) == "Copy"


def test_escape_closes_a_menu_chooses_nothing_and_gives_the_focus_back(menu, chosen, page):
    touch.press("escape")
    assert menu.parent is None
    assert not chosen
    assert page.button.focus


def test_a_touch_beside_a_menu_closes_it_and_does_not_go_through(menu, page):
    pressed = []
    page.button.fbind("on_release", lambda *_: pressed.append(1))
    touch.click(page.button)
    assert menu.parent is None
    assert not pressed


def test_an_item_that_cannot_be_chosen_keeps_the_menu_open(menu, chosen):
    touch.click(menu.rows[2])
    assert menu.parent is not None
    assert not chosen


@pytest.mark.parametrize("at", [(5, 5), (1275, 795), (1275, 5), (5, 795)])
def test_a_menu_stays_inside_the_window(page, at):
    menu = MenuSheet([MenuItem(f"Item {i}", run=lambda: None) for i in range(40)], at=at)
    menu.open()
    stage.pump(3)
    x, y, w, h = menu.sheet_box()
    assert x >= 0
    assert y >= 0
    assert x + w <= Window.width
    assert y + h <= Window.height
    touch.press("end")
    assert menu.rows[-1].focus
    menu.dismiss()


# -- dialogs -------------------------------------------------------------------------------------------------


@pytest.fixture
def dialog(page, chosen):
    field = TextField(label="Name", ground="sheet")
    made = Dialog(
        "Rename?",
        "All computers show the new name. " * 4,
        [Answer("Cancel"), Answer("Rename", lambda: chosen.append(field.text), "filled")],
        content=field,
    )
    made.open()
    stage.pump(4)
    return made


def test_a_dialog_starts_in_its_field_and_tab_stays_inside(dialog):
    first = dialog.content.input
    assert first.focus
    order = []
    for _ in range(3):
        touch.press("tab")
        order.append(next(w for w in (first, *dialog.buttons) if w.focus))
    assert order == [*dialog.buttons, first]
    touch.press("tab", ["shift"])
    assert dialog.buttons[-1].focus


def test_an_answer_runs_and_closes(dialog, chosen, page):
    touch.write("Bearings")
    touch.click(dialog.buttons[1])
    assert chosen == ["Bearings"]
    assert dialog.parent is None
    assert page.button.focus


def test_an_answer_that_says_no_keeps_the_dialog_open(page):
    dialog = Dialog("Sure?", "", [Answer("Go", lambda: False)])
    dialog.open()
    stage.pump(2)
    touch.press("enter")
    assert dialog.parent is not None
    touch.press("escape")
    assert dialog.parent is None


def test_answers_that_do_not_fit_beside_each_other_stand_below(page):
    stage.resize(400, 700)
    dialog = Dialog(
        "Which?",
        "",
        [
            Answer("Keep what is here for now"),
            Answer("Take what the other computer has", kind="filled"),
        ],
    )
    dialog.open()
    stage.pump(3)
    first, second = dialog.buttons
    assert first.y != second.y
    assert all(button.right <= 400 - 16 for button in dialog.buttons)


def test_of_two_overlays_escape_closes_the_upper_one(dialog):
    menu = MenuSheet([MenuItem("One", run=lambda: None)], at=(300, 300))
    menu.open()
    stage.pump(2)
    touch.press("escape")
    assert menu.parent is None
    assert dialog.parent is not None
    dialog.dismiss()


# -- palette ---------------------------------------------------------------------------------------------------


@pytest.fixture
def commands(chosen):
    names = ("New record in Stock", "Go to Stock", "Go to Cases", "Import a spreadsheet")
    return [Command(name, "plus", partial(chosen.append, name)) for name in names]


def test_the_palette_finds_by_letters_and_runs_by_enter(page, commands, chosen):
    palette = Palette(commands)
    palette.open()
    touch.write("gcas")
    assert [row.text for row in palette.rows] == ["Go to Cases"]
    touch.press("enter")
    assert chosen == ["Go to Cases"]
    assert palette.parent is None
    assert page.button.focus


def test_letters_typed_before_the_first_frame_are_not_lost(page, commands):
    palette = Palette(commands)
    palette.open()
    for ch in "stock":
        Window.dispatch("on_textinput", ch)
    assert palette.field.text == "stock"
    palette.dismiss()


def test_the_palette_is_walked_by_arrows_while_the_field_keeps_the_focus(page, commands, chosen):
    palette = Palette(commands)
    palette.open()
    touch.press("down")
    touch.press("down")
    assert palette.field.focus
    assert [row.selected for row in palette.rows] == [False, False, True, False]
    touch.click(palette.rows[3])
    assert chosen == ["Import a spreadsheet"]


def test_the_palette_adds_what_a_search_finds(page, commands, chosen):
    palette = Palette(
        commands,
        search=lambda text: [Command(f"Record {text}", "table", lambda: chosen.append(text))],
    )
    palette.open()
    touch.write("zzz")
    assert [row.text for row in palette.rows] == ["Record zzz"]
    touch.press("enter")
    assert chosen == ["zzz"]


def test_word_starts_and_neighbours_rank_higher(commands):
    assert score("xyz", "Go to Stock") is None
    assert best("im", commands)[0].text == "Import a spreadsheet"
    assert best("gs", commands)[0].text == "Go to Stock"
    assert best("", commands) == commands


# -- notices -----------------------------------------------------------------------------------------------------


@pytest.fixture
def notices(page):
    made = Notices()
    yield made
    made.hide()


def test_undo_runs_once_and_the_snackbar_goes(notices, chosen):
    skin.reduced_motion = True
    notices.snack("Drill bit moved to the trash", "Undo", lambda: chosen.append("undo"))
    stage.pump(3)
    touch.click(notices.snackbar.button)
    assert chosen == ["undo"]
    assert notices.snackbar is None


def test_the_snackbar_takes_no_focus_but_tab_reaches_it(notices, page):
    notices.snack("Gone", "Undo", lambda: None)
    stage.pump(2)
    assert page.button.focus
    bar = notices.snackbar
    bar.button.focus = True
    notices._leave(0)
    assert notices.snackbar is bar


def test_a_new_snackbar_replaces_the_old_one(notices):
    notices.snack("One")
    notices.snack("Two")
    stage.pump(2)
    assert [w.text for w in Window.children if type(w).__name__ == "Snackbar"] == ["Two"]


def test_a_snackbar_glides_in_and_leaves_by_itself(notices):
    notices.snack("Gone", "Undo", lambda: None)
    bar = notices.snackbar
    stage.wait_for(lambda: bar.y == 16)
    notices._leave(0)
    stage.wait_for(lambda: notices.snackbar is None)
    assert bar.parent is None


def test_a_long_sentence_takes_lines_and_is_read_whole(notices, window):
    stage.resize(480, 800)
    sentence = "A forgotten passphrase is the end of the data, unless there is a recovery sheet."
    with recording():
        notices.snack(sentence, "Make one", lambda: None)
        stage.pump(2)
    bar = notices.snackbar
    written = [mark.text for mark in bar.layer.marks if isinstance(mark, Wrote)]
    assert len(written) > 1
    assert " ".join(written) == sentence
    assert bar.height > 60


def test_a_snackbar_makes_way_for_a_bar_that_comes_after_it(notices):
    notices.snack("Gone", "Undo", lambda: None)
    notices.lift = 76
    assert notices.snackbar.y == 16 + 76


def test_a_toast_lets_touches_through(notices, page):
    pressed = []
    page.button.fbind("on_release", lambda *_: pressed.append(1))
    notices.toast("Imported 42,049 records")
    stage.pump(2)
    page.button.pos = notices.current_toast.pos
    x, y = notices.current_toast.center
    page.button.center = x, y
    touch.click_at(x, y)
    assert pressed
