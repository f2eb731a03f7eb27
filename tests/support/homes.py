"""Homes for the command line, over whatever `bare` runs it on: processes of its own, or this one."""

from __future__ import annotations

import pytest

from tests.support.commands import Commands


@pytest.fixture
def here(bare: Commands) -> Commands:
    """A home without a passphrase."""
    bare.json("init", "--name", "Ann", "--device", "Laptop", "--unprotected")
    return bare


@pytest.fixture
def stock(here: Commands) -> Commands:
    """A home with one collection."""
    fields = "item:text,qty:quantity,due:date,tags:tags"
    here.json("collection", "create", "stock", "--fields", fields)
    return here
