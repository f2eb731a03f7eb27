"""The window's root: one stage at a time, the keys of the window, and files dropped on it."""

from __future__ import annotations

import os
from typing import Any

from kivy.clock import Clock
from kivy.core.window import Keyboard, Window
from kivy.graphics import Color, Rectangle
from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.textinput import TextInput

from app.viewmodels.appearance import AppearanceState
from app.viewmodels.chooser import Chooser
from app.viewmodels.keys import Intent, bound
from app.viewmodels.window import Stage, WindowModel, WindowState
from app.views.desk import DeskView, first_stop
from app.views.first_run import FirstRunView
from app.views.grid.grid import Grid
from app.views.house import looks
from app.views.house.focus import by_keyboard, focused
from app.views.house.panes import EmptyState
from app.views.house.skin import skin
from app.views.house.theme import rgba
from app.views.screen import ScreenView
from app.views.sheets import Sheets
from app.views.unlock import UnlockView

looks.load("window.kv")

TYPING = frozenset(
    {Intent.BACK, Intent.TRASH, Intent.HISTORY}
)  # an input has its own use for these
SIGNS_OF_LIFE = ("on_motion", "mouse_pos", "on_key_up", "on_textinput")


class OpeningView(ScreenView):
    """Nothing at first; after a moment that a home opens, or why it does not."""

    retry = ObjectProperty(None, allownone=True)

    def __init__(self, vm: WindowModel, **kwargs: Any) -> None:
        self.words = EmptyState(ground="page")
        super().__init__(vm, **kwargs)
        self.words.bind(on_action=lambda *_: self.retry())

    def shown(self, state: WindowState) -> None:
        """What is being done, or what went wrong and what to do about it."""
        failed = state.stage is Stage.FAILED
        self.words.icon = "alert-circle-outline" if failed else "database-outline"
        self.words.title = "Commonhold cannot open" if failed else "Opening…"
        self.words.text = f"{state.failed} {state.hint}".strip()
        self.words.action_text = "Try again" if failed else ""
        if (failed or state.slow) and self.words.parent is None:
            self.add_widget(self.words)


