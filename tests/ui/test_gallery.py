"""Every screen in three widths, light and dark: drawn, saved into one folder, and looked over for defects.

The pictures go to `build/gallery`; docs/gallery.md says what was seen in them. One theme and width is in
`make test`, all of them in `make test-full`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kivy.core.window import Window

from app.sample_team import work_apart
from app.viewmodels.forms import Ask
from app.viewmodels.importing import ImportStage
from app.viewmodels.keys import Intent
from app.viewmodels.layout import Place
from app.viewmodels.window import Stage
from app.views.house import stage
from app.views.house.audit import audit
from app.views.house.skin import skin
from app.views.pictures import SIZES
from storage import Query
from tests.support.project import ROOT
from tests.support.window import Opened, opened

GALLERY = ROOT / "build" / "gallery"
ZIPCODES = ROOT.parent / "shared" / "data" / "zipcodes.csv"
TABLE = "Tool,Code,Count,Price,Bought\n" + "".join(
    f"Drill {i},{i:03},{i * 3},{i}.50,2026-01-{i % 28 + 1:02}\n" for i in range(60)
)

ONE = [("expanded", "light")]
ALL = [(size, theme) for size in SIZES for theme in ("light", "dark")]
LOOKS = [
    pytest.param(*look, id="-".join(look), marks=() if look in ONE else pytest.mark.full)
    for look in ALL
]

LONG_S = 120

Scene = Callable[[Opened, Path], None]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "tools.csv"
    path.write_text(TABLE)
    return path


# -- what is on screen ----------------------------------------------------------------------------
def records(window: Opened, _table: Path) -> None:
    window.ready("Stock")


def record(window: Opened, _table: Path) -> None:
    window.ready("Stock")
    window.desk.open_record("Stock", window.record_at(4))
    window.until(lambda: window.desk.record.state.loaded)


def record_wrong(window: Opened, table: Path) -> None:
    record(window, table)
    row = list(window.view.record.fields.rows.values())[5]
    row.edit()
    row.input.text = "2026-02-31"
    row.keep()
    window.until(lambda: row.error)


def record_new(window: Opened, _table: Path) -> None:
    window.ready("Stock")
    window.desk.new_record()
    window.until(lambda: window.desk.state.record)


def record_trashed(window: Opened, table: Path) -> None:
    record(window, table)
    window.desk.workspace.trash("Stock", [window.record_at(4)])
    window.until(lambda: window.desk.record.state.gone)


def worked_apart(window: Opened) -> int:
    """Two people edited the sample; gives the record with most of a past."""
    workspace = window.desk.workspace
    work_apart(workspace, time.time)
    window.ready("Stock")
    window.until(lambda: window.desk.deciding.state.count == 3)
    found = workspace.table("Stock").search(Query().Name.search("^Bearing 6204-2RS.*(sealed|C3)"))
    return found[0].doc_id


def deciding(window: Opened, _table: Path) -> None:
    worked_apart(window)
    window.desk.go(Place.DECIDE)


def deciding_empty(window: Opened, _table: Path) -> None:
    window.desk.go(Place.DECIDE)
    window.until(lambda: window.desk.deciding.state.empty)


def deciding_other(window: Opened, table: Path) -> None:
    deciding(window, table)
    card = next(iter(window.view.deciding.cards.rows.values()))
    window.view.deciding.ask(card.item)


def record_undecided(window: Opened, _table: Path) -> None:
    window.desk.open_record("Stock", worked_apart(window))
    window.until(lambda: window.desk.record.state.undecided)


def history(window: Opened, table: Path) -> None:
    record_undecided(window, table)
    window.desk.show_history()
    window.until(lambda: window.desk.history.state.loaded)


def history_of_a_field(window: Opened, table: Path) -> None:
    record_undecided(window, table)
    window.desk.show_history("Name")
    window.until(lambda: window.desk.history.state.loaded)


def history_version(window: Opened, table: Path) -> None:
    history(window, table)
    window.desk.history.look_at(window.desk.history.state.lines[-1])


def field_menu(window: Opened, table: Path) -> None:
    record_undecided(window, table)
    next(iter(window.view.record.fields.rows.values())).dispatch("on_context", None)


def purge(window: Opened, table: Path) -> None:
    trash(window, table)
    window.view.trash.ask_purge(window.desk.trash.state.items[:1])


def undone(window: Opened, table: Path) -> None:
    undo(window, table)
    window.desk.undoing.undo()
    window.until(lambda: window.desk.notices.state.notice.action == "Redo")


def undoing(window: Opened, _table: Path) -> None:
    window.ready("Stock")
    window.desk.undoing._show(runs="Undoing…", shown=True, share=0.4)


def sorted_records(window: Opened, _table: Path) -> None:
    window.ready("Stock")
    window.desk.records.order_by("Quantity", descending=True)
    window.until(lambda: window.desk.records.state.ready)


def lists(window: Opened, _table: Path) -> None:
    window.desk.show_lists()


def drawer(window: Opened, _table: Path) -> None:
    window.view.open_drawer()


def empty_list(window: Opened, _table: Path) -> None:
    window.desk.workspace.create_collection("Boats", fields=[("Name", "text")])
    window.desk.open_collection("Boats")
    window.until(lambda: window.desk.records.state.empty)


def unreadable(window: Opened, _table: Path) -> None:
    window.ready("Stock")
    window.desk.records._show(error="The drive that holds the store does not answer.")


def search(window: Opened, _table: Path) -> None:
    window.desk.go(Place.SEARCH)
    window.desk.search.type("drill")
    window.until(lambda: window.desk.search.state.asked == "drill")


def search_empty(window: Opened, _table: Path) -> None:
    window.desk.go(Place.SEARCH)


def search_nothing(window: Opened, _table: Path) -> None:
    window.desk.go(Place.SEARCH)
    window.desk.search.type("zzzzzz")
    window.until(lambda: window.desk.search.state.nothing_found)


def trash(window: Opened, _table: Path) -> None:
    window.ready("Stock")
    ids = [window.record_at(row) for row in range(5)]
    window.desk.records.trash(ids)
    window.desk.workspace.trash_collection("Notes")
    window.desk.go(Place.TRASH)
    window.until(lambda: window.desk.trash.state.items and window.desk.trash.state.collections)


def trash_empty(window: Opened, _table: Path) -> None:
    window.desk.go(Place.TRASH)
    window.until(lambda: window.desk.trash.state.loaded)


def undo(window: Opened, _table: Path) -> None:
    window.ready("Stock")
    window.desk.records.trash([window.record_at(0)], "Drill bit 6.5 mm")
    window.until(lambda: window.desk.notices.state.notice)


def settings(window: Opened, _table: Path) -> None:
    window.desk.go(Place.SETTINGS)


def palette(window: Opened, _table: Path) -> None:
    window.root.sheets.open_palette()


def palette_found(window: Opened, _table: Path) -> None:
    window.root.sheets.open_palette()
    window.root.sheets.palette.field.text = "drill"
    window.until(lambda: any("Drill" in row.text for row in window.root.sheets.palette.rows))


def keys(window: Opened, _table: Path) -> None:
    window.root.sheets.show_keys()


def form_list(window: Opened, _table: Path) -> None:
    window.desk.do(Intent.NEW_COLLECTION)


def form_field(window: Opened, _table: Path) -> None:
    window.ready("Stock")
    window.desk.form.open(Ask.NEW_FIELD)
    window.desk.form.choose_kind("choice")
    window.desk.form.send()


def chooser(window: Opened, table: Path) -> None:
    (table.parent / "A folder").mkdir()
    window.chooser.enter(table.parent)
    window.desk.choose_file()
    window.until(lambda: window.chooser.state.entries)


def import_preview(window: Opened, table: Path) -> None:
    window.desk.importing.look(str(table))
    window.until(lambda: window.desk.importing.state.stage is ImportStage.PREVIEW)


def import_done(window: Opened, table: Path) -> None:
    import_preview(window, table)
    window.desk.importing.run()
    window.until(lambda: window.desk.importing.state.stage is ImportStage.DONE)


def import_failed(window: Opened, table: Path) -> None:
    window.desk.importing.look(str(table.parent / "gone.csv"))
    window.until(lambda: window.desk.importing.state.stage is ImportStage.FAILED)


def import_running(window: Opened, table: Path) -> None:
    import_preview(window, table)
    window.desk.importing._show(
        stage=ImportStage.RUNNING, share=0.4, rows=24_000, left="about 12 s left"
    )


def menu(window: Opened, _table: Path) -> None:
    window.ready("Stock")
    window.view.records.open_menu()


SCENES: dict[str, Scene] = {
    scene.__name__.replace("_", "-"): scene
    for scene in (
        lists, records, sorted_records, empty_list, unreadable, record, record_wrong, record_new, record_trashed,
        record_undecided, history, history_of_a_field, history_version, field_menu, deciding, deciding_empty,
        deciding_other, search, search_empty, search_nothing, trash, trash_empty, purge, undo, undone, undoing,
        settings, palette, palette_found, keys, form_list, form_field, chooser, import_preview, import_running,
        import_done, import_failed, menu, drawer,
    )
}  # fmt: skip


def look_over(name: str) -> None:
    """Save the picture, then ask the audit what is wrong with it."""
    stage.pump(8)
    stage.shot(GALLERY / f"{name}.png")
    assert [f"{found.kind}: {found.where}: {found.detail}" for found in audit(Window)] == []


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_a_screen_has_no_defect(
    scene: str,
    size: str,
    theme: str,
    home: Path,
    table: Path,
    show: Callable[[Any], Any],
    tmp_path: Path,
) -> None:
    stage.resize(*SIZES[size])
    with opened(home, show) as window:
        window.vm.appearance.choose_theme(theme)
        window.until(lambda: window.desk.records.state.ready)
        assert skin.dark == (theme == "dark")
        SCENES[scene](window, table)
        look_over(f"{scene}-{size}-{theme}")


@pytest.mark.parametrize(
    "step", ["welcome", "who", "workspace", "lock", "lock-wrong", "locked", "failed"]
)
@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_the_way_in_has_no_defect(
    step: str, size: str, theme: str, show: Callable[[Any], Any], tmp_path: Path
) -> None:
    stage.resize(*SIZES[size])
    home = tmp_path / "home"
    if step == "failed":
        home.mkdir()
        (home / "vault.json").write_text("{")
    with opened(home, show) as window:
        window.vm.appearance.choose_theme(theme)
        flow = window.vm.first_run
        if flow is not None:
            flow.answer("workspace", "Northside Clinic")
            steps = {"welcome": 0, "who": 1, "workspace": 2, "lock": 3, "lock-wrong": 4}
            for _ in range(steps.get(step, 3)):
                flow.forward()
        if step == "locked" and flow is not None:
            flow.answer("passphrase", "four quiet lamps")
            flow.answer("again", "four quiet lamps")
            flow.forward()
            window.until(lambda: window.vm.state.stage is Stage.OPEN)
            window.vm.lock()
            window.until(lambda: window.vm.state.stage is Stage.LOCKED)
        look_over(f"{step}-{size}-{theme}")


@pytest.mark.full
@pytest.mark.parametrize("size", ["compact", "expanded"])
@pytest.mark.parametrize(
    "scene", ["records", "record", "record-wrong", "search", "settings", "keys"]
)
def test_text_half_as_large_again_has_no_defect(
    scene: str,
    size: str,
    home: Path,
    table: Path,
    show: Callable[[Any], Any],
    tmp_path: Path,
) -> None:
    stage.resize(*SIZES[size])
    with opened(home, show) as window:
        window.vm.appearance.choose_text_size(150)
        window.vm.appearance.choose_density("touch")
        window.until(lambda: window.desk.records.state.ready)
        SCENES[scene](window, table)
        look_over(f"{scene}-{size}-large")


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.skipif(not ZIPCODES.exists(), reason="the real files are not here")
def test_42_000_zip_codes_are_shown_as_a_few_are(home: Path, show: Callable[[Any], Any]) -> None:
    with opened(home, show) as window:
        window.until(lambda: window.desk.records.state.ready)
        window.desk.importing.look(str(ZIPCODES))
        window.until(lambda: window.desk.importing.state.stage is ImportStage.PREVIEW, LONG_S)
        window.desk.importing.run()
        window.until(lambda: window.desk.importing.state.stage is ImportStage.DONE, LONG_S)
        window.desk.importing.go()
        window.until(lambda: window.desk.records.state.slug == "zipcodes")
        window.until(lambda: window.desk.records.rows.id_at(42_000) is not None)
        for size, theme in ALL:
            stage.resize(*SIZES[size])
            window.vm.appearance.choose_theme(theme)
            window.desk.open_record("zipcodes", window.record_at(2))
            window.until(lambda: window.desk.record.state.loaded)
            look_over(f"zipcodes-record-{size}-{theme}")
            window.desk.close_record()
            look_over(f"zipcodes-{size}-{theme}")
