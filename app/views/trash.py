"""The trash: lists and records in it, newest first; a tap brings one back."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from kivy.metrics import dp, sp
from kivy.properties import BooleanProperty, ListProperty, ObjectProperty

from app.viewmodels.desk import Desk
from app.viewmodels.trash import TrashItem, TrashState
from app.views.house import looks
from app.views.house.batch import Batch
from app.views.house.menus import MenuItem, MenuSheet
from app.views.house.panes import EmptyState
from app.views.house.scroller import VirtualList
from app.views.house.skin import grown
from app.views.house.theme import Roles
from app.views.screen import ScreenView

looks.load("trash.kv")

ROW_DP = 64
RESTORE = "Restore"

Line = TrashItem | str  # a record, or the slug of a whole list


class TrashList(VirtualList):
    """Lists first, then records; each says at its right what a tap does."""

    lines: list[Line] = ListProperty()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(row_dp=ROW_DP, **kwargs)
        self.fbind("lines", self._listed)

    def _listed(self, *_: Any) -> None:
        self.count = len(self.lines)
        self.repaint()

    def key(self, index: int) -> Hashable:
        """The line itself."""
        return self.lines[index]

    def paint_row(self, b: Batch, index: int, w: int, h: int, r: Roles) -> None:
        """Name, where it was and since when, and the way back."""
        item, x, line, side = self.lines[index], dp(18), sp(20), int(grown(20))
        chosen = index == self.cursor
        ink, quiet = (r.on_selected, r.on_selected) if chosen else (r.text, r.muted)
        title, note, icon = (
            (item, "A whole list, with its records", "table")
            if isinstance(item, str)
            else (item.title, f"{item.collection} · since {item.when}", "text-box-outline")
        )
        act = b.width("strong", RESTORE) + dp(26)
        b.icon(icon, x, (h - side) / 2, side, quiet)
        room = w - x - side - dp(12) - act - dp(40)
        left, top = x + side + dp(12), h / 2 + line
        b.write("strong", title, left, top - line, line, ink, room)
        b.write("small", note, left, top - 2 * line, line, quiet, room)
        right = w - dp(22)
        b.write(
            "strong",
            RESTORE,
            right - act,
            0,
            h,
            r.on_selected if chosen else r.primary,
            act,
            "right",
        )


class TrashView(ScreenView):
    """`narrow`: no pane of its own under it."""

    desk = ObjectProperty()
    narrow = BooleanProperty(False)

    def __init__(self, desk: Desk, **kwargs: Any) -> None:
        self.list = TrashList(size_hint=(None, None))
        self.empty = EmptyState(icon="trash-can-outline")
        super().__init__(desk.trash, desk=desk, **kwargs)
        self.list.bind(
            on_open=lambda _, index: self._restore(index),
            on_menu=lambda _, index, pos: self._menu(index, pos),
        )
        self.ids.body.bind(pos=self._place, size=self._place)
        self.fbind("narrow", lambda *_: self.shown(self.state))
        self.shown(self.state)

    @property
    def stop(self) -> Any:
        """Where F6 leads: the list, when there is something in it."""
        return self.list if self.list.count else None

    def shown(self, state: TrashState) -> None:
        """The lines, or what stands in their place."""
        if "body" not in self.ids:
            return  # the rule is not applied yet
        self.list.ground = self.empty.ground = "page" if self.narrow else "pane"
        lines: list[Line] = [*state.collections, *state.items]
        if self.list.lines != lines:
            self.list.lines = lines
            self.list.cursor = -1
        body: Any = self.list
        if state.error:
            body = self._say("The trash cannot be read", state.error)
        elif state.empty:
            body = self._say(
                "Nothing in the trash", "What you move here stays until you bring it back."
            )
        elif state.slow:
            body = self._say("Looking into the trash…", "")
        if self.ids.body.children != [body]:
            self.ids.body.clear_widgets()
            self.ids.body.add_widget(body)
        self._place()

    def _say(self, title: str, text: str) -> EmptyState:
        self.empty.title, self.empty.text = title, text
        return self.empty

    def _restore(self, index: int) -> None:
        item = self.list.lines[index]
        if isinstance(item, str):
            self.vm.restore_collection(item)
        else:
            self.vm.restore(item)

    def _menu(self, index: int, pos: tuple[float, float]) -> None:
        MenuSheet([MenuItem(RESTORE, "restore", lambda: self._restore(index))], at=pos).open()

    def _place(self, *_: Any) -> None:
        body = self.ids.body
        for part in (self.list, self.empty):
            part.pos, part.size = body.pos, body.size
