"""Workspaces in memory, and files to import into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from app.workspace import Workspace
from storage import RecordIds, Store


@pytest.fixture
def new_workspace() -> Iterator[Callable[[], Workspace]]:
    """Make empty workspaces, each with a clock of its own that goes on a second at a time."""
    made: list[Workspace] = []

    def make() -> Workspace:
        seconds = count(1_800_000_000)
        clock = lambda: float(next(seconds))  # noqa: E731
        store = Store(ids=RecordIds(clock=clock), clock=clock)
        made.append(Workspace(store, name="Workshop", id="w"))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def workspace(new_workspace: Callable[[], Workspace]) -> Workspace:
    return new_workspace()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file: text as UTF-8, bytes as they are."""

    def make(content: str | bytes, name: str = "people.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.fixture
def records(workspace: Workspace) -> Callable[..., list[dict[str, Any]]]:
    """The records of a collection, in their order."""
    return lambda slug="people", of=workspace: [dict(each) for each in of.table(slug)]
