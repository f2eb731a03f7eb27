"""Collections, search, trash, notices and the desk that joins them, over a real workspace in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.viewmodels.commands import Command
from app.viewmodels.desk import Desk, Outside
from app.viewmodels.forms import Ask
from app.viewmodels.keys import Intent
from app.viewmodels.layout import Place
from app.viewmodels.notices import Notice
from app.viewmodels.records import Sort
from app.viewmodels.search import PAUSE_S
from app.workspace import Workspace
from tests.unit.app.viewmodels.conftest import NOW, Desktop


@pytest.fixture
def desk(workspace: Workspace, desktop: Desktop) -> Desk:
    workspace.add(
        "Stock",
        [
            {"Name": "Drill bit 6.5 mm", "Count": 930},
            {"Name": "検査キット", "Count": 4},
            {"Name": "Belt"},
        ],
    )
    made = Desk(workspace, desktop.work, desktop.notices, outside())
    made.start()
    return made


def outside() -> Outside:
    return Outside(now=lambda: NOW, choose_file=lambda _chosen: None)


def notice(desk: Desk) -> Notice:
    shown = desk.notices.state.notice
    assert shown is not None
    return shown


def titles(desk: Desk) -> list[str]:
    return [item.title for item in desk.collections.state.items]


def ids(workspace: Workspace) -> list[int]:
    return list(workspace.table("Stock").ids())


def test_the_first_collection_is_open_and_counted(desk: Desk) -> None:
    assert desk.records.state.title == "Stock"
    assert desk.records.state.note == "3 records"
    assert [(item.title, item.records) for item in desk.collections.state.items] == [("Stock", 3)]


def test_a_new_collection_opens_and_is_empty(desk: Desk) -> None:
    desk.do(Intent.NEW_COLLECTION)
    desk.form.type("Visits")
    desk.form.send()
    assert desk.form.state.ask is None
    assert desk.records.state.title == "Visits"
    assert desk.records.state.empty
    assert [field.title for field in desk.records.state.fields] == ["Name"]


def test_a_name_that_is_taken_is_refused_in_the_form(desk: Desk) -> None:
    desk.form.open(Ask.NEW_COLLECTION)
    desk.form.type("Stock")
    desk.form.send()
    assert "already" in desk.form.state.wrong
    assert not desk.form.state.busy


def test_a_field_that_is_added_shows_as_a_column_and_on_the_record(
    desk: Desk, workspace: Workspace
) -> None:
    desk.open_record("Stock", ids(workspace)[0])
    desk.form.open(Ask.NEW_FIELD)
    desk.form.type("Shelf")
    desk.form.choose_kind("choice")
    desk.form.type_choices("A, B, A")
    desk.form.send()
    assert [field.title for field in desk.records.state.fields][-1] == "Shelf"
    assert desk.record.state.fields[-1].field.options["choices"] == ["A", "B"]


def test_renaming_changes_the_title_and_not_the_slug(desk: Desk) -> None:
    desk.form.open(Ask.RENAME, "Stock")
    desk.form.type("Store room")
    desk.form.send()
    assert desk.records.state.title == "Store room"
    assert desk.records.state.slug == "Stock"


def test_a_record_moved_to_the_trash_comes_back_by_undo(desk: Desk, workspace: Workspace) -> None:
    desk.open_record("Stock", ids(workspace)[0])
    desk.do(Intent.TRASH)
    assert notice(desk).text == "“Drill bit 6.5 mm” moved to Trash"
    assert desk.records.state.count == 2
    assert not desk.state.record
    desk.do(Intent.UNDO)
    assert desk.records.state.count == 3
    assert notice(desk).text == "Undone: 1 record"


def test_several_records_go_to_the_trash_at_once(desk: Desk, workspace: Workspace) -> None:
    desk.records.trash(ids(workspace)[:2])
    assert notice(desk).text == "2 records moved to Trash"
    desk.notices.act()
    assert desk.records.state.count == 3


def test_the_trash_lists_what_is_in_it_and_brings_it_back(desk: Desk, workspace: Workspace) -> None:
    desk.records.trash(ids(workspace)[:1])
    desk.go(Place.TRASH)
    [item] = desk.trash.state.items
    assert (item.title, item.collection) == ("Drill bit 6.5 mm", "Stock")
    desk.trash.restore(item)
    assert desk.trash.state.empty
    assert workspace.table("Stock").tally() == 3
    desk.notices.act()
    assert len(desk.trash.state.items) == 1


def test_a_collection_goes_to_the_trash_and_comes_back_with_its_records(
    desk: Desk, workspace: Workspace
) -> None:
    desk.trash_collection()
    assert titles(desk) == []
    assert desk.records.state.slug == ""
    assert "Stock" in notice(desk).text
    desk.notices.act()
    assert [item.records for item in desk.collections.state.items] == [3]
    assert workspace.collection("Stock").records == 3


def test_search_finds_as_you_type_and_goes_to_the_record(desk: Desk, desktop: Desktop) -> None:
    desk.go(Place.SEARCH)
    desk.search.type("dri")
    desktop.clock.move(PAUSE_S)
    [hit] = desk.search.state.hits
    assert (hit.title, hit.collection) == ("Drill bit 6.5 mm", "Stock")
    desk.open_record(hit.slug, hit.doc_id)
    assert desk.state.place is Place.RECORDS
    assert desk.record.state.title == "Drill bit 6.5 mm"


def test_hits_of_one_name_are_told_apart_and_say_what_was_found(
    desk: Desk, desktop: Desktop, workspace: Workspace
) -> None:
    workspace.add("Stock", [{"Name": "Belt", "Count": 7, "Due": "2026-03-02"}])
    desk.search.type("belt")
    desktop.clock.move(PAUSE_S)
    named = {hit.named for hit in desk.search.state.hits}
    assert named == {(("Belt", True),)}
    below = ["".join(text for text, _ in hit.snippet) for hit in desk.search.state.hits]
    assert sorted(below) == ["", "Due: 2026-03-02 · Count: 7"]


def test_a_hit_says_first_where_the_words_stand(
    desk: Desk, desktop: Desktop, workspace: Workspace
) -> None:
    workspace.add_field("Stock", "Note", "longtext")
    workspace.add("Stock", [{"Name": "Auger", "Count": 7, "Note": "blunt at the tip"}])
    desk.search.type("blunt")
    desktop.clock.move(PAUSE_S)
    [hit] = desk.search.state.hits
    assert hit.named == (("Auger", False),)
    assert hit.snippet == (
        ("Note: ", False),
        ("blunt", True),
        (" at the tip", False),
        (" · Count: 7", False),
    )


def test_a_name_that_runs_from_right_to_left_is_left_whole(
    desk: Desk, desktop: Desktop, workspace: Workspace
) -> None:
    workspace.add("Stock", [{"Name": "مضخة مياه"}])
    desk.search.type("مضخة")
    desktop.clock.move(PAUSE_S)
    [hit] = desk.search.state.hits
    assert hit.named == (("مضخة مياه", False),)


def test_search_says_when_nothing_is_found(desk: Desk, desktop: Desktop) -> None:
    desk.search.type("zzzz")
    before = desk.search.state.nothing_found
    desktop.clock.move(PAUSE_S)
    assert (before, desk.search.state.nothing_found) == (False, True)


def test_an_answer_to_what_is_no_longer_asked_is_dropped(desk: Desk, desktop: Desktop) -> None:
    desktop.readers.paused = True
    desk.search.type("drill")
    desktop.clock.move(PAUSE_S)
    desk.search.type("belt")
    desktop.clock.move(PAUSE_S)
    desktop.readers.go()
    assert [hit.title for hit in desk.search.state.hits] == ["Belt"]


def test_the_palette_is_given_commands_and_records(desk: Desk) -> None:
    found: list[Command] = []
    desk.find_commands("検査", found.extend)
    [command] = found
    assert (command.name, command.note) == ("検査キット", "Stock")
    command.run()
    assert desk.record.state.title == "検査キット"
    assert "New record in Stock" in [each.name for each in desk.commands()]


def stored(workspace: Workspace, field: str) -> list[object]:
    return [document.get(field) for document in workspace.table("Stock")]


def test_a_cell_edited_in_place_is_committed(desk: Desk, workspace: Workspace) -> None:
    desk.records.edit(ids(workspace)[0], "Count", 12)
    assert stored(workspace, "Count") == [12, 4, None]


def test_cells_are_emptied_and_undo_brings_them_back(desk: Desk, workspace: Workspace) -> None:
    desk.records.clear(range(2), ["Count"])
    assert stored(workspace, "Count") == [None, None, None]
    assert notice(desk).text == "2 cells emptied"
    desk.notices.act()
    assert stored(workspace, "Count") == [930, 4, None]


def test_pasted_cells_go_in_and_what_does_not_fit_is_said(desk: Desk, workspace: Workspace) -> None:
    desk.records.paste(1, ["Name", "Count"], [["Kit", "7"], ["Strap", "many"], ["beyond", "1"]])
    assert stored(workspace, "Name") == ["Drill bit 6.5 mm", "Kit", "Strap"]
    assert stored(workspace, "Count") == [930, 7, None]
    assert "1 left out" in notice(desk).text
    desk.notices.act()
    assert stored(workspace, "Name") == ["Drill bit 6.5 mm", "検査キット", "Belt"]


def test_sorting_by_a_field_goes_up_then_down_then_away(desk: Desk) -> None:
    seen: list[Sort | None] = []
    for _ in range(3):
        desk.records.sort_by("Count")
        seen.append(desk.records.state.sort)
    assert seen == [Sort("Count"), Sort("Count", descending=True), None]


def test_back_leaves_the_record_and_then_has_nowhere_to_go(
    desk: Desk, workspace: Workspace
) -> None:
    desk.open_record("Stock", ids(workspace)[0])
    went = [(desk.back(), desk.state.record) for _ in range(2)]
    assert went == [(True, False), (False, False)]


def test_a_change_by_another_process_appears(desk: Desk, workspace: Workspace) -> None:
    workspace.add("Stock", [{"Name": "Hex bolt"}])
    assert desk.records.state.count == 4
    assert desk.collections.state.items[0].records == 4


def test_a_store_that_fails_shows_the_sentence_and_a_way_on(
    desk: Desk, workspace: Workspace
) -> None:
    workspace.store.close()
    desk.records.sort_by("Name")
    assert "closed" in desk.records.state.error


def test_a_workspace_that_closes_does_not_wait_for_an_import(
    desk: Desk, workspace: Workspace, desktop: Desktop, tmp_path: Path
) -> None:
    table = tmp_path / "tools.csv"
    table.write_text("Name,Code\nDrill,007\n")
    desk.importing.look(str(table))
    desktop.writer.paused = True
    desk.importing.run()
    desk.close()
    desktop.writer.go()
    assert [each.slug for each in workspace.collections()] == ["Stock"]


def test_a_cell_that_could_not_be_stored_is_kept_with_its_record_until_it_is_stored(
    desk: Desk, workspace: Workspace
) -> None:
    first = ids(workspace)[0]
    desk.records.keep_draft(first, "Count", "a dozen")
    assert desk.drafts.of("Stock", first) == {"Count": "a dozen"}
    desk.records.edit(first, "Count", 12)
    assert desk.drafts.of("Stock", first) == {}


def test_a_value_that_is_chosen_for_a_cell_is_stored(desk: Desk, workspace: Workspace) -> None:
    desk.records.choose_value(1, "Name", "Auger")
    assert workspace.table("Stock").all()[1]["Name"] == "Auger"


def test_the_widths_of_columns_are_there_in_the_next_run(
    desk: Desk, workspace: Workspace, desktop: Desktop
) -> None:
    desk.records.keep_widths({"Name": 320})
    assert desk.records.state.widths == {"Name": 320}
    desk.close()
    later = Desk(workspace, desktop.work, desktop.notices, outside())
    later.start()
    assert later.records.state.widths == {"Name": 320}
    assert list(workspace.table("Stock").all()[0]) == ["Name", "Count"]


def test_a_row_that_went_to_the_trash_is_named(desk: Desk) -> None:
    desk.records.trash_rows(range(1))
    assert notice(desk).text == "“Drill bit 6.5 mm” moved to Trash"
    desk.records.trash_rows(range(2))
    assert notice(desk).text == "2 records moved to Trash"
