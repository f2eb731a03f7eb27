"""The grid's row source: first rows at once, pages as they are wanted, and what was committed."""

from __future__ import annotations

from collections.abc import Sequence

from app.viewmodels.rows import KEPT, PAGE, WAITING, Rows
from app.workspace import Workspace
from storage import Order, Touched
from tests.unit.app.viewmodels.conftest import Desktop

COLUMNS = ("Name", "Count")


def add(workspace: Workspace, count: int, start: int = 0) -> list[int]:
    return workspace.add(
        "Stock", [{"Name": f"thing {i:05}", "Count": i} for i in range(start, start + count)]
    )


def source(workspace: Workspace, desktop: Desktop, *, order: Sequence[Order] = ()) -> Rows:
    rows = Rows(desktop.work, workspace.table("Stock"), COLUMNS, order=order)
    workspace.watch(lambda touched: follow(rows, touched))
    rows.start()
    return rows


def follow(rows: Rows, touched: Touched) -> None:
    if touched.covers("Stock"):
        rows.touched(touched.ids("Stock"))


def names(rows: Rows, indices: Sequence[int]) -> list[object]:
    found = [rows.row(i) for i in indices]
    return [None if cells is None else cells[0] for cells in found]


def test_the_first_rows_are_there_before_the_order_is_read(
    workspace: Workspace, desktop: Desktop
) -> None:
    add(workspace, 300)
    desktop.readers.paused = True
    rows = source(workspace, desktop)
    desktop.readers.go(1)
    assert rows.count == 300
    assert names(rows, [0, PAGE - 1]) == ["thing 00000", f"thing {PAGE - 1:05}"]
    assert rows.id_at(PAGE) is None
    desktop.readers.go()
    assert rows.id_at(299) is not None


def test_a_row_out_of_sight_comes_when_it_is_asked_for(
    workspace: Workspace, desktop: Desktop
) -> None:
    add(workspace, 1_000)
    rows = source(workspace, desktop)
    told: list[tuple[int, int]] = []
    rows.on_rows = lambda first, last: told.append((first, last))
    desktop.readers.paused = True
    assert rows.row(700) is None
    assert not rows.loaded(640, 700)
    desktop.readers.go()
    assert rows.row(700) == ("thing 00700", 700)
    assert told == [(640, 768)]
    assert rows.loaded(640, 700)


def test_of_the_pages_flown_over_only_the_newest_are_read(
    workspace: Workspace, desktop: Desktop
) -> None:
    add(workspace, 40 * PAGE)
    rows = source(workspace, desktop)
    desktop.readers.paused = True
    for page in range(10, 30):
        rows.row(page * PAGE)
    desktop.readers.go()
    loaded = [page for page in range(10, 30) if rows.loaded(page * PAGE, page * PAGE)]
    assert loaded[-WAITING:] == list(range(30 - WAITING, 30))
    assert len(loaded) <= WAITING + 1


def test_no_more_records_are_held_than_the_bound(workspace: Workspace, desktop: Desktop) -> None:
    add(workspace, KEPT + 3 * PAGE)
    rows = source(workspace, desktop)
    for index in range(0, rows.count, PAGE):
        rows.row(index)
    held = sum(rows.loaded(index, index) for index in range(rows.count))
    assert held <= KEPT
    assert not rows.loaded(0, 0)
    assert rows.loaded(rows.count - 1, rows.count - 1)


def test_a_record_added_while_looking_appears_and_the_others_stay(
    workspace: Workspace, desktop: Desktop
) -> None:
    add(workspace, 300)
    rows = source(workspace, desktop)
    add(workspace, 1, start=900)
    assert rows.count == 301
    assert names(rows, [0, 300]) == ["thing 00000", "thing 00900"]


def test_a_trashed_record_goes_and_the_rows_below_move_up_without_being_read_again(
    workspace: Workspace, desktop: Desktop
) -> None:
    ids = add(workspace, 300)
    rows = source(workspace, desktop)
    workspace.trash("Stock", [ids[3]])
    desktop.readers.paused = True
    assert rows.count == 299
    assert names(rows, [2, 3, 4]) == ["thing 00002", "thing 00004", "thing 00005"]


