"""A store in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Store
from tests.support.blobs import open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store lies."""
    (tmp_path / "workspace").mkdir()
    return tmp_path / "workspace" / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """The open store."""
    with open_store(path) as opened:
        yield opened
