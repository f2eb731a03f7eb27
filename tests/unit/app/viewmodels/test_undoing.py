"""Undo, redo, history and decisions as the window has them, over a real workspace and a second computer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.model.past import Undone
from app.viewmodels.deciding import DecisionItem
from app.viewmodels.desk import Desk, Outside
from app.viewmodels.editing import PAUSE_S
from app.viewmodels.history import VersionLine, excerpts
from app.viewmodels.importing import ImportStage
from app.viewmodels.keys import Intent
from app.viewmodels.layout import Place
from app.viewmodels.spoken import exact_time, spoken_ago
from app.viewmodels.undoing import SHOWN_AFTER_S, spoken_undone
from app.workspace import Workspace
from tests.support.teamwork import SecondComputer
from tests.unit.app.viewmodels.conftest import NOW, Desktop


class Time:
    """The window's clock in these tests."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def desk(workspace: Workspace, desktop: Desktop, time: Time) -> Iterator[Desk]:
    workspace.add("Stock", [{"Name": "Drill bit", "Count": 930}, {"Name": "Belt", "Count": 4}])
    made = Desk(
        workspace, desktop.work, desktop.notices, Outside(now=time, choose_file=lambda _: None)
    )
    made.start()
    yield made
    made.close()


def drill(workspace: Workspace) -> int:
    return next(iter(workspace.table("Stock").ids()))


def value(workspace: Workspace, field: str = "Name") -> object:
    found = workspace.find(drill(workspace))
    return None if found is None else found[1].get(field)


def said(desk: Desk) -> str:
    notice = desk.notices.state.notice
    return "" if notice is None else notice.text


def type_slowly(desk: Desk, desktop: Desktop, *texts: str, field: str = "Name") -> None:
    """Type these into the open record, each stored by a pause."""
    for text in texts:
        desk.record.type(field, text)
        desktop.clock.move(PAUSE_S)


# -- undo and redo --------------------------------------------------------------------------------
def test_typing_in_one_field_is_undone_as_one_however_often_it_was_stored(
    desk: Desk, workspace: Workspace, desktop: Desktop
) -> None:
    desk.open_record("Stock", drill(workspace))
    type_slowly(desk, desktop, "Dr", "Drum", "Drum brake")
    desk.do(Intent.UNDO)
    assert value(workspace) == "Drill bit"
    desk.do(Intent.REDO)
    assert value(workspace) == "Drum brake"


def test_a_pause_of_two_minutes_or_another_field_begins_another_step(
    desk: Desk, workspace: Workspace, desktop: Desktop, time: Time
) -> None:
    desk.open_record("Stock", drill(workspace))
    type_slowly(desk, desktop, "Drum")
    time.now += timedelta(minutes=2)
    type_slowly(desk, desktop, "Drum brake")
    type_slowly(desk, desktop, "7", field="Count")
    seen = []
    for _ in range(3):
        desk.undoing.undo()
        seen.append((value(workspace), value(workspace, "Count")))
    assert seen == [("Drum brake", 930), ("Drum", 930), ("Drill bit", 930)]


def test_what_is_typed_after_an_undo_is_a_step_of_its_own(
    desk: Desk, workspace: Workspace, desktop: Desktop
) -> None:
    desk.open_record("Stock", drill(workspace))
    type_slowly(desk, desktop, "Drum")
    desk.undoing.undo()
    type_slowly(desk, desktop, "Drums")
    desk.undoing.undo()
    assert value(workspace) == "Drill bit"


def test_a_new_record_is_undone_with_all_that_was_typed_into_its_first_field(
    desk: Desk, workspace: Workspace, desktop: Desktop
) -> None:
    desk.new_record()
    type_slowly(desk, desktop, "S", "Strap")
    assert desk.records.state.count == 3
    desk.undoing.undo()
    assert desk.records.state.count == 2


def test_what_is_being_typed_is_stored_before_undo_looks(desk: Desk, workspace: Workspace) -> None:
    desk.open_record("Stock", drill(workspace))
    desk.record.type("Name", "Drum")
    desk.undoing.undo()
    assert value(workspace) == "Drill bit"
    assert desk.undoing.state.can_redo


def test_the_notice_takes_back_just_what_it_tells_of(desk: Desk, workspace: Workspace) -> None:
    first = drill(workspace)
    desk.records.trash([first])
    notice = desk.notices.state.notice
    desk.records.edit(next(iter(workspace.table("Stock").ids())), "Count", 5)
    assert desk.notices.state.notice == notice
    desk.notices.act()
    assert [each["Name"] for each in workspace.table("Stock")] == ["Drill bit", "Belt"]
    assert workspace.table("Stock").all()[1]["Count"] == 5


