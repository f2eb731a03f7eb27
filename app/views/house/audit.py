"""What is wrong with what is on screen, found without looking.

Cut or overlapping text, low contrast, missing glyphs; controls that overlap, are too small to touch, stick out, or have
no words.

    findings = audit(Window)          paints everything once more, with recording on; [] is what a screen wants
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

from kivy.metrics import dp
from kivy.uix.scrollview import ScrollView

from app.views.house.batch import Filled, Mark, Wrote, recording
from app.views.house.box import Box
from app.views.house.lines import ELLIPSIS, Type, lines
from app.views.house.painted import TOUCH, Control, Painted
from app.views.house.skin import skin
from app.views.house.stage import pump
from app.views.house.theme import contrast

CONTRAST, CONTRAST_LARGE = 4.5, 3.0
LARGE_SP = 24
ROW_DP = 40  # least height of a line in a list
SLACK = 1.5  # pixels that rounding may cost


@dataclass(frozen=True)
class Finding:
    """One defect: its kind, the widget, and what was seen."""

    kind: str
    where: str
    detail: str
    box: tuple[float, float, float, float] = (0, 0, 0, 0)


class Painting(NamedTuple):
    """One layer's marks, where its origin is, and the part of the window it may touch."""

    marks: tuple[Mark, ...]
    x: float
    y: float
    clip: Box
    ground: int


def audit(root: Any) -> list[Finding]:
    """Everything that is wrong in a window or below a widget, in window pixels."""
    widgets = list(_visible(root))
    with recording():
        for widget, _ in widgets:
            if hasattr(widget, "atlas_wiped"):
                widget.atlas_wiped()
        pump(3)
    found: list[Finding] = []
    for widget, clip in widgets:
        for painting in _paintings(widget, clip):
            found += _text_findings(widget, painting)
    found += _control_findings(
        [(w, clip) for w, clip in _reachable(root) if isinstance(w, Control)]
    )
    return found


# -- what is there -------------------------------------------------------------------------------------------
def _visible(root: Any) -> Iterator[tuple[Any, Box]]:
    """(widget, the part of the window it can be seen in), topmost last."""
    whole = Box(0, 0, root.width, root.height)
    for child in reversed(root.children):
        yield from _below(child, whole)
    if hasattr(root, "canvas") and not hasattr(root, "system_size"):
        yield root, whole


def _below(widget: Any, clip: Box) -> Iterator[tuple[Any, Box]]:
    if widget.opacity == 0 or widget.width < 2 or widget.height < 2:
        return
    own = _meet(box_of(widget), clip)
    if own is None:
        return
    yield widget, clip
    inner = own if isinstance(widget, ScrollView) else clip
    for child in reversed(widget.children):
        yield from _below(child, inner)


def _reachable(root: Any) -> list[tuple[Any, Box]]:
    """What can be pressed now: below an overlay nothing can."""
    seen = list(_visible(root))
    tops = [i for i, (widget, _) in enumerate(seen) if getattr(widget, "covers", False)]
    return seen[tops[-1] :] if tops else seen


def box_of(widget: Any) -> Box:
    """A widget's box in window pixels."""
    x, y = widget.to_window(widget.x, widget.y)
    return Box(x, y, widget.width, widget.height)


def _meet(a: Box, b: Box) -> Box | None:
    x, y = max(a.x, b.x), max(a.y, b.y)
    w, h = min(a.x + a.width, b.x + b.width) - x, min(a.y + a.height, b.y + b.height) - y
    return Box(x, y, w, h) if w > SLACK and h > SLACK else None


def _paintings(widget: Any, clip: Box) -> Iterator[Painting]:
    if isinstance(widget, Painted):
        own = box_of(widget)
        yield Painting(widget.layer.marks, own.x, own.y, clip, skin.roles.ground(widget.ground))
    elif hasattr(widget, "paintings"):
        for marks, x, y, part in widget.paintings():
            seen = _meet(Box(*part), clip)
            if seen is not None:
                yield Painting(marks, x, y, seen, skin.roles.pane)


# -- text -----------------------------------------------------------------------------------------------------
def _text_findings(widget: Any, painting: Painting) -> Iterator[Finding]:
    name = _name(widget)
    wrote: list[tuple[Wrote, Box]] = []
    for at, mark in enumerate(painting.marks):
        if not isinstance(mark, Wrote):
            continue
        box = Box(painting.x + mark.x, painting.y + mark.baseline, mark.used, mark.px * 0.72)
        if not _inside(box, painting.clip, vertical_only=True):
            continue  # half scrolled out
        wrote.append((mark, box))
        yield from _one_text(widget, painting, at, mark, box)
    for (a, one), (b, other) in combinations(wrote, 2):
        meet = _meet(one, other)
        if meet is not None and meet.width > 2 and meet.height > 2:
            yield Finding("overlapping text", name, f"“{a.text[:40]}” and “{b.text[:40]}”", one)


