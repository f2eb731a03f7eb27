"""Fixtures of the tests of the team log."""

from __future__ import annotations

import pytest

from tests.support.teams import World


@pytest.fixture
def world() -> World:
    """A team of one, which grows by what a test does."""
    return World()