class RootView(BoxLayout):
    """Shows the stage that the window's view-model is in."""

    def __init__(self, vm: WindowModel, chooser: Chooser, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.vm = vm
        self.sheets = Sheets(vm.notices, chooser)
        self.view: Any = None
        self._stage: Stage | None = None
        self._keys = Keyboard()
        with self.canvas.before:
            self._ink, self._back = Color(), Rectangle()
        for name in ("pos", "size"):
            self.fbind(name, self._ground)
        skin.bind(roles=self._ground)
        self._ground()
        self._stops = [vm.appearance.observe(dress), vm.observe(self._staged)]
        Window.bind(on_key_down=self._key, on_drop_file=self._dropped)
        Window.bind(**dict.fromkeys(SIGNS_OF_LIFE, self._alive))

    def close(self) -> None:
        """The window goes away."""
        Window.unbind(on_key_down=self._key, on_drop_file=self._dropped)
        Window.unbind(**dict.fromkeys(SIGNS_OF_LIFE, self._alive))
        for stop in self._stops:
            stop()
        self.sheets.leave()
        self.sheets.close()
        self._show(None)

    @property
    def desk_view(self) -> DeskView | None:
        """The open workspace's view."""
        return self.view if isinstance(self.view, DeskView) else None

    # -- stages ----------------------------------------------------------------------------------
    def _staged(self, state: WindowState) -> None:
        if state.stage is self._stage:
            return
        leaving, self._stage = self._stage, state.stage
        if leaving is Stage.OPEN:
            self.sheets.leave()
        self._show(self._make(state.stage))

    def _make(self, stage: Stage) -> Any:
        vm = self.vm
        if stage is Stage.FIRST_RUN and vm.first_run is not None:
            return FirstRunView(vm.first_run)
        if stage is Stage.LOCKED and vm.unlock is not None:
            return UnlockView(vm.unlock)
        if stage is Stage.OPEN and vm.desk is not None:
            view = DeskView(vm.desk, vm.appearance, self.sheets, str(vm.path))
            self.sheets.attend(vm.desk)
            return view
        return OpeningView(vm, retry=vm.open)

    def _show(self, view: Any) -> None:
        if self.view is not None:
            self.remove_widget(self.view)
            self.view.close()
        self.view = view
        if view is not None:
            self.add_widget(view)

    def _ground(self, *_: Any) -> None:
        self._ink.rgba = rgba(skin.roles.page)
        self._back.pos, self._back.size = self.pos, self.size
        Window.clearcolor = rgba(skin.roles.page)

    # -- keys ------------------------------------------------------------------------------------
    def _key(
        self, _window: Any, key: int, _scancode: int, _text: str | None, modifiers: list[str]
    ) -> bool:
        name = self._keys.keycode_to_string(key)
        over = next((child for child in Window.children if getattr(child, "covers", False)), None)
        if over is not None:
            return self._key_over(over, bound(name, frozenset(modifiers)))
        if name == "tab" and focused(self) is None:
            return self._enter()
        intent = bound(name, frozenset(modifiers))
        desk = self.vm.desk
        if intent is None or desk is None or self.desk_view is None or self._typed_into(intent):
            return False
        if intent in {Intent.NEXT_PANE, Intent.PREVIOUS_PANE}:
            self.desk_view.go_round(back=intent is Intent.PREVIOUS_PANE)
            return True
        if intent is Intent.PALETTE:
            self.sheets.open_palette()
            return True
        if intent is Intent.KEYS:
            self.sheets.show_keys()
            return True
        return desk.do(intent)

    def _key_over(self, over: Any, intent: Intent | None) -> bool:
        """What lies over the window has the keys, but for the lock: who leaves in a hurry presses one."""
        desk = self.vm.desk
        if over.undoable and desk is not None and intent in {Intent.UNDO, Intent.REDO}:
            return desk.do(intent)
        return intent is Intent.LOCK and self._lock()

    def _lock(self) -> bool:
        return self.vm.desk is not None and self.vm.desk.do(Intent.LOCK)

    def _enter(self) -> bool:
        """Tab while nothing has the keyboard: to where the open screen begins, if there is one."""
        desk = self.vm.desk
        if desk is None or self.desk_view is None:
            return False
        begin = first_stop(self.desk_view.main(desk.state.place))
        if begin is not None:
            by_keyboard.on = True
            begin.focus = True
        return begin is not None

    def _typed_into(self, intent: Intent) -> bool:
        """Whether what has the keyboard has a use of its own for the key."""
        holder = focused(self)
        if isinstance(holder, TextInput):
            return intent in TYPING or _typing(holder, intent)
        if isinstance(holder, Grid):
            return intent is Intent.TRASH or (intent is Intent.BACK and holder.busy)
        return False

    def _alive(self, *_: Any) -> None:
        self.vm.idle.active()

    # -- files -----------------------------------------------------------------------------------
    def _dropped(self, _window: Any, name: bytes, *_: Any) -> None:
        desk = self.vm.desk
        if desk is not None:
            path = os.fsdecode(name)
            Clock.schedule_once(lambda _: desk.importing.look(path), 0)


def _typing(field: TextInput, intent: Intent) -> bool:
    """Whether an input has typing of its own to undo or redo; else the key means the workspace's."""
    own = {Intent.UNDO: field._undo, Intent.REDO: field._redo}  # noqa: SLF001 -- Kivy has no other word for it
    return bool(own.get(intent))


def dress(state: AppearanceState) -> None:
    """Bring the skin in line with what was chosen."""
    skin.seed = state.seed
    skin.dark = state.dark
    skin.density = state.density
    skin.text_scale = state.text_size / 100
    skin.reduced_motion = state.reduced_motion
