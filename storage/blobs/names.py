"""Names of attachments, made harmless: for showing, and as a proposal where to save. Never a path of ours."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MOST_NAME_BYTES: Final = 200
NO_NAME: Final = "file"

_SUFFIX: Final = re.compile(r"\.[^.\s]{1,16}$")
_FORBIDDEN: Final = frozenset('<>:"|?*')  # on Windows, in a name
_JOINERS: Final = frozenset("\u200c\u200d")  # belong to the spelling of Persian, Hindi and others
_UNSHOWN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_DEVICES: Final = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{port}{n}" for port in ("COM", "LPT") for n in "0123456789¹²³"}
)


def clean(name: str) -> str:
    """A name without folders, signs that cannot be seen or turn the writing round, and names that Windows reserves.

    It keeps its ending, and has at most 200 bytes in UTF-8.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(_sign(sign) for sign in last).strip(" .") or NO_NAME
    if shown.split(".")[0].rstrip(" ").upper() in _DEVICES:
        shown = f"_{shown}"
    return _shortened(shown)


def _sign(sign: str) -> str:
    unshown = unicodedata.category(sign) in _UNSHOWN and sign not in _JOINERS
    return "_" if unshown or sign in _FORBIDDEN else sign


def _shortened(name: str) -> str:
    if len(name.encode()) <= MOST_NAME_BYTES:
        return name
    found = _SUFFIX.search(name)
    suffix = found.group() if found else ""
    room = MOST_NAME_BYTES - len(suffix.encode())
    stem = name.removesuffix(suffix).encode()[:room].decode(errors="ignore")
    return f"{stem.rstrip(' .')}{suffix}"
