"""Which actions undo passes by: nothing was left of them to take back when it came to them. Kept with the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

Execute = Callable[..., Any]

ID_BYTES: Final = 8
MOST: Final = 256  # of the latest; an older one is only looked at once more


def passed_by(execute: Execute) -> frozenset[bytes]:
    """The ids of actions that are passed by."""
    packed = _packed(execute)
    return frozenset(packed[i : i + ID_BYTES] for i in range(0, len(packed), ID_BYTES))


def pass_by(execute: Execute, action: bytes) -> None:
    """Pass one more action by. In the caller's transaction."""
    packed = (_packed(execute) + action)[-MOST * ID_BYTES :]
    execute("INSERT OR REPLACE INTO engine VALUES ('passed', ?)", (packed,))


def _packed(execute: Execute) -> bytes:
    row = execute("SELECT v FROM engine WHERE k = 'passed'").fetchone()
    return b"" if row is None else bytes(row[0])