def test_undo_says_in_how_many_records_and_offers_redo(desk: Desk, workspace: Workspace) -> None:
    desk.records.clear(range(2), ["Count"])
    desk.undoing.undo()
    assert said(desk) == "Undone: 2 records"
    desk.notices.act()
    assert said(desk) == "Done again: 2 records"
    assert value(workspace, "Count") is None


def test_undo_says_what_it_left_since_somebody_decided_on_it(
    desk: Desk, workspace: Workspace, ben: SecondComputer
) -> None:
    ben.meet()
    desk.records.edit(drill(workspace), "Name", "Ann's")
    ben.meet()
    ben.workspace.change("Stock", [drill(workspace)], {"Name": "Ben's"})
    ben.meet()
    desk.undoing.undo()
    assert said(desk) == (
        "Nothing was undone; 1 was left: somebody has decided on it since. Next time it is the edit before."
    )
    assert value(workspace) == "Ben's"


@pytest.mark.parametrize(
    ("done", "words"),
    [
        (Undone(1, 0, 0), "Undone: 1 record"),
        (
            Undone(42_000, 2, 0),
            "Undone: 42,000 records. 2 were left: somebody has decided on it since",
        ),
        (
            Undone(3, 0, 1),
            "Undone: 3 records. 1 long text left: others wrote in it, see its history",
        ),
        (Undone(0, 0, 0), "Nothing was there to undo any more."),
    ],
)
def test_undo_in_words(done: Undone, words: str) -> None:
    assert spoken_undone(done, redo=False) == words


def test_the_buttons_know_whether_there_is_something_to_undo_or_redo(
    desk: Desk, workspace: Workspace
) -> None:
    can = [(desk.undoing.state.can_undo, desk.undoing.state.can_redo)]
    desk.undoing.undo()
    can.append((desk.undoing.state.can_undo, desk.undoing.state.can_redo))
    desk.undoing.undo()
    desk.undoing.undo()
    can.append((desk.undoing.state.can_undo, desk.undoing.state.can_redo))
    assert can == [(True, False), (True, True), (False, True)]
    assert said(desk) == "There is nothing to undo."


def test_an_undo_that_lasts_shows_a_bar_and_can_be_stopped(
    desk: Desk, workspace: Workspace, desktop: Desktop
) -> None:
    desktop.writer.paused = True
    desk.undoing.undo()
    seen = [desk.undoing.state.shown]
    desktop.clock.move(SHOWN_AFTER_S)
    seen.append(desk.undoing.state.shown)
    desk.undoing.stop()
    assert seen == [False, True]
    assert desk.undoing.state.stopping
    desktop.writer.go()
    assert not desk.undoing.state.runs
    assert said(desk) == "Stopped. Everything is as it was before."
    assert workspace.table("Stock").tally() == 2


def test_a_second_undo_waits_for_nobody_while_one_runs(desk: Desk, desktop: Desktop) -> None:
    desktop.writer.paused = True
    desk.undoing.undo()
    desk.undoing.undo()
    assert len(desktop.writer.waiting) == 1
    desktop.writer.go()


def test_an_import_is_one_step(desk: Desk, workspace: Workspace, tmp_path: Path) -> None:
    table = tmp_path / "tools.csv"
    table.write_text("Tool,Code\n" + "".join(f"Saw {i},{i}\n" for i in range(50)))
    desk.importing.look(str(table))
    desk.importing.run()
    assert desk.importing.state.stage is ImportStage.DONE
    desk.importing.undo()
    assert not desk.importing.state.open
    assert [each.slug for each in workspace.collections()] == ["Stock"]
    desk.undoing.redo()
    assert workspace.collection("tools").records == 50


# -- history --------------------------------------------------------------------------------------
def lines(desk: Desk) -> tuple[VersionLine, ...]:
    return desk.history.state.lines


