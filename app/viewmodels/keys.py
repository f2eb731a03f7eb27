"""Every key of the window, once: what is bound is what the cheat sheet shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Intent(Enum):
    """What a key of the window asks for."""

    PALETTE = "palette"
    KEYS = "keys"
    SEARCH = "search"
    NEW_RECORD = "new record"
    NEW_COLLECTION = "new collection"
    IMPORT = "import"
    SETTINGS = "settings"
    TRASH = "trash"
    UNDO = "undo"
    REDO = "redo"
    HISTORY = "history"
    LOCK = "lock"
    BACK = "back"
    NEXT_PANE = "next pane"
    PREVIOUS_PANE = "previous pane"


@dataclass(frozen=True)
class Key:
    """A binding: the key as Kivy names it, the modifiers, and the words for both."""

    intent: Intent
    key: str
    modifiers: frozenset[str]
    shown: str
    does: str


def _key(intent: Intent, key: str, shown: str, does: str, *modifiers: str) -> Key:
    return Key(intent, key, frozenset(modifiers), shown, does)


WINDOW_KEYS: tuple[Key, ...] = (
    _key(Intent.PALETTE, "k", "Ctrl K", "Search, go to, or do", "ctrl"),
    _key(Intent.SEARCH, "f", "Ctrl F", "Search all records", "ctrl"),
    _key(Intent.NEW_RECORD, "n", "Ctrl N", "New record", "ctrl"),
    _key(Intent.NEW_COLLECTION, "n", "Ctrl Shift N", "New list", "ctrl", "shift"),
    _key(Intent.IMPORT, "i", "Ctrl I", "Import a file", "ctrl"),
    _key(Intent.TRASH, "delete", "Ctrl Del", "Move the record to Trash", "ctrl"),
    _key(Intent.UNDO, "z", "Ctrl Z", "Undo what was done last", "ctrl"),
    _key(Intent.REDO, "z", "Ctrl Shift Z", "Redo what was undone", "ctrl", "shift"),
    _key(Intent.REDO, "y", "Ctrl Y", "Redo, too", "ctrl"),
    _key(Intent.HISTORY, "h", "Ctrl H", "History of the record", "ctrl"),
    _key(Intent.NEXT_PANE, "f6", "F6", "Next pane"),
    _key(Intent.PREVIOUS_PANE, "f6", "Shift F6", "Previous pane", "shift"),
    _key(Intent.SETTINGS, ",", "Ctrl ,", "Settings", "ctrl"),
    _key(Intent.LOCK, "l", "Ctrl L", "Lock", "ctrl"),
    _key(Intent.KEYS, "f1", "F1", "This sheet of keys"),
    _key(Intent.BACK, "escape", "Esc", "Close, or go back"),
)


def bound(key: str, modifiers: frozenset[str]) -> Intent | None:
    """The intent of a pressed key; on a Mac the command key stands for Ctrl."""
    pressed = frozenset(
        "ctrl" if m in ("meta", "ctrl") else m
        for m in modifiers
        if m in ("ctrl", "meta", "shift", "alt")
    )
    for binding in WINDOW_KEYS:
        if binding.key == key and binding.modifiers == pressed:
            return binding.intent
    return None
