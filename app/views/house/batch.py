"""Painting in bulk: boxes, icons and text become quads of one mesh, so a row or a control is one draw call.

    batch = Batch()
    batch.rounded(0, 0, 200, 40, 12, r.selected)
    batch.write("body", "Drill bit 6.5 mm", 12, 0, 40, r.text, width=176)
    batch.into(layer)

1. A vertex is (x, y, u, v, tint); tint is 1 + 0xRRGGBB in one float (exact), or 0 for the texture's own colours.
   The window's one shader draws it, so it may stand anywhere but inside an Fbo or another RenderContext.
2. Colours are opaque: mix before painting (`theme.mix`).
3. While `recording` is on (tests), a layer also keeps what was painted into it, for `audit`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Literal, NamedTuple

from kivy.core.window import Window
from kivy.graphics import Color, InstructionGroup, Mesh, PopMatrix, PushMatrix, Translate
from kivy.metrics import dp
from kivymd.icon_definitions import md_icons

from app.views.house.glyphs import Box
from app.views.house.lines import ICONS, LONGEST, Lines, Type, lines, type_of

FORMAT = [(b"vPosition", 2, "float"), (b"vTexCoords0", 2, "float"), (b"vTint", 1, "float")]
QUADS = 16000  # what 16-bit indices reach
INDICES = array("H", [i * 4 + k for i in range(QUADS) for k in (0, 1, 2, 2, 3, 0)])
FLOATS_A_QUAD = 20
CAP_HEIGHT = 0.72  # of the text size: Roboto's capitals
VERTEX = """$HEADER$
attribute float vTint;
void main (void) {
    float c = vTint - 1.0, r = floor(c / 65536.0), g = floor((c - r * 65536.0) / 256.0);
    float b = c - r * 65536.0 - g * 256.0;
    vec4 tint = vTint > 0.5 ? vec4(r / 255.0, g / 255.0, b / 255.0, 1.0) : vec4(1.0);
    frag_color = color * tint * vec4(1.0, 1.0, 1.0, opacity);
    tex_coord0 = vTexCoords0;
    gl_Position = projection_mat * modelview_mat * vec4(vPosition.xy, 0.0, 1.0);
}
"""

Align = Literal["left", "right", "center"]


class Wrote(NamedTuple):
    """A line of text that was painted, in the layer's coordinates."""

    text: str
    x: float
    baseline: float
    used: float
    natural: float  # width if nothing had been cut
    limit: float | None
    px: int
    tint: int
    missing: str


class Filled(NamedTuple):
    """A box that was painted."""

    x: float
    y: float
    width: float
    height: float
    tint: int


Mark = Wrote | Filled


class _Recording:
    on = False


@contextmanager
def recording() -> Iterator[None]:
    """Keep marks of what is painted meanwhile; costs about as much as painting."""
    before, _Recording.on = _Recording.on, True
    try:
        yield
    finally:
        _Recording.on = before


@cache
def _teach_window() -> None:
    """Give the window's shader the tint: where a mesh has none (all of Kivy's own), it reads 0, which is no tint."""
    shader = Window.render_context.shader
    shader.vs = VERTEX
    if not shader.success:
        raise RuntimeError("the graphics driver refused the shader that all painting uses")


def batch_context() -> InstructionGroup:
    """A group for layers. A context with a shader of its own would cost each control 0.2 ms and 0.2 MB."""
    _teach_window()
    return InstructionGroup()


class Layer:
    """One mesh under one translation: `place.xy` moves it without painting it again."""

    __slots__ = ("marks", "mesh", "place")

    def __init__(self) -> None:
        self.place = Translate(0, 0)
        self.mesh = Mesh(fmt=FORMAT, mode="triangles", texture=lines().atlas.texture)
        self.marks: tuple[Mark, ...] = ()

    def add_to(self, context: InstructionGroup) -> Layer:
        """Put it into a context, above what is there."""
        for instruction in (PushMatrix(), self.place, Color(1, 1, 1, 1), self.mesh, PopMatrix()):
            context.add(instruction)
        return self

    def show(self, buffers: tuple[array[float], array[int]]) -> None:
        """Show what `Batch.buffers` gave, shared or not."""
        texture = lines().atlas.texture
        if self.mesh.texture is not texture:
            self.mesh.texture = texture
        self.mesh.vertices, self.mesh.indices = buffers


