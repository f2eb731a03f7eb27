"""What happens when the program itself is wrong: it is logged whole and said in a sentence, never swallowed."""

from __future__ import annotations

import logging
from collections.abc import Callable

from kivy.base import ExceptionHandler, ExceptionManager
from kivy.clock import Clock

log = logging.getLogger(__name__)

SENTENCE = (
    "Something in the program went wrong, and it is written down in the log. What was saved is safe. "
    "Go on working; if it happens again, close the window and open it anew."
)


KEPT = 100
AGAIN_S = 10.0  # a fault in what tells of faults must not tell of itself for ever


class Faults(ExceptionHandler):
    """Kivy asks this about every exception that a callback lets out; the window lives on."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._tell = tell
        self._told = -AGAIN_S
        self.seen: list[Exception] = []

    def handle_exception(self, inst: Exception) -> int:
        """Log it, tell it (once in a while), and let the window go on."""
        log.error("a fault in the window", exc_info=inst)
        if len(self.seen) < KEPT:
            self.seen.append(inst)
        now = Clock.time()
        if now - self._told >= AGAIN_S:
            self._told = now
            self._tell(SENTENCE)
        return int(ExceptionManager.PASS)
