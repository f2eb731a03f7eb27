"""What happens when the program itself is wrong: it is logged whole and said in a sentence, never swallowed."""

from __future__ import annotations

import logging
from collections.abc import Callable

from kivy.base import ExceptionHandler, ExceptionManager

log = logging.getLogger(__name__)

SENTENCE = (
    "Something in the program went wrong, and it is written down in the log. What was saved is safe. "
    "Go on working; if it happens again, close the window and open it anew."
)


class Faults(ExceptionHandler):
    """Kivy asks this about every exception that a callback lets out; the window lives on."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._tell = tell
        self.seen: list[Exception] = []

    def handle_exception(self, inst: Exception) -> int:
        """Log it, tell it, and let the window go on."""
        log.error("a fault in the window", exc_info=inst)
        self.seen.append(inst)
        self._tell(SENTENCE)
        return int(ExceptionManager.PASS)
