"""The terminal session that the README shows, run from top to bottom in an empty home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.documents import blocks, command_lines
from tests.support.project import ROOT

STOCK = "code,name,quantity\n007,hex bolt,40\n008,eye bolt,3\n"


def test_the_session_in_the_readme_runs_as_it_is_shown(tmp_path):
    (tmp_path / "stock.csv").write_text(STOCK, "utf-8")
    environment = os.environ | {
        "COMMONHOLD_HOME": str(tmp_path / "home"),
        "COMMONHOLD_PASSPHRASE": "correct horse battery staple",
        "PYTHONPATH": str(ROOT),
    }
    shown = [
        words
        for block in blocks("console")
        if block.document == Path("README.md")
        for words in command_lines(block)
    ]
    said = {}
    for _, *words in shown:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "app", *words],
            check=False,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        said[words[0]] = done.stdout

    assert "eye bolt" in said["record"]
    assert "hex bolt" not in said["record"]
    assert "hex bolt" in said["search"]
    assert '"code":"007"' in (tmp_path / "everything.json").read_text("utf-8")
