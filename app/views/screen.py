"""What every screen is: a layout whose KV rule binds to the state of its view-model."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty
from kivy.uix.floatlayout import FloatLayout


class ScreenView(FloatLayout):
    """`vm` is the view-model; `state` is its newest state, and KV binds to `root.state.…`.

    `rebind` is what makes that binding follow: without it KV keeps the first state for ever.
    """

    vm = ObjectProperty(None, allownone=True)
    state = ObjectProperty(None, allownone=True, rebind=True)

    def __init__(self, vm: Any, **kwargs: Any) -> None:
        self.state = vm.state
        super().__init__(vm=vm, state=vm.state, **kwargs)
        self._stop = vm.observe(self._changed)

    def _changed(self, state: Any) -> None:
        self.state = state
        self.shown(state)

    def shown(self, state: Any) -> None:
        """A new state; for what KV cannot say (lists, focus)."""

    def close(self) -> None:
        """The view is going away: listen no longer."""
        self._stop()
