"""The connections: which one reads, how many there are, and what is left when they are closed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import IDLE_READERS, Database
from storage.errors import ReadOnlyStoreError, StoreClosedError
from tests.support.stores import TEST_KEY


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty store's file."""
    opened = Database(tmp_path / "store.db", TEST_KEY)
    yield opened
    opened.close()


def setting(database: Database, name: str) -> object:
    return database.writer.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_commit_is_synced_before_it_returns(database: Database) -> None:
    assert setting(database, "journal_mode") == "wal"
    assert setting(database, "synchronous") == 2  # FULL: the log is synced at each commit
    assert setting(database, "fullfsync") == 1  # and on macOS through the drive's own cache
    assert setting(database, "cipher_hmac_algorithm") == "HMAC_SHA256"


def test_a_short_read_takes_the_writing_connection_while_nobody_writes(database: Database) -> None:
    with database.reading() as connection:
        assert connection is database.writer


def test_a_long_read_has_a_connection_of_its_own(database: Database) -> None:
    with database.reading(long=True) as connection:
        assert connection is not database.writer


def test_a_read_beside_a_writer_has_a_connection_of_its_own(database: Database) -> None:
    inside, end = threading.Event(), threading.Event()

    def write() -> None:
        with database.lock:
            database.begin()
            inside.set()
            end.wait(60)
            database.roll_back()

    thread = threading.Thread(target=write)
    thread.start()
    assert inside.wait(60)
    with database.reading() as connection:
        assert connection is not database.writer
    end.set()
    thread.join()


def test_a_read_inside_the_transaction_sees_what_it_wrote(database: Database) -> None:
    with database.lock:
        database.begin()
        database.writer.execute("INSERT INTO info VALUES ('k', '1')")
        with database.reading(long=True) as connection:
            assert connection.execute("SELECT v FROM info").fetchone() == ("1",)
        database.roll_back()


def test_connections_are_used_again_up_to_a_few(database: Database) -> None:
    readings = [database.reading(long=True) for _ in range(IDLE_READERS + 3)]
    connections = [reading.__enter__() for reading in readings]
    for reading in readings:
        reading.__exit__(None, None, None)

    assert len(set(map(id, connections))) == IDLE_READERS + 3
    assert len(database._idle) == IDLE_READERS
    with database.reading(long=True) as connection:
        assert connection in connections


def test_a_connection_on_which_a_read_failed_is_not_used_again(database: Database) -> None:
    with pytest.raises(LookupError), database.reading(long=True):
        raise LookupError

    assert database._idle == []


def test_a_snapshot_stands_still_while_others_commit(database: Database) -> None:
    with database.reading(long=True) as connection, database.snapshot(connection):
        assert connection.execute("SELECT count(*) FROM info").fetchone() == (0,)
        with database.lock:
            database.begin()
            database.writer.execute("INSERT INTO info VALUES ('k', '1')")
            database.commit()
        assert connection.execute("SELECT count(*) FROM info").fetchone() == (0,)
    with database.reading(long=True) as connection:
        assert connection.execute("SELECT count(*) FROM info").fetchone() == (1,)


def test_a_read_that_outlives_closing_ends_in_peace_and_leaves_nothing_open(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db", TEST_KEY)
    with database.reading(long=True) as connection:
        database.close()
        assert connection.execute("SELECT count(*) FROM info").fetchone() == (0,)

    assert database._idle == []
    assert {file.name for file in tmp_path.iterdir()} == {"store.db"}
    with pytest.raises(StoreClosedError), database.reading():
        pass


def test_closing_folds_the_log_into_the_file(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db", TEST_KEY)
    assert (tmp_path / "store.db-wal").stat().st_size > 0
    database.close()
    database.close()

    assert [file.name for file in tmp_path.iterdir()] == ["store.db"]


def test_a_read_only_store_begins_no_write(tmp_path: Path) -> None:
    Database(tmp_path / "store.db", None).close()
    database = Database(tmp_path / "store.db", None, read_only=True)

    with pytest.raises(ReadOnlyStoreError):
        database.begin()
    database.close()
