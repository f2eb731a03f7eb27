"""The command line, in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import Inside
from tests.support.homes import here, stock

__all__ = ["bare", "here", "stock"]


@pytest.fixture
def bare(tmp_path: Path) -> Inside:
    """A place where nothing is set up."""
    return Inside(tmp_path / "home")
