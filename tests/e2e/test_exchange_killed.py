"""A program killed in the middle of an import: the workspace is as it was, and the import works again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.exchange.run import import_file
from app.home import Home
from tests.support.project import ROOT

ROWS = 20_000
PROGRAM = f"""
import os, signal, sys, time
from pathlib import Path
from app.exchange.run import import_file
from app.home import Home

home, file, most = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
before = 0

def killed(now):
    global before
    storing = now.rows < before or before >= {ROWS}
    before = max(before, now.rows) if not storing else {ROWS}
    if storing and now.rows >= most:
        os.kill(os.getpid(), signal.SIGKILL)

with Home.open(home, clock=time.time).workspace() as workspace:
    import_file(workspace, file, progress=killed)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed in another way there")
@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_a_killed_import_leaves_nothing_and_can_be_done_again(tmp_path: Path, share: float) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("sku,count\n" + "".join(f"A{number},{number}\n" for number in range(ROWS)))
    home = tmp_path / "home"
    Home.create(home, member="Ann", device="Laptop", clock=time.time, unprotected=True)
    died = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, str(home), str(file), str(int(ROWS * share))],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    with Home.open(home, clock=time.time).workspace() as workspace:
        assert workspace.collections() == ()
        assert workspace.store.verify().ok
        (made,) = import_file(workspace, file).collections
        assert (made.created, made.unchanged) == (ROWS, 0)
        assert workspace.collection("stock").records == ROWS
