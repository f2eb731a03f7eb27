"""How a value of each kind looks, in a grid's cell or a record's row: one painter a kind, the same everywhere.

    look = Look(roles, row_height)
    paint_cell(batch, Cell("choice", "Low", "Low", ("In stock", "Low")), x, width, look)

A value that does not fit its kind (a peer or an import may write anything) is painted as the text that shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from kivy.metrics import dp

from app.views.house.batch import Align, Batch, baseline
from app.views.house.lines import Type, type_of
from app.views.house.skin import grown
from app.views.house.theme import Roles, hue_of, mix

UNDECIDED: Final = "call-split"  # the icon of what waits for a decision
ICON: Final = {
    "text": "format-text",
    "longtext": "text-long",
    "number": "numeric",
    "quantity": "counter",
    "currency": "cash",
    "percent": "percent-outline",
    "date": "calendar-blank-outline",
    "datetime": "calendar-clock-outline",
    "duration": "timer-outline",
    "checkbox": "checkbox-marked-outline",
    "choice": "chevron-down-circle-outline",
    "choices": "format-list-checks",
    "tags": "tag-outline",
    "checklist": "format-list-checkbox",
    "member": "account-outline",
    "link": "link-variant",
    "attachment": "paperclip",
    "image": "image-outline",
    "email": "email-outline",
    "phone": "phone-outline",
    "url": "web",
    "barcode": "barcode",
    "rating": "star-outline",
    "location": "map-marker-outline",
    "autonumber": "pound",
    "formula": "function-variant",
    "lookup": "table-search",
    "rollup": "sigma",
}
NUMERIC: Final = frozenset({"number", "quantity", "currency", "percent", "duration", "autonumber"})
STARS: Final = 5


class Cell(NamedTuple):
    """A value and how it reads."""

    kind: str
    value: Any
    shown: str
    options: tuple[str, ...] = ()


class Look:
    """Sizes and colours that painters share, resolved once per theme, density and text size."""

    def __init__(
        self, roles: Roles, row_height: int, ground: int | None = None, *, columns: bool = True
    ) -> None:
        self.columns = columns  # values stand below each other: numbers at the right
        self.r = roles
        self.body, self.strong = type_of("body"), type_of("strong")
        self.small, self.label = type_of("small"), type_of("label")
        self.pad = int(dp(12))
        self.h = row_height
        self.base = baseline(0, row_height, self.body.px)
        self.small_base = baseline(0, row_height, self.small.px)
        self.ground = roles.pane if ground is None else ground
        self.hair = roles.hair(self.ground)
        self.hover = mix(self.ground, roles.text, 0.04)
        self.ghost = mix(self.ground, roles.text, 0.07)


Painter = Callable[[Batch, Cell, float, float, Look, Type], None]


def paint_cell(
    b: Batch, cell: Cell, x: float, w: float, look: Look, kind: Type | None = None
) -> None:
    """Paint a value into a band of `look.h` pixels, `w` wide from x; never outside of it."""
    if cell.value is None or w <= 0:
        return
    PAINTERS.get(cell.kind, _text)(b, cell, x, w, look, kind or look.body)


def _text(b: Batch, cell: Cell, x: float, w: float, look: Look, kind: Type) -> None:
    """A line; one that reads from right to left stands at the right."""
    _line(b, cell.shown, x, w, look, kind, look.r.text)


def _line(b: Batch, shown: str, x: float, w: float, look: Look, kind: Type, ink: int) -> None:
    room = w - 2 * look.pad
    rtl = not shown.isascii() and b.lines.run(shown, kind).rtl
    b.text(shown, x + look.pad, look.base, kind, ink, room, "right" if rtl else "left")


def _reference(b: Batch, cell: Cell, x: float, w: float, look: Look, kind: Type) -> None:
    """Something that can be opened: a web address, a link."""
    _line(b, cell.shown, x, w, look, kind, look.r.primary)


def _number(b: Batch, cell: Cell, x: float, w: float, look: Look, kind: Type) -> None:
    """In columns at the right, so that digits stand below each other."""
    _digits(b, cell, x, w, look, kind, look.r.text)


def _amount(b: Batch, cell: Cell, x: float, w: float, look: Look, kind: Type) -> None:
    """A number; stock or money below zero is in the colour of errors, as a longitude must not be."""
    value = cell.value
    below = isinstance(value, int | float) and not isinstance(value, bool) and value < 0
    ink = look.r.error if below or cell.shown[:1] in {"-", "−"} else look.r.text
    _digits(b, cell, x, w, look, kind, ink)


def _digits(b: Batch, cell: Cell, x: float, w: float, look: Look, kind: Type, ink: int) -> None:
    side: Align = "right" if look.columns else "left"
    b.text(cell.shown, x + look.pad, look.base, kind, ink, w - 2 * look.pad, side)


def _checkbox(b: Batch, cell: Cell, x: float, w: float, look: Look, kind: Type) -> None:
    if not isinstance(cell.value, bool):
        _text(b, cell, x, w, look, kind)
        return
    paint_box(
        b, x + ((w - int(grown(18))) / 2 if look.columns else look.pad), 0, look, ticked=cell.value
    )


def paint_box(b: Batch, x: float, y: float, look: Look, *, ticked: bool) -> None:
    """A box to tick, 18 dp and more with large text, in a band of the row's height."""
    side = int(grown(18))
    name, ink = (
        ("checkbox-marked", look.r.primary)
        if ticked
        else ("checkbox-blank-outline", look.r.outline)
    )
    b.icon(name, x, y + (look.h - side) / 2, side, ink)


