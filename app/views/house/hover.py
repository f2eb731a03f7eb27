"""What the mouse is over: one watcher for the window, so that a hundred controls cost what one does.

A widget takes part by having a `hovered` property; one with `covers = True` (a sheet, a dialog) hides what is below it.
"""

from __future__ import annotations

from typing import Any

from kivy.core.window import Window


class Hover:
    """Keeps `hovered` true on at most one widget."""

    def __init__(self) -> None:
        self.over: Any | None = None
        Window.bind(mouse_pos=self._moved, on_cursor_leave=self._left)

    def _moved(self, _window: Any, pos: tuple[float, float]) -> None:
        self._set(_find(Window.children, *pos)[0])

    def _left(self, *_: Any) -> None:
        self._set(None)

    def forget(self, widget: Any) -> None:
        """A widget that leaves the window is under no mouse."""
        if self.over is widget:
            self._set(None)

    def _set(self, widget: Any | None) -> None:
        if self.over is not widget:
            if self.over is not None:
                self.over.hovered = False
            self.over = widget
            if widget is not None:
                widget.hovered = True


def _find(children: Any, x: float, y: float) -> tuple[Any | None, bool]:
    """(the topmost widget with `hovered` at a place, whether the search is over)."""
    for child in children:  # topmost first
        if child.disabled or child.opacity == 0 or not child.collide_point(x, y):
            continue
        found, over = _find(child.children, *child.to_local(x, y))
        if found is not None or over:
            return found, True
        if hasattr(child, "hovered"):
            return child, True
        if getattr(child, "covers", False):
            return None, True
    return None, False


hover = Hover()
