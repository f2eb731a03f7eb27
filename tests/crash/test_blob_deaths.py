"""Killed between any two steps of attaching a file, a store holds all that was acknowledged, and soon nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.actor import environment
from tests.support.project import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the writer is forked")


def _deaths(path: Path, every: int) -> int:
    command = (sys.executable, "-P", "-m", "tests.crash.blob_deaths", str(path), str(every))
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return int(done.stdout)


def test_killed_at_some_of_its_lines_it_keeps_its_promises(tmp_path: Path) -> None:
    assert _deaths(tmp_path, 9) > 20


@pytest.mark.full
def test_killed_at_each_of_its_lines_it_keeps_its_promises(tmp_path: Path) -> None:
    assert _deaths(tmp_path, 1) > 200
