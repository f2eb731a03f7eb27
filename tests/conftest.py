"""What holds for every test: no test sees the person's own folders, and chance can be repeated.

1. HOME, the XDG folders and every ``COMMONHOLD_*`` variable are the test's own, a new folder for each test.
2. Kivy is told how to behave before anything can import it; with no display it draws offscreen.
3. One seed drives Hypothesis and the fixture ``dice``. The header prints it; ``--hypothesis-seed=N`` repeats it.
"""

from __future__ import annotations

import atexit
import os
import random
import secrets
import shutil
import sys
import tempfile
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

FOLDERS = Path(tempfile.mkdtemp(prefix="commonhold-tests-"))
atexit.register(shutil.rmtree, FOLDERS, ignore_errors=True)
NUMBERS = count(1)
FOR_TESTS = {"COMMONHOLD_TINYDB_TESTS"}  # says something to the tests, nothing to the program


def own_folders() -> dict[str, str]:
    """The variables that lead a program to a new, empty home folder."""
    home = FOLDERS / f"home-{next(NUMBERS)}"
    home.mkdir()
    roaming, local = home / "AppData" / "Roaming", home / "AppData" / "Local"
    return {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "APPDATA": str(roaming),
        "LOCALAPPDATA": str(local),
    }


def is_personal(name: str) -> bool:
    """Whether a variable would lead a test to what belongs to the person who runs it."""
    if name in FOR_TESTS:
        return False
    return name.startswith("COMMONHOLD_") or (name.startswith("XDG_") and name != "XDG_RUNTIME_DIR")


for _name in [name for name in os.environ if is_personal(name)]:
    del os.environ[_name]
os.environ.update(own_folders())
os.environ.update(
    KIVY_HOME=str(FOLDERS / "kivy"),
    KIVY_LOG_MODE="PYTHON",  # otherwise it replaces sys.stderr
    KIVY_NO_ARGS="1",  # otherwise it reads pytest's command line
    KIVY_NO_FILELOG="1",
    PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring",  # never the person's own keyring
)
if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ["SDL_VIDEODRIVER"] = "offscreen"

# No deadline and no complaint about slowness: no test times the machine.
settings.register_profile(
    "change",
    max_examples=50,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("release", settings.get_profile("change"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "change"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed before Hypothesis's plug-in asks for it."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(secrets.randbelow(2**32))


def pytest_report_header(config: pytest.Config) -> str:
    """Name the seed."""
    return f"seed: repeat this run's chance with --hypothesis-seed={config.option.hypothesis_seed}"


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test an empty home folder, so that none finds what another left."""
    for name, value in own_folders().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def dice(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> random.Random:
    """A source of chance of the test's own, driven by the run's seed and the test's name."""
    return random.Random(f"{pytestconfig.option.hypothesis_seed} {request.node.nodeid}")
