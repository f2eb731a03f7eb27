"""Drafts of several windows on one folder: each keeps what it was told, and only that."""

from __future__ import annotations

import pytest

from app.viewmodels.drafts import Drafts
from app.workspace import Workspace
from tests.unit.app.viewmodels.conftest import Desktop

ONE, TWO = 4_000_000_001, 4_000_000_002


@pytest.fixture
def windows(workspace: Workspace, desktop: Desktop) -> tuple[Drafts, Drafts]:
    """Two windows that were opened before either had a draft."""
    return window(workspace, desktop), window(workspace, desktop)


def window(workspace: Workspace, desktop: Desktop) -> Drafts:
    made = Drafts(workspace, desktop.work, desktop.notices)
    made.load()
    return made


def test_the_drafts_of_two_windows_are_both_kept(
    windows: tuple[Drafts, Drafts], workspace: Workspace, desktop: Desktop
) -> None:
    here, there = windows
    here.keep("Stock", ONE, {"Count": "a dozen"})
    there.keep("Stock", TWO, {"Due": "2026-02-31"})
    there.keep("Stock", ONE, {"Due": "soon"})
    later = window(workspace, desktop)
    assert later.of("Stock", ONE) == {"Count": "a dozen", "Due": "soon"}
    assert later.of("Stock", TWO) == {"Due": "2026-02-31"}


def test_a_window_drops_its_own_drafts_alone(
    windows: tuple[Drafts, Drafts], workspace: Workspace, desktop: Desktop
) -> None:
    here, there = windows
    here.keep("Stock", ONE, {"Count": "a dozen", "Name": "Auger"})
    there.keep("Stock", ONE, {"Due": "soon"})
    there.keep("Stock", ONE, {})
    here.keep("Stock", ONE, {"Count": "a dozen"})
    assert window(workspace, desktop).of("Stock", ONE) == {"Count": "a dozen"}


def test_a_draft_that_another_window_dropped_already_is_dropped_without_harm(
    workspace: Workspace, desktop: Desktop
) -> None:
    window(workspace, desktop).keep("Stock", ONE, {"Count": "a dozen"})
    here, there = window(workspace, desktop), window(workspace, desktop)
    here.keep("Stock", ONE, {})
    there.keep("Stock", ONE, {})
    assert window(workspace, desktop).of("Stock", ONE) == {}
    assert desktop.notices.state.notice is None


def test_what_else_the_workspace_notes_is_no_draft(workspace: Workspace, desktop: Desktop) -> None:
    workspace.store.info["name"] = "Northside Clinic"
    later = window(workspace, desktop)
    later.keep("Stock", ONE, {"Count": "a dozen"})
    later.keep("Stock", ONE, {})
    assert workspace.store.info["name"] == "Northside Clinic"
