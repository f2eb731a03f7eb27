"""The pane of collections: the workspace's name, a way to search, the list, and how to get more of them."""

from __future__ import annotations

from typing import Any

from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty

from app.model.schema import Collection
from app.viewmodels.desk import Desk
from app.views.house import looks
from app.views.house.controls import NavRow
from app.views.screen import RowStack, ScreenView
from app.views.undo import UndoButtons

looks.load("collections.kv")


class CollectionsView(ScreenView):
    """`compact`: it is the whole screen, so nothing in it is shown as open; nor is it unless `marked`."""

    desk = ObjectProperty()
    compact = BooleanProperty(False)
    marked = BooleanProperty(True)
    inset = BooleanProperty(False)  # its left edge is an edge of the window
    lift = NumericProperty(0)  # pixels that a notice takes below
    open_palette = ObjectProperty(None, allownone=True)
    import_file = ObjectProperty(None, allownone=True)

    def __init__(self, desk: Desk, **kwargs: Any) -> None:
        self.list = RowStack()
        self.back = UndoButtons(desk.undoing, spacing=dp(8), pos_hint={"center_y": 0.5})
        super().__init__(desk.collections, desk=desk, **kwargs)
        self.ids.scroll.add_widget(self.list)
        for name in ("compact", "marked"):
            self.fbind(name, lambda *_: self.shown(self.state))
        self.shown(self.state)

    def close(self) -> None:
        """The view is going away."""
        self.back.close()
        super().close()

    @property
    def stop(self) -> Any:
        """Where F6 leads: the list that is open, else the first."""
        rows = self.list.rows
        return rows.get(self.state.current) or next(iter(rows.values()), None)

    def shown(self, state: Any) -> None:
        """The rows, and which one is open; where there is no rail, undo and redo."""
        if "head" in self.ids:
            head, there = self.ids.head, self.back.parent is not None
            if self.compact and not there:
                head.add_widget(self.back)
            elif not self.compact and there:
                head.remove_widget(self.back)
        self.list.show(state.items, lambda item: item.slug, self._row, self._update)

    def _row(self, item: Collection) -> NavRow:
        row = NavRow(ground="page")
        row.bind(on_release=lambda *_: self.desk.open_collection(item.slug))
        return row

    def _update(self, row: NavRow, item: Collection) -> None:
        row.text, row.icon, row.trailing = item.title, item.icon, f"{item.records:,}"
        row.selected = item.slug == self.state.current and self.marked and not self.compact