def test_a_restored_record_comes_back_to_its_place(workspace: Workspace, desktop: Desktop) -> None:
    ids = add(workspace, 10)
    rows = source(workspace, desktop)
    workspace.trash("Stock", [ids[3]])
    workspace.restore("Stock", [ids[3]])
    assert names(rows, range(10)) == [f"thing {i:05}" for i in range(10)]


def test_an_edit_shows_at_once_and_stands_until_it_is_stored(
    workspace: Workspace, desktop: Desktop
) -> None:
    ids = add(workspace, 10)
    rows = source(workspace, desktop)
    told: list[tuple[int, int]] = []
    rows.on_rows = lambda first, last: told.append((first, last))
    rows.put(ids[4], {"Count": 77})
    assert rows.row(4) == ("thing 00004", 77)
    assert told == [(4, 5)]
    workspace.change("Stock", [ids[4]], {"Count": 78})
    assert rows.row(4) == ("thing 00004", 78)


def test_an_edit_that_is_refused_is_taken_back(workspace: Workspace, desktop: Desktop) -> None:
    ids = add(workspace, 10)
    rows = source(workspace, desktop)
    rows.put(ids[4], {"Count": 77})
    rows.take_back(ids[4])
    assert rows.row(4) == ("thing 00004", 4)


def test_a_sorted_view_is_ordered_anew_when_a_value_changes(
    workspace: Workspace, desktop: Desktop
) -> None:
    ids = add(workspace, 5)
    rows = source(workspace, desktop, order=[Order(("Count",), descending=True)])
    assert names(rows, [0, 4]) == ["thing 00004", "thing 00000"]
    workspace.change("Stock", [ids[0]], {"Count": 50})
    assert rows.row(0) == ("thing 00000", 50)
    found: list[int | None] = []
    rows.locate(ids[4], found.append)
    assert found == [1]


def test_while_a_row_is_edited_no_row_moves(workspace: Workspace, desktop: Desktop) -> None:
    ids = add(workspace, 6)
    rows = source(workspace, desktop)
    rows.hold(on=True)
    workspace.trash("Stock", [ids[0]])
    add(workspace, 1, start=9)
    assert rows.count == 6
    assert names(rows, [0, 1]) == ["thing 00000", "thing 00001"]
    rows.hold(on=False)
    assert rows.count == 6
    assert names(rows, [0, 5]) == ["thing 00001", "thing 00009"]


def test_when_anything_may_differ_old_rows_stay_until_the_new_ones_are_read(
    workspace: Workspace, desktop: Desktop
) -> None:
    ids = add(workspace, 200)
    rows = source(workspace, desktop)
    workspace.table("Stock").update({"Count": -1}, doc_ids=ids)
    desktop.readers.paused = True
    rows.touched(None)
    assert rows.row(0) is not None
    desktop.readers.go()
    rows.row(0)
    desktop.readers.go()
    assert rows.row(0) == ("thing 00000", -1)


def test_a_large_selection_is_read_by_a_worker(workspace: Workspace, desktop: Desktop) -> None:
    add(workspace, 1_000)
    rows = source(workspace, desktop)
    got: list[Sequence[Sequence[object]]] = []
    rows.collect(100, 800, got.append)
    assert len(got[0]) == 800
    assert got[0][0] == ("thing 00100", 100)


def test_what_arrives_after_closing_is_dropped(workspace: Workspace, desktop: Desktop) -> None:
    add(workspace, 10)
    desktop.readers.paused = True
    rows = source(workspace, desktop)
    rows.close()
    desktop.readers.go()
    assert not rows.ready


def test_a_failure_is_handed_on(workspace: Workspace, desktop: Desktop) -> None:
    rows = Rows(desktop.work, workspace.table("Stock"), COLUMNS)
    errors: list[Exception] = []
    rows.on_error = errors.append
    workspace.store.close()
    rows.start()
    assert len(errors) == 1