def _one_text(widget: Any, painting: Painting, at: int, mark: Wrote, box: Box) -> Iterator[Finding]:
    name = _name(widget)
    if mark.missing:
        codes = " ".join(f"U+{ord(ch):04X}" for ch in mark.missing[:5])
        yield Finding("missing glyph", name, f"{codes} in “{mark.text[:40]}”", box)
    if mark.limit is not None and mark.used > mark.limit + SLACK:
        yield Finding(
            "text wider than its box",
            name,
            f"“{mark.text[:40]}”: {mark.used:.0f} in {mark.limit:.0f}",
            box,
        )
    if mark.limit is not None and mark.natural > mark.limit and mark.used < _dots(mark) + 1:
        yield Finding(
            "text without room", name, f"“{mark.text[:40]}” in {mark.limit:.0f} pixels", box
        )
    if isinstance(widget, Painted):
        over = max(-mark.x, mark.x + mark.used - widget.width)
        if over > SLACK:
            yield Finding(
                "text out of its widget", name, f"“{mark.text[:40]}” by {over:.0f} pixels", box
            )
    if not getattr(widget, "disabled", False):
        ground = _ground_of(painting, at, mark)
        ratio = contrast(mark.tint, ground)
        least = CONTRAST_LARGE if mark.px >= dp(LARGE_SP) else CONTRAST
        if ratio < least:
            detail = f"{ratio:.1f}:1 for “{mark.text[:40]}” (#{mark.tint:06x} on #{ground:06x})"
            yield Finding("low contrast", name, detail, box)


def _dots(mark: Wrote) -> float:
    """The width of an ellipsis in a mark's size."""
    return lines().width(ELLIPSIS, Type(mark.px))


def _ground_of(painting: Painting, at: int, mark: Wrote) -> int:
    """The colour of the last box painted below the middle of a text."""
    x, y = mark.x + mark.used / 2, mark.baseline + mark.px * 0.36
    for below in reversed(painting.marks[:at]):
        if isinstance(below, Filled) and Box(*below[:4]).holds(x, y):
            return below.tint
    return painting.ground


def _inside(box: Box, clip: Box, *, vertical_only: bool) -> bool:
    tall = box.y >= clip.y - SLACK and box.y + box.height <= clip.y + clip.height + SLACK
    wide = box.x + box.width > clip.x and box.x < clip.x + clip.width
    return tall and (wide if vertical_only else _meet(box, clip) == box)


# -- controls ---------------------------------------------------------------------------------------------------
def _control_findings(controls: list[tuple[Any, Box]]) -> Iterator[Finding]:
    areas: list[tuple[Any, Box]] = []
    for control, clip in controls:
        own = box_of(control)
        x, y, w, h = control.touch_box()
        x, y = control.parent.to_window(x, y) if hasattr(control.parent, "to_window") else (x, y)
        area = _meet(Box(x, y, w, h), clip)
        if area is None:
            continue
        yield from _one_control(control, own, area, clip)
        areas.append((control, area))
    for (a, one), (b, other) in combinations(areas, 2):
        meet = _meet(one, other)
        if meet is not None and not _related(a, b):
            detail = f"{_name(b)} by {meet.width:.0f} x {meet.height:.0f} pixels"
            yield Finding("overlapping controls", _name(a), detail, meet)


def _one_control(control: Any, own: Box, area: Box, clip: Box) -> Iterator[Finding]:
    name = _name(control)
    scrolled = isinstance(control.parent, ScrollView) or _in_scroll(control)
    if not scrolled and _meet(own, clip) != own and not _inside(own, clip, vertical_only=False):
        yield Finding("sticks out of the window", name, f"{own.x:.0f}, {own.y:.0f}", own)
    least = dp(ROW_DP if control.touch_dp == 0 else TOUCH)
    if not scrolled and (
        area.height < least - SLACK or (control.touch_dp and area.width < least - SLACK)
    ):
        yield Finding(
            "too small to touch", name, f"{area.width:.0f} x {area.height:.0f} pixels", area
        )
    if not (control.text or control.label or getattr(control, "column", None)):
        yield Finding("control without words", name, control.icon, own)


def _in_scroll(widget: Any) -> bool:
    parent = widget.parent
    while parent is not None and parent is not widget and hasattr(parent, "parent"):
        if isinstance(parent, ScrollView):
            return True
        if parent.parent is parent:
            return False
        parent = parent.parent
    return False


def _related(a: Any, b: Any) -> bool:
    """Whether one holds the other."""
    return any(w is b for w in a.walk(restrict=True)) or any(w is a for w in b.walk(restrict=True))


def _name(widget: Any) -> str:
    words = (
        getattr(widget, "text", "") or getattr(widget, "label", "") or getattr(widget, "title", "")
    )
    return (
        f"{type(widget).__name__} “{words[:40]}”"
        if isinstance(words, str) and words
        else type(widget).__name__
    )