class Batch:
    """Collects quads; the origin is wherever the layer is translated to."""

    __slots__ = ("data", "lines", "marks")

    def __init__(self) -> None:
        self.data: list[float] = []
        self.lines: Lines = lines()
        self.marks: list[Mark] | None = [] if _Recording.on else None

    # -- shapes ----------------------------------------------------------------------------------------
    def quad(self, x0: float, y0: float, x1: float, y1: float, box: Box, tint: float) -> None:
        """A piece of the atlas."""
        u0, v0, u1, v1 = box
        tint += 1
        self.data.extend(
            (x0, y0, u0, v0, tint, x1, y0, u1, v0, tint, x1, y1, u1, v1, tint, x0, y1, u0, v1, tint)
        )

    def box(self, x: float, y: float, w: float, h: float, tint: int) -> None:
        """A filled rectangle."""
        if self.marks is not None:
            self.marks.append(Filled(x, y, w, h, tint))
        self._fill(x, y, w, h, tint)

    def _fill(self, x: float, y: float, w: float, h: float, tint: int) -> None:
        u0, v0, u1, v1 = self.lines.atlas.white
        u, v = (u0 + u1) / 2, (v0 + v1) / 2
        x1, y1, tint = x + w, y + h, tint + 1
        self.data.extend(
            (x, y, u, v, tint, x1, y, u, v, tint, x1, y1, u, v, tint, x, y1, u, v, tint)
        )

    def rounded(self, x: float, y: float, w: float, h: float, radius: float, tint: int) -> None:
        """A rounded box out of one disc: four corners and three boxes."""
        r = int(min(radius, w // 2, h // 2))
        if r < 1:
            self.box(x, y, w, h, tint)
            return
        if self.marks is not None:
            self.marks.append(Filled(x, y, w, h, tint))
        x, y, w, h = round(x), round(y), round(w), round(h)
        u0, v0, u1, v1 = self.lines.atlas.disc(r)
        um, vm = (u0 + u1) / 2, (v0 + v1) / 2
        right, top, quad = x + w, y + h, self.quad
        quad(x, y, x + r, y + r, (u0, v0, um, vm), tint)
        quad(right - r, y, right, y + r, (um, v0, u1, vm), tint)
        quad(right - r, top - r, right, top, (um, vm, u1, v1), tint)
        quad(x, top - r, x + r, top, (u0, vm, um, v1), tint)
        if w > 2 * r:
            self._fill(x + r, y, w - 2 * r, h, tint)
        if h > 2 * r:
            self._fill(x, y + r, r, h - 2 * r, tint)
            self._fill(right - r, y + r, r, h - 2 * r, tint)

    def disc(self, x: float, y: float, side: float, tint: int) -> None:
        """A filled circle by its lower left corner."""
        self.rounded(x, y, side, side, side // 2, tint)

    def framed(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        radius: float,
        line: int,
        fill: int,
        width: int = 1,
    ) -> None:
        """A rounded box with a border, as two boxes; in whole pixels, or an edge would come out twice as thick."""
        x, y, w, h = round(x), round(y), round(w), round(h)
        self.rounded(x, y, w, h, radius, line)
        self.rounded(
            x + width, y + width, w - 2 * width, h - 2 * width, max(0, radius - width), fill
        )

    def shadow(self, x: float, y: float, w: float, h: float, radius: float) -> None:
        """A soft edge around and below a box that floats; it lets through what is under it."""
        spread = int(dp(10))
        r = int(min(radius, w // 2, h // 2)) + spread
        u0, v0, u1, v1 = self.lines.atlas.shade(r - spread, spread)
        um, vm = (u0 + u1) / 2, (v0 + v1) / 2
        left, low = round(x) - spread, round(y) - spread - int(dp(3))
        right, top = round(x) + round(w) + spread, round(y) + round(h) + spread - int(dp(3))
        xs, us = (left, left + r, right - r, right), (u0, um, um, u1)
        ys, vs = (low, low + r, top - r, top), (v0, vm, vm, v1)
        for i in range(3):
            for j in range(3):
                self.quad(
                    xs[i], ys[j], xs[i + 1], ys[j + 1], (us[i], vs[j], us[i + 1], vs[j + 1]), 0
                )

    def ring(self, x: float, y: float, w: float, h: float, tint: int, width: int = 2) -> None:
        """An unfilled rectangle."""
        self._fill(x, y, w, width, tint)
        self._fill(x, y + h - width, w, width, tint)
        self._fill(x, y, width, h, tint)
        self._fill(x + w - width, y, width, h, tint)

    # -- text ------------------------------------------------------------------------------------------
    def text(
        self,
        text: str,
        x: float,
        y: float,
        kind: Type,
        tint: int,
        width: float | None = None,
        align: Align = "left",
    ) -> float:
        """One line with its baseline at y; cut with an ellipsis at `width`, within which it is aligned.

        Returns the width used. Any string is fine: what has no picture is named, what is too long is cut.
        """
        if not text or (width is not None and width <= 0):
            return 0.0
        if width is not None and len(text) > LONGEST:
            text = text[:LONGEST] + "…"
        run = self.lines.run(text, kind)
        quads, used = (run.quads, run.width) if width is None else self.lines.fit(run, width, kind)
        if align == "right":
            x += (used if width is None else width) - used
        elif align == "center":
            x += ((used if width is None else width) - used) / 2
        if self.marks is not None:
            self.marks.append(Wrote(text, x, y, used, run.width, width, kind.px, tint, run.missing))
        x, y, extend, shade = round(x), round(y), self.data.extend, tint + 1
        for qx0, qy0, qx1, qy1, u0, v0, u1, v1, tinted in quads:
            t = shade if tinted else 0
            x0, x1, y0, y1 = x + qx0, x + qx1, y + qy0, y + qy1
            extend((x0, y0, u0, v0, t, x1, y0, u1, v0, t, x1, y1, u1, v1, t, x0, y1, u0, v1, t))
        return used

    def write(
        self,
        style: str,
        text: str,
        x: float,
        y: float,
        height: float,
        tint: int,
        width: float | None = None,
        align: Align = "left",
    ) -> float:
        """A line in a named style (`theme.TYPE`), centred in a band of `height` above y; returns the width used."""
        kind = type_of(style)
        return self.text(text, x, baseline(y, height, kind.px), kind, tint, width, align)

    def width(self, style: str, text: str) -> float:
        """How wide a line in a named style is."""
        return self.lines.run(text, type_of(style)).width

    def icon(self, name: str, x: float, y: float, side: float, tint: int) -> None:
        """A Material icon whose square's lower left corner is (x, y)."""
        px = int(side)
        box, left, bottom, w, h, _ = self.lines.atlas.glyph(md_icons[name], ICONS, px)
        x, y = round(x) + left, round(y + px * 0.125) + bottom
        self.quad(x, y, x + w, y + h, box, tint)

    def add(self, other: Batch, dx: float, dy: float) -> None:
        """What another batch holds, shifted by whole pixels."""
        dx, dy = round(dx), round(dy)
        moved = list(other.data)
        moved[0::5] = [x + dx for x in moved[0::5]]
        moved[1::5] = [y + dy for y in moved[1::5]]
        self.data.extend(moved)
        if self.marks is not None:
            self.marks.extend(_shifted(mark, dx, dy) for mark in other.marks or ())

    # -- handing over ------------------------------------------------------------------------------------
    def buffers(self) -> tuple[array[float], array[int]]:
        """(vertices, indices) as a mesh takes them without copying."""
        if not self.data:  # Kivy swallows an IndexError on an empty buffer and keeps the old mesh
            self._fill(0, 0, 0, 0, 0)
        del self.data[QUADS * FLOATS_A_QUAD :]
        return array("f", self.data), INDICES[: len(self.data) // FLOATS_A_QUAD * 6]

    def into(self, layer: Layer) -> None:
        """Show it in a layer."""
        layer.show(self.buffers())
        layer.marks = tuple(self.marks or ())


def _shifted(mark: Mark, dx: float, dy: float) -> Mark:
    if isinstance(mark, Filled):
        return mark._replace(x=mark.x + dx, y=mark.y + dy)
    return mark._replace(x=mark.x + dx, baseline=mark.baseline + dy)


def baseline(y: float, height: float, px: float) -> float:
    """The baseline that centres capitals of a text size in a band."""
    return y + (height - px * CAP_HEIGHT) / 2


def text_width(style: str, text: str) -> float:
    """How wide a line in a named style is, in pixels."""
    return lines().width(text, type_of(style))


def wrap(style: str, text: str, width: float) -> list[str]:
    """Break a paragraph in a named style into lines."""
    return lines().wrap(text, width, type_of(style))