def test_the_history_of_a_record_says_who_changed_what_newest_first(
    desk: Desk, workspace: Workspace, ben: SecondComputer
) -> None:
    ben.meet()
    ben.workspace.change("Stock", [drill(workspace)], {"Count": 7})
    ben.meet()
    desk.open_record("Stock", drill(workspace))
    desk.do(Intent.HISTORY)
    newest, oldest = lines(desk)
    assert (newest.what, newest.who, newest.computer, newest.current) == (
        *("Changed", "Ben", "workshop", True),
    )
    assert [each.said for each in newest.changes] == ["Count: 930 → 7"]
    assert (oldest.what, oldest.who) == ("Written", "Ann")
    assert [each.said for each in oldest.changes] == ["Name: Drill bit", "Count: 930"]


def test_typing_that_paused_is_one_line_of_the_history(
    desk: Desk, workspace: Workspace, desktop: Desktop
) -> None:
    desk.open_record("Stock", drill(workspace))
    type_slowly(desk, desktop, "Dr", "Drum", "Drum brake")
    desk.show_history()
    assert [each.said for each in lines(desk)[0].changes] == ["Name: Drill bit → Drum brake"]
    assert len(lines(desk)) == 2


def test_the_history_of_a_field_has_what_touched_it_and_puts_its_value_back(
    desk: Desk, workspace: Workspace
) -> None:
    desk.open_record("Stock", drill(workspace))
    workspace.change("Stock", [drill(workspace)], {"Name": "Drum"})
    workspace.change("Stock", [drill(workspace)], {"Count": 1})
    desk.show_history("Name")
    assert [each.changes[0].said for each in lines(desk)] == [
        "Name: Drill bit → Drum",
        "Name: Drill bit",
    ]
    desk.history.restore(lines(desk)[1])
    assert (value(workspace), value(workspace, "Count")) == ("Drill bit", 1)


def test_a_version_is_looked_at_and_restored_and_that_is_undone(
    desk: Desk, workspace: Workspace
) -> None:
    desk.open_record("Stock", drill(workspace))
    workspace.change("Stock", [drill(workspace)], {"Name": "Drum", "Count": 1})
    desk.show_history()
    desk.history.look_at(lines(desk)[1])
    assert desk.history.state.values == (("Name", "Drill bit"), ("Count", "930"), ("Due", "–"))
    desk.history.restore(lines(desk)[1])
    assert (value(workspace), value(workspace, "Count")) == ("Drill bit", 930)
    assert desk.history.state.looked is None
    desk.notices.act()
    assert (value(workspace), value(workspace, "Count")) == ("Drum", 1)


def test_the_history_follows_the_record_that_is_open_and_goes_with_it(
    desk: Desk, workspace: Workspace
) -> None:
    first, second = workspace.table("Stock").ids()
    desk.open_record("Stock", first)
    desk.show_history()
    desk.open_record("Stock", second)
    assert [each.said for each in lines(desk)[0].changes] == ["Name: Belt", "Count: 4"]
    workspace.change("Stock", [second], {"Count": 5})
    assert len(lines(desk)) == 2
    desk.close_record()
    assert not desk.history.state.open


def test_back_leaves_a_version_then_the_history_then_the_record(
    desk: Desk, workspace: Workspace
) -> None:
    desk.open_record("Stock", drill(workspace))
    desk.show_history()
    desk.history.look_at(lines(desk)[0])
    seen = []
    for _ in range(3):
        desk.back()
        state = desk.history.state
        seen.append((state.looked is not None, state.open, desk.state.record))
    assert seen == [(False, True, True), (False, False, True), (False, False, False)]


def test_long_texts_are_shown_where_they_begin_to_differ() -> None:
    text = "All is well. " * 20
    before, after = excerpts(text + "The pump leaks.", text + "The pump is dry.")
    assert before == "… well. The pump leaks."
    assert after == "… well. The pump is dry."


# -- to decide ------------------------------------------------------------------------------------
@pytest.fixture
def apart(desk: Desk, workspace: Workspace, ben: SecondComputer) -> DecisionItem:
    """Ann and Ben gave a record different names."""
    ben.meet()
    workspace.change("Stock", [drill(workspace)], {"Name": "Ann's"})
    ben.workspace.change("Stock", [drill(workspace)], {"Name": "Ben's"})
    ben.meet()
    [item] = desk.deciding.state.items
    return item


def test_a_field_set_apart_waits_with_its_values_and_who_gave_them(
    desk: Desk, workspace: Workspace, apart: DecisionItem
) -> None:
    assert {(each.text, each.who) for each in apart.choices} == {
        ("Ann's", "Ann · front desk"),
        ("Ben's", "Ben · workshop"),
    }
    assert apart.choices[0].text == value(workspace)
    assert desk.deciding.state.count == 1
    assert desk.deciding.state.records == {("Stock", drill(workspace))}


