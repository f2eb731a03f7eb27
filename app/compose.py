"""Where the program is put together: time, places, settings, log and home, joined once.

Every entry (a command, the window) starts from here; nobody fetches a global. It is the owner of
the clock: everything below is handed one.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from app import logs, places, settings
from app.places import Places
from app.settings import Settings

if TYPE_CHECKING:
    from app.home import Home

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Program:
    """One run of the program: where it works, and what it was told."""

    places: Places
    environment: Mapping[str, str]
    overrides: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    clock: Callable[[], float] = time.time

    def settings(self) -> Settings:
        """Read the settings in force; SettingError at the first bad one."""
        return settings.load(
            places.system_settings(), self.places.settings, self.environment, self.overrides
        )

    def start(self) -> Settings:
        """Read the settings and open the log by them, if a home is there to hold it."""
        read = self.settings()
        if self.places.vault.exists():
            logs.configure(self.places.logs, read.log.level)
        for name in settings.unknown_variables(self.environment):
            log.warning("an environment variable is no setting: %s", name)
        return read

    def open_home(self) -> "Home":
        """Open the home, locked or not; NoHomeError if none was set up."""
        from app.home import Home

        return Home.open(self.places.home, clock=self.clock, state=self.places.state)


def program(
    home: Path | None,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] = MappingProxyType({}),
) -> Program:
    """Join what a run needs: `home` as chosen, else by environment, else the system's place."""
    environment = os.environ if environment is None else environment
    folders = Places(places.home_folder(home, environment), places.state_folder())
    return Program(folders, environment, overrides)
