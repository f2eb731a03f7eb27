"""The command line, by real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import Commands
from tests.support.homes import here, stock

__all__ = ["bare", "here", "stock"]


@pytest.fixture
def bare(tmp_path: Path) -> Commands:
    """A place where nothing is set up."""
    return Commands(tmp_path / "home")
