"""The whole window over a home, for tests: opened, driven by made-up hands, closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app import sample
from app.home import Home
from app.settings import Settings
from app.viewmodels.chooser import Chooser
from app.viewmodels.desk import Desk
from app.viewmodels.window import Surroundings, WindowModel

PATIENCE_S = 20


def make_sample(home: Path) -> Path:
    """An unprotected home with the demo's sample in it."""
    made = Home.create(
        home, member="Ann", device="desk", workspace=sample.NAME, unprotected=True, clock=time.time
    )
    with made.workspace() as workspace:
        sample.fill(workspace)
    return home


class Opened:
    """The window's root and what it shows."""

    def __init__(self, home: Path, start: Path | None = None) -> None:
        from app.views.root import RootView
        from app.views.threads import window_work

        self.work = window_work()
        self.chooser = Chooser(self.work, start or home.parent)
        around = Surroundings(
            person="Ann Berger",
            computer="laptop",
            clock=time.time,
            now=lambda: datetime.fromtimestamp(time.time(), UTC),
            system_dark=lambda: False,
            choose_file=self.chooser.open,
        )
        self.vm = WindowModel(home, Settings(), home / "settings.toml", self.work, around)
        self.vm.appearance.reduce_motion(on=True)
        self.root = RootView(self.vm, self.chooser)

    @property
    def desk(self) -> Desk:
        """The open workspace."""
        assert self.vm.desk is not None
        return self.vm.desk

    @property
    def view(self) -> Any:
        """The open workspace's view."""
        assert self.root.desk_view is not None
        return self.root.desk_view

    def until(self, condition: Callable[[], Any], seconds: float = PATIENCE_S) -> None:
        """Run frames until it holds, and some more so that everything is drawn."""
        from app.views.house import stage

        stage.wait_for(lambda: bool(condition()), seconds)
        stage.pump(4)

    def ready(self, slug: str) -> None:
        """Open a collection and wait for its rows."""
        self.desk.open_collection(slug)
        records = self.desk.records
        self.until(lambda: records.state.slug == slug and records.state.ready)

    def record_at(self, row: int) -> int:
        """The record in a row of the open collection."""
        rows = self.desk.records.rows
        doc_id = None if rows is None else rows.id_at(row)
        assert doc_id is not None
        return doc_id

    def stored(self, slug: str) -> list[dict[str, Any]]:
        """The records as the store has them now."""
        return [dict(document) for document in self.desk.workspace.table(slug)]

    def control(self, words: str) -> Any:
        """The topmost visible control with these words on it, or as its label."""
        from kivy.core.window import Window

        for top in Window.children:
            found = [widget for widget in top.walk(restrict=True) if _says(widget, words)]
            if found:
                return found[-1]
            if getattr(top, "covers", False):
                break
        raise AssertionError(f"no control says {words!r}")


def _says(widget: Any, words: str) -> bool:
    if widget.opacity == 0 or not hasattr(widget, "touch_box"):
        return False
    return words in {getattr(widget, "text", ""), getattr(widget, "label", "")}


@contextmanager
def opened(home: Path, put: Callable[[Any], Any], start: Path | None = None) -> Iterator[Opened]:
    """The window over a home, put into the test's own; closed afterwards, writes finished."""
    window = Opened(home, start)
    put(window.root)
    window.vm.open()
    try:
        window.until(lambda: window.vm.state.stage.value != "opening")
        yield window
    finally:
        window.root.close()
        window.vm.close()
