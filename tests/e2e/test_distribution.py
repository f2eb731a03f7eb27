"""What is built for others to install holds every module and every look, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from zipfile import ZipFile

import pytest

from tests.support.project import ROOT, tracked_files

OURS = {"app", "kv", "storage", "sync"}

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names in the wheel, built from a copy of the tracked files."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path in tracked_files():
        target = source / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / path).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    subprocess.run(
        [*command, "--no-build-isolation", "--wheel-dir", str(out), str(source)],
        check=True,
        timeout=240,
    )
    with ZipFile(next(out.glob("*.whl"))) as archive:
        return set(archive.namelist())


def test_it_holds_every_module_and_every_look_and_nothing_else(wheel):
    ours = {path.as_posix() for path in tracked_files() if path.parts[0] in OURS}
    wanted = {name for name in ours if name.endswith((".py", ".kv", ".png"))}

    assert {name for name in wheel if ".dist-info/" not in name} == wanted


def test_it_brings_the_command_and_the_licence(wheel):
    ends = {name.partition(".dist-info/")[2] for name in wheel}

    assert {"entry_points.txt", "licenses/LICENSE"} <= ends
