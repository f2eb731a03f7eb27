"""What all house controls are: a widget that paints itself into one mesh, and the states of something to press.

    class Badge(Painted):
        text = StringProperty()
        watch = ("text",)                              # repainted when these change, or size, or the skin
        def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
            b.rounded(0, 0, w, h, h // 2, r.error)     # own coordinates: (0, 0) is the lower left corner
            b.write("label", self.text, 0, 0, h, r.on_error, w, "center")

`ground` names the colour under a widget (a role, or page, pane, pane_head, sheet), so states are mixed, not blended.
"""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.metrics import Metrics, dp
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.widget import Widget

from app.views.house.batch import Batch, Layer, batch_context
from app.views.house.focus import FocusRing, hidden
from app.views.house.hover import hover
from app.views.house.lines import lines
from app.views.house.skin import skin
from app.views.house.theme import DISABLED, HOVER, PRESSED, Roles, mix

TOUCH = 48  # dp: what a finger needs
LONG_PRESS = 0.5  # seconds


class Painted(Widget):
    """Paints into one mesh, in its own coordinates, when something changed."""

    ground = StringProperty("pane")
    watch: tuple[str, ...] = ()

    def __init__(self, **kwargs: Any) -> None:
        context = batch_context()
        self.layer = Layer().add_to(context)
        self.repaint = Clock.create_trigger(self._paint, -1)
        super().__init__(**kwargs)
        self.canvas.before.add(context)
        for name in ("size", "ground", "disabled", "opacity", *self.watch):
            self.fbind(name, self._ask)
        self.fbind("pos", self._move)
        skin.bind(roles=self._ask, text_scale=self._ask)
        Metrics.bind(density=self._ask)
        lines().atlas.listeners.add(self)
        self.repaint()

    def _ask(self, *_: Any) -> None:
        self.repaint()

    def atlas_wiped(self) -> None:
        """The glyphs moved: paint again before the frame is drawn."""
        self.repaint()

    def _move(self, *_: Any) -> None:
        self.layer.place.xy = int(self.x), int(self.y)

    def _paint(self, _dt: float) -> None:
        batch = Batch()  # stays empty for what cannot be seen
        if self.width > 1 and self.height > 1 and self.opacity > 0:
            self._move()
            self.paint(batch, int(self.width), int(self.height), skin.roles)
        batch.into(self.layer)

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """Fill the batch; (0, 0) is the lower left corner."""
        raise NotImplementedError


class Control(FocusRing, ButtonBehavior, Painted):
    """Something to press: `on_release` by click, tap, Enter, Space; `on_context` by right click, long press, Shift+F10.

    `label` says in words what an icon alone does: it becomes the tip.
    """

    text = StringProperty()
    icon = StringProperty()
    label = StringProperty()
    selected = BooleanProperty(False)
    hovered = BooleanProperty(False)
    touch_dp = NumericProperty(TOUCH)  # smallest side of what a finger hits; 0: exactly the widget
    watch: tuple[str, ...] = ("text", "icon", "selected", "hovered", "state")

    __events__: tuple[str, ...] = ("on_context",)

    def __init__(self, **kwargs: Any) -> None:
        self._long_press = Clock.create_trigger(self._held, LONG_PRESS)
        self._touch: Any = None
        super().__init__(**kwargs)

    def on_context(self, _touch: Any) -> None:
        """A menu for this was asked for; the argument is the touch, or None when by key."""

    def on_parent(self, _widget: Any, parent: Any) -> None:
        """Taken out: nothing is over it any more."""
        if parent is None:
            hover.forget(self)

    # -- where it can be hit --------------------------------------------------------------------------
    def touch_box(self) -> tuple[float, float, float, float]:
        """(x, y, width, height) of what a finger hits, in the parent's coordinates."""
        side = dp(self.touch_dp)
        dx, dy = max(0, side - self.width) / 2, max(0, side - self.height) / 2
        return self.x - dx, self.y - dy, self.width + 2 * dx, self.height + 2 * dy

    def collide_point(self, x: float, y: float) -> bool:
        """Whether a place belongs to this control, its touch area included."""
        left, bottom, w, h = self.touch_box()
        return bool(left <= x <= left + w and bottom <= y <= bottom + h)

    # -- pressing ----------------------------------------------------------------------------------------
    def on_touch_down(self, touch: Any) -> bool:
        """A right click asks for the menu; anything else presses."""
        if self.disabled or not self.collide_point(*touch.pos):
            return bool(super().on_touch_down(touch))
        if hidden(self):
            return False
        if getattr(touch, "button", "") == "right":
            self.dispatch("on_context", touch)
            return True
        if not touch.is_mouse_scrolling:
            self._touch = touch
            self._long_press()
        return bool(super().on_touch_down(touch))

    def on_touch_move(self, touch: Any) -> bool:
        """A finger that wanders is no long press."""
        if touch is self._touch and max(abs(touch.x - touch.ox), abs(touch.y - touch.oy)) > dp(8):
            self._long_press.cancel()
        return bool(super().on_touch_move(touch))

    def on_touch_up(self, touch: Any) -> bool:
        """Let go."""
        if touch is self._touch:
            self._long_press.cancel()
            self._touch = None
        return bool(super().on_touch_up(touch))

    def _held(self, _dt: float) -> None:
        touch = self._touch
        if touch is not None and "button" not in touch.profile:
            self.dispatch("on_context", touch)

    def keyboard_on_key_down(
        self, window: Any, keycode: tuple[int, str], text: str, modifiers: list[str]
    ) -> bool:
        """Shift+F10 or the menu key: the menu."""
        if (keycode[1] == "f10" and "shift" in modifiers) or keycode[1] == "menu":
            self.dispatch("on_context", None)
            return True
        return super().keyboard_on_key_down(window, keycode, text, modifiers)

    # -- states ---------------------------------------------------------------------------------------------
    def under(self, r: Roles) -> int:
        """The colour this stands on."""
        return r.ground(self.ground)

    def layer_of(self, base: int, ink: int) -> int:
        """A ground with its state mixed in: hover 8 %, pressed 12 %, disabled none."""
        if self.disabled:
            return base
        return mix(base, ink, PRESSED if self.state == "down" else HOVER if self.hovered else 0.0)

    def ink_on(self, ink: int, ground: int) -> int:
        """An ink, faded when disabled."""
        return mix(ground, ink, DISABLED) if self.disabled else ink
