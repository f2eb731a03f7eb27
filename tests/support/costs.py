"""Argon2id at its least cost, for tests that are not about how slow it is."""

from __future__ import annotations

import pytest

from app.home import Home
from app.ways import WaysIn
from sync.vault import LEAST_COST


def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every new slot of a home be made at the least cost that a vault may have."""
    create = Home.create.__func__  # type: ignore[attr-defined]  # a class method has it
    monkeypatch.setattr(create, "__kwdefaults__", {**create.__kwdefaults__, "cost": LEAST_COST})
    for method in (WaysIn.set_passphrase, WaysIn.make_sheet, WaysIn.unlock_by_sheet):
        monkeypatch.setattr(method, "__defaults__", (LEAST_COST,))
