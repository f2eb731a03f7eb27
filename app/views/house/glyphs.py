"""The atlas: every glyph is rasterised once (Pillow, FreeType) into one texture that all painting shares.

1. Everything drawn comes from `texture`.
2. When it is full it is wiped and `generation` grows: whoever holds quads lays out again (`listeners` are told).
3. Two wipes in a short time mean it is too small for what is in sight: it doubles.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import NamedTuple, Protocol
from weakref import WeakSet

from kivy.graphics.texture import Texture
from kivy.metrics import Metrics
from PIL import Image, ImageDraw, ImageFilter, ImageFont, features

from app.views.house.fonts import Face
from app.views.house.shaping import RIGHT_TO_LEFT

RAQM = features.check("raqm")  # HarfBuzz shaping; wants the system's fribidi
HIGHEST = 8192  # pixels; what every GL of the last ten years takes
SOON = 2.0  # seconds between wipes that say: too small
EMOJI_SIZES = (109, 160, 136, 96, 64)  # bitmap emoji fonts come in one size only
SHADE = 72  # of 255: how dark a shadow is at most
EMOJI_SIDE = 1.2  # of the text size

Box = tuple[float, float, float, float]  # u0, v0, u1, v1: bottom left to top right


class Sprite(NamedTuple):
    """A picture in the atlas, and where it lies relative to the pen on the baseline, in pixels."""

    box: Box
    left: int
    bottom: int
    width: int
    height: int
    tinted: bool  # False: it brings its own colours (emoji)


class Repaints(Protocol):
    """Whoever holds quads of the atlas."""

    def atlas_wiped(self) -> None:
        """Lay out again before the next frame."""


@lru_cache(256)
def plain_font(face: Face, px: int) -> ImageFont.FreeTypeFont:
    """A font for single characters."""
    return ImageFont.truetype(
        face.path, px, index=face.number, layout_engine=ImageFont.Layout.BASIC
    )


@lru_cache(128)
def shaping_font(face: Face, px: int) -> ImageFont.FreeTypeFont:
    """A font for whole words, through HarfBuzz where it is there."""
    return ImageFont.truetype(face.path, px, index=face.number)


class Atlas:
    """Owns the texture and the sprites in it."""

    def __init__(self, width: int = 2048, height: int | None = None) -> None:
        self.width = width
        self.height = height or (1024 if Metrics.density < 1.4 else 2048)
        self.generation = 0
        self.listeners: WeakSet[Repaints] = WeakSet()
        self._wiped_at = -SOON
        self._make_texture()
        self.wipe()

    def _make_texture(self) -> None:
        self.texture = Texture.create(size=(self.width, self.height), colorfmt="rgba", mipmap=False)
        self.texture.min_filter = self.texture.mag_filter = "linear"
        self.texture.add_reload_observer(lambda _: self.wipe())

    def wipe(self) -> None:
        """Start empty; everybody lays out again."""
        now = time.monotonic()
        if now - self._wiped_at < SOON and self.height < HIGHEST and self.generation:
            self.height *= 2
            self._make_texture()
        self._wiped_at = now
        self.generation += 1
        self.sprites: dict[tuple[str, Face | None, int], Sprite] = {}
        self.widths: dict[tuple[str, Face, int], float] = {}
        self._x = self._y = self._shelf = 0
        blank = bytes(self.width * self.height * 4)
        self.texture.blit_buffer(blank, size=(self.width, self.height), colorfmt="rgba")
        self.white = self._place(Image.new("RGBA", (4, 4), (255, 255, 255, 255)))
        for listener in tuple(self.listeners):
            listener.atlas_wiped()

    def _place(self, image: Image.Image) -> Box:
        w, h = image.size
        if w > self.width - 1:
            image = image.crop((0, 0, self.width - 1, h))
            w = image.width
        if self._x + w + 1 > self.width:
            self._x, self._y, self._shelf = 0, self._y + self._shelf + 1, 0
        if self._y + h > self.height:
            self.wipe()
            return self._place(image)
        x, y = self._x, self._y
        self.texture.blit_buffer(
            image.tobytes(), pos=(x, y), size=(w, h), colorfmt="rgba", bufferfmt="ubyte"
        )
        self._x, self._shelf = x + w + 1, max(self._shelf, h)
        return x / self.width, (y + h) / self.height, (x + w) / self.width, y / self.height

    def _kept(self, key: tuple[str, Face | None, int], made: Sprite) -> Sprite:
        self.sprites[key] = made
        return made

    # -- sprites -----------------------------------------------------------------------------------
    def glyph(self, text: str, face: Face, px: int, *, shaped: bool = False) -> Sprite:
        """One character, or one shaped word."""
        key = text, face, px
        return self.sprites.get(key) or self._kept(key, self._draw(text, face, px, shaped=shaped))

    def emoji(self, text: str, face: Face, px: int) -> Sprite:
        """One emoji sequence, in its own colours, scaled to the text."""
        key = text, face, -px
        return self.sprites.get(key) or self._kept(key, self._draw_emoji(text, face, px))

    def disc(self, radius: int) -> Box:
        """A filled, smooth circle of a radius in pixels; rounded boxes are cut from it."""
        key = "disc", None, radius
        got = self.sprites.get(key)
        if got is None:
            side = radius * 2
            big = Image.new("L", (side * 4, side * 4))
            ImageDraw.Draw(big).ellipse((0, 0, side * 4 - 1, side * 4 - 1), fill=255)
            box = self._place(_white(big.resize((side, side), Image.Resampling.LANCZOS)))
            got = self._kept(key, Sprite(box, 0, 0, side, side, tinted=True))
        return got.box

    def shade(self, radius: int, spread: int) -> Box:
        """A disc that fades out over `spread` pixels, at most as dark as a shadow; soft edges are cut from it."""
        key = f"shade {spread}", None, radius
        got = self.sprites.get(key)
        if got is None:
            side = 2 * (radius + spread)
            mask = Image.new("L", (side, side))
            inner = spread // 2, spread // 2, side - spread // 2 - 1, side - spread // 2 - 1
            ImageDraw.Draw(mask).ellipse(inner, fill=SHADE)
            box = self._place(_white(mask.filter(ImageFilter.GaussianBlur(spread / 3))))
            got = self._kept(key, Sprite(box, 0, 0, side, side, tinted=True))
        return got.box

    def advance(self, text: str, face: Face, px: int, *, shaped: bool = False) -> float:
        """How far the pen moves, in pixels."""
        key = text, face, px
        got = self.widths.get(key)
        if got is None:
            font = shaping_font(face, px) if shaped else plain_font(face, px)
            got = self.widths[key] = font.getlength(text)
        return got

    def _draw(self, text: str, face: Face, px: int, *, shaped: bool) -> Sprite:
        font = shaping_font(face, px) if shaped else plain_font(face, px)
        way = "rtl" if shaped and RAQM and RIGHT_TO_LEFT.match(text) else None
        x0, y0, x1, y1 = (round(v) for v in font.getbbox(text, anchor="ls", direction=way))
        w, h = max(1, x1 - x0), max(1, y1 - y0)
        mask = Image.new("L", (w, h))
        ImageDraw.Draw(mask).text((-x0, -y0), text, font=font, fill=255, anchor="ls", direction=way)
        return Sprite(self._place(_white(mask)), x0, -y1, min(w, self.width - 1), h, tinted=True)

    def _draw_emoji(self, text: str, face: Face, px: int) -> Sprite:
        font = _emoji_font(face)
        box = font.getbbox(text)
        w, h = max(1, round(box[2])), max(1, round(box[3]))
        big = Image.new("RGBA", (w, h))
        ImageDraw.Draw(big).text((0, 0), text, font=font, embedded_color=True)
        side = round(px * EMOJI_SIDE)
        wide = max(1, round(side * w / h)) if w > h * 1.5 else side
        image = big.resize((wide, side), Image.Resampling.LANCZOS)
        return Sprite(self._place(image), 1, -round(px * 0.24), wide, side, tinted=False)


@lru_cache(4)
def _emoji_font(face: Face) -> ImageFont.FreeTypeFont:
    for size in EMOJI_SIZES:
        try:
            return ImageFont.truetype(face.path, size, index=face.number)
        except OSError:
            continue
    raise OSError(f"no usable size in {face.path}")


def _white(mask: Image.Image) -> Image.Image:
    """A white picture with a mask as its alpha: the tint gives the colour."""
    image = Image.new("RGBA", mask.size, (255, 255, 255, 0))
    image.putalpha(mask)
    return image
