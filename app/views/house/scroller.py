"""VirtualList: a list of any length that paints the rows in sight; scroll, keys, touch and mouse come with it.

    class Hits(VirtualList):
        def key(self, index): ...                     what a row shows; a row is painted again when its key changes
        def paint_row(self, b, index, w, h, r): ...   own coordinates of the row

Set `count`, `row_dp`; bind `on_open(index)` (click, tap, Enter) and `on_menu(index, pos)`. `cursor` is the chosen row.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics import ScissorPop, ScissorPush
from kivy.metrics import dp, sp
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.behaviors import FocusBehavior
from kivy.uix.widget import Widget

from app.views.house.batch import Batch, Layer, Mark, batch_context
from app.views.house.focus import Reachable, by_keyboard
from app.views.house.lines import lines
from app.views.house.motion import Motion, Trail
from app.views.house.painted import LONG_PRESS, TOUCH
from app.views.house.skin import skin
from app.views.house.theme import Roles, mix

NOTCH, SLOP = 64, 8  # dp
AWAY = (-20000, -20000)


class RowSlot:
    """One pooled row."""

    def __init__(self, context: Any) -> None:
        self.shows: Hashable = None
        self.layer = Layer().add_to(context)


class VirtualList(Reachable, Widget):
    """Rows of one height, any number of them."""

    count = NumericProperty(0)
    row_dp = NumericProperty(56)
    ground = StringProperty("pane")
    cursor = NumericProperty(-1)
    scroll_y = NumericProperty(0)
    foot = NumericProperty(0)  # pixels left free below the last row, for what floats over it
    hovered = BooleanProperty(False)

    __events__: tuple[str, ...] = ("on_open", "on_menu")

    def __init__(self, **kwargs: Any) -> None:
        self.slots: list[RowSlot] = []
        self.hovered_row = -1
        self.ask_frame = Clock.create_trigger(self._frame, -1)
        self.motion = Motion(
            lambda: (0.0, self.scroll_y), lambda _x, y: self.scroll_to(y), lambda: (0.0, self.max_y)
        )
        self._trail: Trail | None = None
        self._drag: tuple[str, float, float] | None = None
        self._touch: Any = None
        self._held = Clock.create_trigger(self._long_press, LONG_PRESS)
        super().__init__(**kwargs)
        self.context, self.clip, self.top_context = batch_context(), ScissorPush(), batch_context()
        self.over = Layer().add_to(self.top_context)
        for part in (self.clip, self.context, self.top_context, ScissorPop()):
            self.canvas.add(part)
        for name in ("pos", "size", "scroll_y", "cursor", "focus"):
            self.fbind(name, self._ask)
        for name in ("count", "row_dp", "ground", "foot"):
            self.fbind(name, self.repaint)
        self.fbind("hovered", self._hover)
        Window.bind(mouse_pos=self._hover)
        by_keyboard.bind(on=self._ask)
        skin.bind(roles=self.repaint, text_scale=self.repaint)
        lines().atlas.listeners.add(self)
        self.ask_frame()

    # -- for subclasses -----------------------------------------------------------------------------------
    def key(self, index: int) -> Hashable:
        """What a row shows."""
        return index

    def paint_row(self, b: Batch, index: int, w: int, h: int, r: Roles) -> None:
        """Paint a row; its ground is already there."""
        raise NotImplementedError

    def on_open(self, index: int) -> None:
        """A row was chosen."""

    def on_menu(self, index: int, pos: tuple[float, float]) -> None:
        """A row's menu was asked for."""

    # -- geometry ---------------------------------------------------------------------------------------------
    @property
    def row_h(self) -> int:
        """Height of a row in pixels; it grows with the text."""
        return int(max(dp(self.row_dp), sp(self.row_dp * 0.9)))

    @property
    def max_y(self) -> float:
        """Furthest scroll."""
        return float(max(0, self.count * self.row_h + self.foot - self.height))

    def scroll_to(self, y: float) -> None:
        """Scroll, within what there is."""
        self.scroll_y = min(max(0, y), self.max_y)

    def index_at(self, y: float) -> int:
        """Row under a y of the list, or -1."""
        index = int((self.y + self.height - y + self.scroll_y) // self.row_h)
        return index if 0 <= index < self.count else -1

    def row_y(self, index: int) -> int:
        """Lower edge of a row."""
        return int(self.y + self.height) - (index + 1) * self.row_h + int(self.scroll_y)

    def reveal(self, index: int) -> None:
        """Scroll by the least that shows a row whole."""
        top = index * self.row_h
        self.scroll_to(min(max(self.scroll_y, top + self.row_h + self.foot - self.height), top))

    @property
    def top_row(self) -> int:
        """The first row in sight."""
        return int(self.scroll_y // self.row_h)

    def show_from(self, row: int) -> None:
        """Scroll so that a row is the first in sight."""
        self.scroll_to(row * self.row_h)

    def thumb(self) -> tuple[float, float, float, float] | None:
        """The scrollbar's thumb, or None when all fits."""
        if self.max_y <= 0:
            return None
        track = max(1.0, self.height - dp(8))
        size = min(track, max(dp(48), track * self.height / (self.max_y + self.height)))
        y = self.y + dp(4) + (track - size) * (1 - self.scroll_y / self.max_y)
        return self.x + self.width - dp(9), y, dp(6), size

    # -- drawing ------------------------------------------------------------------------------------------------
    def _ask(self, *_: Any) -> None:
        self.ask_frame()

    def atlas_wiped(self) -> None:
        """The glyphs moved: paint again."""
        self.repaint()

    def repaint(self, *_: Any) -> None:
        """Everything in sight has to be painted again."""
        for slot in self.slots:
            slot.shows = None
        self.scroll_to(self.scroll_y)
        self.ask_frame()

    def _frame(self, _dt: float) -> None:
        if self.width < 4 or self.height < 4:
            return
        need = int(self.height // self.row_h) + 3
        if len(self.slots) < need:
            self.slots += [RowSlot(self.context) for _ in range(need - len(self.slots))]
            self.repaint()
        first = int(self.scroll_y // self.row_h)
        last = min(int(self.count), first + int(self.height // self.row_h) + 2)
        used = {index % len(self.slots) for index in range(first, last)}
        for index in range(first, last):
            self._show(self.slots[index % len(self.slots)], index)
        for at, slot in enumerate(self.slots):
            if at not in used:
                slot.shows, slot.layer.place.xy = None, AWAY
        self._paint_over()
        self.clip.pos, self.clip.size = (
            self.to_window(int(self.x), int(self.y)),
            (int(self.width), int(self.height)),
        )

    def _show(self, slot: RowSlot, index: int) -> None:
        state = index == self.cursor, index == self.hovered_row, self.ringed(index)
        key = index, self.key(index), int(self.width), lines().atlas.generation, state
        if slot.shows != key:
            b, r = Batch(), skin.roles
            self.paint_ground(b, index, r)
            self.paint_row(b, index, int(self.width), self.row_h, r)
            b.into(slot.layer)
            slot.shows = key
        slot.layer.place.xy = int(self.x), self.row_y(index)

    def paint_ground(self, b: Batch, index: int, r: Roles) -> None:
        """A rounded row; chosen and hovered ones are told apart."""
        base = r.selected if index == self.cursor else r.ground(self.ground)
        fill = mix(base, r.text, 0.08 if index == self.hovered_row else 0.0)
        box = dp(4), 1, int(self.width) - dp(8), self.row_h - 2, dp(12)
        if self.ringed(index):
            b.framed(*box, r.primary, fill, int(dp(2)))
        else:
            b.rounded(*box, fill)

    def ringed(self, index: int) -> bool:
        """Whether the row shows that the keyboard is on it."""
        return bool(self.focus and by_keyboard.on and index == self.cursor)

    def _paint_over(self) -> None:
        b, r = Batch(), skin.roles
        thumb = self.thumb()
        if thumb is not None:
            left, low, w, h = thumb
            strong = self._drag is not None and self._drag[0] == "bar"
            b.rounded(
                int(left),
                int(low),
                w,
                int(h),
                dp(3),
                mix(r.ground(self.ground), r.muted, 0.75 if strong else 0.4),
            )
        b.into(self.over)

    def paintings(
        self,
    ) -> Iterator[tuple[tuple[Mark, ...], float, float, tuple[float, float, float, float]]]:
        """(marks, x, y of their origin, what they are clipped to), all in the window, for `audit`."""
        x, y = self.to_window(self.x, self.y)
        for slot in self.slots:
            if slot.shows is not None:
                yield (
                    slot.layer.marks,
                    x,
                    y + slot.layer.place.y - self.y,
                    (x, y, self.width, self.height),
                )

    def _hover(self, *_: Any) -> None:
        row = -1
        if self.hovered and self._drag is None:
            row = self.index_at(self.to_widget(*Window.mouse_pos)[1])
        if row != self.hovered_row:
            self.hovered_row = row
            self.ask_frame()

    # -- hands -----------------------------------------------------------------------------------------------------
    def on_touch_down(self, touch: Any) -> bool:
        """Wheel, thumb, pan or press."""
        if self.disabled or not self.collide_point(*touch.pos):
            return bool(super().on_touch_down(touch))
        if touch.is_mouse_scrolling:
            self.motion.glide(0, dp(NOTCH) * (1 if touch.button == "scrolldown" else -1))
            return True
        if getattr(touch, "button", "") == "right":
            self._menu_at(touch)
            return True
        FocusBehavior.ignored_touch.append(touch)
        self.focus = True
        self.motion.stop()
        self._touch, self._trail = touch, Trail(touch)
        finger = "button" not in touch.profile
        kind = "bar" if self._on_thumb(touch, finger=finger) else "pan" if finger else "press"
        self._drag = kind, touch.y, self.scroll_y
        if kind == "pan":
            self._held()
        touch.grab(self)
        return True

    def _on_thumb(self, touch: Any, *, finger: bool) -> bool:
        thumb = self.thumb()
        if thumb is None:
            return False
        x, y, w, h = thumb
        reach = max(0.0, dp(TOUCH) - w) if finger else dp(4)
        return bool(touch.x >= x - reach and y <= touch.y <= y + h)

    def _menu_at(self, touch: Any) -> None:
        index = self.index_at(touch.y)
        if index >= 0:
            self.cursor = index
            self.dispatch("on_menu", index, self.to_window(*touch.pos))

    def _long_press(self, _dt: float) -> None:
        if self._touch is not None and self._drag is not None and self._drag[0] == "pan":
            self._drag = None
            self._menu_at(self._touch)

    def on_touch_move(self, touch: Any) -> bool:
        """A drag."""
        if touch.grab_current is not self:
            return bool(super().on_touch_move(touch))
        if abs(touch.y - touch.oy) > dp(SLOP):
            self._held.cancel()
        if self._drag is None or self._trail is None:
            return True
        kind, start, before = self._drag
        if kind == "pan":
            self.scroll_to(before + touch.y - start)
            self._trail.add(touch)
        elif kind == "bar":
            thumb = self.thumb()
            track = self.height - dp(8) - (thumb[3] if thumb else 0)
            self.scroll_to(before - (touch.y - start) * self.max_y / max(1.0, track))
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """The end of it."""
        if touch.grab_current is not self:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        self._held.cancel()
        drag, self._drag, self._touch = self._drag, None, None
        moved = max(abs(touch.x - touch.ox), abs(touch.y - touch.oy)) > dp(SLOP)
        if drag is not None and drag[0] == "pan" and moved and self._trail is not None:
            self.motion.fling(0, self._trail.velocity()[1])
        elif drag is not None and drag[0] != "bar" and not moved:
            self._choose(self.index_at(touch.y))
        self.ask_frame()
        return True

    def _choose(self, index: int) -> None:
        if index >= 0:
            self.cursor = index
            self.dispatch("on_open", index)

    # -- keys -------------------------------------------------------------------------------------------------------
    def keyboard_on_key_down(
        self, window: Any, keycode: tuple[int, str], text: str, modifiers: list[str]
    ) -> bool:
        """Arrows and pages walk, Enter and Space open, Shift+F10 asks for the menu; the rest is Kivy's (Tab)."""
        key, page = keycode[1], max(1, int(self.height // self.row_h) - 1)
        at, end = int(self.cursor), int(self.count) - 1
        moves = {
            "up": at - 1,
            "down": at + 1,
            "home": 0,
            "end": end,
            "pageup": at - page,
            "pagedown": at + page,
        }
        if key in moves and end >= 0:
            self.cursor = min(max(0, moves[key]), end)
            self.reveal(int(self.cursor))
        elif key in {"enter", "numpadenter", "spacebar"}:
            self._choose(at if at <= end else -1)
        elif (key == "menu" or (key == "f10" and "shift" in modifiers)) and 0 <= at <= end:
            self.dispatch("on_menu", at, self.to_window(self.x + dp(24), self.row_y(at)))
        else:
            return bool(super().keyboard_on_key_down(window, keycode, text, modifiers))
        return True

    def keyboard_on_key_up(self, _window: Any, _keycode: tuple[int, str]) -> bool:
        """Kivy drops the focus when Escape comes up."""
        return True
