"""How the window looks: theme, density, text size, motion. A choice shows at once and is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app import settings as store
from app.settings import Settings
from app.viewmodels.notices import Notices
from app.viewmodels.observed import Observed
from app.viewmodels.work import Work

THEMES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
DENSITIES = (("compact", "Compact"), ("normal", "Normal"), ("touch", "Touch"))
TEXT_SIZES = (90, 100, 115, 130, 150)


@dataclass(frozen=True)
class AppearanceState:
    """`dark` is what `theme` comes to on this system, now."""

    theme: str = "system"
    density: str = "normal"
    text_size: int = 100
    reduced_motion: bool = False
    seed: str = "#1f6587"
    dark: bool = False


class Appearance(Observed[AppearanceState]):
    """Reads the settings once and writes each choice to the person's file."""

    def __init__(
        self,
        settings: Settings,
        file: Path,
        work: Work,
        notices: Notices,
        system_dark: Callable[[], bool],
    ) -> None:
        look = settings.appearance
        super().__init__(
            AppearanceState(
                look.theme, look.density, look.text_size, look.reduced_motion, look.seed
            )
        )
        self._file = file
        self._work = work
        self._notices = notices
        self._system_dark = system_dark
        self._system = False
        self._settle()

    def ask_system(self) -> None:
        """Ask the system for its theme, on a worker: it may have to start a program for that."""
        if self.state.theme == "system":
            self._work.read(
                self._system_dark, self._system_is, lambda _: self._system_is(dark=False)
            )

    def choose_theme(self, theme: str) -> None:
        """Light, dark, or as the system is."""
        self._show(theme=theme)
        self._settle()
        self.ask_system()
        self._write("theme", theme)

    def choose_density(self, density: str) -> None:
        """How much room a row takes."""
        self._show(density=density)
        self._write("density", density)

    def choose_text_size(self, percent: int) -> None:
        """The size of all text, in per cent."""
        self._show(text_size=percent)
        self._write("text_size", str(percent))

    def reduce_motion(self, *, on: bool) -> None:
        """Show changes at once instead of moving them."""
        self._show(reduced_motion=on)
        self._write("reduced_motion", "true" if on else "false")

    def _system_is(self, dark: bool) -> None:  # noqa: FBT001 -- the result of a job
        self._system = dark
        self._settle()

    def _settle(self) -> None:
        theme = self.state.theme
        self._show(dark=self._system if theme == "system" else theme == "dark")

    def _write(self, name: str, value: str) -> None:
        key = f"appearance.{name}"
        self._work.write(
            lambda: store.write(self._file, key, value), lambda _: None, self._notices.trouble
        )
