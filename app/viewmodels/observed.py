"""A state that is replaced, never changed, and the observers that are told of each new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    S = TypeVar("S", bound=DataclassInstance)
else:
    S = TypeVar("S")

Stop = Callable[[], None]


class Observed(Generic[S]):
    """Holds one frozen dataclass; lives on the window's thread and is not safe on others."""

    def __init__(self, state: S) -> None:
        self._state = state
        self._observers: list[Callable[[S], None]] = []

    @property
    def state(self) -> S:
        """What the screen shows now."""
        return self._state

    def observe(self, callback: Callable[[S], None]) -> Stop:
        """Call back now and after each change; the returned function ends it."""
        self._observers.append(callback)
        callback(self._state)

        def stop() -> None:
            if callback in self._observers:
                self._observers.remove(callback)

        return stop

    def _show(self, **changes: Any) -> None:
        """Replace fields of the state; observers hear of it only when something differs."""
        state = replace(self._state, **changes)
        if state == self._state:
            return
        self._state = state
        for callback in tuple(self._observers):
            if self._state is not state:
                return  # an observer changed it again, and all have heard of that
            callback(state)
