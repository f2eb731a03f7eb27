"""Places to type: nothing typed is lost, errors stand in place, keys lead on."""

from __future__ import annotations

import pytest
from kivy.uix.boxlayout import BoxLayout

from app.views.house import stage, touch
from app.views.house.column import Column
from app.views.house.field_row import FieldRow
from app.views.house.fields import SearchField, TextField
from tests.support.rows import whole


def told(widget, *events):
    calls = []
    for event in events:
        widget.fbind(event, lambda _, *args, event=event: calls.append((event, *args)))
    return calls


@pytest.fixture
def rows(show):
    box = BoxLayout(orientation="vertical", size_hint=(None, None), size=(400, 600))
    box.made = [
        FieldRow(column=Column("Name", "text"), value="Drill bit"),
        FieldRow(column=Column("Quantity", "number", parse=whole), value=3),
        FieldRow(column=Column("Note", "longtext"), value="one"),
        FieldRow(column=Column("Checked", "checkbox"), value=False),
        FieldRow(column=Column("Sum", "formula"), value=9),
    ]
    for row in box.made:
        box.add_widget(row)
    show(box)
    return box.made


def retype(row, text):
    row.input.select_all()
    touch.write(text)


def test_a_row_is_edited_by_click_and_kept_by_enter(rows):
    calls = told(rows[0], "on_commit")
    touch.click(rows[0])
    retype(rows[0], "Hex bolt")
    touch.press("enter")
    assert rows[0].value == "Hex bolt"
    assert calls == [("on_commit", "Hex bolt")]
    assert rows[0].focus
    assert rows[0].input is None


def test_tab_keeps_and_goes_to_the_next_row(rows):
    rows[0].focus = True
    touch.press("enter")
    retype(rows[0], "Hex bolt")
    touch.press("tab")
    assert rows[0].value == "Hex bolt"
    assert rows[1].focus
    touch.press("tab", ["shift"])
    assert rows[0].focus


def test_escape_drops_what_was_typed(rows):
    touch.click(rows[0])
    retype(rows[0], "x")
    touch.press("escape")
    assert rows[0].value == "Drill bit"
    assert rows[0].focus


def test_a_refused_text_stays_and_says_why(rows):
    row, calls = rows[1], told(rows[1], "on_commit")
    before = row.height
    touch.click(row)
    retype(row, "many")
    touch.press("enter")
    stage.pump(2)
    assert row.input.text == "many"
    assert "is not a number" in row.error
    assert row.height > before
    touch.click(rows[0])
    assert row.input.text == "many"
    assert not calls
    row.input.focus = True
    retype(row, "12")
    assert row.error == ""
    touch.press("enter")
    assert calls == [("on_commit", 12)]


def test_each_change_is_told_while_typing(rows):
    calls = told(rows[0], "on_draft")
    touch.click(rows[0])
    retype(rows[0], "ab")
    assert [text for _, text in calls][-2:] == ["a", "ab"]


def test_going_elsewhere_keeps(rows):
    touch.click(rows[0])
    retype(rows[0], "Kept")
    touch.click(rows[3])
    assert rows[0].value == "Kept"


def test_an_unchanged_text_is_no_commit(rows):
    calls = told(rows[0], "on_commit")
    touch.click(rows[0])
    touch.press("enter")
    assert not calls


def test_long_text_takes_enter_as_a_line_and_grows_with_it(rows):
    row = rows[2]
    touch.click(row)
    before = row.height
    for _ in range(4):
        touch.press("enter")
    stage.pump(2)
    assert row.input.text.count("\n") == 4
    assert row.height > before
    touch.press("enter", ["ctrl"])
    assert row.value.count("\n") == 4


def test_a_checkbox_turns_at_once(rows):
    calls = told(rows[3], "on_commit")
    touch.click(rows[3])
    assert calls == [("on_commit", True)]


def test_a_field_that_is_not_written_says_so(rows):
    calls = told(rows[4], "on_refused")
    touch.click(rows[4])
    assert calls == [("on_refused",)]
    assert rows[4].input is None


