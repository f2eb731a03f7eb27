"""What every screen is: a column whose KV rule binds to the state of its view-model."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from app.views.house import scroll  # noqa: F401 -- HouseScroll, by its name in KV

T = TypeVar("T")


class ScreenView(BoxLayout):
    """`vm` is the view-model; `state` is its newest state, and KV binds to `root.state.…`.

    `rebind` is what makes that binding follow: without it KV keeps the first state for ever.
    """

    vm = ObjectProperty(None, allownone=True)
    state = ObjectProperty(None, allownone=True, rebind=True)

    def __init__(self, vm: Any, **kwargs: Any) -> None:
        kwargs.setdefault("orientation", "vertical")
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


class RowStack(BoxLayout):
    """Rows of a list that is short enough to be made whole; a row is kept as long as its key is in the list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(orientation="vertical", size_hint_y=None, **kwargs)
        self.bind(minimum_height=self.setter("height"))
        self.rows: dict[Hashable, Widget] = {}

    def show(
        self,
        items: Iterable[T],
        key: Callable[[T], Hashable],
        make: Callable[[T], Widget],
        update: Callable[[Any, T], None],
    ) -> None:
        """Show these items in this order; `update` brings a row in line with its item."""
        wanted = {key(item): item for item in items}
        rows = {name: self.rows.get(name) or make(item) for name, item in wanted.items()}
        for name, item in wanted.items():
            update(rows[name], item)
        if list(rows) != list(self.rows):
            self.clear_widgets()
            for row in rows.values():
                self.add_widget(row)
        self.rows = rows
