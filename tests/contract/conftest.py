"""Fixtures of the contract suite: each test runs on every kind of store.

TinyDB is among them, so that each test is itself held to TinyDB.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tinydb import TinyDB

from tests.support.stores import EVERY_KIND, OURS, StoreKind, StorePlace


def _place(kind: StoreKind, folder: Path) -> Iterator[StorePlace]:
    place = StorePlace(kind, folder / "store.db")
    yield place
    place.close()


@pytest.fixture(params=EVERY_KIND, ids=str)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorePlace]:
    """Where a store of each kind may be opened."""
    yield from _place(request.param, tmp_path)


@pytest.fixture(params=[kind for kind in EVERY_KIND if kind.durable], ids=str)
def durable_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorePlace]:
    """Where a store that outlives its handle may be opened."""
    yield from _place(request.param, tmp_path)


@pytest.fixture(params=OURS, ids=str)
def our_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorePlace]:
    """Where a store of ours may be opened, for what we promise beyond TinyDB."""
    yield from _place(request.param, tmp_path)


@pytest.fixture(params=[kind for kind in OURS if kind.durable], ids=str)
def our_durable_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorePlace]:
    """Where a file of ours may be opened."""
    yield from _place(request.param, tmp_path)


@pytest.fixture
def db(place: StorePlace) -> TinyDB:
    """An empty store of each kind."""
    return place.open()


@pytest.fixture(params=[kind for kind in EVERY_KIND if kind.whole_writes], ids=str)
def whole_db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TinyDB]:
    """An empty store of each kind whose writes are all or nothing.

    TinyDB's memory storage is not among them: it shares objects with its caller.
    """
    place = StorePlace(request.param, tmp_path / "store.db")
    yield place.open()
    place.close()


@pytest.fixture
def our_db(our_place: StorePlace) -> TinyDB:
    """An empty store of ours."""
    return our_place.open()


@pytest.fixture
def letters(db: TinyDB) -> TinyDB:
    """A store of each kind with three documents, ids 1 to 3."""
    db.insert_multiple({"n": 1, "letter": letter} for letter in "abc")
    return db
