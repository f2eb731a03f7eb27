"""Lines of text laid out as quads of the atlas, cached; cut with an ellipsis; broken into paragraphs.

A known Latin line costs 0.3 us, a new one about 10 us; scripts that join cost a sprite a word, once.
1. A line is cached by (text, size, weight) as long as the atlas keeps its generation.
2. No text, however broken or long, raises: `LONGEST` characters are laid out, the rest is an ellipsis.
"""

from __future__ import annotations

import locale
import os
import re
from collections import OrderedDict
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from kivy.clock import Clock
from kivy.metrics import sp
from kivymd import fonts_path

from app.views.house.fonts import Face, FontBook, script_of, system_folders
from app.views.house.glyphs import EMOJI_SIDE, Atlas, Sprite
from app.views.house.shaping import COMPLEX, Kind, Piece, name_nameless, pieces
from app.views.house.theme import TYPE

LONGEST = 2000
KEPT = 6000
ELLIPSIS = "…"
WORDS = re.compile(r"[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+\s*|\s+")
ICONS = Face(str(Path(fonts_path) / "materialdesignicons-webfont.ttf"))

Quad = tuple[int, int, int, int, float, float, float, float, bool]  # x0 y0 x1 y1 u0 v0 u1 v1 tinted


class Type(NamedTuple):
    """A size in pixels and a weight."""

    px: int
    weight: str = "regular"


@lru_cache(256)
def _type(name: str, pixels: int) -> Type:
    return Type(pixels, TYPE[name][1])


def type_of(name: str) -> Type:
    """A named style (`theme.TYPE`) in pixels of this screen and text size."""
    return _type(name, round(sp(TYPE[name][0])))


class Run:
    """One laid-out line, baseline at y = 0, from x = 0."""

    __slots__ = ("edges", "missing", "quads", "rtl", "width")

    def __init__(self, *, rtl: bool = False) -> None:
        self.width = 0.0
        self.quads: list[Quad] = []
        self.edges: list[tuple[float, int]] = []  # after each piece: pen, number of quads
        self.rtl = rtl
        self.missing = ""  # characters that no font draws


