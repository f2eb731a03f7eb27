"""The file chooser's sheet."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

from kivy.metrics import dp
from kivy.properties import ListProperty, StringProperty

from app.viewmodels.chooser import Chooser, ChooserState, Entry
from app.views.house import looks
from app.views.house.batch import Batch
from app.views.house.scroller import VirtualList
from app.views.house.skin import grown
from app.views.house.theme import Roles
from app.views.screen import ScreenView

looks.load("components/menus.kv")
looks.load("chooser.kv")


class EntryList(VirtualList):
    """Folders and files."""

    entries: list[Entry] = ListProperty()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(row_dp=48, ground="sheet", **kwargs)
        self.fbind("entries", self._listed)

    def _listed(self, *_: Any) -> None:
        self.count, self.scroll_y = len(self.entries), 0
        self.cursor = 0 if self.entries else -1
        self.repaint()

    def key(self, index: int) -> Hashable:
        """The entry itself."""
        return self.entries[index]

    def paint_row(self, b: Batch, index: int, w: int, h: int, r: Roles) -> None:
        """Icon, name, size."""
        entry, side, x = self.entries[index], int(grown(22)), dp(16)
        chosen = index == self.cursor
        ink, quiet = (r.on_selected, r.on_selected) if chosen else (r.text, r.muted)
        icon = "folder-outline" if entry.folder else "file-table-outline"
        b.icon(icon, x, (h - side) / 2, side, quiet)
        room = w - x - side - dp(36)
        size = b.write("small", entry.note, x + side + dp(12), 0, h, quiet, room, "right")
        b.write("body", entry.name, x + side + dp(12), 0, h, ink, room - size - dp(12))


class ChooserPanel(ScreenView):
    """Where one is, what is there, and the way up (Backspace, or Left)."""

    place = StringProperty()
    note = StringProperty()

    def __init__(self, chooser: Chooser, **kwargs: Any) -> None:
        self.list = EntryList(size_hint=(None, None))
        super().__init__(chooser, **kwargs)
        self.ids.body.add_widget(self.list)
        self.ids.body.bind(pos=self._place, size=self._place)
        self.list.bind(on_open=lambda _, index: self.vm.take(self.list.entries[index]))
        self.shown(self.state)

    @property
    def stop(self) -> Any:
        """Where the keyboard goes: the list."""
        return self.list

    def _place(self, *_: Any) -> None:
        self.list.pos, self.list.size = self.ids.body.pos, self.ids.body.size

    def shown(self, state: ChooserState) -> None:
        """The folder and what is in it."""
        if "body" not in self.ids:
            return
        self.list.entries = list(state.entries)
        self.place = spoken_place(state.folder)
        self.note = state.error or (
            ""
            if not state.loaded or state.entries
            else "No folder and no CSV or JSON file is here."
        )
        if state.cut:
            self.note = "There is more in this folder than can be listed."


def spoken_place(folder: Path) -> str:
    """A folder by its last two parts, which is what people know it by."""
    parts = folder.parts[-2:]
    return " / ".join(part.strip("/\\") or part for part in parts) or str(folder)
