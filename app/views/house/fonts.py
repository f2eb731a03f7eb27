"""Which font draws a character: Roboto, else a well-known font of its script, else any installed font that has it.

1. Fonts are looked for where fontconfig, macOS or Windows keep them; nothing is downloaded, none is required.
2. The last resort (every installed font) is searched on a worker; `on_found` tells when an answer came.
3. A script that no font draws is logged once, with what would help; painters then name its characters.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from app.views.house.coverage import Coverage, read_coverage

log = logging.getLogger(__name__)

FILES: Final = (".ttf", ".otf", ".ttc")
PREFERRED: Final = (
    # Noto, as Linux distributions ship it
    "NotoSans-Regular", "NotoSansArabic-Regular", "NotoSansHebrew-Regular", "NotoSansDevanagari-Regular",
    "NotoSansThai-Regular", "NotoSansCJK-Regular", "NotoSansSymbols2-Regular", "NotoSansMath-Regular",
    "DejaVuSans", "DroidSansFallbackFull", "unifont",
    # Windows
    "segoeui", "seguisym", "meiryo", "YuGothM", "msyh", "malgun", "Nirmala", "leelawui",
    # macOS
    "Arial Unicode", "Hiragino Sans GB", "PingFang", "AppleSDGothicNeo", "GeezaPro", "Apple Symbols",
)  # fmt: skip
EMOJI: Final = ("NotoColorEmoji", "seguiemj", "Apple Color Emoji")
MONO: Final = ("DejaVuSansMono", "NotoSansMono-Regular", "consola", "Menlo")
WIDE: Final = (
    "NotoSansCJK-Regular",
    "DroidSansFallbackFull",
    "Arial Unicode",
    "DejaVuSans",
)  # for inputs
HELP: Final = "fonts-noto-core, fonts-noto-cjk and fonts-noto-color-emoji draw nearly everything"
CJK_FACE: Final = {
    "ja": 0,
    "ko": 1,
    "zh_CN": 2,
    "zh_SG": 2,
    "zh": 3,
}  # faces of the Noto CJK collection


class Face(NamedTuple):
    """One face of a font file."""

    path: str
    number: int = 0  # within a collection (.ttc)


class FontBook:
    """Finds faces for characters. `bundled` maps weights to the fonts that come with the program."""

    def __init__(
        self,
        bundled: Mapping[str, str],
        folders: Iterable[Path],
        *,
        language: str = "",
        post: Callable[[Callable[[], None]], None],
    ) -> None:
        self.bundled = dict(bundled)
        self.folders = tuple(folders)
        self.on_found: Callable[[], None] = lambda: None
        self._post = post
        self._language = language
        self._coverage: dict[Face, Coverage] = {}
        self._answers: dict[tuple[str, str], Face | None] = {}
        self._hunted: dict[str, Face | None] = {}
        self._named: set[str] = set()

    # -- what painters ask ------------------------------------------------------------------------
    def face_for(self, ch: str, weight: str) -> Face | None:
        """The face that draws a character in a weight (regular, medium, bold, italic, mono), or None."""
        key = ch, weight
        if key not in self._answers:
            self._answers[key] = self._find(ch, weight)
        return self._answers[key]

    @cached_property
    def emoji(self) -> Face | None:
        """The colour emoji font, where one is installed."""
        return self._by_name(EMOJI)

    def input_font(self, text: str) -> str:
        """The path of the one font that a text input should use for its text: it cannot mix them."""
        strange = {ord(ch) for ch in text if ord(ch) > 0x24F}
        if not strange:
            return self.bundled["regular"]
        best, most = self.bundled["regular"], 0
        for face in self._input_faces():
            have = sum(code in self.coverage(face) for code in strange)
            if have > most:
                best, most = face.path, have
        return best

    def coverage(self, face: Face) -> Coverage:
        """What a face has, read once."""
        if face not in self._coverage:
            self._coverage[face] = read_coverage(face.path, face.number)
        return self._coverage[face]

    # -- searching ----------------------------------------------------------------------------------
    def _find(self, ch: str, weight: str) -> Face | None:
        first = Face(self.bundled.get(weight, self.bundled["regular"]))
        if weight == "mono":
            first = self._by_name(MONO) or first
        code = ord(ch)
        if code in self.coverage(first):
            return first
        for face in self._preferred:
            if code in self.coverage(face):
                return self._in_weight(face, weight, code)
        return self._hunt(ch)

    def _in_weight(self, face: Face, weight: str, code: int) -> Face:
        """The bold sibling of a fallback face where there is one; medium stays regular."""
        if weight != "bold":
            return face
        bold = self.installed.get(Path(face.path).stem.replace("-Regular", "-Bold"))
        sibling = Face(bold, face.number) if bold else face
        return sibling if code in self.coverage(sibling) else face

    def _hunt(self, ch: str) -> Face | None:
        if ch in self._hunted:
            return self._hunted[ch]
        self._hunted[ch] = None
        name = f"font-hunt-{ord(ch):04x}"
        threading.Thread(target=self._search, args=(ch,), daemon=True, name=name).start()
        return None

    def _search(self, ch: str) -> None:
        faces = (Face(self.installed[stem]) for stem in sorted(self.installed, key=_plainness))
        face = next((face for face in faces if ord(ch) in read_coverage(face.path)), None)
        self._post(lambda: self._found(ch, face) if face else self._nobody(ch))

    def _found(self, ch: str, face: Face) -> None:
        log.info("fallback font found: %s for %s", Path(face.path).name, script_of(ch))
        self._hunted[ch] = face
        for key in [key for key in self._answers if key[0] == ch]:
            del self._answers[key]
        self.on_found()

    def _nobody(self, ch: str) -> None:
        script = script_of(ch)
        if script not in self._named:
            self._named.add(script)
            log.warning(
                "no installed font draws %s; its characters are shown by name; %s", script, HELP
            )

    @cached_property
    def installed(self) -> dict[str, str]:
        """Installed font files by stem; of two with one stem the first folder's wins."""
        found: dict[str, str] = {}
        for folder in self.folders:
            for path in _walk(folder):
                found.setdefault(Path(path).stem, path)
        log.info("fonts: %d files in %s", len(found), ", ".join(map(str, self.folders)))
        return found

    @cached_property
    def _preferred(self) -> tuple[Face, ...]:
        cjk = next((n for lang, n in CJK_FACE.items() if self._language.startswith(lang)), 0)
        return tuple(
            Face(self.installed[name], cjk if "CJK" in name else 0)
            for name in PREFERRED
            if name in self.installed
        )

    def _input_faces(self) -> Iterator[Face]:
        yield Face(self.bundled["regular"])
        yield from (Face(self.installed[name]) for name in WIDE if name in self.installed)
        yield from self._preferred

    def _by_name(self, names: Iterable[str]) -> Face | None:
        return next((Face(self.installed[n]) for n in names if n in self.installed), None)


