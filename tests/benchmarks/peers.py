"""What we stand beside: raw SQLCipher and SQLite with the rows and indexes of a store, TinyDB in three forms."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from sqlcipher3 import dbapi2 as sqlcipher
from tinydb import TinyDB
from tinydb.middlewares import CachingMiddleware
from tinydb.storages import JSONStorage, MemoryStorage

from tests.benchmarks.records import FIELD_INDEXES, Record

KEY = bytes(range(32))
RAW = f"raw SQLCipher (sqlcipher3 {version('sqlcipher3')}, SQLite {sqlcipher.sqlite_version})"
PLAIN = f"raw SQLite {sqlite3.sqlite_version}"
TINYDB_JSON = f"TinyDB {version('tinydb')} JSONStorage"
TINYDB_CACHING = f"TinyDB {version('tinydb')} CachingMiddleware"
TINYDB_MEMORY = f"TinyDB {version('tinydb')} MemoryStorage"
# Its own, and not the store's: the store folds its log itself, and a peer whose log only grew would sync more slowly.
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA wal_autocheckpoint=1000",
    "PRAGMA cache_size=-16384",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA fullfsync=1",
)
CHANGES = (
    (
        "CREATE TABLE IF NOT EXISTS change(seq INTEGER PRIMARY KEY, lane INT, number INT, hash BLOB, place INT,"
        " group_end INT, stamp INT, at INT, action BLOB, kind INT, body BLOB)"
    ),
    "CREATE UNIQUE INDEX IF NOT EXISTS change_number ON change(lane, number)",
    "CREATE INDEX IF NOT EXISTS change_hash ON change(hash)",
)
SMALL_CHANGE_BYTES = 480  # of one field of one record, signed and sealed
SMALL_PART_BYTES = 100  # what one field of one record adds to a change
RECORDS_A_CHANGE = 100  # about as many fit in one
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Raw:
    """A database by hand: rows, field indexes and commit counter as a store's; no search, no checks.

    `changes`: with each write a row of the size of a signed change, found by its number, and what else a store with
    signed changes keeps in rows.
    """

    def __init__(self, path: Path, key: bytes | None = KEY, *, changes: bool = False) -> None:
        module: Any = sqlcipher if key else sqlite3
        self.connection = module.connect(path, isolation_level=None)
        execute = self.connection.execute
        if key:
            execute("PRAGMA cipher_log_level=NONE")
            execute(f"PRAGMA key=\"x'{key.hex()}'\"")
            execute("PRAGMA cipher_page_size=4096")
            execute("PRAGMA cipher_hmac_algorithm=HMAC_SHA256")
        for pragma in PRAGMAS:
            execute(pragma)
        execute(
            "CREATE TABLE IF NOT EXISTS r(id INTEGER PRIMARY KEY, doc TEXT NOT NULL, made INT, changed INT)"
        )
        execute("CREATE TABLE IF NOT EXISTS counter(k TEXT PRIMARY KEY, v ANY) WITHOUT ROWID")
        execute("INSERT OR IGNORE INTO counter VALUES ('commits', 0)")
        self.changes = changes
        if changes:
            execute("INSERT OR IGNORE INTO counter VALUES ('digest', ?)", (bytes(32),))
            for statement in CHANGES:
                execute(statement)
        for name in FIELD_INDEXES:
            self.index(name)
        self.commits = 0

    def index(self, name: str) -> None:
        """Index a field."""
        sql = f"CREATE INDEX IF NOT EXISTS x_{name} ON r(doc ->> '$.\"{name}\"')"
        self.connection.execute(sql)

    def insert(self, ids: Sequence[int], documents: Iterable[Record]) -> None:
        """Insert documents in one transaction."""
        rows = [
            (i, _encode(document).decode(), 0, 0)
            for i, document in zip(ids, documents, strict=True)
        ]
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("INSERT INTO r VALUES (?, ?, ?, ?)", rows)
        if self.changes:
            for at in range(0, len(rows), RECORDS_A_CHANGE):
                part = rows[at : at + RECORDS_A_CHANGE]
                self._change(sum(len(row[1]) for row in part))
        self._commit()

    def get(self, doc_id: int) -> Record:
        """One document."""
        row = self.connection.execute("SELECT doc FROM r WHERE id = ?", (doc_id,)).fetchone()
        document: Record = _decode(row[0])
        return document

    def update(self, doc_id: int, field: str, value: Any) -> None:
        """Change one field of one document, durably."""
        self.connection.execute("BEGIN IMMEDIATE")
        document = self.get(doc_id)
        document[field] = value
        sql = "UPDATE r SET doc = ?, changed = ? WHERE id = ?"
        self.connection.execute(sql, (_encode(document).decode(), self.commits, doc_id))
        if self.changes:
            self._change(SMALL_CHANGE_BYTES)
        self._commit()

    def update_all(self, ids: Sequence[int], field: str, value: Any) -> None:
        """Change one field of many documents in one transaction, in SQL alone."""
        self.connection.execute("BEGIN IMMEDIATE")
        sql = f"UPDATE r SET doc = json_set(doc, '$.\"{field}\"', ?) WHERE id = ?"
        self.connection.executemany(sql, [(value, doc_id) for doc_id in ids])
        if self.changes:
            for _ in range(0, len(ids), RECORDS_A_CHANGE):
                self._change(RECORDS_A_CHANGE * SMALL_PART_BYTES)
        self._commit()

    def _change(self, size: int) -> None:
        """Write what a change of so many bytes leaves in the file."""
        sql = (
            "INSERT INTO change(lane, number, hash, place, group_end, stamp, at, action, kind, body)"
            " VALUES (1, (SELECT coalesce(max(seq), 0) + 1 FROM change), ?, 0, 1, ?, ?, ?, 0, ?)"
        )
        now = 1_700_000_000_000 + self.commits
        named = hashlib.blake2b(self.connection.total_changes.to_bytes(8), digest_size=32).digest()
        self.connection.execute(sql, (named, now, now, bytes(8), bytes(size)))
        self.connection.execute(
            "UPDATE counter SET v = ? WHERE k = 'digest'", (self.commits.to_bytes(32),)
        )

    def _commit(self) -> None:
        self.commits += 1
        self.connection.execute("UPDATE counter SET v = ? WHERE k = 'commits'", (self.commits,))
        self.connection.execute("COMMIT")

    def close(self) -> None:
        """Close it."""
        self.connection.close()


def tinydb_json(path: Path) -> TinyDB:
    """TinyDB as it comes: the whole file is written at each change, without fsync."""
    return TinyDB(path, storage=JSONStorage)


def tinydb_caching(path: Path) -> TinyDB:
    """TinyDB that writes each thousandth change."""
    return TinyDB(path, storage=CachingMiddleware(JSONStorage))


def tinydb_memory() -> TinyDB:
    """TinyDB that writes nothing."""
    return TinyDB(storage=MemoryStorage)
