"""The whole window: what stands where, whose changes appear, and that no fault is swallowed."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kivy.base import EventLoop, ExceptionManager
from kivy.lang import Builder

from app.home import Home
from app.settings import Settings
from app.viewmodels.layout import Place
from app.viewmodels.window import Stage
from app.views.faults import SENTENCE, Faults
from app.views.house import stage
from app.views.house.skin import skin
from app.views.house.touch import click, press
from app.views.main import remember_size, remembered_size
from app.views.screen import ScreenView
from tests.support.project import ROOT
from tests.support.window import Opened, opened


def panes(window: Opened) -> list[str]:
    return [type(pane).__name__ for pane in reversed(window.view.row.children)]


def test_what_stands_side_by_side_follows_the_width(window_open: Opened) -> None:
    window = window_open
    window.ready("Stock")
    window.desk.open_record("Stock", window.record_at(0))
    window.until(lambda: window.desk.record.state.loaded)
    seen = {}
    for width in (480, 900, 1100, 1440):
        stage.resize(width, 900)
        seen[width] = panes(window)
    assert seen[480] == ["RecordView"]
    assert seen[900] == seen[1100] == ["RailView", "RecordsView", "RecordView"]
    assert seen[1440] == ["RailView", "CollectionsView", "RecordsView", "RecordView"]


def test_a_column_stays_as_wide_as_it_was_made(home: Path, show: Callable[[Any], Any]) -> None:
    with opened(home, show) as window:
        window.ready("Stock")
        window.view.records.grid.widen(2, 80)
        window.desk.workspace.add_field("Stock", "Shelf", "text")
        window.until(lambda: len(window.desk.records.state.fields) == 10)
        wide = window.view.records.grid.geometry.widths
        assert wide[2] == 192
    with opened(home, show) as window:
        window.ready("Contacts")
        window.ready("Stock")
        assert window.view.records.grid.geometry.widths == wide


def test_large_text_takes_icons_boxes_and_the_layout_along(window_open: Opened) -> None:
    window = window_open
    stage.resize(1440, 900)
    window.ready("Stock")
    grid, rail = window.view.records.grid, window.view.rail
    before = grid.geometry.widths[1], grid.geometry.row_h, rail.width, rail.button.height
    assert panes(window) == ["RailView", "CollectionsView", "RecordsView"]
    window.vm.appearance.choose_text_size(150)
    stage.pump(6)
    assert panes(window) == ["RailView", "RecordsView"]  # as in a window that much narrower
    after = grid.geometry.widths[1], grid.geometry.row_h, rail.width, rail.button.height
    assert all(large >= 1.2 * usual for usual, large in zip(before, after, strict=True))
    window.vm.appearance.choose_text_size(100)
    stage.pump(6)
    assert (grid.geometry.widths[1], grid.geometry.row_h) == before[:2]


def test_a_narrow_window_goes_from_the_lists_to_a_list_to_a_record_and_back(
    window_open: Opened,
) -> None:
    window = window_open
    stage.resize(480, 900)
    window.desk.show_lists()
    stage.pump(4)
    assert panes(window) == ["CollectionsView"]
    click(window.control("Stock"))
    window.until(
        lambda: window.desk.records.state.slug == "Stock" and window.desk.records.state.ready
    )
    assert panes(window) == ["RecordsView"]
    cards = window.view.records.cards
    click_at_card(cards)
    window.until(lambda: window.desk.record.state.loaded)
    assert panes(window) == ["RecordView"]
    click(window.control("Back to the list"))
    stage.pump(4)
    click(window.control("Back to the lists"))
    stage.pump(4)
    assert panes(window) == ["CollectionsView"]


def click_at_card(cards: Any) -> None:
    from app.views.house.touch import click_at

    click_at(cards.center_x, cards.row_y(1) + cards.row_h / 2)


def test_where_the_lists_have_no_pane_a_drawer_holds_them(window_open: Opened) -> None:
    window = window_open
    stage.resize(900, 800)
    click(window.control("Lists"))
    stage.pump(4)
    click(window.control("Tasks"))
    window.until(lambda: window.desk.records.state.slug == "Tasks")
    assert window.view.drawer.parent is None


def test_a_change_by_another_process_appears(window_open: Opened, tmp_path: Path) -> None:
    window = window_open
    window.ready("Notes")
    added = (
        "import time; from pathlib import Path; from app.home import Home;"
        "w = Home.open(Path({!r}), clock=time.time).workspace();"
        "w.add('Notes', [{{'Title': 'From elsewhere'}}]); w.close()"
    ).format(str(tmp_path / "home"))
    subprocess.run([sys.executable, "-c", added], check=True, cwd=ROOT)
    window.until(lambda: window.desk.records.state.count == 7)
    assert window.desk.collections.find("Notes").records == 7


def test_the_theme_that_is_chosen_reaches_what_kv_binds(window_open: Opened) -> None:
    window = window_open
    window.desk.go(Place.SEARCH)
    stage.pump(4)
    field = window.view.search.ids.field.input
    before = tuple(field.foreground_color)
    window.vm.appearance.choose_theme("dark")
    stage.pump(4)
    assert skin.dark
    assert tuple(field.foreground_color) != before


def test_kv_follows_the_state_of_a_view_model(window_open: Opened) -> None:
    Builder.load_string("<Probe>:\n    shown_title: root.state.title\n")

    class Probe(ScreenView):
        from kivy.properties import StringProperty

        shown_title = StringProperty()

    probe = Probe(window_open.desk.records)
    window_open.ready("Visits")
    assert probe.shown_title == "Visits"
    probe.close()


def test_a_fault_in_a_callback_is_logged_told_and_seen(
    window_open: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    window = window_open
    faults = Faults(window.vm.notices.warn)
    ExceptionManager.add_handler(faults)
    try:
        window.view.rail.go = lambda _place: 1 / 0
        with caplog.at_level(logging.ERROR):
            window.work.post(lambda: window.view.rail.go("trash"))
            stage.wait_for(lambda: bool(faults.seen))
    finally:
        ExceptionManager.remove_handler(faults)
    assert isinstance(faults.seen[0], ZeroDivisionError)
    assert window.vm.notices.state.notice is not None
    assert window.vm.notices.state.notice.text == SENTENCE
    assert "ZeroDivisionError" in caplog.text


def test_in_tests_a_fault_in_a_callback_fails_the_test(window_open: Opened) -> None:
    window_open.view.rail.go = lambda _place: 1 / 0
    with pytest.raises(ZeroDivisionError):
        click(window_open.control("Trash"))


def test_the_application_opens_a_home_and_leaves_nothing_open(home: Path, window: Any) -> None:
    from app.views.application import CommonholdApp

    app = CommonholdApp(home, Settings(), home / "settings.toml", time.time)
    app._run_prepare()
    if EventLoop.status != "started":
        EventLoop.start()
    stage.wait_for(lambda: app.vm.state.stage is Stage.OPEN, 20)
    press("l", ["ctrl"])
    app.stop()
    assert app.faults.seen == []
    with Home.open(home, clock=time.time).workspace() as workspace:
        assert workspace.collections()


def test_the_size_of_the_window_is_remembered_and_nonsense_is_not(tmp_path: Path) -> None:
    assert remembered_size(tmp_path) == (1280, 800)
    assert remember_size(tmp_path / "new", (1000, 700)) is False
    assert remembered_size(tmp_path / "new") == (1000, 700)
    for nonsense in ("{", '{"size": [1, 2]}', '{"size": "big"}', "[]"):
        (tmp_path / "window.json").write_text(nonsense)
        assert remembered_size(tmp_path) == (1280, 800)


@pytest.mark.full
def test_the_demo_draws_its_pictures_and_names_them(tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DISPLAY", "WAYLAND_DISPLAY"}
    }
    done = subprocess.run(
        [sys.executable, "-m", "app", "demo", "--out", str(tmp_path / "pictures")],
        check=True, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=110,
    )  # fmt: skip
    named = [Path(line) for line in done.stdout.split("\n") if line]
    assert len(named) == 36
    assert all(path.stat().st_size > 5_000 for path in named)
    assert json.dumps([path.name for path in named]).count("-dark.png") == 18


def test_cards_and_grid_take_over_where_the_other_stood(window_open: Opened) -> None:
    window = window_open
    window.ready("Stock")
    view = window.view.records
    view.grid.show_from(90)
    stage.resize(480, 900)
    window.until(lambda: view.cards is not None and view.cards.parent is not None)
    assert view.cards.top_row == 90
    view.cards.show_from(120)
    stage.resize(1280, 800)
    window.until(lambda: view.grid.parent is not None)
    assert view.grid.top_row == 120
    window.ready("Contacts")
    assert view.grid.top_row == 0


def test_the_last_card_is_not_covered_by_the_button(window_open: Opened) -> None:
    window = window_open
    stage.resize(480, 900)
    window.ready("Stock")
    view = window.view.records
    view.cards.scroll_to(view.cards.max_y)
    assert view.cards.row_y(view.cards.count - 1) >= view.floating.top


def test_a_field_that_is_added_to_an_empty_list_is_seen(window_open: Opened) -> None:
    window = window_open
    window.desk.workspace.create_collection("Boats", fields=[("Name", "text")])
    window.desk.open_collection("Boats")
    window.until(lambda: window.desk.records.state.empty)
    window.desk.workspace.add_field("Boats", "Length", "number")
    window.until(lambda: len(window.desk.records.state.fields) == 2)
    view = window.view.records
    assert [column.heading for column in view.grid.columns] == ["Name", "Length"]
    assert view.grid in view.ids.body.children
    assert view.empty.top <= view.grid.geometry.body_top
    stage.resize(480, 900)
    window.until(lambda: "Name and Length" in view.empty.text)
    click(window.control("New record"))
    window.until(lambda: window.desk.state.record)


def test_a_field_that_is_added_comes_into_sight(window_open: Opened) -> None:
    window = window_open
    window.ready("Stock")
    grid = window.view.records.grid
    assert grid.scroll_x == 0
    window.desk.workspace.add_field("Stock", "Shelf", "text")
    window.until(lambda: len(window.desk.records.state.fields) == 10)
    assert grid.scroll_x == grid.geometry.max_x > 0
