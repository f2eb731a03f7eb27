"""That the chain refuses a record, in words, and stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sync.errors import InvalidRecordError, TeamLogError
from sync.membership import Act
from tests.support.teams import World


def refused(
    world: World,
    raw: bytes,
    match: str | None = None,
    error: type[TeamLogError] = InvalidRecordError,
) -> None:
    """The record is refused in words, and the team is as it was."""
    before = world.state
    with pytest.raises(error, match=match) as caught:
        world.log.receive(raw)
    assert str(caught.value).strip()[-1] == "."
    assert caught.value.hint
    assert world.state is before


def not_made(world: World, act: Act, match: str, ends: Mapping[bytes, Any] | None = None) -> None:
    """The keeper's own pen refuses to write it."""
    with pytest.raises(InvalidRecordError, match=match):
        world.keeper.append(act, ends or {})