class Lines:
    """Lays out lines; holds the cache."""

    def __init__(self, atlas: Atlas, fonts: FontBook) -> None:
        self.atlas, self.fonts = atlas, fonts
        self._runs: OrderedDict[tuple[str, Type], Run] = OrderedDict()
        self._faces: dict[Type, dict[str, Any]] = {}
        self._generation = atlas.generation
        fonts.on_found = self._font_found

    def _font_found(self) -> None:
        """A font for what was missing: lay everything out again."""
        self.atlas.wipe()

    def run(self, text: str, kind: Type) -> Run:
        """Lay out one line."""
        if self._generation != self.atlas.generation:
            self._forget()
        key = text, kind
        got = self._runs.get(key)
        if got is not None:
            self._runs.move_to_end(key)
            return got
        got = self._laid_out(text if len(text) <= LONGEST else text[:LONGEST] + ELLIPSIS, kind)
        self._runs[key] = got
        if len(self._runs) > KEPT:
            self._runs.popitem(last=False)
        return got

    def width(self, text: str, kind: Type) -> float:
        """How wide a line is, in pixels."""
        return self.run(text, kind).width

    def _forget(self) -> None:
        self._generation = self.atlas.generation
        self._runs.clear()
        self._faces.clear()

    def _laid_out(self, text: str, kind: Type) -> Run:
        generation = self.atlas.generation
        got = (None if COMPLEX.search(text) else self._simple(text, kind)) or self._complex(
            text, kind
        )
        if generation == self.atlas.generation:
            return got
        self._forget()  # wiped half-way: the quads are stale; the emptied atlas has room for one line
        return self._complex(text, kind)

    # -- the common case: a row of single characters ---------------------------------------------------
    def _simple(self, text: str, kind: Type) -> Run | None:
        """About 1 us a character: a pair table gives advance with kerning. None when a font is missing."""
        table = self._faces.setdefault(kind, {})
        run = Run()
        quads, edges, x, prev = run.quads, run.edges, 0.0, ""
        for ch in text:
            got = table.get(prev + ch)
            if got is None:
                got = self._pair(prev, ch, kind)
                if got is None:
                    return None
                table[prev + ch] = got
            kern, advance, left, bottom, w, h, u0, v0, u1, v1 = got
            x += kern
            if ch != " ":
                gx = int(x + 0.5) + left
                quads.append((gx, bottom, gx + w, bottom + h, u0, v0, u1, v1, True))
            x += advance
            edges.append((x, len(quads)))
            prev = ch
        run.width = x
        return run

    def _pair(self, prev: str, ch: str, kind: Type) -> tuple[Any, ...] | None:
        face = self.fonts.face_for(ch, kind.weight)
        if face is None:
            return None
        atlas, kern = self.atlas, 0.0
        if prev and self.fonts.face_for(prev, kind.weight) == face:
            both = atlas.advance(prev + ch, face, kind.px)
            kern = both - atlas.advance(prev, face, kind.px) - atlas.advance(ch, face, kind.px)
        box, left, bottom, w, h, _ = atlas.glyph(ch, face, kind.px)
        return kern, atlas.advance(ch, face, kind.px), left, bottom, w, h, *box

    # -- everything else ----------------------------------------------------------------------------------
    def _complex(self, text: str, kind: Type) -> Run:
        parts, rtl = pieces(text)
        run = Run(rtl=rtl)
        stranger = ""
        for part in parts:
            if part.kind is Kind.NAMELESS:
                self._spell(run, name_nameless(part.text), kind)
                continue
            face = self._face(part, kind)
            if face is None:
                stranger += part.text
                continue
            stranger = self._name_strangers(run, stranger, kind)
            self._add(run, part, face, kind)
        self._name_strangers(run, stranger, kind)
        return run

    def _face(self, part: Piece, kind: Type) -> Face | None:
        if part.kind is Kind.EMOJI and self.fonts.emoji:
            return self.fonts.emoji
        letter = next((ch for ch in part.text if ch.isalnum()), part.text[0])
        return self.fonts.face_for(letter, kind.weight)

    def _add(self, run: Run, part: Piece, face: Face, kind: Type) -> None:
        if part.kind is Kind.EMOJI and face == self.fonts.emoji:
            sprite = self.atlas.emoji(part.text, face, kind.px)
            self._put(run, sprite, max(sprite.width + 2, kind.px * EMOJI_SIDE + 2))
            return
        shaped = part.kind is Kind.WORD
        text = part.text if shaped else part.text[0]
        advance = self.atlas.advance(text, face, kind.px, shaped=shaped)
        self._put(
            run,
            None if text.isspace() else self.atlas.glyph(text, face, kind.px, shaped=shaped),
            advance,
        )

    def _name_strangers(self, run: Run, text: str, kind: Type) -> str:
        """Name what no font draws: "‹Hiragana ×5›" says more than five empty boxes."""
        if text:
            run.missing += text
            times = f" ×{len(text)}" if len(text) > 1 else ""
            self._spell(run, f"‹{script_of(text[0])}{times}›", kind)
        return ""

    def _spell(self, run: Run, text: str, kind: Type) -> None:
        face = Face(self.fonts.bundled["regular"])
        for ch in text:
            glyph = None if ch == " " else self.atlas.glyph(ch, face, kind.px)
            self._put(run, glyph, self.atlas.advance(ch, face, kind.px))

    @staticmethod
    def _put(run: Run, sprite: Sprite | None, advance: float) -> None:
        if sprite is not None:
            (u0, v0, u1, v1), left, bottom, w, h, tinted = sprite
            x = round(run.width) + left
            run.quads.append((x, bottom, x + w, bottom + h, u0, v0, u1, v1, tinted))
        run.width += advance
        run.edges.append((run.width, len(run.quads)))

    # -- fitting ---------------------------------------------------------------------------------------------
    def fit(self, run: Run, width: float, kind: Type) -> tuple[list[Quad], float]:
        """The quads of a line cut to a width, with an ellipsis at its end when something had to go."""
        if run.width <= width:
            return run.quads, run.width
        dots = self.run(ELLIPSIS, kind)
        room = width - dots.width
        if room < 0:
            return [], 0.0
        return self._keep_end(run, room, dots) if run.rtl else self._keep_start(run, room, dots)

    @staticmethod
    def _keep_start(run: Run, room: float, dots: Run) -> tuple[list[Quad], float]:
        keep, end = 0, 0.0
        for x, count in run.edges:
            if x > room:
                break
            keep, end = count, x
        return run.quads[:keep] + _moved(dots.quads, round(end)), end + dots.width

    @staticmethod
    def _keep_end(run: Run, room: float, dots: Run) -> tuple[list[Quad], float]:
        """Right-to-left text ends at the left."""
        drop, start = 0, 0.0
        for x, count in run.edges:
            drop, start = count, x
            if run.width - x <= room:
                break
        width = run.width - start + dots.width
        return list(dots.quads) + _moved(run.quads[drop:], round(dots.width - start)), width

    def wrap(self, text: str, width: float, kind: Type) -> list[str]:
        """Break a paragraph at spaces, at line ends and between CJK characters; over-long words are cut."""
        return [
            line for part in text.splitlines() or [""] for line in self._wrap(part, width, kind)
        ]

    def _wrap(self, text: str, width: float, kind: Type) -> list[str]:
        lines: list[str] = []
        line, used = "", 0.0
        for found in WORDS.findall(text):
            word = found
            if line and used + self.width(word.rstrip(), kind) > width:
                lines.append(line.rstrip())
                line, used = "", 0.0
            while len(word) > 1 and self.width(word.rstrip(), kind) > width:
                cut = max(1, sum(1 for x, _ in self.run(word, kind).edges if x <= width))
                lines.append(word[:cut])
                word = word[cut:]
            line, used = line + word, used + self.width(word, kind)
        return [*lines, line.rstrip()] if line or not lines else lines


def _moved(quads: list[Quad], by: int) -> list[Quad]:
    return [(a + by, b, c + by, d, *rest) for a, b, c, d, *rest in quads]  # type: ignore[misc] # star in a tuple


@cache
def lines() -> Lines:
    """The one typesetter of the process, made when a window is there to hold its texture."""
    bundled = {
        w: str(Path(fonts_path) / f"Roboto-{w.title()}.ttf")
        for w in ("regular", "medium", "bold", "italic")
    }
    language = locale.getlocale()[0] or os.environ.get("LANG", "")
    book = FontBook(
        bundled,
        system_folders(),
        language=language,
        post=lambda call: Clock.schedule_once(lambda _: call(), 0),
    )
    return Lines(Atlas(), book)
