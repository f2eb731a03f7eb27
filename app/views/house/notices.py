"""What is said without asking: the snackbar (a sentence, one action, usually Undo) and the toast (a fact).

    notices = Notices()                                   one per window
    notices.snack("Drill bit 6.5 mm moved to the trash", "Undo", undo)
    notices.toast("Imported 42,049 records", "check-circle")

The snackbar stays 6 s, longer while it has the mouse or the focus; it never takes the focus.
A new one replaces the old.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.metrics import dp, sp
from kivy.properties import StringProperty
from kivy.uix.floatlayout import FloatLayout

from app.views.house.batch import Batch, text_width, wrap
from app.views.house.controls import PushButton
from app.views.house.painted import Painted
from app.views.house.skin import grown, skin
from app.views.house.theme import Roles

WIDTH = 520  # dp at most
LINES = 3  # of a snackbar, at most
STAY, AGAIN = 6.0, 2.0  # seconds a snackbar stays; until it asks again whether it may go
TOAST_STAYS = 3.0
IN, OUT = 0.2, 0.15  # seconds of movement


class Snackbar(Painted, FloatLayout):
    """A sentence at the bottom, in as many lines as it needs; an action at its right."""

    text = StringProperty()
    watch = ("text",)

    def __init__(
        self, text: str, action: str, run: Callable[[], None] | None, **kwargs: Any
    ) -> None:
        self.button = PushButton(
            text=action, kind="inverse", ground="inverse", ring_role="inverse_primary"
        )
        self.button.ring_gap = -dp(2)
        self._run = run
        super().__init__(text=text, size_hint=(None, None), **kwargs)
        if action:
            self.add_widget(self.button)
        self.button.bind(on_release=self._act)
        for name in ("pos", "size"):
            self.fbind(name, self._lay)

    @property
    def busy(self) -> bool:
        """Whether somebody is about to press it."""
        return bool(self.button.focus or self.button.hovered)

    @property
    def room(self) -> float:
        """Pixels that the action takes."""
        return self.button.width + dp(8) if self.button.parent is not None else dp(16)

    def fit(self, most: float) -> None:
        """Take the width and height that the sentence needs, within so many pixels."""
        needed = text_width("body", self.text) + dp(20) + self.room
        self.width = min(max(needed, dp(280)), most)
        self.height = max(dp(52), self.button.height + dp(8), len(self._lines()) * sp(20) + dp(24))

    def _lines(self) -> list[str]:
        room = max(1.0, self.width - dp(16) - self.room)
        if text_width("body", self.text) <= room:
            return [self.text]
        found = wrap("body", self.text, room)
        rest = " ".join(found[LINES - 1 :])  # cut where it no longer fits
        return found[: LINES - 1] + ([rest] if rest else [])

    def _lay(self, *_: Any) -> None:
        self.button.right = self.x + self.width - dp(4)
        self.button.center_y = self.y + self.height / 2

    def _act(self, *_: Any) -> None:
        if self._run is not None:
            self._run()

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Light on dark, or dark on light in a dark theme."""
        b.shadow(0, 0, w, h, dp(8))
        b.rounded(0, 0, w, h, dp(8), r.inverse)
        found, step = self._lines(), sp(20)
        top = h / 2 + len(found) * step / 2
        for i, line in enumerate(found):
            y = top - (i + 1) * step
            b.write("body", line, dp(16), y, step, r.on_inverse, w - dp(16) - self.room)


