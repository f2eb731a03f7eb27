"""The frozen program, built here and started with nothing of the environment that built it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.support.project import ROOT

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]

PARTS = {"app", "kivy", "kivymd", "kv", "loro", "sqlcipher3", "storage", "sync", "zmq"}
ONLY_FOR_BUILDING = ("hypothesis", "mypy", "pytest", "setuptools")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of the frozen program, moved away from where it was built."""
    place = tmp_path_factory.mktemp("frozen")
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    folders = ["--distpath", str(place / "dist"), "--workpath", str(place / "work")]
    spec = str(ROOT / "packaging" / "commonhold.spec")
    subprocess.run([*command, *folders, spec], cwd=ROOT, check=True, timeout=600)
    return shutil.move(place / "dist" / "commonhold", place / "moved")


@pytest.fixture
def frozen(built, tmp_path):
    """Runs the frozen program with a bare environment and an empty home; gives back the finished process."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {"HOME": str(home), "USERPROFILE": str(home), "PATH": os.defpath}
    if sys.platform == "win32":
        environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]  # without it no program starts there

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = built / ("commonhold.exe" if sys.platform == "win32" else "commonhold")
        return subprocess.run(
            [program, *arguments],
            check=False,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


def test_it_opens_an_encrypted_store_merges_a_text_and_draws_a_frame(frozen):
    done = frozen("--self-test")
    report = json.loads(done.stdout)

    assert report["ok"], report
    assert done.returncode == 0
    assert set(report["carried"]) == PARTS


def test_every_part_comes_from_inside_it(frozen):
    carried = json.loads(frozen("--self-test").stdout)["carried"]

    assert {name: place for name, place in carried.items() if Path(place).is_absolute()} == {}


def test_it_carries_nothing_that_only_building_needs(built):
    inside = {path.name for path in (built / "_internal").iterdir()}

    assert inside.isdisjoint(ONLY_FOR_BUILDING)


def test_it_says_its_version(frozen):
    done = frozen("--version")

    assert done.returncode == 0
    assert "0.1.0" in done.stdout


def test_its_demo_draws_the_window_into_pictures(frozen, tmp_path):
    done = frozen("demo", "--out", str(tmp_path / "pictures"))
    pictures = sorted((tmp_path / "pictures").glob("*.png"))

    assert done.returncode == 0, done.stderr
    assert pictures
    for path in pictures:
        with Image.open(path) as picture:
            assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24) or []) > 50, path.name