def test_any_value_in_any_kind_is_painted(show):
    box = BoxLayout(orientation="vertical", size_hint=(None, None), size=(300, 2000))
    kinds = ("text", "number", "checkbox", "choice", "tags", "rating", "member", "url", "longtext")
    for kind in kinds:
        for value in (None, "", 7, -1.5, True, ["a", "b"], {"a": 1}, "\x00\ud800\n" * 3):
            box.add_widget(FieldRow(column=Column("F", kind), value=value))
    show(box, frames=6)
    assert all(len(row.layer.mesh.vertices) > 20 for row in box.children)


# -- labelled boxes -------------------------------------------------------------------------------------


def test_a_field_follows_its_text_both_ways_and_typing_clears_the_error(show):
    field = show(TextField(label="Name", text="Ann", error="Too short."))
    assert field.input.text == "Ann"
    field.input.focus = True
    touch.write("a")
    assert field.text == "Anna"
    assert field.error == ""
    field.text = "Ben"
    assert field.input.text == "Ben"


def test_enter_is_told_and_keeps_the_focus(show):
    field = show(TextField(label="Name"))
    calls = told(field, "on_enter")
    field.input.focus = True
    touch.press("enter")
    assert calls == [("on_enter",)]
    assert field.input.focus


def test_a_field_is_as_high_as_what_it_says(show):
    field = show(TextField(label="Name"))
    before = field.height
    field.error = "A long sentence that says what is wrong and what to do about it. " * 5
    stage.pump(2)
    assert field.height > before


def test_the_caret_has_the_height_of_a_line_in_an_empty_field(show):
    field = show(TextField(label="Name"))
    field.input.focus = True
    stage.pump(3)
    top, bottom = field.input.padding[1], field.input.padding[3]
    assert field.input.height - top - bottom >= field.input.line_height - 1


# -- search --------------------------------------------------------------------------------------------------


def test_search_follows_each_key_and_escape_empties_it(show):
    field = show(SearchField(hint="Find", keys="Ctrl F"))
    texts = []
    field.fbind("text", lambda _, text: texts.append(text))
    field.input.focus = True
    touch.write("bo")
    assert texts == ["b", "bo"]
    touch.press("escape")
    assert field.text == ""
    assert field.input.focus


def test_the_cross_empties_the_search_and_goes_away(show):
    field = show(SearchField(text="bolt"))
    assert field.cross.parent is field
    touch.click(field.cross)
    assert field.text == ""
    assert field.cross.parent is None


def test_down_and_enter_lead_to_the_results(show):
    field = show(SearchField())
    calls = told(field, "on_enter", "on_down")
    field.input.focus = True
    touch.press("down")
    touch.press("enter")
    assert calls == [("on_down",), ("on_enter",)]


def test_a_lone_surrogate_from_a_clipboard_does_no_harm(show):
    field = show(SearchField())
    field.input.focus = True
    field.input.insert_text("a\ud800b")
    stage.pump(2)
    assert field.text == "a?b"


def test_a_password_is_dots_until_its_eye_is_pressed(show):
    box = BoxLayout(orientation="vertical", size_hint=(None, None), size=(300, 120))
    field = TextField(label="Passphrase", password=True)
    box.add_widget(field)
    show(box)
    touch.click(field.input)
    touch.write("four quiet")
    assert field.input.password
    touch.click(field.eye)
    assert not field.input.password
    assert field.input.focus
    touch.write(" lamps")
    assert field.text == "four quiet lamps"
    assert field.eye.label == "Show dots again (F4)"
    touch.press("f4")
    assert field.input.password
    touch.click(field.eye)
    field.text = ""
    assert field.input.password


def test_tab_goes_past_the_eye(show):
    box = BoxLayout(orientation="vertical", size_hint=(None, None), size=(300, 240))
    one, two = (TextField(label=name, password=True) for name in ("Passphrase", "Again"))
    box.add_widget(one)
    box.add_widget(two)
    show(box)
    one.input.focus = True
    touch.press("tab")
    assert two.input.focus


def test_a_plain_field_has_no_eye(show):
    field = show(TextField(label="Name", size_hint=(None, None), width=300))
    assert field.eye.parent is None