def paint_chip(b: Batch, label: str, x: float, w: float, look: Look, hue: int) -> float:
    """One chip, at most `w` wide; returns its width, 0 when there is no room."""
    inner, tall = int(dp(8)), min(int(grown(24)), look.h - 4)
    room = w - 2 * inner
    if room < dp(16):
        return 0.0
    ground, ink = look.r.chip(hue)
    used = round(min(b.lines.width(label, look.label), room))
    b.rounded(x, (look.h - tall) // 2, used + 2 * inner, tall, dp(6), ground)
    b.text(label, x + inner, look.small_base, look.label, ink, used + 1)
    return used + 2 * inner


def _choice(b: Batch, cell: Cell, x: float, w: float, look: Look, kind: Type) -> None:
    if not isinstance(cell.value, str):
        _text(b, cell, x, w, look, kind)
        return
    paint_chip(b, cell.value, x + look.pad, w - 2 * look.pad, look, _hue(cell, cell.value))


def _chips(b: Batch, cell: Cell, x: float, w: float, look: Look, kind: Type) -> None:
    """As many chips as fit, then +n."""
    names = cell.value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        _text(b, cell, x, w, look, kind)
        return
    at, end = x + look.pad, x + w - look.pad
    for i, name in enumerate(names):
        left = len(names) - i - 1
        more = b.lines.width(f"+{left}", look.label) + dp(6) if left else 0
        if i and at + b.lines.width(name, look.label) + dp(16) + more > end:
            b.text(
                f"+{left + 1}",
                at + dp(2),
                look.small_base,
                look.label,
                look.r.muted,
                end - at - dp(2),
            )
            return
        at += paint_chip(b, name, at, end - at - more, look, _hue(cell, name)) + int(dp(4))


def _hue(cell: Cell, name: str) -> int:
    return cell.options.index(name) if name in cell.options else hue_of(name[:64])


def paint_avatar(b: Batch, name: str, x: float, y: float, side: int, look: Look) -> None:
    """A person as a disc with initials, in the person's one hue."""
    ground, ink = look.r.chip(hue_of(name[:64]))
    b.disc(x, y, side, ground)
    initials = "".join(part[0] for part in name[:64].split()[:2])
    kind = Type(max(round(dp(9)), int(side * 0.42)), "medium")
    b.text(initials, x, baseline(y, side, kind.px), kind, ink, side, "center")


def _member(b: Batch, cell: Cell, x: float, w: float, look: Look, kind: Type) -> None:
    side = min(int(grown(24)), look.h - 4)
    if w < side + 2 * look.pad:
        return
    paint_avatar(b, cell.shown, x + look.pad, (look.h - side) // 2, side, look)
    lead = side + dp(8)
    b.text(cell.shown, x + look.pad + lead, look.base, kind, look.r.text, w - 2 * look.pad - lead)


def _rating(b: Batch, cell: Cell, x: float, w: float, look: Look, kind: Type) -> None:
    value, side = cell.value, int(grown(16))
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= STARS
    if not fits or w < STARS * side + 2 * look.pad:
        _number(b, cell, x, w, look, kind)
        return
    for i in range(STARS):
        name, ink = ("star", look.r.primary) if i < value else ("star-outline", look.r.outline)
        b.icon(name, x + look.pad + i * side, (look.h - side) / 2, side, ink)


PAINTERS: Final[dict[str, Painter]] = {
    **dict.fromkeys(NUMERIC, _number),
    **dict.fromkeys(("quantity", "currency"), _amount),
    **dict.fromkeys(("url", "email", "link"), _reference),
    **dict.fromkeys(("choices", "tags"), _chips),
    "checkbox": _checkbox,
    "choice": _choice,
    "member": _member,
    "rating": _rating,
}
