"""Pictures of the main screens over the sample, for `commonhold demo` where there is no display."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.compose import program
from app.settings import Settings
from app.views.house import boot

SIZES = {"compact": (480, 900), "medium": (900, 800), "expanded": (1440, 900)}


def draw(home: Path, where: Path, scratch: Path) -> Iterator[Path]:
    """Draw the main screens in three widths, light and dark; yields each picture's path as it is saved."""
    boot.prepare(scratch / "kivy", size=SIZES["expanded"], max_fps=0, offscreen=True)
    from kivy.base import EventLoop

    from app.views.application import CommonholdApp
    from app.views.house import stage

    app = CommonholdApp(home, Settings(), home / "settings.toml", program(home).clock)
    app.vm.appearance.reduce_motion(on=True)
    app._run_prepare()  # noqa: SLF001 -- Kivy's way to start an application without its endless loop
    EventLoop.start()
    try:
        stage.wait_for(lambda: app.vm.desk is not None and app.vm.desk.records.state.ready, 20)
        for size_name, size in SIZES.items():
            stage.resize(*size)
            for theme in ("light", "dark"):
                app.vm.appearance.choose_theme(theme)
                for name, show in scenes(app):
                    show()
                    stage.pump(8)
                    yield stage.shot(where / f"{name}-{size_name}-{theme}.png")
    finally:
        app.stop()


def scenes(app: Any) -> tuple[tuple[str, Callable[[], None]], ...]:
    """The main screens by name, each with what brings it up."""
    from app.viewmodels.layout import Place
    from app.views.house.stage import wait_for

    desk = app.vm.desk

    def records() -> None:
        desk.go(Place.RECORDS)
        desk.open_collection("Stock")
        desk.close_record()
        wait_for(lambda: desk.records.state.slug == "Stock" and desk.records.state.ready)

    def record() -> None:
        records()
        desk.open_record("Stock", desk.records.rows.id_at(4))
        wait_for(lambda: desk.record.state.loaded)

    def lists() -> None:
        records()
        desk.show_lists()

    def search() -> None:
        desk.go(Place.SEARCH)
        desk.search.type("drill")
        wait_for(lambda: desk.search.state.asked == "drill")

    def trash() -> None:
        desk.go(Place.TRASH)
        wait_for(lambda: desk.trash.state.loaded)

    return (
        ("lists", lists),
        ("records", records),
        ("record", record),
        ("search", search),
        ("trash", trash),
        ("settings", lambda: desk.go(Place.SETTINGS)),
    )
