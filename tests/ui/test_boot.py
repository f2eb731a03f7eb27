"""What is set before Kivy: the first start of a fresh machine says nothing of Kivy's own files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.project import ROOT

FIRST_START = """
import logging, sys
from pathlib import Path
logging.basicConfig(level=logging.WARNING)
from app.views.house import boot
boot.prepare(Path(sys.argv[1]), size=(640, 480), offscreen=True)
from kivy.config import Config
print(Config.get("graphics", "width"), Config.get("input", "mouse"), Config.get("postproc", "double_tap_time"))
"""


def test_a_first_start_and_an_old_settings_file_of_kivys_are_passed_over_in_silence(
    tmp_path: Path,
) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "config.ini").write_text("[kivy]\nconfig_version = 3\n[input]\nmouse = mouse\n")
    for home in (tmp_path / "new", old):
        done = subprocess.run(
            [sys.executable, "-P", "-c", FIRST_START, str(home)],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "640 mouse,disable_multitouch 250\n"
        assert "onfig" not in done.stderr