def script_of(ch: str) -> str:
    """The plain name of a character's script, as far as Unicode's names tell it: "Hiragana", "CJK", "U+E000"."""
    name = unicodedata.name(ch, "")
    first = name.split(" ")[0]
    if not name or not first.isalpha():
        return f"U+{ord(ch):04X}"
    return first if first == "CJK" else first.capitalize()


def system_folders(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Where this system keeps fonts; only folders that exist, the person's own first."""
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    if sys.platform == "win32":
        wanted = [
            Path(environ.get("LOCALAPPDATA", home)) / "Microsoft" / "Windows" / "Fonts",
            Path(environ.get("WINDIR", "C:/Windows")) / "Fonts",
        ]
    elif sys.platform == "darwin":
        wanted = [home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts")]
    else:
        wanted = _fontconfig_folders(environ, home)
    return [folder for folder in dict.fromkeys(wanted) if folder.is_dir()]


def _fontconfig_folders(environ: Mapping[str, str], home: Path) -> list[Path]:
    """The `<dir>` entries of fontconfig's own file, and the usual places where it is missing."""
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    folders = [data / "fonts", home / ".fonts"]
    try:
        text = Path(environ.get("FONTCONFIG_FILE") or "/etc/fonts/fonts.conf").read_text(
            "utf-8", "replace"
        )
    except OSError:
        text = ""
    for prefix, folder in re.findall(r'<dir(?:\s+prefix="(\w+)")?[^>]*>([^<]+)</dir>', text):
        place = Path(folder.strip().replace("~", str(home), 1))
        folders.append(data / place if prefix == "xdg" else place)
    return [*folders, Path("/usr/local/share/fonts"), Path("/usr/share/fonts")]


def _walk(folder: Path) -> Iterator[str]:
    for root, folders, files in os.walk(folder):
        folders.sort()
        yield from (
            str(Path(root) / name) for name in sorted(files) if name.lower().endswith(FILES)
        )


def _plainness(stem: str) -> tuple[bool, bool, str]:
    """Sort key: plain sans-serif regulars before display, bold and italic cuts."""
    low = stem.lower()
    odd = any(
        word in low for word in ("bold", "italic", "oblique", "light", "thin", "black", "condensed")
    )
    return odd, "sans" not in low, low
