"""The trash: lists and records in it, newest first; a tap brings one back."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any

from kivy.metrics import dp, sp
from kivy.properties import BooleanProperty, ListProperty, ObjectProperty

from app.viewmodels.desk import Desk
from app.viewmodels.spoken import counted
from app.viewmodels.trash import TrashItem, TrashState
from app.views.house import looks
from app.views.house.batch import Batch
from app.views.house.controls import PushButton
from app.views.house.dialogs import Answer, Dialog
from app.views.house.menus import MenuItem, MenuSheet
from app.views.house.panes import EmptyState
from app.views.house.scroller import VirtualList
from app.views.house.skin import grown
from app.views.house.theme import Roles
from app.views.screen import ScreenView
from app.views.undo import UndoButtons

looks.load("trash.kv")

ROW_DP = 64
RESTORE = "Restore"
PURGE, PURGE_ICON = "Delete for good", "delete-forever-outline"

Line = TrashItem | str  # a record, or the slug of a whole list


class TrashList(VirtualList):
    """Lists first, then records; each says at its right what a tap does. Delete tells `on_delete(index)`."""

    lines: list[Line] = ListProperty()

    __events__: tuple[str, ...] = ("on_delete",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(row_dp=ROW_DP, **kwargs)
        self.fbind("lines", self._listed)

    def _listed(self, *_: Any) -> None:
        self.count = len(self.lines)
        self.repaint()

    def on_delete(self, index: int) -> None:
        """A row is to go for good."""

    def keyboard_on_key_down(
        self, window: Any, keycode: tuple[int, str], text: str, modifiers: list[str]
    ) -> bool:
        """Delete, besides the keys of every list."""
        if keycode[1] == "delete" and not modifiers and self.cursor >= 0:
            self.dispatch("on_delete", int(self.cursor))
            return True
        return bool(super().keyboard_on_key_down(window, keycode, text, modifiers))

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
    """`narrow`: no pane of its own under it; `compact`: there is no rail."""

    desk = ObjectProperty()
    narrow = BooleanProperty(False)
    compact = BooleanProperty(False)

    def __init__(self, desk: Desk, **kwargs: Any) -> None:
        self.list = TrashList(size_hint=(None, None))
        self.empty = EmptyState(icon="trash-can-outline")
        self.purge_all = PushButton(text="Empty the trash", icon=PURGE_ICON, kind="text")
        self.back = UndoButtons(desk.undoing, spacing=dp(8))
        self.question: Dialog | None = None
        super().__init__(desk.trash, desk=desk, **kwargs)
        self.purge_all.bind(on_release=lambda *_: self.ask_purge(self.state.items))
        self.list.bind(
            on_open=lambda _, index: self._restore(index),
            on_menu=lambda _, index, pos: self._menu(index, pos),
            on_delete=lambda _, index: self._purge_row(index),
        )
        for name in ("narrow", "compact"):
            self.fbind(name, lambda *_: self.shown(self.state))
        self.ids.body.bind(pos=self._place, size=self._place)
        self.shown(self.state)

    def close(self) -> None:
        """The view is going away."""
        self.back.close()
        super().close()

    @property
    def stop(self) -> Any:
        """Where F6 leads: the list, when there is something in it."""
        return self.list if self.list.count else None

    def shown(self, state: TrashState) -> None:
        """The lines, or what stands in their place."""
        if "body" not in self.ids:
            return  # the rule is not applied yet
        self.list.ground = self.empty.ground = "page" if self.narrow else "pane"
        self._show_tools(state)
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

    def _show_tools(self, state: TrashState) -> None:
        tools: list[Any] = [
            *([self.back] if self.compact else []),
            *([self.purge_all] if state.items else []),
        ]
        home = self.ids.tools
        if list(reversed(home.children)) != tools:
            home.clear_widgets()
            for tool in tools:
                home.add_widget(tool)
        for tool in tools:
            tool.ground, tool.pos_hint = self.list.ground, {"center_y": 0.5}

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
        item = self.list.lines[index]
        items = [MenuItem(RESTORE, "restore", lambda: self._restore(index))]
        if isinstance(item, TrashItem):
            ask = partial(self.ask_purge, [item])
            items.append(MenuItem(PURGE, PURGE_ICON, ask, "Del", danger=True))
        MenuSheet(items, at=pos).open()

    def _purge_row(self, index: int) -> None:
        item = self.list.lines[index]
        if isinstance(item, TrashItem):
            self.ask_purge([item])

    def ask_purge(self, items: Sequence[TrashItem]) -> None:
        """Ask whether records are to be deleted for good, and say what that means."""
        if not items:
            return
        one = len(items) == 1
        what = f"“{items[0].title}”" if one else counted(len(items), "record")
        self.question = Dialog(
            f"Delete {what} for good?",
            f"{'It disappears' if one else 'They disappear'} from Trash, here and on every other computer of the "
            "workspace. Undo still brings "
            f"{'it' if one else 'them'} back, on this computer. Backups made before keep {'it' if one else 'them'}.",
            [Answer("Cancel"), Answer(PURGE, lambda: self.vm.purge(items), kind="danger")],
        )
        self.question.open()

    def _place(self, *_: Any) -> None:
        body = self.ids.body
        for part in (self.list, self.empty):
            part.pos, part.size = body.pos, body.size
