"""Colour by role from one seed (Material 3), type and spacing tokens. Knows no widget and no window.

Colours are 0xRRGGBB and opaque: states are mixed into the ground under them, so text is never blended twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from materialyoucolor.dynamiccolor.material_dynamic_colors import MaterialDynamicColors
from materialyoucolor.hct import Hct
from materialyoucolor.scheme.scheme_tonal_spot import SchemeTonalSpot

SEEDS: Final = {
    "Harbour": "#1F6587",
    "Moss": "#4C6B3C",
    "Clay": "#9A4F32",
    "Plum": "#7A4A78",
    "Slate": "#4F6070",
}
# name -> size in sp, weight, line height in sp
TYPE: Final = {
    "display": (28, "medium", 36),
    "title": (20, "medium", 28),
    "section": (16, "medium", 24),
    "body": (14, "regular", 20),
    "strong": (14, "medium", 20),
    "label": (12, "medium", 16),
    "small": (12, "regular", 16),
}
DENSITIES: Final = {"compact": 32, "normal": 40, "touch": 48}  # row height in dp
CHIP_HUES: Final = (
    250,
    145,
    75,
    25,
    330,
    200,
    110,
    290,
)  # choice colours: fixed hues, tone by theme
HOVER, PRESSED, DISABLED = 0.08, 0.12, 0.38  # how much ink a state mixes in


def mix(a: int, b: int, t: float) -> int:
    """Blend two colours; 0 gives a, 1 gives b."""
    return sum(
        int(((a >> s) & 255) + (((b >> s) & 255) - ((a >> s) & 255)) * t + 0.5) << s
        for s in (16, 8, 0)
    )


def rgba(color: int, alpha: float = 1.0) -> tuple[float, float, float, float]:
    """A colour as Kivy takes it."""
    return (color >> 16 & 255) / 255, (color >> 8 & 255) / 255, (color & 255) / 255, alpha


def luminance(color: int) -> float:
    """WCAG relative luminance, 0 to 1."""
    r, g, b = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in rgba(color)[:3])
    return float(0.2126 * r + 0.7152 * g + 0.0722 * b)


def contrast(a: int, b: int) -> float:
    """WCAG contrast ratio, 1 to 21."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@dataclass(frozen=True)
class Roles:
    """One theme's colours."""

    dark: bool
    surface: int
    low: int
    container: int
    high: int  # menus, dialogs
    lowest: int
    text: int
    muted: int  # secondary text, icons at rest
    line: int  # hairlines, always mixed into the ground
    outline: int  # boxes that take input
    primary: int
    on_primary: int
    selected: int  # selected rows, active destination
    on_selected: int
    error: int
    on_error: int
    inverse: int  # snackbar
    on_inverse: int
    inverse_primary: int

    @property
    def page(self) -> int:
        """Behind everything."""
        return self.surface if self.dark else self.low

    @property
    def pane(self) -> int:
        """A pane's ground: where records are read and written."""
        return self.container if self.dark else self.lowest

    @property
    def pane_head(self) -> int:
        """Header rows and tool strips on a pane."""
        return self.high if self.dark else self.surface

    @property
    def sheet(self) -> int:
        """Menus, dialogs, the palette: what lies above panes."""
        return self.high if self.dark else self.lowest

    def ground(self, name: str) -> int:
        """The colour of a ground by its name: a role or one of page, pane, pane_head, sheet."""
        return int(getattr(self, name))

    def hair(self, ground: int) -> int:
        """A hairline on a ground; at full strength it would shout."""
        return mix(ground, self.line, 0.5 if self.dark else 0.4)

    def chip(self, index: int) -> tuple[int, int]:
        """(ground, text) of choice colour `index`, any integer; 7:1 or better in both themes."""
        return _chip(index % len(CHIP_HUES), self.dark)


@cache  # solving a hue costs 0.1 ms: never in a frame
def _chip(index: int, dark: bool) -> tuple[int, int]:  # noqa: FBT001 -- a cache key
    ground, ink = (30, 90) if dark else (90, 20)
    pale = 28 if dark else 18
    return (
        Hct.from_hct(CHIP_HUES[index], pale, ground).to_int() & 0xFFFFFF,
        Hct.from_hct(CHIP_HUES[index], 28, ink).to_int() & 0xFFFFFF,
    )


@lru_cache(32)
def roles(seed: str = SEEDS["Harbour"], *, dark: bool = False) -> Roles:
    """The colours that grow from one seed (`#rrggbb`)."""
    scheme = SchemeTonalSpot(Hct.from_int(0xFF000000 | int(seed[1:], 16)), dark, 0.0)
    colors = MaterialDynamicColors()

    def get(name: str) -> int:
        r, g, b = getattr(colors, name).get_rgba(scheme)[:3]
        return int(r) << 16 | int(g) << 8 | int(b)

    return Roles(
        dark=dark,
        surface=get("surface"),
        low=get("surfaceContainerLow"),
        container=get("surfaceContainer"),
        high=get("surfaceContainerHigh"),
        lowest=get("surfaceContainerLowest"),
        text=get("onSurface"),
        muted=get("onSurfaceVariant"),
        line=get("outlineVariant"),
        outline=get("outline"),
        primary=get("primary"),
        on_primary=get("onPrimary"),
        selected=get("secondaryContainer"),
        on_selected=get("onSecondaryContainer"),
        error=get("error"),
        on_error=get("onError"),
        inverse=get("inverseSurface"),
        on_inverse=get("surface"),  # the role of that name is dim beside the action
        inverse_primary=get("inversePrimary"),
    )


@lru_cache(1024)
def hue_of(word: str) -> int:
    """A stable choice colour for a word or a person (`hash()` would change with every start)."""
    return sum(ord(ch) * (i + 3) for i, ch in enumerate(word)) % len(CHIP_HUES)
