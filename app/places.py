"""Where things lie on this computer: one home a person, and the system's settings file.

It only names places; making and reading them is the business of others.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAME = "commonhold"


@dataclass(frozen=True)
class Places:
    """The files and folders of one home; `state` is where this computer alone keeps what it knows of homes."""

    home: Path
    state: Path | None = None

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

    @property
    def unfinished(self) -> Path:
        """There while a home is being set up: what else is there then may be made anew."""
        return self.home / "unfinished"

    @property
    def portable(self) -> Path:
        """A file by which a home says that it travels, and takes along what else would stay on the computer."""
        return self.home / "portable"

    @property
    def marks(self) -> Path | None:
        """The folder of the instance marks; None where they lie beside the data."""
        return None if self.state is None or self.portable.exists() else self.state / "marks"

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


def state_folder() -> Path:
    """Return the place for what is of this computer alone; never inside the usual home."""
    import platformdirs

    name = NAME if sys.platform == "linux" else f"{NAME}-state"
    return platformdirs.user_state_path(name, appauthor=False, roaming=False)


def system_settings() -> Path:
    """Return the settings file that an administrator may lay down for everybody."""
    import platformdirs

    return platformdirs.site_config_path(NAME, appauthor=False) / "settings.toml"