class Toast(Painted):
    """A fact at the upper right; touches go through it."""

    text, icon = StringProperty(), StringProperty("check-circle")
    watch = ("text", "icon")

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A framed box with an icon."""
        b.shadow(0, 0, w, h, dp(12))
        b.framed(0, 0, w, h, dp(12), r.hair(r.sheet), r.sheet)
        side = int(grown(20))
        b.icon(self.icon, dp(14), (h - side) / 2, side, r.primary)
        b.write("body", self.text, dp(24) + side, 0, h, r.text, w - dp(40) - side)


class Notices:
    """Shows them one at a time; `lift` is what the bottom bar takes, in pixels.

    `on_snackbar(height)` tells whoever stands where it comes: its height with the gap above it, 0 when it goes.
    """

    def __init__(self) -> None:
        self._lift = 0.0
        self.on_snackbar: Callable[[float], None] = lambda _height: None
        self.snackbar: Snackbar | None = None
        self.current_toast: Toast | None = None
        self._timer: Any = None
        self._toast_timer: Any = None
        Window.bind(size=self._resized)

    @property
    def lift(self) -> float:
        """Pixels that the bottom bar takes."""
        return self._lift

    @lift.setter
    def lift(self, pixels: float) -> None:
        if pixels != self._lift:
            self._lift = pixels
            if self.snackbar is not None:
                Animation.cancel_all(self.snackbar)
            self._resized()

    @property
    def taken(self) -> float:
        """Pixels that a snackbar takes above the bottom bar, the gap above it included."""
        return 0.0 if self.snackbar is None else self.snackbar.height + dp(12)

    # -- snackbar -----------------------------------------------------------------------------------------
    def snack(self, text: str, action: str = "", run: Callable[[], None] | None = None) -> None:
        """Say what happened, with one way back."""
        self.hide()
        bar = self.snackbar = Snackbar(text, action, None)
        bar._run = lambda: self._acted(run)  # noqa: SLF001 -- one idea in two classes
        Window.add_widget(bar)
        self._resized()
        end, bar.y = bar.y, -bar.height
        self.on_snackbar(self.taken)
        self._move(bar, end, IN, "out_cubic")
        self._timer = Clock.schedule_once(self._leave, STAY)

    def _acted(self, run: Callable[[], None] | None) -> None:
        self.hide()
        if run is not None:
            run()

    def hide(self) -> None:
        """Take the snackbar away at once."""
        if self._timer is not None:
            self._timer.cancel()
        bar, self.snackbar = self.snackbar, None
        if bar is not None:
            Animation.cancel_all(bar)
            bar.button.focus = False
            Window.remove_widget(bar)
            self.on_snackbar(0)

    def _leave(self, _dt: float) -> None:
        bar = self.snackbar
        if bar is None:
            return
        if bar.busy:
            self._timer = Clock.schedule_once(self._leave, AGAIN)
            return
        move = self._move(bar, -bar.height, OUT, "in_cubic")
        if move is None:
            self.hide()
        else:
            move.bind(on_complete=lambda *_: self._gone(bar))

    def _gone(self, bar: Snackbar) -> None:
        if self.snackbar is bar:
            self.hide()

    @staticmethod
    def _move(bar: Snackbar, y: float, seconds: float, way: str) -> Any:
        """Glide there, or jump under reduced motion (then None is returned)."""
        if skin.seconds(seconds) == 0:
            bar.y = y
            return None
        move = Animation(y=y, d=seconds, t=way)
        move.start(bar)
        return move

    # -- toast ------------------------------------------------------------------------------------------------
    def toast(self, text: str, icon: str = "check-circle") -> None:
        """Say a fact for three seconds."""
        self._hide_toast()
        toast = self.current_toast = Toast(text=text, icon=icon, size_hint=(None, None))
        toast.size = (
            min(text_width("body", text) + grown(20) + dp(42), Window.width - dp(32)),
            grown(48),
        )
        Window.add_widget(toast)
        self._resized()
        self._toast_timer = Clock.schedule_once(lambda _: self._hide_toast(), TOAST_STAYS)

    def _hide_toast(self) -> None:
        if self._toast_timer is not None:
            self._toast_timer.cancel()
        if self.current_toast is not None:
            Window.remove_widget(self.current_toast)
            self.current_toast = None

    # -- places -------------------------------------------------------------------------------------------------
    def _resized(self, *_: Any) -> None:
        bar, toast = self.snackbar, self.current_toast
        if bar is not None:
            bar.fit(min(grown(WIDTH), Window.width - dp(32)))
            bar.pos = (Window.width - bar.width) / 2, dp(16) + self.lift
        if toast is not None:
            toast.pos = Window.width - toast.width - dp(20), Window.height - toast.height - dp(20)
