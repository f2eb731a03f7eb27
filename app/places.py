"""Where things lie on this computer: one home a person, and the system's settings file.

It only names places; making and reading them is the business of others.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAME = "commonhold"


@dataclass(frozen=True)
class Places:
    """The files and folders of one home."""

    home: Path

    @property
    def vault(self) -> Path:
        """The keys, and the names that only they open."""
        return self.home / "vault.json"

    @property
    def settings(self) -> Path:
        """The person's own settings."""
        return self.home / "settings.toml"

    @property
    def logs(self) -> Path:
        """What the program wrote down about itself."""
        return self.home / "logs"

    @property
    def workspaces(self) -> Path:
        """One folder a workspace, with names that say nothing."""
        return self.home / "workspaces"

    def store(self, folder: str) -> Path:
        """The data file of the workspace with that folder."""
        return self.workspaces / folder / "store.db"


def home_folder(chosen: Path | None, environment: Mapping[str, str]) -> Path:
    """Return the home: as chosen, else COMMONHOLD_HOME, else the system's place for a user's data."""
    named = chosen or environment.get("COMMONHOLD_HOME", "").strip()
    if named:
        return Path(os.path.abspath(Path(named).expanduser()))  # noqa: PTH100 - keeps links as typed
    import platformdirs

    return platformdirs.user_data_path(NAME, appauthor=False, roaming=False)


def system_settings() -> Path:
    """Return the settings file that an administrator may lay down for everybody."""
    import platformdirs

    return platformdirs.site_config_path(NAME, appauthor=False) / "settings.toml"