def test_the_open_record_says_that_something_waits_and_leads_there(
    desk: Desk, workspace: Workspace, apart: DecisionItem
) -> None:
    desk.open_record("Stock", apart.doc_id)
    marked = [each.field.slug for each in desk.record.state.fields if each.undecided]
    assert (marked, desk.record.state.undecided) == (["Name"], 1)
    desk.decide_record()
    assert desk.state.place is Place.DECIDE


def test_one_value_is_kept_and_nothing_waits_any_more(
    desk: Desk, workspace: Workspace, ben: SecondComputer, apart: DecisionItem
) -> None:
    desk.deciding.keep(apart, apart.choices[1])
    assert value(workspace) == apart.choices[1].text
    assert desk.deciding.state.count == 0
    ben.meet()
    assert ben.workspace.decisions() == []
    desk.notices.act()
    assert value(workspace) == apart.choices[0].text


def test_both_values_are_kept_where_the_field_takes_them(
    desk: Desk, workspace: Workspace, apart: DecisionItem
) -> None:
    desk.deciding.keep_both(apart)
    assert value(workspace) in {"Ann's / Ben's", "Ben's / Ann's"}


def test_two_numbers_are_not_kept_both_and_another_one_is_typed(
    desk: Desk, workspace: Workspace, ben: SecondComputer
) -> None:
    ben.meet()
    workspace.change("Stock", [drill(workspace)], {"Count": 12})
    ben.workspace.change("Stock", [drill(workspace)], {"Count": 9})
    ben.meet()
    [item] = desk.deciding.state.items
    assert item.both is None
    refusals: list[str] = []
    assert not desk.deciding.type(item, "a dozen", refusals.append)
    assert len(refusals) == 1
    assert desk.deciding.type(item, "11", refusals.append)
    assert (value(workspace, "Count"), desk.deciding.state.count) == (11, 0)


@pytest.mark.parametrize("stays", [True, False])
def test_a_record_deleted_while_edited_stays_or_goes(
    desk: Desk, workspace: Workspace, ben: SecondComputer, stays: bool
) -> None:
    ben.meet()
    record = drill(workspace)
    ben.workspace.change("Stock", [record], {"Count": 1})
    workspace.trash("Stock", [record])
    ben.meet()
    [item] = desk.deciding.state.items
    assert (item.field, item.title) == (None, "Drill bit")
    (desk.deciding.keep_record if stays else desk.deciding.trash_record)(item)
    assert desk.deciding.state.empty
    assert (workspace.find(record) is not None) is stays
    ben.meet()
    assert (ben.workspace.find(record) is not None) is stays


def test_names_that_two_people_gave_to_a_list_wait_too(
    desk: Desk, workspace: Workspace, ben: SecondComputer
) -> None:
    ben.meet()
    workspace.rename_collection("Stock", "Store room")
    ben.workspace.rename_collection("Stock", "Cellar")
    ben.meet()
    [item] = desk.deciding.state.items
    assert (item.collection, {each.text for each in item.choices}) == (
        *("Lists", {"Store room", "Cellar"}),
    )
    desk.deciding.keep(item, next(each for each in item.choices if each.text == "Cellar"))
    assert workspace.collection("Stock").title == "Cellar"


# -- delete for good ------------------------------------------------------------------------------
def test_a_record_deleted_for_good_is_gone_everywhere_until_undo(
    desk: Desk, workspace: Workspace, ben: SecondComputer
) -> None:
    record = drill(workspace)
    desk.records.trash([record])
    desk.go(Place.TRASH)
    desk.trash.purge(desk.trash.state.items)
    assert desk.trash.state.empty
    assert said(desk) == "“Drill bit” deleted for good"
    ben.meet()
    assert ben.workspace.locate(record) is None
    desk.notices.act()
    assert workspace.find(record) is not None
    ben.meet()
    assert ben.workspace.find(record) is not None


# -- words ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(hours=23), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=30), "3 Feb"),
        (timedelta(days=-2), "7 Mar"),
    ],
)
def test_how_long_ago_in_words(ago: timedelta, words: str) -> None:
    assert spoken_ago(int((NOW - ago).timestamp() * 1000), NOW) == words


def test_a_moment_to_the_second() -> None:
    assert exact_time(int(NOW.timestamp() * 1000), NOW) == "Thu 5 Mar 2026, 10:42:00"
