"""The version is one."""

from __future__ import annotations

import tomllib

from app.version import VERSION
from tests.support.project import ROOT


def test_the_program_is_what_is_packaged():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION
